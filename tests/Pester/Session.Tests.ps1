BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster"
    if (-not $cluster.Missing) { $token = Get-AdminToken $cluster }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'A session' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
        Get-KubeVirtSession | Disconnect-KubeVirt
    }

    It 'knows its cluster, where KubeVirt is installed and in which version' {
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $session.Context | Should -BeExactly 'simulator'
        $session.Server | Should -Be $cluster.Server
        $session.User | Should -BeExactly 'token'
        $session.InstallNamespace | Should -BeExactly 'kubevirt'
        $session.KubeVirtVersion | Should -BeExactly 'v1.9.0'
        $session.KubernetesVersion | Should -BeLike 'v1.*'
        $session.IsOpen | Should -BeTrue
    }

    It 'shows no secret, not even to -Verbose' {
        $shown = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig -Verbose 4>&1 | ForEach-Object { $_ | Format-List * -Force | Out-String; "$_" }
        $shown += Get-KubeVirtSession | ConvertTo-Json -Depth 4
        $token.Length | Should -BeGreaterThan 20
        "$shown" | Should -Not -BeLike "*$token*"
    }

    It 'is opened with the context <_>' -ForEach 'simulator', 'simulator-certificate', 'simulator-exec', 'simulator-rotating', 'simulator-monitor' {
        (Connect-KubeVirt -Context $_ -KubeConfigPath $cluster.KubeConfig).Context | Should -BeExactly $_
        @(Get-KubeVirtVmi).Count | Should -Be $cluster.Instances
    }

    It 'is opened with a server and a token' {
        $secret = Get-Secret $token
        $session = Connect-KubeVirt -Server $cluster.Server -Token $secret -CertificateAuthority "$($cluster.Folder)/ca.crt"
        $session.Context | Should -BeNullOrEmpty
        @(Get-KubeVirtVmi).Count | Should -Be $cluster.Instances
    }

    It 'is refused with <Id> for <Case>' -ForEach @(
        @{ Case = 'a context that is not there'; Id = 'EntryNotFound'; Splat = { @{ KubeConfigPath = $cluster.KubeConfig; Context = 'nowhere' } } }
        @{ Case = 'a file that is not there'; Id = 'FileUnreadable'; Splat = { @{ KubeConfigPath = "$TestDrive/none" } } }
        @{ Case = 'a namespace without KubeVirt'; Id = 'NotFound'; Splat = { @{ KubeConfigPath = $cluster.KubeConfig; InstallNamespace = 'default' } } }
        @{ Case = 'a token that is wrong'; Id = 'Unauthorized'; Splat = { @{ Server = $cluster.Server; Token = (Get-Secret 'not-the-token'); CertificateAuthority = "$($cluster.Folder)/ca.crt" } } }
        @{ Case = 'an authority of others'; Id = 'TlsUntrusted'; Splat = { @{ Server = $cluster.Server; Token = (Get-Secret $token) } } }
    ) {
        $arguments = & $Splat
        $failure = { Connect-KubeVirt @arguments -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*" -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
        "$failure" | Should -Not -BeLike '*not-the-token*'
        Get-KubeVirtSession | Should -BeNullOrEmpty
    }

    It 'is the default until another is opened, and again when that is closed' {
        $first = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $second = Connect-KubeVirt -Context simulator-certificate -KubeConfigPath $cluster.KubeConfig
        (Get-KubeVirtSession).Id | Should -Be $first.Id, $second.Id
        (Get-KubeVirtComponent | Select-Object -First 1).Session.Id | Should -Be $second.Id
        (Get-KubeVirtComponent -Session $first | Select-Object -First 1).Session.Id | Should -Be $first.Id
        Disconnect-KubeVirt
        $second.IsOpen | Should -BeFalse
        (Get-KubeVirtComponent | Select-Object -First 1).Session.Id | Should -Be $first.Id
    }

    It 'is opened by -Context once, and is not the default' {
        $before = $env:KUBECONFIG
        try {
            $env:KUBECONFIG = $cluster.KubeConfig
            @(Get-KubeVirtVmi -Context simulator-certificate).Count | Should -Be $cluster.Instances
            @(Get-KubeVirtVM -Context simulator-certificate).Count | Should -Be $cluster.Machines
            @(Get-KubeVirtSession).Count | Should -Be 1
            { Get-KubeVirtVmi -ErrorAction Stop } | Should -Throw -ErrorId 'NoSession,*'
        } finally {
            $env:KUBECONFIG = $before
        }
    }

    It 'that is closed says so, and none says what to do' {
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $session | Disconnect-KubeVirt
        { Get-KubeVirtVmi -Session $session -ErrorAction Stop } | Should -Throw -ErrorId 'SessionClosed,*'
        $failure = { Get-KubeVirtMetric -ErrorAction Stop } | Should -Throw -ErrorId 'NoSession,*' -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*Connect-KubeVirt*'
        { Get-KubeVirtVmi -Session $session -Context simulator -ErrorAction Stop } | Should -Throw -ErrorId 'SessionAndContext,*'
    }

    It 'belongs to its runspace, and can be lent to others' {
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $module = "$Staged/KubeVirtMonitor.psd1"
        $path = $cluster.KubeConfig
        $seen = 1..4 | ForEach-Object -Parallel {
            Import-Module $using:module
            @{ Before = @(Get-KubeVirtSession).Count; Lent = @(Get-KubeVirtVmi -Session $using:session).Count }
            $own = Connect-KubeVirt -Context simulator-certificate -KubeConfigPath $using:path
            @{ Own = (Get-KubeVirtComponent | Select-Object -First 1).Session.Id -eq $own.Id }
        } -ThrottleLimit 4 -UseNewRunspace
        $seen.Before | Where-Object { $null -ne $_ } | Should -Be 0, 0, 0, 0
        $seen.Lent | Where-Object { $null -ne $_ } | Sort-Object -Unique | Should -Be $cluster.Instances
        $seen.Own | Where-Object { $null -ne $_ } | Sort-Object -Unique | Should -BeTrue
        (Get-KubeVirtSession).Id | Should -Be $session.Id
    }

    It 'opens for a user who may do nothing, since everybody may look for KubeVirt, and says Forbidden after that' {
        $session = Connect-KubeVirt -Context simulator-nobody -KubeConfigPath $cluster.KubeConfig -ErrorAction Stop
        try {
            { Get-KubeVirtVM -Session $session -ErrorAction Stop } | Should -Throw -ErrorId 'Forbidden,*'
        } finally {
            $session | Disconnect-KubeVirt
        }
    }

    It 'ends at once on Ctrl+C while nobody answers' {
        $silent = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
        $silent.Start()
        try {
            $script = {
                param($module, $port, $token)
                Import-Module $module
                Connect-KubeVirt -Server "https://127.0.0.1:$port" -Token $token
            }
            $shell = [powershell]::Create().AddScript($script).AddArgument("$Staged/KubeVirtMonitor.psd1").AddArgument($silent.LocalEndpoint.Port).AddArgument((Get-Secret 'abc'))
            $running = $shell.BeginInvoke()
            while (-not $silent.Pending()) { Start-Sleep -Milliseconds 20 }
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $running.IsCompleted | Should -BeTrue
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 2
        } finally {
            $silent.Stop()
            if ($shell) { $shell.Dispose() }
        }
    }
}

