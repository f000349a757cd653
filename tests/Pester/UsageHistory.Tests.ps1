BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Prometheus.ps1

    # An hour that ended at the last quarter of a minute, scraped every 15 seconds. web has used 1.5 of its 2 CPUs, and from half an hour ago on 1; db 0.25 of its only one.
    $end = [DateTimeOffset]::FromUnixTimeSeconds([Math]::Floor([DateTimeOffset]::UtcNow.ToUnixTimeSeconds() / 15) * 15)
    $start = $end.AddHours(-1)
    $half = $end.AddMinutes(-30)
    $lines = for ($i = 0; $i -le 240; $i++) {
        $t = 15 * $i
        $at = $start.ToUnixTimeSeconds() + $t
        $web = $t -le 1800 ? 1.5 * $t : 2700 + ($t - 1800)
        foreach ($cluster in 'north', 'south') {
            $target = "job=`"kubevirt-prometheus-metrics`",pod=`"virt-handler-x`",instance=`"10.0.0.1:8443`",cluster=`"$cluster`""
            "kubevirt_info{kubeversion=`"v1.9.0`",$target} 1 $at"
            foreach ($machine in @(@{ Name = 'web'; Node = 'alpha'; Cpus = 2; Value = $web }, @{ Name = 'db'; Node = 'beta'; Cpus = 1; Value = 0.25 * $t })) {
                $labels = "namespace=`"shop`",name=`"$($machine.Name)`",node=`"$($machine.Node)`",$target"
                "kubevirt_vmi_cpu_usage_seconds_total{$labels} $($machine.Value.ToString([cultureinfo]::InvariantCulture)) $at"
                "kubevirt_vmi_memory_domain_bytes{$labels} 1073741824 $at"
                "kubevirt_vmi_memory_resident_bytes{$labels} 1073741824 $at"
                foreach ($id in 0..($machine.Cpus - 1)) { "kubevirt_vmi_vcpu_seconds_total{id=`"$id`",state=`"running`",$labels} $t $at" }
                "kubevirt_vmi_storage_iops_read_total{drive=`"vda`",$labels} $(100 * $t) $at"
            }
        }
    }
    # In another cluster, old ran for the first four minutes.
    $lines += for ($t = 0; $t -le 3600; $t += 15) {
        $at = $start.ToUnixTimeSeconds() + $t
        "kubevirt_info{kubeversion=`"v1.9.0`",instance=`"10.0.0.1:8443`",cluster=`"west`"} 1 $at"
        if ($t -le 240) { "kubevirt_vmi_cpu_usage_seconds_total{namespace=`"shop`",name=`"old`",node=`"alpha`",instance=`"10.0.0.1:8443`",cluster=`"west`"} $(900 + $t) $at" }
    }
    $server = Open-Prometheus $lines
    $asked = @{ PrometheusUri = $server.Uri; Match = 'cluster=north' }
}

AfterAll { & $server.Close }

