BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $fixtures = "$Root/tests/Fixtures"
}

Describe 'Get-KubeVirtMetricDefinition' {
    It 'lists the 98 documented metrics' {
        @(Get-KubeVirtMetricDefinition -Documented).Count | Should -Be 98
        @(Get-KubeVirtMetricDefinition).Count | Should -BeGreaterThan 200
        Get-KubeVirtMetricDefinition | ForEach-Object { $_ | Should -BeOfType KubeVirtMonitor.MetricDefinition }
    }

    It 'finds by wildcards, raw names and components' {
        @(Get-KubeVirtMetricDefinition *.process.open_fds).Count | Should -Be 4
        (Get-KubeVirtMetricDefinition *.process.open_fds -Component Api, Operator).Name | Should -Be kubevirt_api.process.open_fds, kubevirt_operator.process.open_fds
        (Get-KubeVirtMetricDefinition kubevirt_vmi_memory_pgmajfault).Name | Should -Be 'kubevirt_handler.vmi.memory_pgmajfault.count'
    }

    It 'keeps to what a version has' {
        # KubeVirt 1.6 added the deprecated machine types.
        Get-KubeVirtMetricDefinition *.deprecated_machine_types -KubeVirtVersion 1.5 | Should -BeNullOrEmpty
        (Get-KubeVirtMetricDefinition *.deprecated_machine_types -KubeVirtVersion 1.6).SinceVersion.ToString() | Should -Be '1.6.0'
    }

    It 'says which check of the Agent sends a metric, and with which versions' {
        # Seen by running the checks: 93 names come from endpoints. With 1.9, the KubeVirt checks miss 7 of virt-api and the phase count.
        @(Get-KubeVirtMetricDefinition -AgentCheck OpenMetrics -KubeVirtVersion 1.9).Count | Should -Be 93
        @(Get-KubeVirtMetricDefinition -AgentCheck KubeVirt -KubeVirtVersion 1.2).Count | Should -Be 98
        @(Get-KubeVirtMetricDefinition -AgentCheck KubeVirt -KubeVirtVersion 1.9).Count | Should -Be 90
        @(Get-KubeVirtMetricDefinition -AgentCheck KubeVirt).Count | Should -Be 98
        "$((Get-KubeVirtMetricDefinition kubevirt_controller.vmi.phase_count).AgentChecks)" | Should -Be 'OpenMetrics KubeVirt before 1.3.0'
        (Get-KubeVirtMetricDefinition kubevirt_controller.vmi.phase_count | Format-List | Out-String) | Should -Match 'AgentChecks +: \{OpenMetrics, KubeVirt before 1\.3\.0\}'
        (Get-KubeVirtMetricDefinition kubevirt_api.go.goroutines).AgentChecks | Should -BeNullOrEmpty
    }

    It 'takes names from samples' {
        $definitions = Get-KubeVirtMetric -Path "$fixtures/virt-operator-1.9.prom" | Get-KubeVirtMetricDefinition
        $definitions.Name | Should -Be kubevirt_operator.virt_operator.leading_status, kubevirt_operator.virt_operator.ready_status, kubevirt_operator.process.open_fds
        ('kubevirt_api.process.open_fds' | Get-KubeVirtMetricDefinition).Unit | Should -Be 'file'
    }

    It 'reports names that nothing carries, and not patterns that fit nothing' {
        { Get-KubeVirtMetricDefinition no_such_metric -ErrorAction Stop } | Should -Throw -ErrorId 'MetricNotFound,*'
        Get-KubeVirtMetricDefinition no_such_* | Should -BeNullOrEmpty
        @(Get-KubeVirtMetricDefinition '[', kubevirt_api.process.open_fds -ErrorAction SilentlyContinue -ErrorVariable bad).Count | Should -Be 1
        $bad[0].FullyQualifiedErrorId | Should -BeLike 'BadPattern,*'
    }

    It 'promises what Get-KubeVirtMetric keeps' {
        $samples = Get-KubeVirtMetric -Path "$fixtures/virt-*-1.9.prom" | Sort-Object Name -Unique
        $samples.Count | Should -BeGreaterThan 20
        foreach ($sample in $samples) {
            $definition = Get-KubeVirtMetricDefinition $sample.Name
            $definition.Kind | Should -Be $sample.Kind -Because $sample.Name
            $definition.Unit | Should -Be $sample.Unit -Because $sample.Name
            $definition.Component | Should -Be $sample.Component -Because $sample.Name
        }
    }
}