Describe 'A cluster by route <_>' -ForEach 'Auto', 'Direct', 'PortForward', 'ApiServerProxy' {
    BeforeAll {
        if (-not $cluster.Missing) { $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig -Route $_ }
        $route = $_ -eq 'Auto' ? 'Direct' : $_
    }

    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'has its components, of which one controller leads' {
        $components = Get-KubeVirtComponent
        @($components | Where-Object Component -EQ Handler).Count | Should -Be $cluster.Nodes
        @($components | Where-Object { $_.Component -eq 'Controller' -and $_.Leading }).Count | Should -Be 1
        $components.Version | Sort-Object -Unique | Should -BeExactly 'v1.9.0'
        $components.Component | Sort-Object -Unique | Should -Be 'Api', 'Controller', 'Handler', 'Operator'
    }

    It 'is healthy' {
        $results = Test-KubeVirtHealth
        $results.Count | Should -Be @(Get-KubeVirtComponent).Count
        $results | ForEach-Object { $_.Healthy | Should -BeTrue -Because "$($_.Name): $($_.Error) $($_.Problems)" }
        $results.Route | Sort-Object -Unique | Should -Be $route
        @($results | Where-Object CertificateExpires).Count | Should -Be ($route -eq 'ApiServerProxy' ? 0 : $results.Count)
        Test-KubeVirtHealth -Quiet | Should -BeTrue
        $session.ActiveRoute | Should -Be $route
        $session.RouteReason | Should -Not -BeNullOrEmpty
    }

    It 'is scraped as a whole' {
        $samples = Get-KubeVirtMetric -Name *.can_connect, *.vm.count, *.vmi.count, *vmi.memory_resident_bytes
        $running = @(Get-KubeVirtVmi -Phase Running).Count
        @($samples | Where-Object Name -Like *vmi.memory_resident_bytes).Count | Should -Be $running
        @($samples | Where-Object Name -EQ kubevirt_api.vm.count).Count | Should -Be $cluster.Machines
        @($samples | Where-Object Name -EQ kubevirt_api.vmi.count).Count | Should -Be $cluster.Instances
        $connect = $samples | Where-Object Name -Like *.can_connect
        # virt-operator has no such metric.
        $connect.Count | Should -Be @(Get-KubeVirtComponent Api, Controller, Handler).Count
        $connect.Value | Sort-Object -Unique | Should -Be 1
        $connect.Tags.pod_name | Sort-Object | Should -Be ((Get-KubeVirtComponent Api, Controller, Handler).Name | Sort-Object)
        $memory = $samples | Where-Object Name -Like *vmi.memory_resident_bytes | Select-Object -First 1
        $memory.Tags.endpoint | Should -BeIn (Get-KubeVirtComponent Handler | ForEach-Object { "$($_.MetricsUri)" })
        $memory.Tags.kube_namespace | Should -BeExactly 'kubevirt'
    }

    AfterAll {
        Get-KubeVirtSession | Disconnect-KubeVirt
    }
}
