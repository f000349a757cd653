BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    . $PSScriptRoot/Open-Cluster.ps1

    # A target that answers its n-th request with the n-th text, and then with the last one; a number is a status without a body, and 'hang' is no answer.
    function Open-Target([object[]] $Bodies, [int] $Delay) {
        $listener = Open-Listener
        $state = [hashtable]::Synchronized(@{ Requests = 0; Open = 0 })
        $serve = {
            param($listener, $bodies, $state, $delay)
            try {
                while ($listener.IsListening) {
                    $context = $listener.GetContext()
                    $body = $bodies[[Math]::Min($state.Requests, $bodies.Count - 1)]
                    $state.Requests++
                    if ($body -is [int]) { $context.Response.StatusCode = $body; $body = 'no' }
                    if ($body -eq 'hang') { $state.Open++; continue }
                    Start-Sleep -Milliseconds $delay
                    $bytes = [Text.Encoding]::UTF8.GetBytes($body)
                    $context.Response.ContentType = 'text/plain; version=0.0.4; charset=utf-8'
                    $context.Response.OutputStream.Write($bytes)
                    $context.Response.Close()
                }
            } catch { $null = $_ }
        }
        $shell = [powershell]::Create().AddScript($serve).AddArgument($listener).AddArgument($Bodies).AddArgument($state).AddArgument($Delay)
        $null = $shell.BeginInvoke()
        [pscustomobject] @{ Uri = "$(@($listener.Prefixes)[0])metrics"; Listener = $listener; Shell = $shell; State = $state }
    }

    function Get-Body([double] $Cpu, [int] $Reads, [int] $Resident, [long] $Start = 1700000000, [int] $Sync = 5) {
        @(
            '# TYPE kubevirt_vmi_cpu_usage_seconds_total counter', "kubevirt_vmi_cpu_usage_seconds_total{name=`"a`",namespace=`"ns`",node=`"n1`"} $Cpu"
            "kubevirt_vmi_storage_read_traffic_bytes_total{drive=`"vda`",name=`"a`",namespace=`"ns`"} $Reads"
            "kubevirt_vmi_memory_resident_bytes{name=`"a`",namespace=`"ns`"} $Resident"
            '# TYPE kubevirt_vmi_sync_total counter', "kubevirt_vmi_sync_total{name=`"a`",namespace=`"ns`"} $Sync"
            "process_start_time_seconds $Start", ''
        ) -join "`n"
    }

    $cpu = 'kubevirt_handler.vmi.cpu_usage_seconds.count'
    $reads = 'kubevirt_handler.vmi.storage_read_traffic_bytes.count'
    $resident = 'kubevirt_handler.vmi.memory_resident_bytes'
    $sync = 'kubevirt_handler.vmi.sync.count'
}

