BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $fixtures = "$Root/tests/Fixtures"
    $handler = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom"

    # Two looks that are ten seconds apart, whose lines have their time.
    function Get-Look([int] $Seconds, [string] $Text) {
        $at = 1795867200000 + 1000 * $Seconds
        ($Text -split '\r?\n' | ForEach-Object { if ($_ -match '^\w+\{') { "$_ $at" } else { $_ } }) -join "`n" | ForEach-Object { "$_`n" | Get-KubeVirtMetric -Component Handler -IncludeUnmapped }
    }
    $type = "# TYPE kubevirt_vmi_storage_iops_read_total counter`n# TYPE kubevirt_vmi_memory_resident_bytes gauge`n"
    $before = Get-Look 0 ($type + @'
kubevirt_vmi_storage_iops_read_total{name="a",namespace="n",node="x",drive="vda"} 100
kubevirt_vmi_storage_iops_read_total{name="a",namespace="n",node="x",drive="vdb"} 10
kubevirt_vmi_storage_iops_read_total{name="b",namespace="n",node="y",drive="vda"} 50
kubevirt_vmi_memory_resident_bytes{name="a",namespace="n",node="x"} 1000
'@)
    $after = Get-Look 10 ($type + @'
kubevirt_vmi_storage_iops_read_total{name="a",namespace="n",node="x",drive="vda"} 130
kubevirt_vmi_storage_iops_read_total{name="a",namespace="n",node="x",drive="vdb"} 15
kubevirt_vmi_storage_iops_read_total{name="b",namespace="n",node="y",drive="vda"} 20
kubevirt_vmi_memory_resident_bytes{name="a",namespace="n",node="x"} 3000
'@)
}

Describe 'Measure-KubeVirtMetric' {
    It 'computes by kind what is meant' {
        $found = $before, $after | Measure-KubeVirtMetric
        $found | Should -BeOfType KubeVirtMonitor.MetricMeasure
        # (30 + 5 + 20 after a reset) in 10 s.
        ($found | ForEach-Object { "$($_.Statistic) $($_.Value) $($_.Unit)" }) | Should -BeExactly 'Average 2000 byte', 'Minimum 1000 byte', 'Maximum 3000 byte', 'Rate 5.5 read/second'
        $found[-1].Basis, $found[-1].Series, $found[-1].Samples, $found[-1].IntervalSeconds | Should -Be Interval, 3, 6, 10
    }

    It 'takes samples <How>' -ForEach @(
        @{ How = 'one by one'; Run = { $before + $after | Measure-KubeVirtMetric *iops* -By Vmi } }
        @{ How = 'in lists'; Run = { $before, $after | Measure-KubeVirtMetric *iops* -By Vmi } }
        @{ How = 'by parameter'; Run = { Measure-KubeVirtMetric -InputObject ($before + $after) -Name *iops* -By Vmi } }
        @{ How = 'in any order'; Run = { $after, $before | Measure-KubeVirtMetric *iops* -By Vmi } }
        @{ How = 'twice'; Run = { $before, $after, $after | Measure-KubeVirtMetric *iops* -By Vmi } }
        @{ How = 'of CLIXML'; Run = { $before | Export-Clixml "$TestDrive/a.xml"; (Import-Clixml "$TestDrive/a.xml"), $after | Measure-KubeVirtMetric *iops* -By Vmi } }
        @{ How = 'of JSON'; Run = { $before + $after | ConvertTo-Json -Depth 4 | ConvertFrom-Json | Measure-KubeVirtMetric *iops* -By Vmi } }
    ) {
        (& $Run | ForEach-Object { "$($_.Vmi) $($_.Value) $($_.Series)" }) | Should -BeExactly 'a 3.5 2', 'b 2 1'
    }

    It 'takes samples of CSV, whose times are whole seconds' {
        $before + $after | Export-Csv "$TestDrive/a.csv"
        (Import-Csv "$TestDrive/a.csv" | Measure-KubeVirtMetric *iops* -By Vmi, drive | ForEach-Object { "$($_.Vmi) $($_.Tags) $($_.Value)" }) | Should -BeExactly 'a drive=vda 3', 'a drive=vdb 0.5', 'b drive=vda 2'
    }

    It 'says what is no sample, and measures the others' {
        $found = $before[0], (Get-Date), $after[0] | Measure-KubeVirtMetric -ErrorAction SilentlyContinue -ErrorVariable failed
        $found.Value | Should -Be 3
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ParameterArgumentTransformationError,*'
        "$failed" | Should -BeLike '*System.DateTime is no sample*'
        $broken = $before[0] | Select-Object *
        $broken.Timestamp = 'tomorrow-ish'
        { Measure-KubeVirtMetric -InputObject $broken } | Should -Throw -ExpectedMessage '*saved sample cannot be read*tomorrow-ish*'
    }

    It 'has no rate of one look, and says so' {
        $found = $before | Measure-KubeVirtMetric *iops* -WarningVariable warned -WarningAction SilentlyContinue
        $found.Value, $found.Statistic, $found.IntervalSeconds | Should -Be $null, 'Rate', $null
        "$warned" | Should -BeLike 'There is one look only at kubevirt_handler.vmi.storage_iops_read.count*Look a second time*'
        # In a window likewise.
        $found = $before, $after | Measure-KubeVirtMetric *iops* -Window 5s -WarningVariable warned -WarningAction SilentlyContinue
        $found.Value | Should -Be $null
        "$warned" | Should -BeLike '*-Window*'
    }

    It 'computes statistics that are asked for, of what has them' {
        $found = $before, $after | Measure-KubeVirtMetric -Statistic Increase, Sum, Count, Last -WarningVariable warned -WarningAction SilentlyContinue
        ($found | ForEach-Object { "$($_.Statistic) $($_.Value)" }) | Should -BeExactly 'Sum 4000', 'Count 2', 'Last 3000', 'Increase 55', 'Sum 325', 'Count 6', 'Last 165'
        "$warned" | Should -BeExactly 'Only counters have a rate and an increase, and kubevirt_handler.vmi.memory_resident_bytes is none. It is left out.'
    }

    It 'computes quantiles of values' {
        $found = $before, $after | Measure-KubeVirtMetric *resident* -Quantile 0.5, 0.75
        ($found | ForEach-Object { "$($_.Statistic) $($_.Quantile) $($_.Value)" }) | Should -BeExactly 'Quantile 0.5 2000', 'Quantile 0.75 2500'
        ($before | Measure-KubeVirtMetric *resident* -Statistic Average -Quantile 0.5).Statistic | Should -Be Average, Quantile
        ($before | Measure-KubeVirtMetric *resident* -Statistic Quantile).Quantile | Should -Be 0.5, 0.95, 0.99
        $found = $before | Measure-KubeVirtMetric *resident* -Quantile -1, 2 -WarningVariable warned -WarningAction SilentlyContinue
        $found.Value | Should -Be ([double]::NegativeInfinity), ([double]::PositiveInfinity)
        $warned | Should -HaveCount 2
    }

    It 'computes quantiles of histograms, since the start and between looks' {
        function Get-Histogram([int] $Seconds, [int[]] $Counts) {
            $series = 'x_seconds_bucket{{le="0.1"}} {0}|x_seconds_bucket{{le="1"}} {1}|x_seconds_bucket{{le="+Inf"}} {2}' -f [object[]] $Counts
            Get-Look $Seconds ("# TYPE x_seconds histogram`n" + $series.Replace('|', "`n"))
        }
        $first = Get-Histogram 0 100, 200, 200
        $second = Get-Histogram 30 100, 300, 400
        $once = $first | Measure-KubeVirtMetric x_seconds_bucket -Quantile 0.25
        $once.Value, $once.Basis, $once.Unit | Should -Be 0.05, 'SinceStart', 'second'
        $recent = $first, $second | Measure-KubeVirtMetric x_seconds_bucket -Quantile 0.25
        $recent.Value, $recent.Basis | Should -Be 0.55, 'Interval'
    }

    It 'extrapolates over a window as Prometheus does' {
        $rate = $before, $after | Measure-KubeVirtMetric *iops* -Vmi a -Tag drive=vda -Statistic Rate, Increase -Window 14
        # 4 s to the start: 30 * 14 / 10 = 42, and 3 a second.
        $rate | ForEach-Object { [math]::Round($_.Value, 9) } | Should -Be 3, 42
        $late = $before, $after | Measure-KubeVirtMetric *iops* -Vmi a -Tag drive=vda -Statistic Increase -Window 0:00:14 -At ([DateTimeOffset]::FromUnixTimeMilliseconds(1795867212000))
        # From 2 s before the first look to 2 s after the second.
        [math]::Round($late.Value, 9), $late.End.ToUnixTimeSeconds() | Should -Be 42, 1795867212
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'an end without a window'; Call = { Measure-KubeVirtMetric -InputObject $before -At (Get-Date) -Window $null }; Message = '*Window*' }
        @{ What = 'a window of no length'; Call = { Measure-KubeVirtMetric -InputObject $before -Window 0 }; Message = '*outside the limits*' }
        @{ What = 'what is no duration'; Call = { Measure-KubeVirtMetric -InputObject $before -Window soon }; Message = "*'soon' is not a duration*" }
        @{ What = 'what is no statistic'; Call = { Measure-KubeVirtMetric -InputObject $before -Statistic Medium }; Message = '*Medium*' }
    ) {
        $Call | Should -Throw -ExpectedMessage $Message
    }

    It 'names what is nearest to a misspelt name or tag' {
        $null = $before | Measure-KubeVirtMetric kubevirt_handler.vmi.memory_residnt_bytes -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'MetricNotFound,*'
        "$failed" | Should -BeLike '*memory_resident_bytes*'
        $found = $before | Measure-KubeVirtMetric *iops* -Statistic Last -By drivee, vm -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeExactly "No sample has a tag 'drivee', so nothing is grouped by it. Do you mean drive?"
        $found.Vmi | Should -Be a, b
    }

    It 'has no rate of looks that are too close, and says so' {
        $close = 0, 312 | ForEach-Object { "# TYPE kubevirt_vmi_cpu_usage_seconds_total counter`nkubevirt_vmi_cpu_usage_seconds_total{name=`"a`",namespace=`"n`"} $(100 + $_ / 1000) $(1795867200000 + $_)`n" | Get-KubeVirtMetric -Component Handler }
        $found = $close | Measure-KubeVirtMetric *cpu_usage* -Statistic Rate, Increase -WarningVariable warned -WarningAction SilentlyContinue
        $found[0].Value | Should -BeNullOrEmpty
        [Math]::Round($found[1].Value, 9) | Should -Be 0.312
        "$warned" | Should -BeExactly 'Looks are 312 ms apart, which is too short for a rate, so there is none. Look again some seconds later.'
        $found[0] | Format-Table | Out-String -Width 80 | Should -Match 'Rate\s+- '
    }

    It 'takes for the time of a file when it was saved' {
        foreach ($second in 0, 30) {
            [IO.File]::WriteAllText("$TestDrive/$second.prom", "# TYPE kubevirt_vmi_cpu_usage_seconds_total counter`nkubevirt_vmi_cpu_usage_seconds_total{name=`"a`",namespace=`"n`"} $(100 + 0.05 * $second)`n")
            (Get-Item "$TestDrive/$second.prom").LastWriteTimeUtc = [datetime]::new(2026, 11, 28, 12, 0, $second)
        }
        $rate = Get-KubeVirtMetric -Path "$TestDrive/0.prom", "$TestDrive/30.prom" -Component Handler | Measure-KubeVirtMetric *cpu_usage* -By Vmi
        [Math]::Round($rate.Value, 9), $rate.IntervalSeconds | Should -Be 0.05, 30
        $rate | Format-Table | Out-String -Width 80 | Should -Match '0.05 CPUs'
    }

    It 'says what matches nothing' {
        $null = $before | Measure-KubeVirtMetric *iopsread*, nothing* -ErrorAction Stop -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeExactly 'No sample is of a metric with a name like *iopsread*, nothing*, so nothing is measured. Do you mean kubevirt_handler.vmi.storage_iops_read.count, kubevirt_vmi_storage_iops_read_total?'
        # In the catalogue, and in none of the samples.
        $null = $before | Measure-KubeVirtMetric kubevirt_handler.vmi.storage_iops_write.count -ErrorAction SilentlyContinue -ErrorVariable failed
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'MetricNotFound,*'
        "$failed" | Should -BeLike "No sample is of a metric 'kubevirt_handler.vmi.storage_iops_write.count'.*"
        $found = $before | Measure-KubeVirtMetric *iops*, nothing* -Statistic Sum -ErrorAction Stop -WarningVariable warned -WarningAction SilentlyContinue
        $found.Value, $warned.Count | Should -Be 160, 0
        $null = $before | Measure-KubeVirtMetric -Vmi nobody -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike 'No sample has the tags, the machine*so nothing is measured.'
        $null = @() | Measure-KubeVirtMetric *iops* -WarningVariable warned -WarningAction SilentlyContinue
        $warned.Count | Should -Be 0
    }

    It 'has no quantile where there were no observations' {
        $text = "# TYPE x_seconds histogram`nx_seconds_bucket{le=`"1`"} 5`nx_seconds_bucket{le=`"+Inf`"} 7"
        $found = (Get-Look 0 $text), (Get-Look 30 $text) | Measure-KubeVirtMetric x_seconds_bucket -Quantile 0.5 -WarningVariable warned -WarningAction SilentlyContinue
        $found.Value | Should -BeNullOrEmpty
        $found | Format-Table | Out-String -Width 80 | Should -Match 'Quantile 0.5\s+- '
        $warned.Count | Should -Be 0
    }

    It 'reads a CSV file in the culture in which it was written' {
        $culture = [cultureinfo]::CurrentCulture
        try {
            [cultureinfo]::CurrentCulture = 'de-DE'
            $before + $after | Export-Csv "$TestDrive/de.csv"
            (Import-Csv "$TestDrive/de.csv" | Measure-KubeVirtMetric *iops* -By Vmi, drive | ForEach-Object Value) | Should -Be 3, 0.5, 2
            $half = $before[0] | Select-Object *
            $half.Value = '434,5'
            ($half | Measure-KubeVirtMetric -Statistic Sum).Value | Should -Be 434.5
            [cultureinfo]::CurrentCulture = 'en-US'
            { Import-Csv "$TestDrive/de.csv" | Measure-KubeVirtMetric -ErrorAction Stop } | Should -Throw '*no time in the culture en-US*'
        } finally { [cultureinfo]::CurrentCulture = $culture }
    }

    It 'tells rows apart at 80 columns' {
        $lines = ($before, $after | Measure-KubeVirtMetric -By Vmi, drive | Out-String -Width 80) -split '\r?\n' -replace '\e\[[0-9;]*m'
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 }
        $text = $lines -join '' -replace '\s'
        $text | Should -BeLike '*Rate3reads/s1kubevirt_handler.vmi.storage_iops_read.count{vmi=a,drive=vda}*'
        $text | Should -BeLike '*Rate2reads/s1kubevirt_handler.vmi.storage_iops_read.count{vmi=b,drive=vda}*'
    }

    It 'gives spreadsheets cells that a person can read' {
        $row = $before, $after | Measure-KubeVirtMetric *iops* -By Vmi, drive | ConvertTo-Csv | ConvertFrom-Csv | Select-Object -First 1
        $row.Vmi, $row.Tags, $row.Value, $row.Unit, $row.Basis, $row.IntervalSeconds | Should -BeExactly 'a', 'drive=vda', '3', 'read/second', 'Interval', '10'
    }

    It 'completes what to group by' {
        (TabExpansion2 'Measure-KubeVirtMetric -By dr').CompletionMatches.CompletionText | Should -Contain 'drive'
        (TabExpansion2 'Measure-KubeVirtMetric -By N').CompletionMatches.CompletionText | Should -Contain 'Namespace'
    }
}

