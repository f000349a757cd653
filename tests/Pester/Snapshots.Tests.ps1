<#
Every view as it looks in a window of 80 and of 120 columns: the files in Snapshots are compared character by character.
With KUBEVIRTMONITOR_UPDATE_DOCS=1 they are written anew; look at the difference before you keep it.
#>
BeforeDiscovery {
    # The name of the snapshot, TYPE or TYPE.Something, and what is shown.
    $views = @(
        @{ Name = 'MetricSample'; Show = { Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.memory_*, *.storage_read_times*, *.process.*, *.gc_duration_seconds.* } }
        @{ Name = 'MetricSample.Times'; Show = { Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *transition_timestamp* } }
        @{ Name = 'MetricSample.List'; Show = { Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.memory_available_bytes | Format-List } }
        @{ Name = 'Time'; IsFormatted = $true; Show = { Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.memory_*, *.process.* | Format-Table -View Time } }
        @{ Name = 'StoredSample'; Show = { Get-KubeVirtMetric *.memory_resident_bytes -PrometheusUri $stub.Address -Start '2026-11-28T12:00:00Z' -End '2026-11-28T12:01:00Z' } }
        @{ Name = 'QueriedSample'; Show = { Invoke-KubeVirtQuery 'sum by (node) (kubevirt_vmi_memory_resident_bytes)' -PrometheusUri $stub.Address -Time '2026-11-28T12:00:00Z' } }
        @{ Name = 'MetricDefinition'; Show = { Get-KubeVirtMetricDefinition kubevirt_handler.vmi.m* } }
        @{ Name = 'MetricDefinition.List'; Show = { Get-KubeVirtMetricDefinition kubevirt_handler.vmi.vcpu_seconds.count | Format-List } }
        @{ Name = 'MetricDrift'; Show = { Compare-KubeVirtMetric -Path "$fixtures/virt-api-1.9.prom" } }
        @{ Name = 'MetricDifference'; Show = { Compare-KubeVirtMetric -Reference "$fixtures/virt-handler-1.2.prom" -Difference "$fixtures/virt-handler-1.9.prom" } }
        @{ Name = 'MetricMeasure'; Show = { Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" | Measure-KubeVirtMetric *memory_resident*, *open_fds, *request_latency*bucket, *start_time* -By Vmi, verb; Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" | Measure-KubeVirtMetric *vmi.cpu_usage* -WarningAction Ignore } }
        @{ Name = 'KubeVirtSession'; Show = { Get-KubeVirtSession } }
        @{ Name = 'KubeVirtSession.List'; Show = { Get-KubeVirtSession | Format-List } }
        @{ Name = 'KubeVirtComponent'; Show = { Get-KubeVirtComponent } }
        @{ Name = 'KubeVirtComponent.List'; Show = { Get-KubeVirtComponent Handler | Select-Object -First 1 | Format-List } }
        @{ Name = 'KubeVirtVM'; Show = { Get-KubeVirtVM } }
        @{ Name = 'KubeVirtVmi'; Show = { Get-KubeVirtVmi } }
        @{ Name = 'KubeVirtVM.List'; Show = { Get-KubeVirtVM crash-loop | Format-List } }
        @{ Name = 'KubeVirtVmi.List'; Show = { Get-KubeVirtVmi vm-00000 | Format-List } }
        @{ Name = 'KubeVirtNode'; Show = { Get-KubeVirtNode } }
        @{ Name = 'KubeVirtNode.List'; Show = { Get-KubeVirtNode node01 | Format-List } }
        @{ Name = 'KubeVirtUsage'; Show = { Get-KubeVirtUsage @saved } }
        @{ Name = 'KubeVirtUsage.List'; Show = { Get-KubeVirtUsage web-1 @saved | Format-List } }
        @{ Name = 'KubeVirtUsage.Groups'; Show = { Get-KubeVirtUsage @saved -By Namespace; Get-KubeVirtUsage @saved -By Node; Get-KubeVirtUsage @saved -By Cluster } }
        @{ Name = 'Cpu'; IsFormatted = $true; Show = { Get-KubeVirtUsage @saved | Format-Table -View Cpu } }
        @{ Name = 'Memory'; IsFormatted = $true; Show = { Get-KubeVirtUsage @saved | Format-Table -View Memory } }
        @{ Name = 'Disk'; IsFormatted = $true; Show = { Get-KubeVirtUsage @saved | Format-Table -View Disk } }
        @{ Name = 'Network'; IsFormatted = $true; Show = { Get-KubeVirtUsage @saved | Format-Table -View Network } }
        @{ Name = 'Migration'; IsFormatted = $true; Show = { Get-KubeVirtUsage @migration | Format-Table -View Migration } }
        @{ Name = 'KubeVirtUsage.Time'; IsFormatted = $true; Show = { Get-KubeVirtUsage @saved | Format-Table -View Time } }
        @{ Name = 'KubeVirtUsageDetail'; Show = { Get-KubeVirtUsage @saved -Detail VCpu, Drive, Interface, FileSystem } }
        @{ Name = 'KubeVirtDisk'; Show = { (Get-KubeVirtVmi plugged).Disks } }
        @{ Name = 'KubeVirtInterface'; Show = { (Get-KubeVirtVmi vm-00000).Interfaces } }
        @{ Name = 'KubeVirtCondition'; Show = { (Get-KubeVirtVmi plugged).Conditions } }
        @{ Name = 'HealthResult'; Show = { Test-KubeVirtHealth | Sort-Object Healthy, Name } }
        @{ Name = 'HealthResult.List'; Show = { Test-KubeVirtHealth Handler | Select-Object -First 1 | Format-List } }
        @{ Name = 'AlertResult'; Show = { Test-KubeVirtAlert *Down, NoReady*, *Leading*, LowReadyVirt[CHO]*, VMCannotBeEvicted, KubeVirtVMIExcessiveMigrations, VirtualMachineStuck* -SampleInterval 0 } }
        @{ Name = 'AlertResult.List'; Show = { Test-KubeVirtAlert LowReadyVirtAPICount, NoReadyVirtOperator -SampleInterval 0 | Select-Object -First 1 | Format-List } }
        @{ Name = 'AgentPatchStatus'; Show = { Test-KubeVirtAgentPatch -Patch (New-KubeVirtAgentPatch) } }
        @{ Name = 'AgentPatchChange'; Show = { 1..2 | ForEach-Object { New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch -Confirm:$false } | Select-Object -Last 1 } }
        @{ Name = 'VmiProbe'; Show = { New-VmiProbe -HttpGet -Port 8080 -Path /healthz -InitialDelaySeconds 30; New-VmiProbe -GuestAgentPing } }
        @{ Name = 'AgentPatch'; Show = { New-KubeVirtAgentPatch -Component Handler } }
        @{ Name = 'ProbeFinding'; Show = { Test-VmiProbeManifest -Path "$PSScriptRoot/Snapshots/probes.yaml" } }
        @{ Name = 'ProbeResult'; Show = { Get-KubeVirtVmi vm-00000, vm-00007 | Test-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 1) -WarningAction Ignore | Sort-Object Name } }
        @{ Name = 'ProbeResult.List'; Show = { Get-KubeVirtVmi vm-00000 | Test-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 1) -WarningAction Ignore | Format-List } }
        @{ Name = 'ProbeTransition'; Show = { New-VmiProbe -TcpSocket -Port 1 -FailureThreshold 2 | Get-VmiProbeTimeline -Role Liveness Success, Failure, Timeout } }
    )
}

BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    . $PSScriptRoot/Open-Engine.ps1
    $fixtures = "$Root/tests/Fixtures"
    # Two machines at three moments.
    $stub = Open-Stub {
        param($path, $query)
        if ($query -match '^sum by') { return 200, 'application/json', '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"node":"node01"},"value":[1795867200,"2147483648"]},{"metric":{"node":"a-node-with-a-long-name.example.com"},"value":[1795867200,"1024"]}]}}' }
        if ($query -notmatch 'kubevirt_vmi_memory_resident_bytes.*ms\]$' -or $query -match 'count by') { return }
        $series = foreach ($name in 'web-1', 'a-machine-with-a-long-name-01') {
            '{"metric":{"__name__":"kubevirt_vmi_memory_resident_bytes","name":"' + $name + '","namespace":"shop","node":"node01","container":"virt-handler","pod":"virt-handler-x7z4q","instance":"10.0.0.5:8443"},"values":[[1795867200,"2147483648"],[1795867230,"2200000000"],[1795867260,"2300000000"]]}'
        }
        200, 'application/json', ('{"status":"success","data":{"resultType":"matrix","result":[' + ($series -join ',') + ']}}')
    }
    $saved = @{ Path = "$fixtures/usage-before.prom", "$fixtures/usage-after.prom"; SampleInterval = 30; WarningAction = 'Ignore' }
    # One that comes to an end, and one that does not.
    $running = foreach ($one in @{ Name = 'web-1'; Space = 'shop'; Dirty = 1e7 }, @{ Name = 'db-1'; Space = 'data'; Dirty = 2e8 }) {
        foreach ($family in @{ data_processed_bytes = 1GB; data_remaining_bytes = 3GB; data_bytes_total = 4GB; memory_transfer_rate_bytes = 1e8; dirty_memory_rate_bytes = $one.Dirty }.GetEnumerator() | Sort-Object Key) {
            'kubevirt_vmi_migration_{0}{{name="{1}",namespace="{2}",node="node01"}} {3}' -f $family.Key, $one.Name, $one.Space, $family.Value
        }
    }
    foreach ($name in 'before', 'after') { [IO.File]::WriteAllText("$TestDrive/migration-$name.prom", [IO.File]::ReadAllText("$fixtures/usage-$name.prom") + (($running | Sort-Object) -join "`n") + "`n") }
    $migration = @{ Path = "$TestDrive/migration-before.prom", "$TestDrive/migration-after.prom"; SampleInterval = 30; WarningAction = 'Ignore' }
    $cluster = Open-Cluster -Folder "$TestDrive/cluster" -AgentNamespace datadog -EveryKind -Fault handler/2=unhealthy, api/0=status:500
    if (-not $cluster.Missing) { $null = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig }

    # What differs from run to run, by something of the same length where it is in the middle of a line.
    function Get-Stable([string] $Text) {
        $Text = $Text.Replace("$Root/", '').Replace("$Root\", '').Replace('tests\Fixtures\', 'tests/Fixtures/')
        $Text = $Text -replace '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d', '2026-01-02 03:04:05' -replace '\d{4}-\d\d-\d\d \d\d:\d\d(?!:)', '2026-01-02 03:04'
        $Text = $Text -replace '(?m)^(   Cluster: .*, |)\d\d:\d\d:\d\d', '${1}03:04:05'
        $Text = $Text -replace '127\.0\.0\.1:\d{5}', '127.0.0.1:12345' -replace '127\.\d+\.\d+\.(\d+):', '127.0.0.$1:' -replace '(?m)(PodIP +: )127\.\d+\.\d+\.(\d+)', '${1}127.0.0.$2'
        $Text = $Text -replace '\d+(\.\d+)? (\u00B5s|ms|s) by', '1 ms by' -replace '(?m)^(Latency +: ).*$', '${1}1 ms'
        # Sessions are numbered over all files of a run.
        $Text = $Text -replace '(?m)^ *\d+(?= [* ] \w)', '  1' -replace '(?m)^(Id +: )\d+', '${1}1'
        (($Text -split '\r?\n').TrimEnd() -join "`n").Trim("`n") + "`n"
    }

    function Show-View([scriptblock] $Show, [int] $Width, [string] $Culture = 'en-US', [string] $Rendering = 'PlainText') {
        $before = $PSStyle.OutputRendering, [cultureinfo]::CurrentCulture
        $PSStyle.OutputRendering, [cultureinfo]::CurrentCulture = $Rendering, [cultureinfo] $Culture
        try { & $Show | Out-String -Width $Width } finally { $PSStyle.OutputRendering, [cultureinfo]::CurrentCulture = $before }
    }
}

