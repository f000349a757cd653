BeforeDiscovery {
    $shared = Join-Path (Split-Path (Split-Path (Split-Path $PSScriptRoot))) shared/scrapes
    $scrapes = @('tests/Fixtures/virt-handler-1.2.prom', 'tests/Fixtures/virt-handler-1.9.prom', 'tests/Fixtures/virt-controller-1.9.prom', 'tests/Fixtures/virt-api-1.9.prom' |
            ForEach-Object { @{ Name = $_; Path = Join-Path (Split-Path (Split-Path $PSScriptRoot)) $_ } })
    if (Test-Path $shared) { $scrapes += @(Get-ChildItem $shared -Filter *.prom | ForEach-Object { @{ Name = $_.Name; Path = $_.FullName } }) }
}

BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $fixtures = "$Root/tests/Fixtures"
    $handler122 = "$(Split-Path $Root)/shared/scrapes/virt-handler-v1.2.2.prom"
    $noShared = if (-not (Test-Path $handler122)) { 'The recorded scrapes beside the repository are not here.' }

    # prometheus_client is the parser that the Datadog Agent uses. It knows nothing of this module.
    $reader = @'
import json, sys
from prometheus_client.parser import text_fd_to_metric_families
lines = {line.split("{")[0].split(" ")[0] for line in open(sys.argv[1], encoding="utf-8") if not line.startswith("#")}
samples = []
for family in text_fd_to_metric_families(open(sys.argv[1], encoding="utf-8")):
    for s in family.samples:
        # It calls every counter NAME_total, also where the line does not.
        name = s.name if s.name in lines else s.name.removesuffix("_total")
        samples.append([name, sorted(s.labels.items()), repr(s.value)])
json.dump(samples, sys.stdout)
'@
    $python = if (Test-Path /usr/bin/python3) { '/usr/bin/python3' } else { 'python3' }
    $noPeer = try { & $python -c 'import prometheus_client' 2>$null; if ($LASTEXITCODE) { 'Python has no prometheus_client.' } } catch { 'There is no Python.' }

    function Get-PeerSample([string] $Path) { & $python -c $reader $Path | ConvertFrom-Json }

    # Name, labels in the order of their names, and the bits of the value.
    function Get-Key([string] $Name, [object[]] $Labels, [double] $Value) {
        $pairs = foreach ($label in $Labels) { "$($label[0])=$($label[1])" }
        [string]::Join("`u{1}", $Name, (@($pairs) -join "`u{2}"), [BitConverter]::DoubleToInt64Bits($Value))
    }

    function ConvertFrom-PythonFloat([string] $Text) {
        switch ($Text) {
            'inf' { [double]::PositiveInfinity }
            '-inf' { [double]::NegativeInfinity }
            'nan' { [double]::NaN }
            default { [double]::Parse($Text, [cultureinfo]::InvariantCulture) }
        }
    }
}

Describe 'Values beside those that prometheus_client reads' {
    It 'reads the same names, labels and values from <Name>' -ForEach $scrapes {
        if ($noPeer) { Set-ItResult -Skipped -Because $noPeer; return }
        $expected = foreach ($sample in Get-PeerSample $Path) { Get-Key $sample[0] $sample[1] (ConvertFrom-PythonFloat $sample[2]) }
        $actual = foreach ($sample in Get-KubeVirtMetric -Path $Path -Raw) {
            $labels = @($sample.Tags.GetEnumerator() | ForEach-Object { , @($_.Key, $_.Value) } | Sort-Object { $_[0] } -Culture '')
            Get-Key $sample.Name $labels $sample.Value
        }
        $expected.Count | Should -BeGreaterThan 3
        @($actual).Count | Should -Be @($expected).Count
        [Linq.Enumerable]::SequenceEqual(
            [string[]] [Linq.Enumerable]::ToArray([Linq.Enumerable]::OrderBy([string[]] $actual, [Func[string, string]] { $args[0] }, [StringComparer]::Ordinal)),
            [string[]] [Linq.Enumerable]::ToArray([Linq.Enumerable]::OrderBy([string[]] $expected, [Func[string, string]] { $args[0] }, [StringComparer]::Ordinal))
        ) | Should -BeTrue
    }

    It 'groups the handler of KubeVirt 1.2.2 by names with the right counts and sums' {
        if ($noShared) { Set-ItResult -Skipped -Because $noShared; return }
        if ($noPeer) { Set-ItResult -Skipped -Because $noPeer; return }
        $expected = @{}
        foreach ($sample in Get-PeerSample $handler122) {
            $expected[$sample[0]] ??= @(0, 0.0)
            $expected[$sample[0]][0]++
            $expected[$sample[0]][1] += ConvertFrom-PythonFloat $sample[2]
        }
        $groups = Get-KubeVirtMetric -Path $handler122 | Group-Object Name
        $groups.Count | Should -BeGreaterThan 60
        $seen = 0
        foreach ($group in $groups) {
            $raw = $group.Group[0]
            # The line itself carries the family's suffix; RawName is the family.
            $line = switch -Wildcard ($raw.Name) {
                '*.bucket' { "$($raw.RawName -replace '_bucket$')_bucket" }
                '*.sum' { "$($raw.RawName -replace '_sum$')_sum" }
                '*.count' { if ($expected.ContainsKey($raw.RawName)) { $raw.RawName } else { "$($raw.RawName)_count" } }
                default { $raw.RawName }
            }
            $expected.ContainsKey($line) | Should -BeTrue -Because "$($raw.Name) comes from $line"
            $group.Count | Should -Be $expected[$line][0] -Because $raw.Name
            if (-not $raw.Correction) { ($group.Group | Measure-Object Value -Sum).Sum | Should -Be $expected[$line][1] -Because $raw.Name }
            $seen += $group.Count
        }
        # kubevirt_info, which tells the version, is the only line that is no metric.
        $seen | Should -Be (($expected.Values | ForEach-Object { $_[0] } | Measure-Object -Sum).Sum - 1)
    }
}

