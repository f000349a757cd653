BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    # What all VMs are known to do, and three of them in place of it: 12 % of CPU ready on one of two vCPUs; writes of 30 ms; 1 of 100 packets dropped.
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 4 -Option @(
        '--load', '*:cpu=0.01,ready=0.001,read=0,write=0,flush=0,cloudinitdisk.read=0,cloudinitdisk.write=0,cloudinitdisk.flush=0,rx=100,tx=50,rx-packets=99,tx-packets=1,rx-drops=0'
        '--load', 'vm-00001:ready.0=0.02,ready.1=0.12'
        '--load', 'vm-00005:write=20,write-latency=30ms'
        '--load', 'vm-00006:rx-drops=1')
    $old = Open-Cluster "$TestDrive/old" -Handlers 1 -Vmis 1 -Option @('--version', '1.2.2')
    # The endpoint of a virt-api serves an HTML page, and all of virt-operator break off.
    $ill = Open-Cluster "$TestDrive/ill" -Handlers 1 -Vmis 1 -Fault 'api/0=html', 'operator/0=reset', 'operator/1=reset'
    if (-not $cluster.Missing) {
        Rename-Context $cluster north
        Rename-Context $old south
        Rename-Context $ill east
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    foreach ($one in $cluster, $old, $ill) { Close-Cluster $one }
}

