BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster"
    if (-not $cluster.Missing) {
        $token = Get-Secret (Get-AdminToken $cluster)
        $null = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
    }

    # Changes the inside of an instance.
    function Set-Guest([int] $Ordinal, [hashtable] $Change) {
        $uri = '{0}simulator/guests/ns{1}/vm-{2:00000}' -f $cluster.Server, ($Ordinal % 5), $Ordinal
        Invoke-RestMethod -Method Put -Uri $uri -Body (ConvertTo-Json $Change -Depth 9) -ContentType application/json -Authentication Bearer -Token $token -SkipCertificateCheck
    }

    $readiness = @{
        httpGet = @{ port = 1500; httpHeaders = @(@{ name = 'Custom-Header'; value = 'Awesome' }) }
        initialDelaySeconds = 120; periodSeconds = 20; timeoutSeconds = 10; failureThreshold = 3; successThreshold = 1
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'A probe of an instance' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'comes from the spec and is judged by its thresholds' {
        Set-Guest 0 @{ ports = @{ '1500' = @{ headers = @{ 'Custom-Header' = 'Awesome' } } }; probes = @{ readiness = $readiness; liveness = @{ guestAgentPing = @{} } } }
        $results = Test-VmiProbe vm-00000 ns0
        @($results).Count | Should -Be 2
        $http = $results | Where-Object Probe -EQ Readiness
        $http.Success, $http.StatusCode, $http.State, $http.Route | Should -Be $true, 200, 'Ready', 'Direct'
        $http.LatencySeconds | Should -BeGreaterThan 0
        $ping = $results | Where-Object Probe -EQ Liveness
        $ping.Kind, $ping.Success, $ping.State, $ping.Route | Should -Be 'GuestAgentPing', $true, 'Live', 'Exec'
        Test-VmiProbe vm-00000 ns0 -Quiet | Should -BeTrue
    }

    It 'fails with what is wrong, and does not agree with the cluster' {
        Set-Guest 0 @{ ports = @{ '1500' = @{ status = 503 } }; probes = @{ readiness = $readiness } }
        $result = Test-VmiProbe vm-00000 ns0 -IncludeCluster
        $result.Success, $result.StatusCode, $result.State | Should -Be $false, 503, 'NotReady'
        $result.Message | Should -BeExactly 'HTTP probe failed with statuscode: 503'
        $result.Disagreement | Should -BeLike '*the cluster reports the instance as ready*'
        $result.ClusterState.ContainerReady | Should -BeTrue
        $result.ClusterState.RestartCount | Should -Be 0
        Test-VmiProbe vm-00000 ns0 -Quiet | Should -BeFalse
    }

    It 'comes from parameters and from New-VmiProbe, by the tunnel as well' {
        Set-Guest 1 @{ ports = @{ '1500' = @{} } }
        (Test-VmiProbe vm-00001 -TcpSocket -Port 1500).Success | Should -BeTrue
        (Test-VmiProbe vm-00001 -TcpSocket -Port 1500 -Route PortForward).Route | Should -Be PortForward
        (Test-VmiProbe vm-00001 -HttpGet -Port 1500 -Path /status/418 -Route PortForward).StatusCode | Should -Be 418
        (New-VmiProbe -TcpSocket -Port 1501 | Test-VmiProbe -Name vm-00001).Success | Should -BeFalse
        (Get-KubeVirtVmi vm-00001 | Test-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 1500)).Success | Should -BeTrue
        (Test-VmiProbe vm-00001 -Exec -Command echo, well).Message | Should -BeExactly 'well'
        ('vm-00001' | Test-VmiProbe -TcpSocket -Port 1500).Success | Should -BeTrue
        (New-VmiProbe -TcpSocket -Port 1500 | Test-VmiProbe vm-00001 -Role Readiness, Liveness).State | Sort-Object | Should -Be Ready, Live
        { New-VmiProbe -GuestAgentPing | Test-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'InstanceNotNamed,*'
    }

    It 'is suppressed while the instance is paused' {
        Set-Guest 2 @{ agent = 'Absent'; paused = 'User' }
        $result = Test-VmiProbe vm-00002 -GuestAgentPing
        $result.Suppressed, $result.Success | Should -Be $true, $true
        Set-Guest 2 @{ paused = '' }
        (Test-VmiProbe vm-00002 -GuestAgentPing).Success | Should -BeFalse
        Set-Guest 2 @{ agent = 'Answering' }
    }

    It 'is asked of everything that is piped, and what is missing hides nothing' {
        Set-Guest 0 @{ probes = @{ readiness = $readiness } }
        $failures = $null
        $results = Get-KubeVirtVmi -Phase Running | Test-VmiProbe -GuestAgentPing -ErrorAction SilentlyContinue -ErrorVariable failures
        @($results).Count | Should -Be ($cluster.Instances - 1)
        $failures | Should -BeNullOrEmpty
        $null = Test-VmiProbe nobody, vm-00001 -GuestAgentPing -ErrorAction SilentlyContinue -ErrorVariable failures -OutVariable results
        $results.Name | Should -BeExactly vm-00001
        $failures[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
        { Test-VmiProbe vm-00001 ns1 -ErrorAction Stop } | Should -Throw -ErrorId 'EntryNotFound,*'
    }

    It 'is followed by -Count, and by -Watch until nobody wants more' {
        Set-Guest 1 @{ ports = @{ '1500' = @{} } }
        { Test-VmiProbe vm-00001 -TcpSocket -Port 1500 -Count 3 -Watch } | Should -Throw -ErrorId 'CountAndWatch,*'
        @(Test-VmiProbe vm-00001 -TcpSocket -Port 1500 -PeriodSeconds 1 -SuccessThreshold 2 -Count 3).State | Should -Be NotReady, Ready, Ready
        $clock = [Diagnostics.Stopwatch]::StartNew()
        @(Test-VmiProbe vm-00001 -TcpSocket -Port 9 -Role Liveness -PeriodSeconds 1 -FailureThreshold 2 -Watch -TransitionsOnly | Select-Object -First 1).Transition | Should -Be WouldRestart
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
    }

    It 'ends at once on Ctrl+C' {
        Set-Guest 1 @{ ports = @{ '1502' = @{ delay = '5m' } } }
        $shell = [powershell]::Create().AddScript({
            param($module, $config)
            Import-Module $module
            $null = Connect-KubeVirt -KubeConfigPath $config
            'ready'
            Test-VmiProbe vm-00001 -HttpGet -Port 1502 -TimeoutSeconds 300
        }).AddArgument("$Staged/KubeVirtMonitor.psd1").AddArgument($cluster.KubeConfig)
        try {
            $output = [Management.Automation.PSDataCollection[psobject]]::new()
            $running = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
            while ($output.Count -eq 0) { Start-Sleep -Milliseconds 20 }
            Start-Sleep -Milliseconds 500
            $clock = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $running.IsCompleted | Should -BeTrue
            $clock.Elapsed.TotalSeconds | Should -BeLessThan 2
        } finally {
            $shell.Dispose()
        }
    }
}

Describe 'Probes without a cluster' {
    It 'are checked in manifests' {
        $file = "$TestDrive/vm.yaml"
        Set-Content $file @'
apiVersion: kubevirt.io/v1
kind: VirtualMachineInstance
metadata:
  name: web
spec:
  domain:
    devices:
      interfaces: [{ name: default, masquerade: {} }]
  networks: [{ name: default, pod: {} }]
  livenessProbe:
    tcpSocket: { port: 70000 }
    successThreshold: 2
'@
        $findings = Test-VmiProbeManifest -Path $file
        $findings | Should -BeOfType KubeVirtMonitor.ProbeFinding
        @($findings | Where-Object Severity -EQ Error).Field | Should -Contain 'spec.livenessProbe.tcpSocket.port'
        @($findings | Where-Object Severity -EQ Error).Field | Should -Contain 'spec.livenessProbe.successThreshold'
        Test-VmiProbeManifest -Path $file -Quiet | Should -BeFalse
        Get-Item $file | Test-VmiProbeManifest -Quiet | Should -BeFalse
        { Test-VmiProbeManifest -Path "$TestDrive/none.yaml" -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound,*'
    }

    It 'have a timeline' {
        $entries = Get-VmiProbeTimeline -Role Liveness -InitialDelaySeconds 5 -PeriodSeconds 10 -FailureThreshold 2 -Outcome Success, Failure, Failure, Failure
        $entries.OffsetSeconds | Should -Be 20, 30, 40, 60
        $entries.State | Should -Be Live, Live, WouldRestart, Live
        $entries[2].Transition | Should -Be WouldRestart
        $probe = New-VmiProbe -GuestAgentPing -SuccessThreshold 2
        ($probe | Get-VmiProbeTimeline -Outcome Success, Discarded, Success).State | Should -Be NotReady, NotReady, Ready
        ($probe | Get-VmiProbeTimeline Success -SuccessThreshold 1).State | Should -Be Ready
        $both = $probe | Get-VmiProbeTimeline Failure, Failure, Failure -Role Readiness, Liveness
        $both.Role | Should -Be Readiness, Readiness, Readiness, Liveness, Liveness, Liveness
        $both.State | Should -Be NotReady, NotReady, NotReady, Live, Live, WouldRestart
    }
}
