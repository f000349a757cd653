BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $faults = 'handler/1=wrong-name', 'handler/2=expired', 'handler/3=other-ca', 'handler/4=cut', 'handler/5=html', 'handler/6=reset', 'handler/7=slow:60s', 'controller/1=unhealthy'
    $simulator = Start-Simulator (@('serve', '--handlers', '8', '--vmis', '3', '--duration', '5m', '--ca-file', "$TestDrive/ca.pem") + @($faults | ForEach-Object { '--fault'; $_ }))
    $missing = $simulator.Missing
    $at = @{}
    foreach ($line in $simulator.Lines) {
        if ($line -match '^\s+(?<name>\w+/\d+)\s+(?<uri>https://\S+)') { $at[$Matches.name] = $Matches.uri }
    }
    $ca = "$TestDrive/ca.pem"
    $tls = @{ CertificateAuthority = $ca; ServerName = 'virt-handler.kubevirt.svc' }
}

AfterAll {
    Close-Cluster $simulator
}

Describe 'A simulated cluster over HTTPS' {
    BeforeEach {
        if ($missing) { Set-ItResult -Skipped -Because $missing }
    }

    It 'is scraped with its own authority and the name of the service' {
        $samples = Get-KubeVirtMetric -Uri $at['handler/0'] @tls
        $samples.Component | Sort-Object -Unique | Should -Be 'Handler'
        # Each of the three machines has one series of each.
        @($samples | Where-Object Name -EQ kubevirt_handler.vmi.memory_domain_bytes).Count | Should -Be 3
        $samples | ForEach-Object { $_.Tags.endpoint | Should -Be $at['handler/0'] }
    }

    It 'is not trusted without its authority, and not without the name' {
        { Get-KubeVirtMetric -Uri $at['handler/0'] -ServerName virt-handler.kubevirt.svc -ErrorAction Stop } | Should -Throw -ErrorId 'TlsUntrusted,*'
        { Get-KubeVirtMetric -Uri $at['handler/0'] -CertificateAuthority $ca -ErrorAction Stop } | Should -Throw -ErrorId 'TlsNameMismatch,*'
    }

    It 'is scraped without verification only when asked' {
        @(Get-KubeVirtMetric -Uri $at['handler/0'] -SkipCertificateCheck -Name *.open_fds).Count | Should -Be 1
    }

    It 'reports <Id> for <Target>' -ForEach @(
        @{ Target = 'handler/1'; Id = 'TlsNameMismatch'; Category = 'SecurityError' }
        @{ Target = 'handler/2'; Id = 'TlsExpired'; Category = 'SecurityError' }
        @{ Target = 'handler/3'; Id = 'TlsUntrusted'; Category = 'SecurityError' }
        @{ Target = 'handler/4'; Id = 'Truncated'; Category = 'InvalidData' }
        @{ Target = 'handler/5'; Id = 'NotExposition'; Category = 'InvalidData' }
        @{ Target = 'handler/6'; Id = 'ConnectionReset'; Category = 'ConnectionError' }
    ) {
        $null = Get-KubeVirtMetric -Uri $at[$Target] @tls -MaximumRetryCount 0 -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Be "$Id,KubeVirtMonitor.Commands.GetKubeVirtMetricCommand"
        $failed[0].CategoryInfo.Category | Should -Be $Category
        $failed[0].TargetObject | Should -Be $at[$Target]
        $failed[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'hides no good target behind bad ones' {
        $uris = 0..6 | ForEach-Object { $at["handler/$_"] }
        $samples = Get-KubeVirtMetric -Uri $uris @tls -MaximumRetryCount 0 -Name *.memory_domain_bytes -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed.Count | Should -Be 6
        @($samples | Where-Object Target -EQ $at['handler/0']).Count | Should -Be 3
    }

    It 'ends a slow target after -TimeoutSec' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        { Get-KubeVirtMetric -Uri $at['handler/7'] @tls -TimeoutSec 1 -ErrorAction Stop } | Should -Throw -ErrorId 'Timeout,*'
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 8
    }

    It 'gives the samples of the fast while the slow have not answered' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $samples = Get-KubeVirtMetric -Uri $at['handler/7'], $at['handler/0'] @tls | Select-Object -First 10
        $samples.Count | Should -Be 10
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 8
    }

    It 'tells health from metrics' {
        $controllers = @{ Uri = $at['controller/0'], $at['controller/1']; HealthUri = ($at['controller/0'], $at['controller/1'] -replace 'metrics$', 'healthz') }
        $samples = Get-KubeVirtMetric @controllers -CertificateAuthority $ca -ServerName virt-controller.kubevirt.svc -Name *.can_connect, *.leading_status -WarningAction SilentlyContinue -WarningVariable warned
        $health = $samples | Where-Object Name -EQ kubevirt_controller.can_connect
        ($health | Where-Object Target -Like "*$(([uri] $at['controller/0']).Port)*").Value | Should -Be 1
        ($health | Where-Object Target -Like "*$(([uri] $at['controller/1']).Port)*").Value | Should -Be 0
        $warned.Count | Should -Be 1
        # Exactly one replica leads.
        ($samples | Where-Object Name -EQ kubevirt_controller.virt_controller.leading_status | Measure-Object Value -Sum).Sum | Should -Be 1
    }

    It 'lacks nothing that KubeVirt 1.9 promises without a reason' {
        $drift = Compare-KubeVirtMetric -Uri $at['handler/0'] @tls
        @($drift).Count | Should -BeGreaterThan 0
        @($drift | Where-Object Reason).Count | Should -Be @($drift).Count
    }
}
