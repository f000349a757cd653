BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    $fixtures = "$Root/tests/Fixtures"
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 5 -Vmis 6
    $other = Open-Cluster "$TestDrive/other" -Handlers 2 -Vmis 2
    if (-not $cluster.Missing) {
        $elsewhere = Connect-KubeVirt -KubeConfigPath $other.KubeConfig
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $vmis = Get-KubeVirtVmi
        # The API server itself, without this module, also says how often each pod has been scraped.
        $api = @{ Authentication = 'Bearer'; Token = Get-Secret (Get-AdminToken $cluster); SkipCertificateCheck = $true }
        $otherApi = @{ Authentication = 'Bearer'; Token = Get-Secret (Get-AdminToken $other); SkipCertificateCheck = $true }
        # Decides the route before the first count, so that no probe of a way counts as a scrape.
        $null = Get-KubeVirtMetric *.ready_status
        $null = Get-KubeVirtMetric *.ready_status -Session $elsewhere
    }

    function Get-ScrapeCount([hashtable] $Api = $api, $Cluster = $cluster) {
        $counts = Invoke-RestMethod "$($Cluster.Server)simulator/scrapes" @Api
        ($counts.PSObject.Properties.Value | Measure-Object -Sum).Sum
    }

    # What a command writes, how many scrapes it took and what it listed.
    function Watch-Command([scriptblock] $Command) {
        $ErrorActionPreference = 'Continue'
        $before = Get-ScrapeCount
        $null = Invoke-RestMethod "$($cluster.Server)simulator/requests" -Method Delete @api
        $all = @(& $Command 2>&1 3>&1)
        [pscustomobject] @{
            Samples  = @($all | Where-Object { $_ -is [KubeVirtMonitor.MetricSample] })
            Errors   = @($all | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
            Warnings = @($all | Where-Object { $_ -is [Management.Automation.WarningRecord] } | ForEach-Object Message)
            Scrapes  = (Get-ScrapeCount) - $before
            Machines = @(Invoke-RestMethod "$($cluster.Server)simulator/requests" @api | ForEach-Object { $_ } | Where-Object { $_.resource -like 'virtualmachine*' } | ForEach-Object { "$($_.verb) $($_.resource)" })
        }
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
    Close-Cluster $other
}

Describe 'Whose a sample is' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'is the machine, its namespace, its node and its cluster' {
        $samples = Get-KubeVirtMetric *.vmi.cpu_usage_seconds.count
        $samples.Count | Should -Be 30
        foreach ($sample in $samples) {
            $vmi = $vmis | Where-Object { $_.Name -eq $sample.Vmi -and $_.Namespace -eq $sample.Namespace }
            $sample.Node | Should -BeExactly $vmi.Node
            $sample.Cluster | Should -BeExactly "simulator ($($cluster.Server.Authority))"
            $sample.Session | Should -Be $session
        }
    }

    It 'is nobody for what a process and a work queue do, and the node of the pod for virt-handler' {
        $queues = Get-KubeVirtMetric *.workqueue.depth
        $queues | Where-Object { $_.Vmi -or $_.Namespace } | Should -BeNullOrEmpty
        $queues | Where-Object Component -EQ Handler | ForEach-Object Node | Sort-Object -Unique | Should -Be 'node01', 'node02', 'node03', 'node04', 'node05'
        $queues | Where-Object { $_.Component -eq 'Controller' -and $_.Node } | Should -BeNullOrEmpty
    }

    It 'is known for what is counted, too' {
        $counts = Get-KubeVirtMetric kubevirt_api.vmi.count
        ($counts | ForEach-Object { "$($_.Namespace)/$($_.Vmi) $($_.Node)" } | Sort-Object) | Should -Be ($vmis | ForEach-Object { "$_ $($_.Node)" } | Sort-Object)
        $halted = Get-KubeVirtMetric kubevirt_api.vm.count -Vmi halted-* | Sort-Object Vmi
        $halted.Vmi | Should -Be 'halted-00000', 'halted-00001', 'halted-00002'
    }

    It 'is no cluster for a file' {
        $sample = Get-KubeVirtMetric *.cpu_usage* -Path "$fixtures/virt-handler-1.9.prom" -Vmi db-1
        "$($sample.Namespace)/$($sample.Vmi) on $($sample.Node) of [$($sample.Cluster)$($sample.Session)]" | Should -Be 'data/db-1 on alpha of []'
    }

    It 'gives nothing for a tag that is not there, also in strict mode' {
        Set-StrictMode -Version Latest
        $sample = Get-KubeVirtMetric *.cpu_usage* -Path "$fixtures/virt-handler-1.9.prom" | Select-Object -First 1
        $sample.Tags.foo | Should -BeNullOrEmpty
        $sample.Tags['foo'] | Should -BeNullOrEmpty
        $sample.Tags.name | Should -Be 'web-1'
        $sample.Tags.Count | Should -Be 4
    }
}