Describe 'Usage from a server' {
    BeforeEach { if ($server.Missing) { Set-ItResult -Skipped -Because $server.Missing } }

    It 'writes one object for each VM over a whole range' {
        $usage = Get-KubeVirtUsage @asked -Start $start.AddMinutes(5) -End $start.AddMinutes(25)
        $usage | Should -BeOfType KubeVirtMonitor.KubeVirtUsage
        $usage.Vmi | Should -BeExactly 'db', 'web'
        $usage.Node | Should -BeExactly 'beta', 'alpha'
        $usage.Cluster | Should -BeExactly 'north', 'north'
        $usage.IntervalSeconds | Should -Be 1200, 1200
        $usage[1].CpuPercent, $usage[0].CpuPercent, $usage[1].VCpus | ForEach-Object { [Math]::Round($_, 9) } | Should -Be 75, 25, 2
        [Math]::Round($usage[0].DiskReadIops, 9), $usage[0].Memory, $usage[0].DiskWriteIops | Should -Be 100, 1GB, $null
        $usage[0].Timestamp | Should -Be $start.AddMinutes(25)
    }

    It 'writes the usage of each moment, in the order of time' {
        $usage = Get-KubeVirtUsage web @asked -Start $half.AddMinutes(-10) -End $half.AddMinutes(10) -Step 5m
        $usage.Timestamp | Should -Be (-10, -5, 0, 5, 10 | ForEach-Object { $half.AddMinutes($_) })
        $usage.CpuPercent | ForEach-Object { [Math]::Round($_, 9) } | Should -Be 75, 75, 75, 50, 50
        $usage.IntervalSeconds | Select-Object -Unique | Should -Be 300
    }

    It 'writes the usage of one moment, over four scrapes' {
        $usage = Get-KubeVirtUsage @asked -Time $half.AddMinutes(-1) -Vmi web
        [Math]::Round($usage.CpuUsed, 9), $usage.IntervalSeconds, $usage.Timestamp | Should -Be 1.5, 60, $half.AddMinutes(-1)
    }

    It 'knows the last minutes, by the clock of the server' {
        $usage = Get-KubeVirtUsage @asked -Last 20m -Vmi web
        [Math]::Round($usage.CpuPercent, 1), $usage.IntervalSeconds | Should -Be 50, 1200
        (Get-KubeVirtUsage @asked -Vmi web).IntervalSeconds | Should -Be 60
    }

    It 'brings machines together, sorts, and takes the first of each moment' {
        $range = @{ Start = $start.AddMinutes(10); End = $start.AddMinutes(20); Step = '5m' }
        $nodes = Get-KubeVirtUsage -PrometheusUri $server.Uri @range -By Cluster
        $nodes.Name | Should -BeExactly 'north', 'south', 'north', 'south', 'north', 'south'
        $nodes.CpuUsed | ForEach-Object { [Math]::Round($_, 9) } | Select-Object -Unique | Should -Be 1.75
        (Get-KubeVirtUsage @asked @range -Top 1).Vmi | Should -BeExactly 'web', 'web', 'web'
        (Get-KubeVirtUsage @asked @range -Sort CpuPercent -By Node).Node | Should -BeExactly 'alpha', 'beta', 'alpha', 'beta', 'alpha', 'beta'
    }

    It 'asks for no more than the properties that are wanted' {
        $usage = Get-KubeVirtUsage web @asked -Time $half -Property CpuPercent
        [Math]::Round($usage.CpuPercent, 9), $usage.Memory, $usage.DiskReadIops | Should -Be 75, $null, $null
        (Get-KubeVirtUsage @asked -Time $half -Property Memory -Sort CpuPercent).Vmi | Should -BeExactly 'web', 'db'
    }

    It 'writes the parts of machines' {
        $parts = Get-KubeVirtUsage @asked -Time $half -Detail VCpu, Drive
        $parts | Should -BeOfType KubeVirtMonitor.KubeVirtUsageDetail
        $parts | ForEach-Object { "$($_.Kind) $($_.Vmi) $($_.Device)" } | Should -BeExactly 'VCpu db 0', 'VCpu web 0', 'VCpu web 1', 'Drive db vda', 'Drive web vda'
        $parts.Where{ $_.Kind -eq 'Drive' }.ReadIops | ForEach-Object { [Math]::Round($_, 9) } | Should -Be 100, 100
    }

    It 'chooses by namespace and node' {
        (Get-KubeVirtUsage @asked -Time $half -Node beta).Vmi | Should -BeExactly 'db'
        (Get-KubeVirtUsage @asked -Time $half -Namespace sh*).Vmi | Should -BeExactly 'db', 'web'
        Get-KubeVirtUsage @asked -Time $half -Namespace other -WarningVariable said 3>$null | Should -BeNullOrEmpty
        $said | Should -BeLike '*no usage of what was asked for at that time*'
    }

    It 'takes machines from the pipeline' {
        $found = Get-KubeVirtUsage @asked -Time $half -Vmi d*
        ($found | Get-KubeVirtUsage -PrometheusUri $server.Uri -Match cluster=north -Last 30m).Vmi | Should -BeExactly 'db'
    }

    It 'says which machine the server does not know' {
        Get-KubeVirtUsage web, nobody @asked -Time $half -ErrorVariable failed -ErrorAction SilentlyContinue | ForEach-Object Vmi | Should -BeExactly 'web'
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'MachineNotFound,*'
    }

    It 'tells the nearest names of one that is misspelt, with the namespace that was asked for' {
        Get-KubeVirtUsage wbe @asked -Time $half -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].Exception.Message | Should -BeLike "*VM 'wbe'*The nearest name is web."
        Get-KubeVirtUsage shpo/web @asked -Time $half -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $failed[0].Exception.Message | Should -BeLike "*VM 'shpo/web'*shop/web*"
    }

    It 'does not call a machine unknown that was silent at the time' {
        Get-KubeVirtUsage old -PrometheusUri $server.Uri -Match cluster=west -Time $half -ErrorVariable failed -WarningVariable said 3>$null | Should -BeNullOrEmpty
        $failed | Should -BeNullOrEmpty
        "$said" | Should -BeLike "*no usage of shop/old at that time; the last before that is of $($start.AddMinutes(4).LocalDateTime.ToString('yyyy-MM-dd HH:mm:ss')).*"
    }

    It 'has the rates of the time for which the server has values, and says how much that is' {
        $usage = Get-KubeVirtUsage web @asked -Start $start.AddHours(-3) -End $start.AddMinutes(30) -WarningVariable said 3>$null
        # The counter began at 0, so it is known that there was nothing in half of the interval before its first sample.
        $usage.CpuUsed | Should -BeGreaterThan 1.49
        $usage.CpuUsed | Should -BeLessOrEqual 1.5
        $usage.IntervalSeconds | Should -BeGreaterThan 1790
        $usage.IntervalSeconds | Should -BeLessThan 1820
        $said.Count | Should -Be 1
        "$said" | Should -BeLike '*of the 4 hours that were asked for, the server has values of KubeVirt for about 30 minutes*'
        $null = Get-KubeVirtUsage @asked -Start $start.AddMinutes(5) -End $start.AddMinutes(30) -WarningVariable said 3>$null
        $said | Should -BeNullOrEmpty
    }

    It 'has the last moment at the end of the range, if -Step does not divide it' {
        $usage = Get-KubeVirtUsage web @asked -Start $half.AddMinutes(-12) -End $half.AddMinutes(-1) -Step 5m
        $usage.Timestamp | Should -Be ($half.AddMinutes(-11), $half.AddMinutes(-6), $half.AddMinutes(-1))
        { Get-KubeVirtUsage @asked -Last 1m -Step 1h } | Should -Throw '*-Step (60 minutes) is longer than the range*' -ErrorId 'BadMoments,*'
    }

    It 'warns of a range that is too short for rates' {
        $null = Get-KubeVirtUsage @asked -Start $half -End $half.AddSeconds(20) -WarningVariable said 3>$null
        "$said" | Should -BeLike '*scraped every 15 seconds, so within 20 seconds rates are rough or missing. Specify a range of at least 60 seconds, such as -Last 60.'
        $null = Get-KubeVirtUsage @asked -Start $half.AddMinutes(-1) -End $half -WarningVariable said 3>$null
        $said | Should -BeNullOrEmpty
    }

    It 'takes one way to bring machines together' {
        { Get-KubeVirtUsage @asked -Time $half -By Vmi, Node } | Should -Throw '*Vmi, Node are 2 values, and the parameter takes one*'
        { Get-KubeVirtUsage @asked -Time $half -By 'Node,Namespace' } | Should -Throw '*2 values*'
        (Get-KubeVirtUsage @asked -Time $half -By Node).Count | Should -Be 2
    }

    It 'has a table with a column of times in each view: <View>' -ForEach @(
        @{ View = 'Cpu' }, @{ View = 'Memory' }, @{ View = 'Disk' }, @{ View = 'Network' }, @{ View = 'Migration' }
    ) {
        $usage = Get-KubeVirtUsage web @asked -Start $half.AddMinutes(-10) -End $half -Step 5m
        $lines = @(($usage | Format-Table -View $View | Out-String -Width 80) -split '\r?\n' | Where-Object { $_ })
        $lines[0] | Should -BeLike '*Cluster: north, each over 5 min*'
        $lines[1] | Should -BeLike 'Time * Name *'
        # The heading, the names, a line below them, and one line for each moment.
        $lines.Count | Should -Be 6
        $lines[-1] | Should -BeLike "$($half.LocalDateTime.ToString('MM-dd HH:mm:ss')) shop/web *"
    }

    It 'has a column of times for parts of machines' {
        $parts = Get-KubeVirtUsage web @asked -Start $half.AddMinutes(-10) -End $half -Step 5m -Detail Drive
        $parts | Should -BeOfType KubeVirtMonitor.KubeVirtUsageDetail
        $lines = @(($parts | Out-String -Width 80) -split '\r?\n' | Where-Object { $_ })
        $lines[0] | Should -BeLike '*Kind: Drive'
        $lines[-1] | Should -BeLike "$($half.LocalDateTime.ToString('MM-dd HH:mm:ss')) shop/web *vda *"
        @($lines -like '*Kind: *').Count | Should -Be 1
    }

    It 'refuses <Name>, which has no effect' -ForEach @(
        @{ Name = '-SampleInterval'; Splat = @{ SampleInterval = 30 } }
        @{ Name = '-MaxSamples'; Splat = @{ MaxSamples = 2 } }
        @{ Name = '-Continuous'; Splat = @{ Continuous = $true } }
        @{ Name = '-Property'; Splat = @{ Property = 'CpuPercent' }; Without = $true }
    ) {
        $from = $Without ? @{} : @{ Last = '5m' }
        { Get-KubeVirtUsage @from @Splat } | Should -Throw -ErrorId 'ParameterHasNoEffect,*'
    }

    It 'tells a property that does not exist' {
        { Get-KubeVirtUsage @asked -Property CpuPercentage } | Should -Throw -ErrorId 'PropertyNotFound,*'
    }

    It 'streams: the first moment is written before the last was asked for' {
        $usage = Get-KubeVirtUsage @asked -Start $start -End $end -Step 15s | Select-Object -First 1
        $usage.Timestamp | Should -BeLessOrEqual $start.AddMinutes(1)
    }
}