Describe 'Watch-KubeVirtMetric' {
    AfterEach {
        if ($target) { Close-Endpoint $target; $target = $null }
    }

    It 'writes gauges as they are from the first scrape on, and counters by how much they grew' {
        $target = Open-Target (Get-Body 100 5000 100), (Get-Body 100.5 5000 120), (Get-Body 101.75 9096 110)
        $samples = @(Watch-KubeVirtMetric -Uri $target.Uri -ExcludeName *process* -SampleInterval 0.5 -MaxSamples 2)
        @($samples | ForEach-Object { "$($_.Name) $($_.Value)" }) | Should -Be @(
            "$resident 100"
            "$cpu 0.5", "$reads 0", "$resident 120", "$sync 0"
            "$cpu 1.25", "$reads 4096", "$resident 110", "$sync 0")
        $samples.Where({ $_.Name -ne $resident }) | ForEach-Object {
            $_.Kind | Should -Be Count
            $_.IntervalSeconds | Should -BeGreaterThan 0.1
            $_.IntervalSeconds | Should -BeLessThan 30
        }
        $samples.Where({ $_.Name -eq $resident }) | ForEach-Object { $_.IntervalSeconds | Should -BeNullOrEmpty }
        $samples[1].Vmi, $samples[1].Namespace, $samples[1].Node, $samples[1].Unit | Should -Be 'a', 'ns', 'n1', 'second'
        ($samples[5].Timestamp - $samples[1].Timestamp).TotalSeconds | Should -Be $samples[5].IntervalSeconds
        $target.State.Requests | Should -Be 3
    }

    It 'starts its scrapes on time, however long they take' {
        # Each takes 0.4 s: counted from their ends, they would start after 1.4 and 2.8 s.
        $target = Open-Target (Get-Body 1 1 1) -Delay 400
        $times = @(Watch-KubeVirtMetric *resident* -Uri $target.Uri -SampleInterval 1 -MaxSamples 3).Timestamp
        $times.Count | Should -Be 4
        $offsets = foreach ($i in 2, 3) { $second = ($times[$i] - $times[1]).TotalSeconds; [Math]::Abs($second - [Math]::Round($second)) }
        ($offsets | Measure-Object -Minimum).Minimum | Should -BeLessThan 0.15
    }

    It 'writes rates by the second with -AsRate' {
        $target = Open-Target (Get-Body 100 5000 100), (Get-Body 100.5 9096 120)
        $samples = @(Watch-KubeVirtMetric -Uri $target.Uri -ExcludeName *process* -SampleInterval 0.5 -MaxSamples 1 -AsRate)
        $rate = $samples.Where({ $_.Name -eq $reads })[0]
        $rate.Kind, $rate.Unit | Should -Be 'Gauge', 'byte/second'
        $rate.Value * $rate.IntervalSeconds | Should -BeGreaterThan 4095.999999
        $rate.Value * $rate.IntervalSeconds | Should -BeLessThan 4096.000001
        $samples.Where({ $_.Name -eq $cpu })[0].Unit | Should -Be 'second/second'
        $rate | Format-Table | Out-String -Width 80 | Should -Match '\d (KiB|B)/s'
        # 0.5 s of a processor in a second are half a processor; the number is the same.
        $samples.Where({ $_.Name -eq $cpu })[0] | Format-Table | Out-String -Width 80 | Should -Match '\d CPUs? '
        $rate | Format-List | Out-String -Width 80 | Should -Match '(?m)^IntervalSeconds\s+: [\d.]+ m?s\r?$'
        ($rate | ConvertTo-Csv | ConvertFrom-Csv).IntervalSeconds | Should -Be "$($rate.IntervalSeconds)"
    }

    It 'says once that a target fails, and once that it responds again, and counts over the gap' {
        $target = Open-Target (Get-Body 100 5000 100), 500, 500, 404, 500, (Get-Body 107 5000 120), (Get-Body 108 5000 120)
        $samples = @(Watch-KubeVirtMetric $cpu -Uri $target.Uri -SampleInterval 0.4 -MaxSamples 6 -MaximumRetryCount 0 -ErrorAction SilentlyContinue -ErrorVariable failed -WarningVariable warned -WarningAction SilentlyContinue)
        @($samples.Value) | Should -Be 7, 1
        $samples[0].IntervalSeconds | Should -BeGreaterThan 1.2
        $samples[1].IntervalSeconds | Should -BeLessThan $samples[0].IntervalSeconds
        @($failed).Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'HttpStatus,*'
        @($warned.Message -like '*responds again, after 4 scrapes failed*').Count | Should -Be 1
    }

    It 'counts what a component that was restarted has counted since, and lets machines go on' {
        $target = Open-Target (Get-Body 100 5000 100 -Sync 5), (Get-Body 101 5000 100 -Sync 8 -Start 4000000000)
        $samples = @(Watch-KubeVirtMetric $cpu, $sync -Uri $target.Uri -SampleInterval 0.4 -MaxSamples 1)
        @($samples.Value) | Should -Be 1, 8
    }

    It 'writes samples with a time of their own once' {
        $now = [DateTimeOffset]::UtcNow.ToUnixTimeMilliseconds()
        $line = { "kubevirt_vmi_migration_data_remaining_bytes{name=`"a`",namespace=`"ns`"} $($args[0]) $($now + 1000 * $args[1])`n" }
        $first = "# TYPE kubevirt_vmi_migration_data_remaining_bytes gauge`n" + (& $line 80 -5) + (& $line 100 -10)
        $target = Open-Target $first, ($first + (& $line 60 -1))
        $samples = @(Watch-KubeVirtMetric *remaining* -Uri $target.Uri -Component Handler -SampleInterval 0.4 -MaxSamples 2)
        @($samples.Value) | Should -Be 100, 80, 60
        @($samples.Timestamp.ToUnixTimeMilliseconds()) | Should -Be ($now - 10000), ($now - 5000), ($now - 1000)
    }

    It 'ends after -Duration' {
        $target = Open-Target (Get-Body 1 1 1)
        $time = Measure-Command { $script:samples = @(Watch-KubeVirtMetric *resident* -Uri $target.Uri -SampleInterval 0.4 -Duration 1) }
        # After 0, 0.4 and 0.8 s; a machine that is busy leaves out those that are over, and no other.
        $last = ($script:samples[-1].Timestamp - $script:samples[0].Timestamp).TotalSeconds
        $last | Should -BeLessThan 1.2
        if ($script:samples.Count -ne 3) { $time.TotalSeconds | Should -BeGreaterThan 0.8 }
        $script:samples.Count | Should -BeIn 1, 2, 3
        $time.TotalSeconds | Should -BeLessThan 10
    }

    It 'takes 1d for a day, and a duration in all of its forms' {
        $target = Open-Target (Get-Body 1 1 1)
        @(Watch-KubeVirtMetric *resident* -Uri $target.Uri -SampleInterval 0.4 -Duration 1d | Select-Object -First 4).Count | Should -Be 4
    }

    It 'shows at 80 columns when each look was, and over what time counters grew' {
        $target = Open-Target (Get-Body 100 5000 100), (Get-Body 100.25 5000 120), (Get-Body 101 9096 110)
        $samples = @(Watch-KubeVirtMetric $cpu, $resident -Uri $target.Uri -SampleInterval 1 -MaxSamples 2)
        $lines = ($samples | Out-String -Width 80) -split '\r?\n' -replace '\e\[[0-9;]*m'
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 }
        $heads = @($lines -match '^\s+Time: ')
        $heads | Should -Be @($samples.Timestamp | Select-Object -Unique | ForEach-Object { "   Time: $($_.LocalDateTime.ToString('yyyy-MM-dd HH:mm:ss'))" })
        $heads.Count | Should -Be 3
        @($lines -match '^ns\s+a\s+250 ms\s+[\d.]+ m?s kubevirt').Count | Should -Be 1
        @($lines -match '^ns\s+a\s+120 B\s+kubevirt').Count | Should -Be 1
        $samples | ForEach-Object { $_ | Should -BeOfType KubeVirtMonitor.MetricSample }
        # The other views are those of all samples.
        $samples[1] | Format-List | Out-String | Should -Match '(?m)^RawName\s+: kubevirt_vmi_cpu_usage_seconds_total'
        @($samples | ConvertTo-Csv | ConvertFrom-Csv)[1].Vmi | Should -Be a
    }

    It 'ends at once with Select-Object -First and with Ctrl+C, between scrapes and while a target does not answer' {
        $target = Open-Target (Get-Body 1 1 1), 'hang'
        (Measure-Command { $script:one = @(Watch-KubeVirtMetric *resident* -Uri $target.Uri -SampleInterval 60 | Select-Object -First 1) }).TotalSeconds | Should -BeLessThan 5
        $script:one.Count | Should -Be 1
        foreach ($interval in 60, 0.5) {
            $shell = [powershell]::Create().AddScript('param($module, $uri, $interval) Import-Module $module; Watch-KubeVirtMetric *resident* -Uri $uri -SampleInterval $interval -TimeoutSec 60').AddArgument("$Staged/KubeVirtMonitor.psd1").AddArgument($target.Uri).AddArgument($interval)
            $run = $shell.BeginInvoke()
            $before = $target.State.Requests
            for ($i = 0; $i -lt 200 -and $target.State.Requests -lt $before + 1; $i++) { Start-Sleep -Milliseconds 50 }
            $target.State.Requests | Should -BeGreaterThan $before
            Start-Sleep -Milliseconds 300
            (Measure-Command { $shell.Stop() }).TotalSeconds | Should -BeLessThan 2
            $run.IsCompleted | Should -BeTrue
            $shell.Dispose()
        }
    }

    It 'says once that scrapes take longer than the interval, and what to do' {
        $endpoint = Open-Endpoint "$Root/tests/Fixtures"
        try {
            $null = Watch-KubeVirtMetric *resident* -Uri "$($endpoint.Address)/hang" -SampleInterval 0.2 -TimeoutSec 1 -MaxSamples 2 -ErrorAction SilentlyContinue -ErrorVariable failed -WarningVariable warned -WarningAction SilentlyContinue
            @($warned).Count | Should -Be 1
            $warned[0].Message | Should -BeLike '*longer than the interval of 0.2 s*Specify a longer -SampleInterval*'
            @($failed).Count | Should -Be 1
        } finally { Close-Endpoint $endpoint }
    }

    It 'names what is not in the catalogue, and asks nobody' {
        $target = Open-Target (Get-Body 1 1 1)
        { Watch-KubeVirtMetric kubevirt_handler.vmi.memory_residnet_bytes -Uri $target.Uri -ErrorAction Stop } | Should -Throw '*memory_resident_bytes*'
        $target.State.Requests | Should -Be 0
    }

    It 'has no parameters for saved scrapes, which never change' {
        $parameters = (Get-Command Watch-KubeVirtMetric).Parameters.Keys
        'Path', 'LiteralPath', 'InputObject', 'AgentConfig', 'Raw' | ForEach-Object { $parameters | Should -Not -Contain $_ }
        (Get-Command Watch-KubeVirtMetric).ParameterSets.Name | Should -Be 'Session', 'Uri', 'Component'
    }
}