Describe 'Compare-KubeVirtMetric' {
    It 'accounts for every documented metric of the component' {
        $drift = Compare-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -IncludeEqual
        $drift | ForEach-Object { $_ | Should -BeOfType KubeVirtMonitor.MetricDrift }
        $documented = (Get-KubeVirtMetricDefinition -Documented -Component Handler).Name
        $documented.Count | Should -Be 45
        foreach ($name in $documented) { $name | Should -BeIn $drift.Name }
    }

    It 'names what is missing with the reason, and what is not known' {
        $drift = Compare-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom"
        $drift.Status | Should -Not -Contain 'Present'
        ($drift | Where-Object Name -EQ kubevirt_handler.vmi.memory_cached_bytes).Status | Should -Be 'Missing'
        $missing = @($drift | Where-Object Status -EQ Missing)
        $missing.Count | Should -BeGreaterThan 50
        @($missing | Where-Object Reason).Count | Should -Be $missing.Count
        ($drift | Where-Object Name -EQ shop_till_opened_total).Status | Should -Be 'Unmapped'
        ($drift | Where-Object Name -EQ kubevirt_handler.can_connect).Status | Should -Be 'NotOnEndpoint'
    }

    It 'says what is there when asked' {
        $present = Compare-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -IncludeEqual | Where-Object Status -EQ Present
        $cpu = $present | Where-Object Name -EQ kubevirt_handler.vmi.cpu_usage_seconds.count
        $cpu.Series | Should -Be 2
        $cpu.RawName | Should -Be 'kubevirt_vmi_cpu_usage_seconds_total'
    }

    It 'sees types that differ' {
        $drift = "# TYPE kubevirt_virt_handler_ready_status counter`nkubevirt_virt_handler_ready_status 1`n" | Compare-KubeVirtMetric -KubeVirtVersion 1.9
        $one = $drift | Where-Object Name -EQ kubevirt_handler.virt_handler.ready_status
        $one.Status | Should -Be 'TypeDiffers'
        $one.ExpectedType, $one.ActualType | Should -Be gauge, counter
    }

    It 'compares with the version that the user names' {
        $drift = Compare-KubeVirtMetric -Path "$fixtures/virt-api-1.9.prom" -KubeVirtVersion 1.2 -Component Api
        ($drift | Where-Object Name -EQ kubevirt_api.virt_api.ready_status).Status | Should -Not -Be 'Missing'
        $drift.Version | ForEach-Object ToString | Sort-Object -Unique | Should -Be '1.2'
    }

    It 'takes the same sources as Get-KubeVirtMetric' {
        $count = @(Compare-KubeVirtMetric -Path "$fixtures/virt-api-1.9.prom").Count
        $count | Should -BeGreaterThan 3
        @(Compare-KubeVirtMetric -LiteralPath "$fixtures/virt-api-1.9.prom").Count | Should -Be $count
        @(Get-Content "$fixtures/virt-api-1.9.prom" | Compare-KubeVirtMetric).Count | Should -Be $count
        @(Get-Item "$fixtures/virt-api-1.9.prom" | Compare-KubeVirtMetric).Count | Should -Be $count
        (Compare-KubeVirtMetric -Path "$fixtures/virt-*-1.9.prom").Target | Sort-Object -Unique | ForEach-Object { Split-Path $_ -Leaf } |
            Should -Be virt-api-1.9.prom, virt-controller-1.9.prom, virt-handler-1.9.prom, virt-operator-1.9.prom
    }

    It 'compares nothing where the scrape failed or the component is not known' {
        $written = Compare-KubeVirtMetric -Path /no/such -ErrorAction SilentlyContinue -ErrorVariable failed
        $written | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'FileNotFound,*'
        $written = 'process_open_fds 5' | Compare-KubeVirtMetric -ErrorAction SilentlyContinue -ErrorVariable failed
        $written | Should -BeNullOrEmpty
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'UnknownComponent,*'
    }
}
