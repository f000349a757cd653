BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 100
    if (-not $cluster.Missing) {
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $api = @{ Authentication = 'Bearer'; Token = Get-Secret (Get-AdminToken $cluster); SkipCertificateCheck = $true }
    }

    # The requests that a command makes, as verb and resource, and what it writes.
    function Measure-Request([scriptblock] $Command) {
        $null = Invoke-RestMethod "$($cluster.Server)simulator/requests" -Method Delete @api
        $ErrorActionPreference = 'Continue'
        $output = & $Command 2>&1
        $requests = @(Invoke-RestMethod "$($cluster.Server)simulator/requests" @api | ForEach-Object { $_ } | Where-Object resource | ForEach-Object { "$($_.verb) $($_.resource)" })
        [pscustomobject] @{
            Requests = $requests
            Objects = @($output | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] })
            Errors = @($output | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        }
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe '10,000 names in the pipeline' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    BeforeAll {
        # 202 of these 10,000 are the names of VMs with numbers below 202, which is how many the simulator makes of two nodes with 100 each.
        $names = 0..9999 | ForEach-Object { 'vm-{0:00000}' -f $_ }
        if (-not $cluster.Missing) {
            $expected = @{}
            foreach ($kind in 'virtualmachines', 'virtualmachineinstances') {
                $items = (Invoke-RestMethod "$($cluster.Server)apis/kubevirt.io/v1/$kind" @api).items
                $expected[$kind] = @($items | ForEach-Object { "$($_.metadata.namespace)/$($_.metadata.name)" } | Where-Object { $_ -like '*/vm-*' } | Sort-Object)
            }
        }
    }

    It '<Cmdlet> asks for the first one by one, and for the others with one list' -ForEach @(
        @{ Cmdlet = 'Get-KubeVirtVmi'; Resource = 'virtualmachineinstances' }
        @{ Cmdlet = 'Get-KubeVirtVM'; Resource = 'virtualmachines' }
    ) {
        $found = Measure-Request { $names | & $Cmdlet }
        @($found.Objects | ForEach-Object { "$_" } | Sort-Object) | Should -Be $expected[$Resource]
        # 16 alone, one list of the rest; and for the near names of those that are missing, one of each kind at most.
        @($found.Requests -like "*$Resource").Count | Should -BeLessOrEqual 22
        $found.Requests.Count | Should -BeLessOrEqual 24
        # Each that is missing has its error, and only the first are explained.
        $found.Errors.Count | Should -Be (10000 - @($found.Objects.Name | Sort-Object -Unique).Count)
        @($found.Errors.TargetObject | Sort-Object -Unique).Count | Should -Be $found.Errors.Count
        $found.Errors[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
        @($found.Errors | Where-Object { "$_" -like '*nearest*' }).Count | Should -BeIn (1..20)
        @($found.Errors | ForEach-Object { "$_".Length } | Sort-Object)[-1] | Should -BeLessThan 300
    }

    It 'rows of a file with Namespace and Name are looked up in one list too, whatever the number of namespaces' {
        $rows = foreach ($i in 0..4999) { [pscustomobject] @{ Namespace = "ns$($i % 200)"; Name = 'vm-{0:00000}' -f $i } }
        $rows | Export-Csv "$TestDrive/rows.csv"
        $found = Measure-Request { Import-Csv "$TestDrive/rows.csv" | Get-KubeVirtVmi }
        $wanted = @($rows | ForEach-Object { "$($_.Namespace)/$($_.Name)" } | Where-Object { $_ -in $expected.virtualmachineinstances } | Sort-Object)
        $wanted.Count | Should -BeGreaterThan 5
        @($found.Objects | ForEach-Object { "$_" } | Sort-Object) | Should -Be $wanted
        $found.Errors.Count | Should -Be (5000 - $wanted.Count)
        @($found.Requests -like '*virtualmachineinstances').Count | Should -BeLessOrEqual 30
        # With few namespaces there is one list for each, and again where a busy machine takes seconds for the names.
        $few = foreach ($vmi in Get-KubeVirtVmi -Namespace ns1, ns2) { [pscustomobject] @{ Namespace = $vmi.Namespace; Name = $vmi.Name } }
        $few.Count | Should -BeGreaterThan 20
        $found = Measure-Request { $few | Get-KubeVirtVmi }
        $found.Objects.Count | Should -Be $few.Count
        $found.Errors | Should -BeNullOrEmpty
        @($found.Requests -like '*virtualmachineinstances').Count | Should -BeLessOrEqual 30
    }

    It 'given as -Name they are one list as well' {
        $found = Measure-Request { Get-KubeVirtVmi -Name $names -Namespace ns0 }
        @($found.Objects | ForEach-Object { "$_" } | Sort-Object) | Should -Be @($expected.virtualmachineinstances -like 'ns0/*')
        @($found.Requests -like '*virtualmachineinstances').Count | Should -BeLessOrEqual 2
        $found.Errors.Count | Should -Be (10000 - $found.Objects.Count)
    }

    It 'a handful is asked for one by one, and the first object does not wait for the last name' {
        $found = Measure-Request { $names[0..3] | Get-KubeVirtVmi }
        $found.Requests | Should -Be (@('list virtualmachineinstances') * 4)
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $first = & { $names[0..2]; Start-Sleep -Milliseconds 1500; $names[3] } | Get-KubeVirtVmi | ForEach-Object { $watch.ElapsedMilliseconds } | Select-Object -First 1
        $first | Should -BeLessThan 1400
        # Names that come slowly do not wait for the end either.
        $times = & { $names[0..20]; Start-Sleep -Milliseconds 1100; $names[21]; Start-Sleep -Milliseconds 1500 } | Get-KubeVirtVmi | ForEach-Object { $watch.ElapsedMilliseconds }
        ($times[-1] - $times[0]) | Should -BeLessThan 2400
    }

    It 'that stand for objects of several kinds are each of their own kind' {
        $both = @(Get-KubeVirtVM -Namespace ns0) + @(Get-KubeVirtVmi -Namespace ns0)
        $found = Measure-Request { $both | Get-VmiProbe }
        @($found.Requests -like '*virtualmachines').Count | Should -BeLessOrEqual 18
        @($found.Requests -like '*virtualmachineinstances').Count | Should -BeLessOrEqual 30
        # An instance would be missing for a VM that does not run.
        $found.Errors | Should -BeNullOrEmpty
    }

    It 'nodes are one list too' {
        $found = Measure-Request { 1..1000 | ForEach-Object { 'node{0:00}' -f $_ } | Get-KubeVirtNode }
        $found.Objects.Name | Should -Be 'node01', 'node02'
        $found.Errors.Count | Should -Be 998
        @($found.Requests -like '*nodes').Count | Should -BeLessOrEqual 2
    }
}