Describe 'Watch-KubeVirtMetric of a cluster' {
    BeforeAll {
        $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 3
        if (-not $cluster.Missing) { $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig }
    }

    AfterAll {
        if ($session) { Disconnect-KubeVirt }
        Close-Cluster $cluster
    }

    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'follows the machines on all nodes' {
        $samples = @(Watch-KubeVirtMetric $cpu -SampleInterval 2 -MaxSamples 2)
        @($samples | Group-Object Vmi, Namespace).Count | Should -Be 6
        @($samples | Group-Object Vmi, Namespace | Where-Object Count -EQ 2).Count | Should -Be 6
        $samples | ForEach-Object {
            # The first look at a cluster begins with finding its components, the next one is on time.
            $_.IntervalSeconds | Should -BeGreaterThan 0.2
            $_.Cluster | Should -Be "$session"
            $_.Value | Should -BeGreaterOrEqual 0
            # No machine of the simulator has more than four processors; in full, its counter is days.
            $_.Value | Should -BeLessThan (5 * 4)
        }
    }

    It 'says what intervals are too short for, and ends where what is named is not there' {
        $null = Watch-KubeVirtMetric $cpu -SampleInterval 1 -MaxSamples 1 -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike 'KubeVirt reads the statistics of a VM every 3 to 5 seconds: within 1 s*-SampleInterval 10 or more.'
        $time = Measure-Command { Watch-KubeVirtMetric $cpu -Vmi vm-nope -ErrorAction SilentlyContinue -ErrorVariable failed }
        "$failed" | Should -BeLike "*'vm-nope'*"
        $time.TotalSeconds | Should -BeLessThan 10
    }

    It 'asks for health and counts machines in each round' {
        $samples = @(Watch-KubeVirtMetric *.can_connect, *.vm.count -SampleInterval 1 -MaxSamples 1)
        @($samples | Where-Object Name -Like '*.can_connect' | Group-Object Target | Where-Object Count -NE 2).Count | Should -Be 0
        @($samples | Where-Object Name -Like '*.vm.count').Count | Should -Be (2 * $cluster.Machines)
    }

    It 'follows machines that are piped, on their nodes alone' {
        $vmi = Get-KubeVirtVmi | Select-Object -First 1
        $samples = @($vmi | Watch-KubeVirtMetric $cpu -SampleInterval 1 -MaxSamples 1)
        $samples.Count | Should -Be 1
        $samples[0].Vmi | Should -Be $vmi.Name
    }
}

