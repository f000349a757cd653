BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $manifest = Import-PowerShellDataFile "$Staged/KubeVirtMonitor.psd1"

    # A process of its own for what import does to a session that has not seen the module yet.
    function Invoke-FreshPwsh([scriptblock] $Script) {
        $lines = & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command $Script -args "$Staged/KubeVirtMonitor.psd1" 2>&1
        if ($LASTEXITCODE) { throw "pwsh ended with exit code ${LASTEXITCODE}: $lines" }
        $lines
    }
}

Describe 'The staged module' {
    It 'has the version of the folder it is in' {
        (Get-Module KubeVirtMonitor).Version.ToString() | Should -Be $ModuleVersion
        Split-Path (Get-Module KubeVirtMonitor).ModuleBase -Leaf | Should -Be $ModuleVersion
    }

    It 'is a manifest that Test-ModuleManifest accepts' {
        (Test-ModuleManifest "$Staged/KubeVirtMonitor.psd1").Name | Should -Be 'KubeVirtMonitor'
    }

    It 'exports what the manifest lists, and all of it cmdlets' {
        $commands = Get-Command -Module KubeVirtMonitor
        $commands.Name | Sort-Object | Should -Be ($manifest.CmdletsToExport | Sort-Object)
        $commands.CommandType | Sort-Object -Unique | Should -Be 'Cmdlet'
    }

    It 'brings no assembly of PowerShell with it' {
        Get-ChildItem $Staged -Recurse -Filter 'System.Management.Automation*' | Should -BeNullOrEmpty
    }

    It 'gives <_> help with a synopsis, an example, and a description of every parameter' -ForEach (
        (Import-PowerShellDataFile "$PSScriptRoot/../../KubeVirtMonitor.psd1").CmdletsToExport
    ) {
        $help = Get-Help $_ -Full
        $help.Synopsis.Trim() | Should -Not -BeNullOrEmpty
        $help.Synopsis | Should -Not -BeLike "*$_ *[[]*" -Because 'a syntax line stands there where no help was found'
        @($help.examples.example).Count | Should -BeGreaterOrEqual 1
        $common = [Management.Automation.Cmdlet]::CommonParameters
        $described = @($help.parameters.parameter | Where-Object { "$($_.description.Text)".Trim() })
        $own = (Get-Command $_).Parameters.Keys | Where-Object { $_ -notin $common -or $_ -in 'Confirm', 'WhatIf' }
        $described | ForEach-Object name | Sort-Object | Should -Be ($own | Sort-Object)
    }
}

Describe 'Import-Module' {
    It 'adds no alias, function, variable or drive' {
        $added = Invoke-FreshPwsh {
            param($path)
            $kinds = 'Alias', 'Function', 'Variable'
            $null = Get-Module
            $before = foreach ($kind in $kinds) { (Get-ChildItem "${kind}:").Name | ForEach-Object { "$kind $_" } }
            $before += Get-PSDrive | ForEach-Object { "Drive $_" }
            Import-Module $path
            $after = foreach ($kind in $kinds) { (Get-ChildItem "${kind}:").Name | ForEach-Object { "$kind $_" } }
            $after += Get-PSDrive | ForEach-Object { "Drive $_" }
            $after | Where-Object { $_ -notin $before -and $_ -notin 'Variable before', 'Variable kind', 'Variable after', 'Variable foreach' }
        }
        $added | Should -BeNullOrEmpty
    }

    It 'loads the assemblies of the module and no other that is not PowerShell''s or .NET''s own' {
        $loaded = Invoke-FreshPwsh {
            param($path)
            Import-Module $path
            [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.Location } | ForEach-Object Location
        }
        $runtime = [Runtime.InteropServices.RuntimeEnvironment]::GetRuntimeDirectory().TrimEnd('/', '\')
        $own = $loaded | Where-Object { -not $_.StartsWith($PSHOME) -and (Split-Path $_) -ne $runtime }
        $own | Should -Contain (Join-Path (Resolve-Path $Staged) 'KubeVirtMonitor.dll')
        $own | Split-Path | Sort-Object -Unique | Should -Be (Resolve-Path $Staged).Path
    }

    It 'works again with -Force, and the cmdlets still run' {
        $names = Invoke-FreshPwsh {
            param($path)
            Import-Module $path
            Import-Module $path -Force
            Import-Module $path -Force
            (Get-Module KubeVirtMonitor).ExportedCmdlets.Count
            @(Get-KubeVirtMetricDefinition -Name kubevirt_api.process.open_fds).Name
        }
        $names | Should -Be $manifest.CmdletsToExport.Count, 'kubevirt_api.process.open_fds'
    }

    It 'writes nothing and warns of nothing' {
        Invoke-FreshPwsh { param($path) Import-Module $path 3>&1 } | Should -BeNullOrEmpty
    }

    It 'leaves nothing behind that Remove-Module does not take away' {
        Invoke-FreshPwsh {
            param($path)
            Import-Module $path
            Remove-Module KubeVirtMonitor
            Get-Command *-KubeVirt* | Where-Object Source -EQ KubeVirtMonitor | ForEach-Object Name
        } | Should -BeNullOrEmpty
    }
}