AfterAll {
    Disconnect-KubeVirt
    Close-Cluster $cluster
    Close-Endpoint $stub
}

Describe 'The view of <Name>' -ForEach $views {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'is its snapshot at <_> columns' -ForEach 80, 120 {
        $text = Get-Stable (Show-View $Show $_)
        $file = "$PSScriptRoot/Snapshots/$Name.$_.txt"
        if ($env:KUBEVIRTMONITOR_UPDATE_DOCS) { $null = New-Item -ItemType Directory -Force (Split-Path $file); [IO.File]::WriteAllText($file, $text) }
        $text | Should -BeExactly ([IO.File]::ReadAllText($file).Replace("`r`n", "`n"))
    }

    # Where words are not separated by blanks, and in the invariant culture, PowerShell breaks lines between any two characters.
    It 'fits 80, 100 and 120 columns in culture ''<_>'', and has the same columns' -ForEach '', 'de-DE', 'ko-KR' {
        foreach ($width in 80, 100, 120) {
            $lines = (Show-View $Show $width $_) -split '\r?\n'
            ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual $width
            if ($Name -notmatch '\.List$|^AgentPatch(Change)?$') { ($lines -ne '' -notmatch ':')[0] -split ' +' -join ' ' | Should -BeExactly (((Show-View $Show $width) -split '\r?\n' -ne '' -notmatch ':')[0] -split ' +' -join ' ') }
        }
    }

    It 'is the same with colours' {
        $plain = Get-Stable (Show-View $Show 100)
        Get-Stable ((Show-View $Show 100 -Rendering Ansi) -replace '\e\[[0-9;]*m') | Should -BeExactly $plain
    }
}