Describe 'One scrape per node' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'for <Case>' -ForEach @(
        @{ Case = 'a name'; Command = { Get-KubeVirtMetric -Vmi vm-00000 }; Names = 'vm-00000'; Scrapes = 1; Requests = 'list virtualmachineinstances' }
        @{ Case = 'its alias'; Command = { Get-KubeVirtMetric *memory* -VM vm-00000 }; Names = 'vm-00000'; Scrapes = 1; Requests = 'list virtualmachineinstances' }
        @{ Case = 'a name in a namespace'; Command = { Get-KubeVirtMetric -Vmi vm-00000 -Namespace ns0 }; Names = 'vm-00000'; Scrapes = 1; Requests = 'get virtualmachineinstances' }
        @{ Case = 'namespace and name in one'; Command = { Get-KubeVirtMetric -Vmi ns0/vm-00000 }; Names = 'vm-00000'; Scrapes = 1; Requests = 'get virtualmachineinstances' }
        @{ Case = 'an object'; Command = { Get-KubeVirtMetric -Vmi ($vmis | Where-Object Name -EQ vm-00000) }; Names = 'vm-00000'; Scrapes = 1; Requests = 'get virtualmachineinstances' }
        @{ Case = 'an object down the pipeline'; Command = { $vmis | Where-Object Name -EQ vm-00000 | Get-KubeVirtMetric }; Names = 'vm-00000'; Scrapes = 1; Requests = 'get virtualmachineinstances' }
        @{ Case = 'machines of one node'; Command = { $vmis | Where-Object Node -EQ node02 | Get-KubeVirtMetric *memory_resident* }; Names = 'vm-00006', 'vm-00007', 'vm-00008', 'vm-00009', 'vm-00010', 'vm-00011'; Scrapes = 1; Requests = 'list virtualmachineinstances' }
        @{ Case = 'a pattern'; Command = { Get-KubeVirtMetric *memory_resident* -Vmi vm-0000[57] }; Names = 'vm-00005', 'vm-00007'; Scrapes = 2; Requests = 'list virtualmachineinstances' }
        @{ Case = 'a pattern that nothing has'; Command = { Get-KubeVirtMetric -Vmi nothing* }; Names = @(); Scrapes = 0; Requests = 'list virtualmachineinstances' }
        @{ Case = 'its samples'; Command = { $samples | Get-KubeVirtMetric *memory_resident* }; Names = 'vm-00000'; Scrapes = 1; Requests = 'get virtualmachineinstances' }
        @{ Case = 'a row of a file'; Command = { [pscustomobject] @{ Namespace = 'ns0'; Name = 'vm-00000' } | Get-KubeVirtMetric *memory_resident* }; Names = 'vm-00000'; Scrapes = 1; Requests = 'get virtualmachineinstances' }
        @{ Case = 'the rest of a node'; Command = { Get-KubeVirtMetric *memory_resident* -Node node01 -ExcludeName *usable* }; Names = 'vm-00000', 'vm-00001', 'vm-00002', 'vm-00003', 'vm-00004', 'vm-00005'; Scrapes = 1; Requests = @() }
    ) {
        if ($Case -eq 'its samples') { $samples = Get-KubeVirtMetric -Vmi ns0/vm-00000 }
        $seen = Watch-Command $Command
        $seen.Errors | Should -BeNullOrEmpty
        @($seen.Samples.Vmi | Sort-Object -Unique) | Should -Be $Names
        $seen.Scrapes | Should -Be $Scrapes
        $seen.Machines | Should -Be $Requests
    }

    It 'for all machines of a cluster: five nodes, five scrapes, one list' {
        $seen = Watch-Command { Get-KubeVirtVmi | Where-Object Node | Get-KubeVirtMetric *cpu_usage_seconds* }
        $seen.Samples.Count | Should -Be 30
        $seen.Scrapes | Should -Be 5
        # One for Get-KubeVirtVmi, one for the nodes.
        $seen.Machines.Count | Should -Be 2
    }

    It 'for ten thousand names, of which thirty-one are there' {
        $names = 0..9999 | ForEach-Object { [pscustomobject] @{ Namespace = "ns$($_ % 5)"; Vmi = 'vm-{0:00000}' -f $_ } }
        $seen = Watch-Command { $names | Get-KubeVirtMetric *memory_resident* -ErrorAction SilentlyContinue }
        $expected = $vmis | Where-Object { $_.Node -and $_.Namespace -eq "ns$([int] $_.Name.Substring(3) % 5)" }
        $expected.Count | Should -BeGreaterThan 0
        ($seen.Samples.Vmi | Sort-Object) | Should -Be ($expected.Name | Sort-Object)
        $seen.Scrapes | Should -Be ($expected.Node | Sort-Object -Unique).Count
        @($seen.Machines | Where-Object { $_ -eq 'list virtualmachineinstances' }).Count | Should -Be 1
        $seen.Machines | Should -Not -Contain 'get virtualmachineinstances'
    }

    It 'and virt-controller only for what virt-handler does not have, or where it is asked for' {
        $seen = Watch-Command { Get-KubeVirtMetric *.vm.info -Vmi halted-00000 }
        $seen.Samples.Component | Should -Be Controller
        $seen.Warnings | Should -BeNullOrEmpty
        (Watch-Command { Get-KubeVirtMetric -Vmi vm-00000 }).Samples.Component | Sort-Object -Unique | Should -Be Handler
        (Watch-Command { Get-KubeVirtMetric -Vmi vm-00000 -Component Controller }).Samples.Component | Sort-Object -Unique | Should -Be Controller
    }

    It 'of a namespace everything, and of a namespace and a node what is in both' {
        $all = Get-KubeVirtMetric -Namespace ns1
        $all.Namespace | Sort-Object -Unique | Should -Be 'ns1'
        $all.Component | Sort-Object -Unique | Should -Be Api, Controller, Handler
        $node = ($vmis | Where-Object { $_.Namespace -eq 'ns1' -and $_.Node })[0].Node
        $seen = Watch-Command { Get-KubeVirtMetric -Namespace ns1 -Node $node }
        $seen.Scrapes | Should -Be 1
        "$($seen.Samples.Namespace | Sort-Object -Unique) $($seen.Samples.Node | Sort-Object -Unique)" | Should -Be "ns1 $node"
    }

    It 'in the cluster that an object is of, whatever the default session is' {
        $theirs = Get-KubeVirtVmi -Session $elsewhere | Where-Object Node | Select-Object -First 1
        $before = Get-ScrapeCount $otherApi $other
        $seen = Watch-Command { $theirs | Get-KubeVirtMetric *memory_resident* }
        $seen.Scrapes | Should -Be 0
        (Get-ScrapeCount $otherApi $other) - $before | Should -Be 1
        $seen.Samples.Session | Should -Be $elsewhere
        $seen = Watch-Command { $theirs | Get-KubeVirtMetric *memory_resident* -Session $session }
        $seen.Samples | Should -BeNullOrEmpty
        $seen.Errors.FullyQualifiedErrorId | Should -BeLike 'OtherSession,*'
    }

    It 'combined with a tag, as a table and as text' {
        $table = Get-KubeVirtMetric *storage_iops_read* -Vmi vm-00000 -Tag @{ drive = 'root*' }
        $text = Get-KubeVirtMetric *storage_iops_read* -Vmi vm-00000 -Tag drive=root*
        $table.Count | Should -BeGreaterThan 0
        "$($text.Tags.drive)" | Should -Be "$($table.Tags.drive)"
        Get-KubeVirtMetric *storage_iops_read* -Vmi vm-00000 -Tag drive=none | Should -BeNullOrEmpty
        { Get-KubeVirtMetric *storage* -Tag drive } | Should -Throw '*NAME=VALUE*'
    }
}