Describe 'A name that is misspelt' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It '<Line>: is an error with the nearest names' -ForEach @(
        @{ Line = 'Get-KubeVirtVmi vm-0000x'; Id = 'ObjectNotFound'; Near = 'vm-00000' }
        @{ Line = 'Get-KubeVirtVM vm-0000x -Namespace ns0'; Id = 'ObjectNotFound'; Near = 'vm-00000' }
        @{ Line = "'vm-0000x' | Get-KubeVirtVmi"; Id = 'ObjectNotFound'; Near = 'vm-00000' }
        @{ Line = 'Get-KubeVirtNode nod01'; Id = 'ObjectNotFound'; Near = 'node01' }
        @{ Line = 'Get-KubeVirtVmi -Node nod01'; Id = 'ObjectNotFound'; Near = 'node01' }
        @{ Line = 'Get-KubeVirtComponent -Node nod01'; Id = 'ObjectNotFound'; Near = 'node01' }
        @{ Line = 'Get-KubeVirtMetric -Node nod01'; Id = 'NodeNotFound'; Near = 'node01' }
        @{ Line = 'Get-KubeVirtComponent -Name "x$((Get-KubeVirtComponent Handler)[0].Name)"'; Id = 'ObjectNotFound'; Near = 'virt-handler-' }
        @{ Line = 'Get-KubeVirtMetric kubevirt_handler.vmi.memory_residnt_bytes'; Id = 'MetricNotFound'; Near = 'kubevirt_handler.vmi.memory_resident_bytes' }
        @{ Line = 'Get-KubeVirtMetricDefinition kubevirt_handler.vmi.memory_residnt_bytes'; Id = 'MetricNotFound'; Near = 'kubevirt_handler.vmi.memory_resident_bytes' }
        @{ Line = 'Get-KubeVirtMetric -Vmi vm-0000x'; Id = 'ObjectNotFound'; Near = 'vm-00000' }
        @{ Line = 'Test-VmiProbe vm-0000x'; Id = 'ObjectNotFound'; Near = 'vm-00000' }
        @{ Line = 'Get-KubeVirtVmi -Namespace nss1'; Id = 'NamespaceNotFound'; Near = 'ns1' }
        @{ Line = 'Get-KubeVirtVM -Namespace kubevirtt'; Id = 'NamespaceNotFound'; Near = 'kubevirt' }
        @{ Line = 'Get-KubeVirtVmi vm-00000 -Namespace kubevirtt'; Id = 'ObjectNotFound'; Near = 'kubevirt' }
        @{ Line = 'Get-VmiProbe -Namespace kubevirtt'; Id = 'NamespaceNotFound'; Near = 'kubevirt' }
        @{ Line = 'Test-VmiProbe * -Namespace kubevirtt'; Id = 'NamespaceNotFound'; Near = 'kubevirt' }
        @{ Line = 'Get-KubeVirtMetric -Namespace kubevirtt'; Id = 'NamespaceNotFound'; Near = 'kubevirt' }
    ) {
        $ErrorActionPreference = 'Continue'
        $found = @(& ([scriptblock]::Create("$Line 2>&1")) | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        $found.Count | Should -Be 1
        $found[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        "$($found[0])" | Should -Match "nearest names? (is|are) .*$([regex]::Escape($Near))"
        $found[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It '<_>: a wildcard without a match is silent' -ForEach @(
        'Get-KubeVirtVmi zz*', 'Get-KubeVirtVM zz*', 'Get-KubeVirtNode zz*', 'Get-KubeVirtComponent -Name zz*', 'Get-KubeVirtMetric zz*', 'Get-KubeVirtMetricDefinition zz*',
        'Get-KubeVirtVmi -Namespace zz*', 'Get-KubeVirtVmi -Node zz*', 'Get-KubeVirtMetric -Vmi zz*', 'Get-KubeVirtVmi -Namespace kubevirt', "'zz*' | Get-KubeVirtVmi"
    ) {
        $ErrorActionPreference = 'Continue'
        @(& ([scriptblock]::Create("$_ 2>&1"))) | Should -BeNullOrEmpty
    }

    It 'says of an instance that the VM of that name does not run' {
        $stopped = @(Get-KubeVirtVM | Where-Object Status -EQ Stopped)[0]
        $null = Get-KubeVirtVmi $stopped.Name -ErrorVariable failed -ErrorAction SilentlyContinue
        "$($failed[0])" | Should -BeExactly "There is no VMI '$($stopped.Name)' in any namespace of simulator: the VM $stopped does not run."
    }

    It 'of a namespace is silent for a user who may not list namespaces' {
        $null = Invoke-RestMethod "$($cluster.Server)simulator/refusals" -Method Post -ContentType application/json -Body '{"verb":"list","resource":"namespaces"}' @api
        try { @(Get-KubeVirtVmi -Namespace nss1 2>&1) | Should -BeNullOrEmpty }
        finally { $null = Invoke-RestMethod "$($cluster.Server)simulator/refusals" -Method Delete @api }
    }

    It 'of a namespace is told once, however many nodes are looked at' {
        $null = Get-KubeVirtNode | Get-KubeVirtVmi -Namespace nss1 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -Be 1
    }

    It 'asks for namespaces only when a list came back empty' {
        (Measure-Request { Get-KubeVirtVmi -Namespace ns1 }).Requests | Should -Be 'list virtualmachineinstances'
        (Measure-Request { Get-KubeVirtVmi -Namespace nss1 }).Requests | Should -Be 'list virtualmachineinstances', 'list namespaces'
    }
}

Describe 'Nodes in the pipeline' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'give their instances' {
        $node = Get-KubeVirtNode node02
        @($node | Get-KubeVirtVmi | ForEach-Object { "$_" } | Sort-Object) | Should -Be @(Get-KubeVirtVmi | Where-Object Node -EQ node02 | ForEach-Object { "$_" } | Sort-Object)
    }

    It 'give the metrics of their machines, from their virt-handlers alone' {
        (Get-KubeVirtMetric kubevirt_handler.vmi.memory_resident_bytes -Node (Get-KubeVirtNode node02)).Node | Sort-Object -Unique | Should -Be 'node02'
        $samples = Get-KubeVirtNode node02 | Get-KubeVirtMetric kubevirt_handler.vmi.memory_resident_bytes
        @($samples.Node | Sort-Object -Unique) | Should -Be 'node02'
        @($samples).Count | Should -Be @(Get-KubeVirtMetric kubevirt_handler.vmi.memory_resident_bytes -Node node02).Count
        $before = Invoke-RestMethod "$($cluster.Server)simulator/scrapes" @api
        $null = Get-KubeVirtNode node02 | Get-KubeVirtMetric kubevirt_handler.vmi.memory_resident_bytes
        $after = Invoke-RestMethod "$($cluster.Server)simulator/scrapes" @api
        $scraped = $after.PSObject.Properties | Where-Object { $_.Value -gt $before.($_.Name) }
        $scraped.Name | Should -BeLike 'handler/*'
        @($scraped).Count | Should -Be 1
    }
}

Describe 'Probes that carry their role' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'are made one for each role' {
        (New-VmiProbe -TcpSocket -Port 22).Role | Should -BeNullOrEmpty
        (New-VmiProbe -TcpSocket -Port 22 -Role Liveness).Role | Should -Be 'Liveness'
        (New-VmiProbe -TcpSocket -Port 22 -Role Readiness, Liveness).Role | Should -Be 'Readiness', 'Liveness'
    }

    It 'are set where they say, unless -Role says otherwise' {
        $vm = Get-KubeVirtVM | Where-Object Status -EQ Stopped | Select-Object -First 1
        try {
            $null = New-VmiProbe -TcpSocket -Port 22 -Role Readiness, Liveness | Set-VmiProbe -VM $vm
            (Get-VmiProbe $vm.Name -VM | ForEach-Object { "$($_.Role) $_" }) | Should -Be 'Readiness tcpSocket :22', 'Liveness tcpSocket :22'
            New-VmiProbe -TcpSocket -Port 23 -Role Readiness | Set-VmiProbe -VM $vm -Role Liveness
            (Get-VmiProbe $vm.Name -VM | ForEach-Object { "$($_.Role) $_" }) | Should -Be 'Readiness tcpSocket :22', 'Liveness tcpSocket :23'
            # What has been read says where it was.
            Get-VmiProbe $vm.Name -VM -Role Readiness | Set-VmiProbe $vm.Name $vm.Namespace -PassThru | ForEach-Object Role | Should -Be 'Readiness'
        }
        finally { Remove-VmiProbe -VM $vm -Role Readiness, Liveness }
    }

    It 'tell once of the machines that run on with the probes they have' {
        $vms = Get-KubeVirtVM | Where-Object Status -EQ Running | Select-Object -First 12
        $places = $vms | ForEach-Object { "$($_.Namespace)/$($_.Name)" }
        try {
            $vms | Set-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 22) -Role Readiness, Liveness -WarningVariable warnings -WarningAction SilentlyContinue
            $told = @($warnings.Message | Where-Object { $_ -like '*running*' })
            $told.Count | Should -Be 2
            $told[0] | Should -BeExactly "VirtualMachine $($places[0]): the running instance keeps its probes; the change takes effect at the next start of the VM."
            $told[1] | Should -BeExactly "11 more running instances keep their probes until the next start of the VM: $($places[1..10] -join ', ') and 1 more."
        }
        finally { $vms | Remove-VmiProbe -Role Readiness, Liveness -WarningAction Ignore }
    }

    It 'are of no machine that is not there, and near names are told' {
        foreach ($do in { Set-VmiProbe vm-0000x $vm.Namespace -Probe (New-VmiProbe -TcpSocket -Port 22) -Role Liveness -ErrorVariable failed -ErrorAction SilentlyContinue; , $failed }, { Remove-VmiProbe vm-0000x $vm.Namespace -Role Liveness -ErrorVariable failed -ErrorAction SilentlyContinue; , $failed }) {
            $vm = Get-KubeVirtVM vm-00001
            $failed = & $do
            $failed.Count | Should -Be 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
            "$($failed[0])" | Should -BeLike "There is no VM 'vm-0000x' in namespace $($vm.Namespace) of *vm-00001*"
        }
    }

    It 'are not those of an instance, which says whose they are' {
        $vmi = Get-KubeVirtVmi | Where-Object VM | Select-Object -First 1
        foreach ($do in { $vmi | Set-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 22) -Role Liveness -ErrorVariable failed -ErrorAction SilentlyContinue; , $failed }, { $vmi | Remove-VmiProbe -Role Liveness -ErrorVariable failed -ErrorAction SilentlyContinue; , $failed }) {
            $failed = & $do
            $failed.Count | Should -Be 1
            "$($failed[0])" | Should -BeLike "*$($vmi.Namespace)/$($vmi.Name) is an instance, and its probes cannot be changed while it exists. Change those of its VM, which Get-KubeVirtVM gives*"
        }

        ($vmi | Get-KubeVirtVM).Name | Should -BeExactly $vmi.VM
    }

    It 'are needed where -Role is not given' {
        $vm = Get-KubeVirtVM | Select-Object -First 1
        New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe -VM $vm -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ProbeWithoutRole,*'
        $failed[0].ErrorDetails.RecommendedAction | Should -BeExactly 'Specify -Role Readiness or Liveness, here or with New-VmiProbe.'
    }
}

