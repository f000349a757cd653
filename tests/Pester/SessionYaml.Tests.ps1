BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 1 -Vmis 1

    # A library of the same name in another version, as other modules bring it.
    $foreign = "$TestDrive/YamlDotNet.dll"
    $make = "Add-Type -TypeDefinition 'namespace YamlDotNet.Core { public class Parser { public string Whose() { return `"theirs`"; } } }' -OutputAssembly '$foreign'"
    & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command $make

    function Invoke-Elsewhere([hashtable] $Variables) {
        $before = @{}
        foreach ($name in $Variables.Keys) { $before[$name] = [Environment]::GetEnvironmentVariable($name) }
        try {
            foreach ($name in $Variables.Keys) { [Environment]::SetEnvironmentVariable($name, $Variables[$name]) }
            (Connect-KubeVirt -ErrorAction Stop).Context
        } finally {
            foreach ($name in $Variables.Keys) { [Environment]::SetEnvironmentVariable($name, $before[$name]) }
            Get-KubeVirtSession | Disconnect-KubeVirt
        }
    }

    function Invoke-FreshPwsh([scriptblock] $Script) {
        $lines = & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command $Script -args "$Staged/KubeVirtMonitor.psd1", $cluster.KubeConfig, $foreign 2>&1
        if ($LASTEXITCODE) { throw "pwsh ended with exit code ${LASTEXITCODE}: $lines" }
        $lines
    }
}

AfterAll {
    Close-Cluster $cluster
}

Describe 'Without parameters, Connect-KubeVirt' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
        if ($IsWindows) { Set-ItResult -Skipped -Because 'the home folder is not told by a variable there' }
    }

    It 'reads KUBECONFIG' {
        Invoke-Elsewhere @{ KUBECONFIG = $cluster.KubeConfig; HOME = $TestDrive } | Should -BeExactly 'simulator'
    }

    It 'reads .kube/config in the home folder' {
        $null = New-Item "$TestDrive/home/.kube" -ItemType Directory -Force
        (Get-Content $cluster.KubeConfig -Raw) -replace 'current-context: simulator', 'current-context: simulator-certificate' | Set-Content "$TestDrive/home/.kube/config"
        Invoke-Elsewhere @{ KUBECONFIG = $null; HOME = "$TestDrive/home" } | Should -BeExactly 'simulator-certificate'
    }

    It 'says what there is to do where there is nothing' {
        { Invoke-Elsewhere @{ KUBECONFIG = $null; HOME = "$TestDrive"; KUBERNETES_SERVICE_HOST = $null } } | Should -Throw -ErrorId 'NoConfiguration,*'
    }

    It 'takes the service account in a pod without a kubeconfig' {
        # The account is not mounted here; that it is asked for shows that it would be taken.
        { Invoke-Elsewhere @{ KUBECONFIG = $null; HOME = "$TestDrive"; KUBERNETES_SERVICE_HOST = '127.0.0.1'; KUBERNETES_SERVICE_PORT = '1' } } |
            Should -Throw -ErrorId 'CredentialMissing,*'
    }
}

Describe 'YAML' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'is loaded when the first kubeconfig is read, into a context of its own' {
        $seen = Invoke-FreshPwsh {
            param($module, $config)
            function Find { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -match 'Yaml' } | ForEach-Object { "$($_.GetName().Name) in $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name)" } | Sort-Object }
            Import-Module $module
            "before: $(Find)"
            (Connect-KubeVirt -KubeConfigPath $config).Context
            Find
            $null = New-KubeVirtAgentPatch -As Yaml
            "then: $((Find)[1])"
        }
        $seen | Should -Be 'before: ', 'simulator', 'KubeVirtMonitor.Yaml in KubeVirtMonitor.Dependencies', 'then: YamlDotNet in KubeVirtMonitor.Dependencies'
    }

    It 'works beside another YamlDotNet that was there first' {
        Invoke-FreshPwsh {
            param($module, $config, $foreign)
            $null = [Reflection.Assembly]::LoadFrom($foreign)
            Import-Module $module
            (Connect-KubeVirt -KubeConfigPath $config).Context
            [YamlDotNet.Core.Parser]::new().Whose()
        } | Should -Be 'simulator', 'theirs'
    }

    It 'leaves another YamlDotNet alone that comes later' {
        Invoke-FreshPwsh {
            param($module, $config, $foreign)
            Import-Module $module
            (Connect-KubeVirt -KubeConfigPath $config).Context
            $null = [Reflection.Assembly]::LoadFrom($foreign)
            [YamlDotNet.Core.Parser]::new().Whose()
        } | Should -Be 'simulator', 'theirs'
    }

    It 'survives Import-Module -Force, and so do sessions and type literals' {
        Invoke-FreshPwsh {
            param($module, $config)
            Import-Module $module
            $session = Connect-KubeVirt -KubeConfigPath $config
            Import-Module $module -Force
            $session -is [KubeVirtMonitor.KubeVirtSession]
            (Get-KubeVirtSession).Id -eq $session.Id
            (Connect-KubeVirt -KubeConfigPath $config).Context
            @(Get-KubeVirtVmi -Session $session).Count -gt 0
        } | Should -Be 'True', 'True', 'simulator', 'True'
    }

    It 'that is none is an error with file, line and column, and without the text' {
        Set-Content "$TestDrive/bad" "apiVersion: v1`nusers:`n- name: a`n  user: {token: secret-text`n"
        $failure = { Connect-KubeVirt -KubeConfigPath "$TestDrive/bad" -ErrorAction Stop } | Should -Throw -ErrorId 'ConfigurationInvalid,*' -PassThru
        "$failure" | Should -BeLike '*bad*line*column*'
        "$failure" | Should -Not -BeLike '*secret-text*'
    }
}