Describe 'Values worked out by hand' {
    It 'counts the series of each name' {
        $groups = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.2.prom" | Group-Object Name -NoElement | ForEach-Object { "$($_.Count) $($_.Name)" }
        $groups | Sort-Object | Should -Be @(
            '1 kubevirt_handler.process.open_fds'
            '1 kubevirt_handler.process.start_time_seconds'
            '1 kubevirt_handler.process.virtual_memory_max_bytes'
            '1 kubevirt_handler.rest.client_requests.count'
            '1 kubevirt_handler.vmi.network_receive_packets_dropped.count'
            '1 kubevirt_handler.vmi.storage_read_times_seconds.count'
            '2 kubevirt_handler.vmi.cpu_usage_seconds.count'
            '2 kubevirt_handler.vmi.memory_resident_bytes'
            '2 kubevirt_handler.vmi.network_receive_bytes.count'
        )
    }

    It 'gives kind, unit, tags, raw name and description' {
        $sample = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.vmi.cpu_usage_seconds.count -Tag @{ name = 'web-1' }
        $sample.Value | Should -Be 93.25
        $sample.Kind | Should -Be 'Count'
        $sample.Unit | Should -Be 'second'
        $sample.RawName | Should -Be 'kubevirt_vmi_cpu_usage_seconds_total'
        $sample.Description | Should -Not -BeNullOrEmpty
        ($sample.Tags.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" }) -join ' ' |
            Should -Be 'kubernetes_vmi_label_app=shop name=web-1 vm_namespace=shop node=alpha'
        $sample.Correction | Should -BeNullOrEmpty
    }

    It 'keeps the bounds of buckets, and the infinite one' {
        $buckets = Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *.queue_duration_seconds.bucket
        $buckets.Tags.upper_bound | Should -Be '0.001', '1', '+Inf'
        $buckets.Value | Should -Be 30, 39, 40
        (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *.queue_duration_seconds.sum).Value | Should -Be 2.5
        (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *.queue_duration_seconds.count).Value | Should -Be 40
    }

    It 'keeps both samples of a series that repeats with its own timestamps' {
        $samples = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.migration_data_remaining_bytes
        $samples.Value | Should -Be 4GB, 2GB
        $samples.Timestamp.ToUnixTimeMilliseconds() | Should -Be 1700000000000, 1700000010000
    }

    It 'unescapes label values' {
        (Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.filesystem_used_bytes).Tags.mount_point | Should -Be 'C:\'
    }

    It 'counts phases from kubevirt_vmi_info where KubeVirt has no family for them' {
        $samples = Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *.vmi.phase_count
        $samples.Count | Should -Be 2
        ($samples | Where-Object { $_.Tags.node -eq 'alpha' }).Value | Should -Be 2
        ($samples | Where-Object { $_.Tags.node -eq 'beta' }).Value | Should -Be 1
    }

    It 'reads last transitions as times, and 0 as never' {
        $samples = Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *_last_transition_timestamp_*
        ($samples | Where-Object Name -Like *running*).Time | Should -Be ([DateTimeOffset] '2023-11-14T22:13:20Z')
        ($samples | Where-Object Name -Like *error*).Time | Should -BeNullOrEmpty
    }

    It 'gives the same names to the same data of KubeVirt 1.2 and 1.9' {
        $old = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.2.prom" -Name *rest*requests*
        $new = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *rest*requests*
        $old.RawName | Should -Be 'rest_client_requests_total'
        $new.RawName | Should -Be 'kubevirt_rest_client_requests_total'
        $new.Name | Should -Be $old.Name
        $new.Value, $old.Value | Should -Be 19, 17
    }

    It 'corrects the vcpu seconds of the versions that export milliseconds' {
        $lines = 'kubevirt_vmi_vcpu_seconds_total{id="0",name="a",namespace="b",node="c",state="running"} 12500', ''
        $sample = $lines | Get-KubeVirtMetric -KubeVirtVersion 1.5
        $sample.Value | Should -Be 12.5
        $sample.Correction | Should -Match '1,?000'
        ($lines | Get-KubeVirtMetric -KubeVirtVersion 1.9).Value | Should -Be 12500
    }
}

Describe 'Type names in scripts' {
    It 'knows the types as literals' {
        [KubeVirtMonitor.MetricSample].Name | Should -Be 'MetricSample'
        [KubeVirtMonitor.ComponentKind]::Handler | Should -Be 'Handler'
        ([KubeVirtMonitor.KubeVirtVersion] 'v1.10.2').Minor | Should -Be 10
        (Get-KubeVirtMetric -Path "$fixtures/virt-api-1.9.prom")[0] -is [KubeVirtMonitor.MetricSample] | Should -BeTrue
    }
}