Describe 'Binding' {
    It 'takes the tags of the Agent as texts and as a table' {
        $texts = New-KubeVirtAgentPatch Handler -Tag env:test, team:a, team:b -As PatchFile
        New-KubeVirtAgentPatch Handler -Tag ([ordered] @{ env = 'test'; team = 'a', 'b' }) -As PatchFile | Should -BeExactly $texts
        New-KubeVirtAgentPatch Handler -Tag @{ team = 'a', 'b'; env = 'test' } -As PatchFile | Should -BeExactly $texts
    }

    It 'takes tags of samples as texts and as a table, under StrictMode too' {
        $text = "kubevirt_vmi_memory_resident_bytes{node=`"n1`",namespace=`"a`",name=`"x`"} 1`nkubevirt_vmi_memory_resident_bytes{node=`"n1`",namespace=`"a`",name=`"y`"} 2`n"
        Set-StrictMode -Version Latest
        try {
            ($text | Get-KubeVirtMetric -Component Handler -Tag name=x).Value | Should -Be 1
            ($text | Get-KubeVirtMetric -Component Handler -Tag @{ name = 'x' }).Value | Should -Be 1
            ($text | Get-KubeVirtMetric -Component Handler -AddTag site=north)[0].Tags.site | Should -Be 'north'
            ($text | Get-KubeVirtMetric -Component Handler -AddTag @{ site = 'north' })[0].Tags['site'] | Should -Be 'north'
            $sample = @($text | Get-KubeVirtMetric -Component Handler)[0]
            $sample.Tags['no-such-tag'] | Should -BeNullOrEmpty
            { $sample.Tags.'no-such-tag' } | Should -Not -Throw
        }
        finally { Set-StrictMode -Off }
    }

    It '<Line>: refuses a cluster for what is in a file' -ForEach @(
        @{ Line = "'kind: VirtualMachine' | Get-VmiProbe -LabelSelector a=b" }
        @{ Line = "'kind: VirtualMachine' | Get-VmiProbe -Context a" }
        @{ Line = 'Get-VmiProbe -Path $TestDrive/vm.yaml -Context a' }
        @{ Line = 'Get-Item $TestDrive/vm.yaml | Get-VmiProbe -LabelSelector a=b' }
        @{ Line = 'Get-VmiProbe -Path $TestDrive/vm.yaml | Remove-VmiProbe -Context a' }
    ) {
        Set-Content "$TestDrive/vm.yaml" "apiVersion: kubevirt.io/v1`nkind: VirtualMachineInstance`nmetadata:`n  name: a`nspec:`n  readinessProbe:`n    guestAgentPing: {}`n"
        { & ([scriptblock]::Create($Line)) } | Should -Throw -ErrorId 'OnlyForClusters,*'
    }

    It 'takes headers with several values' {
        (New-VmiProbe -HttpGet -Port 80 -Headers ([ordered] @{ Accept = 'a', 'b'; X = 1 })).Headers | ForEach-Object { "$($_.Key)=$($_.Value)" } | Should -Be 'Accept=a', 'Accept=b', 'X=1'
    }

    It '<Line>: refuses what has no effect' -ForEach @(
        @{ Line = 'New-KubeVirtAgentPatch -For Prometheus -Check KubeVirt'; Named = '-Check'; Beside = '-For Prometheus' }
        @{ Line = 'New-KubeVirtAgentPatch -Check KubeVirt -Tag a:b -ClusterName c'; Named = '-Tag, -ClusterName'; Beside = '-Check KubeVirt' }
        @{ Line = 'New-KubeVirtAgentPatch -For Prometheus -AnnotationVersion 1'; Named = '-AnnotationVersion'; Beside = '-For Prometheus' }
        @{ Line = 'New-KubeVirtAgentPatch -For Prometheus -CertificateAuthority /a/b'; Named = '-CertificateAuthority'; Beside = '-For Prometheus' }
        @{ Line = 'New-KubeVirtAgentPatch -For Prometheus -AgentNamespace a -AgentServiceAccount b'; Named = '-AgentNamespace, -AgentServiceAccount'; Beside = '-For Prometheus' }
        @{ Line = 'New-KubeVirtAgentPatch -For OpenTelemetry -KubeVirtName a'; Named = '-KubeVirtName'; Beside = '-For OpenTelemetry' }
        @{ Line = 'New-KubeVirtAgentPatch -SkipCertificateCheck -CertificateAuthority /etc/x'; Named = '-CertificateAuthority'; Beside = '-SkipCertificateCheck' }
        @{ Line = 'Get-KubeVirtMetric -Path x.prom -Raw -IncludeUnmapped'; Named = '-IncludeUnmapped'; Beside = '-Raw' }
        @{ Line = 'Get-KubeVirtMetric -Path x.prom -Raw -Documented'; Named = '-Documented'; Beside = '-Raw' }
        @{ Line = 'Test-VmiProbe * -Watch -Quiet'; Named = '-Quiet'; Beside = '-Watch' }
    ) {
        { & ([scriptblock]::Create($Line)) } | Should -Throw -ErrorId 'ParameterHasNoEffect,*' -ExpectedMessage "$Named ha* no effect with $([WildcardPattern]::Escape($Beside)): *"
    }

    It '<Line>: <Parameter> does not bind' -ForEach @(
        @{ Line = 'Get-KubeVirtMetric -Path x.prom -TimeoutSec 3'; Parameter = 'TimeoutSec' }
        @{ Line = 'Get-KubeVirtMetric -Path x.prom -SkipCertificateCheck'; Parameter = 'SkipCertificateCheck' }
        @{ Line = 'Get-KubeVirtMetric -Path x.prom -Session $session.Id'; Parameter = 'Session' }
        @{ Line = 'Get-KubeVirtMetric -Context a -Uri http://127.0.0.1:1'; Parameter = 'Context' }
        @{ Line = 'Get-KubeVirtMetric -Context a -Headers @{}'; Parameter = 'Headers' }
        @{ Line = 'Get-KubeVirtMetric -Path x.prom -Last 1h'; Parameter = 'Last' }
        @{ Line = 'Get-KubeVirtMetric -PrometheusUri http://127.0.0.1:1 -Uri http://127.0.0.1:1'; Parameter = 'Uri' }
        @{ Line = 'Get-KubeVirtMetric -PrometheusUri http://127.0.0.1:1 -PodName a'; Parameter = 'PodName' }
        @{ Line = 'Measure-KubeVirtMetric -InputObject @() -Last 1h'; Parameter = 'Last' }
        @{ Line = 'Measure-KubeVirtMetric -InputObject @() -TimeoutSec 1'; Parameter = 'TimeoutSec' }
        @{ Line = 'New-VmiProbe -GuestAgentPing -Port 1'; Parameter = 'Port' }
        @{ Line = 'New-VmiProbe -TcpSocket -Port 1 -Path /'; Parameter = 'Path' }
        @{ Line = 'Connect-KubeVirt -InCluster -Context a'; Parameter = 'Context' }
    ) {
        if ($Parameter -eq 'Session' -and $cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing; return }
        { & ([scriptblock]::Create($Line)) } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'chooses by -Name among nodes of the pipeline too' {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing; return }
        (Get-KubeVirtNode | Get-KubeVirtNode -Name *02).Name | Should -Be 'node02'
        ('node*' | Get-KubeVirtNode -Name *01).Name | Should -Be 'node01'
    }

    It 'reads paths in KUBECONFIG from the location of PowerShell' {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing; return }
        $before = $env:KUBECONFIG
        Push-Location $cluster.Folder
        try {
            $env:KUBECONFIG = "none$([IO.Path]::PathSeparator)kubeconfig"
            $opened = Connect-KubeVirt -Context simulator
            $opened.Server | Should -Be $session.Server
            Disconnect-KubeVirt $opened
        }
        finally {
            Pop-Location
            $env:KUBECONFIG = $before
        }
    }

    It 'says of a kubeconfig without contexts that it has none' {
        Set-Content "$TestDrive/empty" "apiVersion: v1`nkind: Config`nclusters: []"
        $null = Connect-KubeVirt "$TestDrive/empty" -ErrorVariable failed -ErrorAction SilentlyContinue
        "$($failed[0])" | Should -Match 'there is no context in '
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike "Add one, for example with 'kubectl config set-context'.*"
        $null = Connect-KubeVirt "$TestDrive/empty" -Context a -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike 'Add it to the kubeconfig, which has no contexts.*'
    }

    It '<Line>: says what the file should be' -ForEach @(
        @{ Line = 'Test-VmiProbeManifest $TestDrive'; Id = 'PathIsDirectory'; Says = '*is a directory and not a manifest.'; Advice = "*-Path '*/[*].yaml'." }
        @{ Line = 'Get-VmiProbe -Path https://example.com/vm.yaml'; Id = 'PathIsAddress'; Says = '*is an address and not a path.'; Advice = 'Download the file first, and give its path.' }
        @{ Line = 'Set-VmiProbe -Path env:PATH -Role Readiness -Probe (New-VmiProbe -TcpSocket -Port 1)'; Id = 'PathIsNoFile'; Says = '*manifests can only be read from files.'; Advice = '*machines of a cluster with -Name.' }
        @{ Line = 'Get-KubeVirtMetric -Path $TestDrive'; Id = 'PathIsDirectory'; Says = '*is a directory and not a saved scrape.'; Advice = "*-Path '*/[*].prom'." }
        @{ Line = 'Get-KubeVirtMetric -Path https://example.com/metrics'; Id = 'PathIsAddress'; Says = '*is an address and not a path.'; Advice = 'Use -Uri *' }
        @{ Line = 'Get-KubeVirtMetric -AgentConfig env:PATH'; Id = 'PathIsNoFile'; Says = '*configurations can only be read from files.'; Advice = '*' }
        @{ Line = 'Get-KubeVirtMetric -AgentConfig none.yaml'; Id = 'FileNotFound'; Says = 'There is no file *'; Advice = '*a backtick before them.' }
    ) {
        $ErrorActionPreference = 'Continue'
        $found = @(& ([scriptblock]::Create("$Line 2>&1")))
        $found.Count | Should -Be 1
        $found[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        "$($found[0])" | Should -BeLike $Says
        $found[0].ErrorDetails.RecommendedAction | Should -BeLike $Advice
    }
}