Describe 'Names that are not there' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'are errors with the nearest names: <Case>' -ForEach @(
        @{ Case = 'a machine'; Command = { Get-KubeVirtMetric -Vmi vm-0000 }; Id = 'ObjectNotFound'; Message = "There is no VM 'vm-0000' in any namespace of *. The nearest names are vm-00000, vm-00001, vm-00002." }
        @{ Case = 'a node'; Command = { Get-KubeVirtMetric -Node node1 }; Id = 'NodeNotFound'; Message = "No virt-handler of * runs on node 'node1'. The nearest names are node01, *" }
        @{ Case = 'a metric'; Command = { Get-KubeVirtMetric kubevirt_handler.vmi.cpu_usage_second.count }; Id = 'MetricNotFound'; Message = "The catalogue has no metric 'kubevirt_handler.vmi.cpu_usage_second.count'. The nearest names are kubevirt_handler.vmi.cpu_usage_seconds.count, *" }
        @{ Case = 'a metric that a scrape could have'; Command = { Get-KubeVirtMetric kubevirt_vmi_sync_totl -IncludeUnmapped }; Id = 'MetricNotFound'; Message = 'Neither the catalogue nor a scrape has a metric ''kubevirt_vmi_sync_totl''. The nearest name*kubevirt_vmi_sync_total*' }
        @{ Case = 'a file in the place of a name'; Command = { Get-KubeVirtMetric "$fixtures/virt-handler-1.9.prom" }; Id = 'NameIsSource'; Message = '*is not the name of a metric but a file.' }
        @{ Case = 'an address in the place of a name'; Command = { Get-KubeVirtMetric http://10.0.0.1:8443/metrics }; Id = 'NameIsSource'; Message = '*is not the name of a metric but an address.' }
    ) {
        $seen = Watch-Command $Command
        $seen.Samples | Should -BeNullOrEmpty
        $seen.Errors.Count | Should -Be 1
        $seen.Errors[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $seen.Errors[0].Exception.Message | Should -BeLike $Message
        if ($Case -notlike '*could*') { $seen.Scrapes | Should -Be 0 }
    }

    It 'hide nothing of those that are' {
        $seen = Watch-Command { Get-KubeVirtMetric *memory_resident*, kubevirt_handler.nonsense -Vmi vm-00000, vm-99999 }
        $seen.Samples.Vmi | Should -Be 'vm-00000'
        $seen.Errors.FullyQualifiedErrorId | Sort-Object | Should -BeLike '*NotFound,*'
        $seen.Errors.Count | Should -Be 2
    }

    It 'are a warning for what does not run, or has no node yet' {
        $seen = Watch-Command { Get-KubeVirtMetric -Vmi halted-00000 }
        $seen.Errors | Should -BeNullOrEmpty
        $seen.Warnings | Should -BeExactly "simulator ($($cluster.Server.Authority)): ns0/halted-00000 has no instance, because it does not run, so no virt-handler has metrics of it."
        $seen = Watch-Command { Get-KubeVirtMetric -Vmi vm-00030 }
        $seen.Warnings | Should -BeExactly "simulator ($($cluster.Server.Authority)): ns0/vm-00030 is in phase Scheduling and on no node, so no virt-handler has metrics of it."
        $seen.Scrapes | Should -Be 0
    }

    It 'leave all nodes to be scraped where the instances may not be read' {
        $null = Invoke-RestMethod "$($cluster.Server)simulator/refusals" -Method Post -Body '{"verb":"list","resource":"virtualmachineinstances"}' @api
        try {
            $seen = Watch-Command { Get-KubeVirtMetric *memory_resident* -Vmi vm-00000 }
            $seen.Samples.Vmi | Should -Be 'vm-00000'
            $seen.Scrapes | Should -Be 5
            $seen.Warnings | Should -BeLike '*All nodes are scraped.*'
        } finally { $null = Invoke-RestMethod "$($cluster.Server)simulator/refusals" -Method Delete @api }
    }
}

Describe 'Binding from the pipeline' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'scrapes each pod once for <Case>' -ForEach @(
        @{ Case = 'health results'; Command = { Test-KubeVirtHealth -Component Handler | Select-Object -First 3 | Get-KubeVirtMetric *.open_fds }; Rows = 3 }
        @{ Case = 'health results of all components'; Command = { Test-KubeVirtHealth | Get-KubeVirtMetric *.open_fds }; Rows = 11 }
        @{ Case = 'components'; Command = { Get-KubeVirtComponent -Component Handler | Select-Object -First 3 | Get-KubeVirtMetric *.open_fds }; Rows = 3 }
        @{ Case = 'components of a kind'; Command = { Get-KubeVirtComponent | Get-KubeVirtMetric *.open_fds -Component Handler, Api }; Rows = 7 }
        @{ Case = 'components twice'; Command = { $found = Get-KubeVirtComponent -Component Handler; @($found) + @($found) | Get-KubeVirtMetric *.open_fds }; Rows = 5 }
        @{ Case = 'a session'; Command = { $session | Get-KubeVirtMetric *.open_fds }; Rows = 11 }
    ) {
        @(& $Command | ForEach-Object { $_.Tags.pod_name } | Sort-Object -Unique).Count | Should -Be $Rows
        @(& $Command).Count | Should -Be $Rows
    }

    It 'compares each pod once with the catalogue' {
        $results = Test-KubeVirtHealth -Component Handler | Select-Object -First 3
        $before = Get-ScrapeCount
        $null = $results | Compare-KubeVirtMetric
        (Get-ScrapeCount) - $before | Should -Be 3
    }

    It 'takes text that is an address for one, and other text for that of a scrape' {
        $endpoint = Open-Endpoint $fixtures
        try {
            $addresses = @("$($endpoint.Address)/virt-operator-1.9.prom") * 100
            $samples = $addresses | Get-KubeVirtMetric *.open_fds -TimeoutSec 30
            $samples.Count | Should -Be 100
            @([uri] "$($endpoint.Address)/virt-operator-1.9.prom" | Get-KubeVirtMetric *.open_fds).Count | Should -Be 1
        } finally { Close-Endpoint $endpoint }
        @(Get-Content "$fixtures/virt-handler-1.9.prom" | Get-KubeVirtMetric -Vmi db-1 -Node alpha).Count | Should -Be 5
        @(Get-Content "$fixtures/virt-handler-1.9.prom" -Raw | Get-KubeVirtMetric -Namespace shop).Count | Should -Be 4
        @(Get-ChildItem "$fixtures/virt-handler-1.9.prom" | Get-KubeVirtMetric -Vmi db-1).Count | Should -Be 5
    }

    It 'finds from samples their machines, each once' {
        $samples = Get-KubeVirtMetric -Vmi vm-00000, vm-00001
        $samples.Count | Should -BeGreaterThan 50
        $seen = Watch-Command { $samples | Get-KubeVirtVmi }
        $seen.Machines | Should -Be 'list virtualmachineinstances', 'list virtualmachineinstances'
        ($samples | Get-KubeVirtVmi).Name | Sort-Object | Should -Be 'vm-00000', 'vm-00001'
        ($samples[0] | Get-KubeVirtVM).Name | Should -Be $samples[0].Vmi
        # A sample of a work queue is of no machine.
        Get-KubeVirtMetric *.workqueue.depth -Node node01 | Get-KubeVirtVmi | Should -BeNullOrEmpty
    }
}

Describe 'What is typed' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'finds machines in whatever case' {
        $name = ($vmis | Where-Object Node | Select-Object -First 1).Name
        $seen = Watch-Command { Get-KubeVirtMetric *.memory_domain_bytes -Vmi $name.ToUpperInvariant() }
        $seen.Samples.Vmi | Should -Be $name
        $seen.Errors | Should -BeNullOrEmpty
        $other = ($vmis | Where-Object Node | Select-Object -Last 1).Name
        $seen = Watch-Command { Get-KubeVirtMetric *.memory_domain_bytes -Vmi $name.ToUpperInvariant(), $other }
        $seen.Samples.Vmi | Sort-Object | Should -Be ($name, $other | Sort-Object)
        $seen.Errors | Should -BeNullOrEmpty
    }

    It 'is asked of the component that alone has it' {
        $machine = $vmis | Where-Object Node | Select-Object -First 1
        $names = 'kubevirt_handler.vmi.memory_domain_bytes', 'kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count'
        (Get-KubeVirtMetric $names -Vmi $machine | Sort-Object Name).Name | Select-Object -Unique | Should -Be ($names | Sort-Object)
    }
}