# A list shows formatting, and no objects that could be exported.
Describe 'What is shown as <Name>' -ForEach $views.Where{ $_.Name -notlike '*.List' -and -not $_.IsFormatted } {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    # A cell with the name of a type is of no use in a spreadsheet.
    It 'exports cells that a person can read' {
        $cells = (& $Show | ConvertTo-Csv | ConvertFrom-Csv).ForEach{ $_.PSObject.Properties }
        $cells.Count | Should -BeGreaterThan 0
        $cells | Where-Object Value -Match '^(System|KubeVirtMonitor|Microsoft)\.|^\{ *"' | ForEach-Object { "$($_.Name) = $($_.Value)" } | Should -BeNullOrEmpty
    }

    It 'becomes JSON as a whole' {
        # What holds a probe or a document is deeper than what ConvertTo-Json writes of itself.
        $depth = if ($Name -in 'ProbeResult', 'AgentPatch', 'AgentPatchChange') { 9 } else { 2 }
        $json = & $Show | ConvertTo-Json -Depth $depth -WarningVariable cut -WarningAction SilentlyContinue
        $cut | Should -BeNullOrEmpty
        $json | Should -Not -BeNullOrEmpty
        $json | Should -Not -Match 'StackTrace|TargetSite|"Ticks"'
    }
}

Describe 'Views' {
    It 'of health begin with what is not healthy' {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
        $healthy = @((Test-KubeVirtHealth).Healthy)
        $healthy[0, 1] | Should -Be $false, $false
        $healthy | Select-Object -Skip 2 | Sort-Object -Unique | Should -Be $true
    }

    It 'have a snapshot each' {
        $types = ([xml] (Get-Content -Raw "$Staged/KubeVirtMonitor.Format.ps1xml")).SelectNodes('//View/Name').InnerText -replace '^KubeVirtMonitor\.'
        # What is watched has other values in every run, and Watch.Tests.ps1 holds its columns; UsageHistory.Tests.ps1 those of usage that a server has stored.
        $types | Where-Object { $_ -notin 'WatchedSample', 'TimedUsage', 'TimedUsageDetail' } | Where-Object { -not (Test-Path "$PSScriptRoot/Snapshots/$_.80.txt") } | Should -BeNullOrEmpty
    }
}
