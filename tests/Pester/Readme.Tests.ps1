BeforeDiscovery {
    $root = Split-Path (Split-Path $PSScriptRoot)
    # A block of code, and the block of its output where one follows. Addresses in examples belong to nobody: what asks for one isn't run.
    $pattern = '(?ms)^```powershell\r?\n(?<code>.*?)^```(?:\s*^```text\r?\n(?<output>.*?)^```)?'
    $blocks = @(
        foreach ($match in [regex]::Matches((Get-Content -Raw "$root/README.md"), $pattern)) {
            $code = $match.Groups['code'].Value.Trim()
            if ($code -match 'virt-handler\.prom|Get-KubeVirtMetricDefinition') {
                @{ Code = $code; Start = ($code -split '\r?\n')[0]; Output = $match.Groups['output'].Value.TrimEnd() }
            }
        }
    )
}

BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1

    # "..." on a line of its own stands for lines left out.
    function ConvertTo-Pattern([string] $Output) {
        $lines = foreach ($line in $Output -split '\r?\n') {
            if ($line.Trim() -eq '...') { '(?:.*\n)*?' } else { [regex]::Escape($line.TrimEnd()) + '[ ]*\n' }
        }
        '\A\n*' + (-join $lines) + '\s*\z'
    }

    $simulator = Get-ChildItem "$Root/src/KubeVirtMonitor.Simulator/bin" -Recurse -Filter KubeVirtMonitor.Simulator.dll |
        Sort-Object LastWriteTime | Select-Object -Last 1
    $generate = [regex]::Match((Get-Content -Raw "$Root/README.md"), '-- (?<arguments>generate .*virt-handler\.prom)').Groups['arguments'].Value
    $generate | Should -Not -BeNullOrEmpty
    $rendering = $PSStyle.OutputRendering
    Push-Location (Get-PSDrive TestDrive).Root
    $said = dotnet $simulator.FullName ($generate -split ' ') 2>&1
    $LASTEXITCODE | Should -Be 0 -Because "the simulator said: $said"
    $PSStyle.OutputRendering = 'PlainText'
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    Pop-Location
}

Describe 'README' {
    It 'is true about: <Start>' -ForEach $blocks {
        $said = & ([scriptblock]::Create($Code)) *>&1
        $said | Where-Object { $_ -is [Management.Automation.ErrorRecord] -or $_ -is [Management.Automation.WarningRecord] } | Should -BeNullOrEmpty
        $said | Should -Not -BeNullOrEmpty
        if ($Output) {
            $shown = ($said | Out-String -Width 120) -replace '\r', ''
            $shown | Should -Match (ConvertTo-Pattern $Output)
        }
    }

    It 'has examples that run' { (Select-String -Path "$Root/README.md" -Pattern 'virt-handler\.prom').Count | Should -BeGreaterThan 2 }
}