Describe 'Measure-KubeVirtMetric with a cluster' {
    BeforeAll {
        $cluster = Open-Cluster "$TestDrive/cluster"
        if (-not $cluster.Missing) { $null = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig }
    }

    AfterAll {
        Get-KubeVirtSession | Disconnect-KubeVirt
        Close-Cluster $cluster
    }

    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'has the rate of two looks at a cluster, which is the plain slope' {
        $first = Get-KubeVirtMetric -Component Handler -Name *vmi.cpu_usage_seconds.count, *network_receive_bytes*
        Start-Sleep -Milliseconds 1500
        $second = Get-KubeVirtMetric -Component Handler -Name *vmi.cpu_usage_seconds.count, *network_receive_bytes*
        $rates = $first, $second | Measure-KubeVirtMetric *cpu_usage* -Statistic Rate -By Cluster, Namespace, Vmi
        @($rates).Count | Should -BeGreaterThan 3
        foreach ($rate in $rates) {
            $one, $two = ($first, $second) | ForEach-Object { $_ | Where-Object { $_.Name -like '*cpu_usage*' -and $_.Vmi -eq $rate.Vmi -and $_.Namespace -eq $rate.Namespace } }
            $rate.Value | Should -BeExactly (($two.Value - $one.Value) / ($two.Timestamp - $one.Timestamp).TotalSeconds)
            $rate.Cluster | Should -Be $one.Cluster
        }
    }

    It 'adds up what is watched' {
        $increments = Watch-KubeVirtMetric *vmi.cpu_usage_seconds.count -Component Handler -SampleInterval 1 -MaxSamples 2 -WarningAction Ignore
        $total = $increments | Measure-KubeVirtMetric -Statistic Increase
        $total.Value | Should -BeGreaterThan 0
        [math]::Abs($total.Value - ($increments | Measure-Object Value -Sum).Sum) | Should -BeLessThan 1e-9
    }
}