Describe 'Every cmdlet' {
    BeforeDiscovery {
        $cmdlets = foreach ($command in Get-ChildItem "$PSScriptRoot/../../docs/cmdlets/*-*.md") { @{ Name = $command.BaseName } }
    }

    It '<Name>: names things as the others do' -ForEach $cmdlets {
        $command = Get-Command $Name
        $sets = $command.ParameterSets
        # Components are named by their kind; a pod's own name comes second.
        if ($command.Parameters.ContainsKey('Name') -and $Name -ne 'Get-KubeVirtComponent') {
            @($sets | ForEach-Object { $_.Parameters | Where-Object Name -EQ Name } | Where-Object Position -GE 0 | ForEach-Object Position | Sort-Object -Unique) | Should -Be 0
            @($sets | ForEach-Object { $_.Parameters } | Where-Object { $_.Position -eq 0 -and $_.Name -ne 'Name' }) | Should -BeNullOrEmpty
        }
        if ($command.Parameters.ContainsKey('LiteralPath')) {
            $command.Parameters.LiteralPath.Aliases | Should -Contain 'PSPath'
            $command.Parameters.LiteralPath.Aliases | Should -Contain 'LP'
        }
        if ($command.Parameters.ContainsKey('Role')) { $command.Parameters.Role.ParameterType | Should -Be ([KubeVirtMonitor.ProbeRole[]]) }
        if ($command.Parameters.ContainsKey('Session') -and $Name -ne 'Connect-KubeVirt') { $command.Parameters.Session.ParameterType | Should -Be ([KubeVirtMonitor.KubeVirtSession[]]) }
        foreach ($old in 'DocumentedOnly', 'SkipTlsVerify', 'TlsCaCert', 'Readiness', 'Liveness', 'Header', 'Timeout') { $command.Parameters.Keys | Should -Not -Contain $old }
        # What names something of a cluster completes.
        foreach ($parameter in 'Namespace', 'Node', 'Vmi', 'Session', 'Context') {
            if ($command.Parameters.ContainsKey($parameter)) {
                @($command.Parameters[$parameter].Attributes | Where-Object { $_ -is [Management.Automation.ArgumentCompleterAttribute] }).Count | Should -Be 1 -Because "-$parameter completes"
            }
        }
    }

    It 'Install- and Uninstall-KubeVirtAgentPatch, which restart pods, ask first' {
        foreach ($name in 'Install-KubeVirtAgentPatch', 'Uninstall-KubeVirtAgentPatch') {
            $type = (Get-Command $name).ImplementingType
            [Attribute]::GetCustomAttribute($type, [Management.Automation.CmdletAttribute]).ConfirmImpact | Should -Be 'High'
        }
    }
}