Describe 'Watch-KubeVirtMetric while KubeVirt is updated' {
    BeforeAll {
        $updated = Open-Cluster "$TestDrive/updated" -Handlers 1 -Vmis 2 -Option (5, 8, 11, 14, 17 | ForEach-Object { '--event', "${_}s:restart:handler/0" })
        if (-not $updated.Missing) { $null = Connect-KubeVirt -KubeConfigPath $updated.KubeConfig }
    }

    AfterAll {
        Get-KubeVirtSession | Disconnect-KubeVirt
        Close-Cluster $updated
    }

    It 'counts on where another pod of virt-handler takes the place of the one before' {
        if ($updated.Missing) { Set-ItResult -Skipped -Because $updated.Missing }
        $samples = @(Watch-KubeVirtMetric $cpu -SampleInterval 2 -MaxSamples 6 -ErrorVariable failed -ErrorAction SilentlyContinue -WarningVariable warned -WarningAction SilentlyContinue)
        @($samples.Target | Select-Object -Unique).Count | Should -BeGreaterThan 1
        foreach ($vmi in $samples | Group-Object Vmi, Namespace) {
            # No moment is missing, and none comes twice.
            $vmi.Count | Should -BeGreaterThan 2
            for ($i = 1; $i -lt $vmi.Count; $i++) { ($vmi.Group[$i].Timestamp - $vmi.Group[$i - 1].Timestamp).TotalSeconds | Should -Be $vmi.Group[$i].IntervalSeconds }
            $vmi.Group | ForEach-Object { $_.Value | Should -BeLessThan (5 * $_.IntervalSeconds) }
            # Together they are one counter, whatever pods there were.
            $rate = $vmi.Group | Measure-KubeVirtMetric -Statistic Rate
            $rate.Series | Should -Be 1
            $rate.Value | Should -BeGreaterOrEqual 0
            [Math]::Abs($rate.Value - ($vmi.Group | Measure-Object Value -Sum).Sum / $rate.IntervalSeconds) | Should -BeLessThan 1e-9
        }
        @($failed -like '*no address*').Count | Should -Be 0
    }
}
