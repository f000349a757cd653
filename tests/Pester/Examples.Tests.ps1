BeforeDiscovery {
    . $PSScriptRoot/Import-Staged.ps1
    # The blocks of the Markdown pages, and the examples of the help as Get-Help has them.
    $pages = @(Get-Item "$Root/README.md") + @(Get-ChildItem "$Root/docs" -Recurse -Filter *.md)
    $examples = @(
        foreach ($page in $pages) {
            $blocks = [regex]::Matches((Get-Content -Raw $page), '(?ms)^```powershell\r?\n(?<code>.*?)^```')
            foreach ($block in $blocks) { @{ Origin = $page.Name; Code = $block.Groups['code'].Value.Trim() } }
        }
        foreach ($command in Get-Command -Module KubeVirtMonitor) {
            foreach ($example in (Get-Help $command.Name -Full).examples.example) {
                @{ Origin = "help of $($command.Name)"; Code = $example.code }
            }
        }
    )
    foreach ($example in $examples) { $example.Start = ($example.Code -split '\r?\n')[0] }
}

BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
}

Describe 'Examples' {
    It 'in <Origin> parses and names parameters that exist: <Start>' -ForEach $examples {
        $errors = $null
        $script = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $null, [ref] $errors)
        $errors.Message | Should -BeNullOrEmpty

        $calls = $script.FindAll({ $args[0] -is [Management.Automation.Language.CommandAst] }, $true)
        foreach ($call in $calls | Where-Object { "$($_.GetCommandName())" -match '^\w+-(KubeVirt|Vmi)' }) {
            $command = Get-Command $call.GetCommandName() -Module KubeVirtMonitor -ErrorAction Stop
            foreach ($element in $call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                { $command.ResolveParameter($element.ParameterName) } | Should -Not -Throw -Because "$element is written there"
                $command.ResolveParameter($element.ParameterName).Name |
                    Should -BeExactly $element.ParameterName -Because 'examples write names out'
            }
        }
    }
}