Describe 'Alerts of a cluster' {
    BeforeAll {
        if ($cluster.Missing) { return }
        $north = Connect-KubeVirt $cluster.KubeConfig
        $south = Connect-KubeVirt $old.KubeConfig
        $east = Connect-KubeVirt $ill.KubeConfig
    }

    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'are those of its KubeVirt version' {
        $newest = Test-KubeVirtAlert -Session $north -SampleInterval 0
        # 1.9.0 has 38 rules, two of them of one name.
        @($newest | Where-Object Origin -EQ KubeVirt | Select-Object -ExpandProperty Name -Unique).Count | Should -Be 37
        $newest.Name | Should -Contain 'VMNonRecoverableOSPanic'
        $newest.Name | Should -Not -Contain 'KubevirtVmHighMemoryUsage'
        $oldest = Test-KubeVirtAlert -Session $south -SampleInterval 0
        @($oldest | Where-Object Origin -EQ KubeVirt | Select-Object -ExpandProperty Name -Unique).Count | Should -Be 30
        $oldest.Name | Should -Contain 'VirtApiRESTErrorsHigh'
        ($oldest | Where-Object Name -EQ LowVirtAPICount).Threshold | Should -Be 2
        ($newest | Where-Object Name -EQ LowVirtAPICount).Threshold | Should -Be 0.75
    }

    It 'come as they matter' {
        $states = (Test-KubeVirtAlert -Session $north -SampleInterval 0).State
        $states | Should -Be ($states | Sort-Object { [int] $_ })
        $states | Should -Contain 'Ok'
        $states | Should -Contain 'Unknown'
    }

    It 'say nothing of a cluster in order' {
        $found = Test-KubeVirtAlert *Down, NoReady*, LowReady*, Low*Count, *Leading*, Orphaned*, VirtHandlerDaemon*, VirtHandlerDown, *Expiry -Session $north -SampleInterval 0
        $found.Count | Should -BeGreaterThan 20
        $found.State | Sort-Object -Unique | Should -Be 'Ok'
        Test-KubeVirtAlert VirtHandler* -Session $north -SampleInterval 2 -State Firing, Pending, Unknown | Should -BeNullOrEmpty
    }

    It 'find the VMs that wait, that have slow disks, and that lose packets' {
        $found = Test-KubeVirtAlert Guest* -Session $north -SampleInterval 10 -State Firing
        $found.Name | Should -Be 'GuestCpuReadyHigh', 'GuestDiskLatencyHigh', 'GuestPacketsDropped'
        $found.Vmi | Should -Be 'vm-00001', 'vm-00005', 'vm-00006'
        $found.Severity | Should -Be 'Critical', 'Critical', 'Warning'
        [math]::Round($found[0].Value), [math]::Round($found[1].Value) | Should -Be 12, 30
        # Whole packets, of 10 seconds.
        $found[2].Value | Should -BeGreaterThan 0.8
        $found[2].Value | Should -BeLessThan 1.2
        $found[0].Threshold, $found[1].Threshold, $found[1].Unit | Should -Be 10, 25, 'millisecond'
        $found[0].Node | Should -BeLike 'node*'
        $found[0].Cluster | Should -Be 'north'
        $found[0].Session.Id | Should -Be $north.Id
        $found[0].WindowSeconds | Should -BeGreaterOrEqual 10
        $found[0].Source | Should -Be 'Endpoints'
        # Down the pipeline, to the machine.
        ($found[0] | Get-KubeVirtVmi).Name | Should -Be 'vm-00001'
    }

    It 'look once where nothing grows' {
        $time = Measure-Command { Test-KubeVirtAlert VirtAPIDown, LowKVMNodesCount -Session $north -SampleInterval 60 }
        $time.TotalSeconds | Should -BeLessThan 30
    }

    It 'take other thresholds, from a file and by hand' {
        '{ "GuestFilesystemAlmostOutOfSpace.Warning": 0, "GuestFilesystemAlmostOutOfSpace.Critical": 100 }' > $TestDrive/thresholds.json
        $full = Test-KubeVirtAlert GuestFilesystem* -Severity Warning -Session $north -ThresholdPath $TestDrive/thresholds.json
        $full.State | Should -Contain 'Pending'
        $full.Threshold | Select-Object -Unique | Should -Be 0
        (Test-KubeVirtAlert GuestFilesystem* -Severity Warning -Session $north -ThresholdPath $TestDrive/thresholds.json -Threshold @{ '*.HoldSeconds' = 0 }).State | Should -Contain 'Firing'
        (Test-KubeVirtAlert GuestFilesystem* -Severity Warning -Session $north -ThresholdPath $TestDrive/thresholds.json -Threshold @{ 'GuestFilesystemAlmostOutOfSpace.Warning' = 99.9 }).State | Should -Be 'Ok'
    }

    It 'may be asked by a viewer, and only what is refused is unknown' {
        $viewer = Connect-KubeVirt $cluster.KubeConfig -Context north-viewer
        $unknown = Test-KubeVirtAlert -Session $viewer -SampleInterval 2 -State Unknown -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        $unknown.Name | Should -Contain 'LowKVMNodesCount'
        ($unknown | Where-Object Name -EQ LowKVMNodesCount).Missing | Should -BeLike "*may not list nodes*"
        $unknown.Name | Should -Not -Contain 'VirtAPIDown'
        (Test-KubeVirtAlert NoReady* -Session $viewer).State | Select-Object -Unique | Should -Be 'Ok'
        Disconnect-KubeVirt $viewer
    }

    It 'do not call down what Kubernetes calls ready' {
        $results = Test-KubeVirtAlert -Session $east -SampleInterval 0 -MaximumRetryCount 0 -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        ($results | Where-Object Name -EQ VirtAPIDown).State | Should -Be 'Ok'
        $operator = $results | Where-Object Name -EQ NoReadyVirtOperator
        $operator.State | Should -Be 'Unknown'
        $operator.Missing | Should -BeLike '*virt-operator*'
        # One of two virt-api is enough to know that not none is ready, and not to know that all are.
        ($results | Where-Object Name -EQ NoReadyVirtAPI).State | Should -Be 'Ok'
        ($results | Where-Object Name -EQ LowReadyVirtAPICount).State | Should -Be 'Unknown'
        ($results | Where-Object Name -EQ NoReadyVirtController).State | Should -Be 'Ok'
    }

    It 'are True or False with -Quiet' {
        Test-KubeVirtAlert NoReady* -Session $north -Quiet | Should -BeTrue
        Test-KubeVirtAlert NoReady* -Session $north, $east -MaximumRetryCount 0 -Quiet | Should -BeTrue
        # All that is asked for is unknown.
        Test-KubeVirtAlert KubeVirtVMIExcessiveMigrations -Session $north -Quiet | Should -BeFalse
        Test-KubeVirtAlert GuestFilesystem* -Session $north -Threshold @{ 'GuestFilesystemAlmostOutOfSpace.*' = 0 } -Quiet | Should -BeFalse
        Test-KubeVirtAlert NoReadyVirtOperator, VirtAPIDow -Session $north -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
        { Test-KubeVirtAlert -Quiet -State Ok } | Should -Throw -ErrorId 'ParameterHasNoEffect*'
    }

    It 'say with -Quiet how much of it could not be told' {
        Test-KubeVirtAlert VirtAPIDown, *Burst -Session $north -SampleInterval 0 -Quiet -WarningVariable warnings -WarningAction SilentlyContinue | Should -BeTrue
        "$warnings" | Should -BeLike '4 of 5 alerts could not be told, and are left out of the answer: VirtApiRESTErrorsBurst, *'
    }

    It 'do not fire on figures of a moment' {
        $found = Test-KubeVirtAlert GuestCpuReady*, GuestDisk* -Session $north -SampleInterval 2 -WarningVariable warnings -WarningAction SilentlyContinue
        $found.State | Select-Object -Unique | Should -Be 'Unknown'
        "$warnings" | Should -BeLike '*Specify -SampleInterval 20 or more.'
    }

    It 'have one row for what is well, and what holds with its severity' {
        $rows = Test-KubeVirtAlert GuestDiskLatencyHigh -Session $north -SampleInterval 10
        $rows | ForEach-Object { "$($_.State) $($_.Severity) $($_.Subject)" } | Should -Be 'Firing Critical ns0/vm-00005'
    }

    It 'come of several clusters, the open ones first in the pipeline' {
        $results = $north, $south | Test-KubeVirtAlert VirtAPIDown
        $results.Cluster | Should -Be 'north', 'south'
    }

    It 'explain names that do not exist, and those of other versions' {
        $results = Test-KubeVirtAlert VirtAPIDown, VirtAPIDow -Session $north -ErrorVariable failed -ErrorAction SilentlyContinue
        $results.Name | Should -Be 'VirtAPIDown'
        "$failed" | Should -Be "There is no alert 'VirtAPIDow'. The nearest name is VirtAPIDown."
        $results = Test-KubeVirtAlert NoReadyVirtAPI -Session $south -ErrorVariable failed -ErrorAction SilentlyContinue
        $results | Should -BeNullOrEmpty
        "$failed" | Should -BeLike 'KubeVirt v1.2.2, which * runs, has no alert NoReadyVirtAPI: its versions are from 1.8.4.'
        Test-KubeVirtAlert nothing* -Session $north -ErrorVariable failed | Should -BeNullOrEmpty
        $failed | Should -BeNullOrEmpty
    }

    It 'explain thresholds that cannot be used' -ForEach @(
        @{ Case = @{ Threshold = @{ LowVirtAPICounts = 1 } }; Text = "No alert has a threshold 'LowVirtAPICounts'. The nearest name is LowVirtAPICount." }
        @{ Case = @{ Threshold = @{ KubeVirtVMGuestMemoryPressure = 1 } }; Text = '*The nearest names are KubeVirtVMGuestMemoryPressure.Headroom, *' }
        @{ Case = @{ Threshold = @{ GuestVCPUQueueHighWarning = 'ten' } }; Text = "The threshold 'GuestVCPUQueueHighWarning' is not a number." }
        @{ Case = @{ Threshold = @{ 'GuestDiskLatencyHigh.Warning' = '12,5' } }; Text = "The threshold 'GuestDiskLatencyHigh.Warning' is not a number: '12,5' has a comma. Write 12.5." }
        @{ Case = @{ Threshold = @{ 'GuestDiskLatencyHigh.Warning' = 125 } }; Text = 'GuestDiskLatencyHigh.Warning is 125 and GuestDiskLatencyHigh.Critical is 25: a warning above what is critical never comes. Set both.' }
        @{ Case = @{ ThresholdPath = 'TestDrive:/nowhere.json' }; Text = "*nowhere.json' cannot be read: *" }
        @{ Case = @{ ThresholdPath = 'TestDrive:/list.json' }; Text = "*list.json' cannot be read: it is not a JSON object with the names and values of thresholds." }
    ) {
        '[1]' > $TestDrive/list.json
        { Test-KubeVirtAlert VirtAPIDown -Session $north @Case } | Should -Throw $Text
    }

    It 'are completed by any part of their names' {
        $results = (TabExpansion2 'Test-KubeVirtAlert vcpu' 23).CompletionMatches
        $results.CompletionText | Should -Be 'GuestVCPUQueueHighCritical', 'GuestVCPUQueueHighWarning'
        $results[0].ToolTip | Should -Be 'More tasks wait in the guest than its vCPUs can run.'
    }

    It 'go into spreadsheets and JSON as people read them' {
        $row = Test-KubeVirtAlert VirtAPIDown -Session $north | ConvertTo-Csv | ConvertFrom-Csv
        $row.State, $row.Severity, $row.Value, $row.Threshold, $row.Comparison, $row.Cluster, $row.Since | Should -Be 'Ok', 'Critical', '2', '0', '==', 'north', ''
        $json = Test-KubeVirtAlert VirtAPIDown -Session $north | ConvertTo-Json -EnumsAsStrings | ConvertFrom-Json
        $json.State, $json.HoldSeconds, $json.Runbook | Should -Be 'Ok', 600, 'https://kubevirt.io/monitoring/runbooks/VirtAPIDown'
    }

    It 'end a runbook with an exit code' {
        $module = (Get-Item "$Root/out").FullName
        # What is written to it are the arguments of the script.
        function Invoke-Runbook([string] $Arguments) {
            $script = "`$env:PSModulePath = '$module' + [IO.Path]::PathSeparator + `$env:PSModulePath; & '$Root/examples/alerts/Test-Cluster.ps1' $Arguments; exit `$LASTEXITCODE"
            & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command $script 2>&1
        }
        $text = Invoke-Runbook "-KubeConfigPath '$($cluster.KubeConfig)' -Rule NoReady*, *Down"
        $LASTEXITCODE | Should -Be 0 -Because "$text"
        $text = Invoke-Runbook "-KubeConfigPath '$($cluster.KubeConfig)' -Rule GuestCpuReady* -SampleInterval 10"
        $LASTEXITCODE | Should -Be 1 -Because "$text"
        "$text" | Should -BeLike '*GuestCpuReadyHigh*ns*vm-00001*'
        $null = Invoke-Runbook "-KubeConfigPath '$TestDrive/nowhere'"
        $LASTEXITCODE | Should -Be 2
        $null = Invoke-Runbook "-KubeConfigPath '$($cluster.KubeConfig)' -Rule KubeVirtVMIExcessiveMigrations"
        $LASTEXITCODE | Should -Be 3
    }
}

