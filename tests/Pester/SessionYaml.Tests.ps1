BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 1 -Vmis 1

    # Libraries of the same names in other versions, as other modules bring them.
    $foreign = New-Item "$TestDrive/foreign" -ItemType Directory
    $make = foreach ($library in @{ YamlDotNet = 'YamlDotNet.Core', 'Parser' }, @{ KubernetesClient = 'k8s', 'Kubernetes' }) {
        foreach ($name in $library.Keys) {
            "Add-Type -TypeDefinition 'namespace $($library[$name][0]) { public class $($library[$name][1]) { public string Whose() { return `"theirs`"; } } }' -OutputAssembly '$foreign/$name.dll'"
        }
    }
    & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command ($make -join '; ')

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

    function Invoke-FreshPwsh([scriptblock] $Script, [string] $Library, [string] $Type) {
        $lines = & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command $Script -args "$Staged/KubeVirtMonitor.psd1", $cluster.KubeConfig, $foreign, $Library, $Type 2>&1
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

Describe 'The client library of Kubernetes' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'is loaded when a stream is opened, into a context of its own' {
        $seen = Invoke-FreshPwsh {
            param($module, $config)
            function Find { [AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -match 'Kubernetes|Fractions' } | ForEach-Object { "$($_.GetName().Name) in $([Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name)" } | Sort-Object }
            Import-Module $module
            $null = Get-KubeVirtMetricDefinition
            "before: $(Find)"
            (Connect-KubeVirt -KubeConfigPath $config -Route PortForward).Context
            @(Get-KubeVirtVmi).Count -gt 0
            "connected: $(Find)"
            @(Get-KubeVirtMetric).Count -gt 0
            Find
        }
        $seen | Should -Be @(
            'before: ', 'simulator', 'True', 'connected: KubeVirtMonitor.Kubernetes in KubeVirtMonitor.Dependencies', 'True'
            'KubernetesClient in KubeVirtMonitor.Dependencies', 'KubeVirtMonitor.Kubernetes in KubeVirtMonitor.Dependencies')
    }
}

Describe 'Another <library>' -ForEach @(
    @{ library = 'YamlDotNet'; type = 'YamlDotNet.Core.Parser' }
    @{ library = 'KubernetesClient'; type = 'k8s.Kubernetes' }
) {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'may have been there first' {
        Invoke-FreshPwsh {
            param($module, $config, $foreign, $library, $type)
            $null = [Reflection.Assembly]::LoadFrom("$foreign/$library.dll")
            Import-Module $module
            (Connect-KubeVirt -KubeConfigPath $config -Route PortForward).Context
            $null = New-KubeVirtAgentPatch -As Yaml -WarningAction Ignore
            @(Get-KubeVirtMetric).Count -gt 0
            ($type -as [type])::new().Whose()
        } $library $type | Should -Be 'simulator', 'True', 'theirs'
    }

    It 'is left alone when it comes later' {
        Invoke-FreshPwsh {
            param($module, $config, $foreign, $library, $type)
            Import-Module $module
            (Connect-KubeVirt -KubeConfigPath $config -Route PortForward).Context
            $null = New-KubeVirtAgentPatch -As Yaml -WarningAction Ignore
            @(Get-KubeVirtMetric).Count -gt 0
            $null = [Reflection.Assembly]::LoadFrom("$foreign/$library.dll")
            ($type -as [type])::new().Whose()
        } $library $type | Should -Be 'simulator', 'True', 'theirs'
    }
}