Describe 'Alerts of a server' {
    BeforeAll {
        . $PSScriptRoot/Open-Endpoint.ps1
        . $PSScriptRoot/Open-Engine.ps1
        $simulator = Start-Simulator @('serve', '--calm', '--handlers', 2, '--vmis', 5, '--duration', '10m', '--load', '*:ready=0.001,read=0,write=0,flush=0,rx-drops=0', '--load', 'vm-00001:fs-used=20615843020') | Add-Member Version '1.9' -PassThru
        $engine = Open-Engine prometheus $simulator "$TestDrive/engine"
    }

    AfterAll {
        Close-Engine $engine
        Close-Cluster $simulator
    }

    BeforeEach {
        if ($engine.Missing) { Set-ItResult -Skipped -Because $engine.Missing }
    }

    It 'need no kubeconfig' {
        $found = Test-KubeVirtAlert -PrometheusUri $engine.Address -State Firing, Pending -WarningVariable warnings
        # 20615843020 of 20 GiB are 96 %, but for four parts in 100 billion.
        $found.Name | Should -Be 'GuestFilesystemAlmostOutOfSpace'
        $found.Namespace, $found.Vmi, $found.Severity, $found.State | Should -Be 'ns1', 'vm-00001', 'Critical', 'Firing'
        [Math]::Round($found.Value, 6) | Should -Be 96
        $found.Source | Should -Match '127.0.0.1'
        $found.ServerState | Should -BeNullOrEmpty
        $warnings | Should -BeNullOrEmpty
    }

    It 'say what is not scraped there' {
        $down = Test-KubeVirtAlert VirtAPIDown -PrometheusUri $engine.Address
        $down.State | Should -Be 'Unknown'
        $down.Missing | Should -Match 'does not scrape kube-state-metrics.*kube_pod_status_phase'
    }

    It 'are well or not, in one word' {
        Test-KubeVirtAlert VirtApiRESTErrorsBurst -PrometheusUri $engine.Address -Quiet | Should -BeTrue
        Test-KubeVirtAlert Guest* -PrometheusUri $engine.Address -Quiet | Should -BeFalse
    }

    It 'take other thresholds' {
        Test-KubeVirtAlert GuestFilesystem* -PrometheusUri $engine.Address -Threshold @{ 'GuestFilesystemAlmostOutOfSpace.*' = 99 } -Quiet | Should -BeTrue
    }

    It 'are not looked at twice' {
        { Test-KubeVirtAlert -PrometheusUri $engine.Address -SampleInterval 5 } | Should -Throw -ErrorId 'AmbiguousParameterSet*'
    }
}
