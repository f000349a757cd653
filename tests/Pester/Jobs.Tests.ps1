# A day of an administrator of two clusters in which everything has the same name, typed as at a prompt. What the servers themselves say, the expected
# values, is read without this module: the JSON of the API, and the text of /metrics of the pods.
BeforeDiscovery {
    $day = [regex]::Match((Get-Content -Raw "$PSScriptRoot/../../README.md"), "(?s)\n## A day's work\n(.*?)\n## ").Groups[1].Value
    $lines = foreach ($block in [regex]::Matches($day, '(?ms)^```powershell\r?\n(.*?)^```')) { @{ Code = $block.Groups[1].Value.Trim(); Start = ($block.Groups[1].Value.Trim() -split '\r?\n')[0] } }
    if (@($lines).Count -lt 7) { throw "README.md describes no day: $($lines.Count) blocks." }
}

BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $prod = Open-Cluster "$TestDrive/prod" -Handlers 3 -Vmis 8 -EveryKind
    $test = Open-Cluster "$TestDrive/test" -Handlers 3 -Vmis 6 -Seed 7 -EveryKind
    if (-not $prod.Missing) {
        Rename-Context $prod prod
        Rename-Context $test test
        $before = $env:KUBECONFIG
        $env:KUBECONFIG = $prod.KubeConfig, $test.KubeConfig -join [IO.Path]::PathSeparator
        $null = Connect-KubeVirt -Context prod
        $null = Connect-KubeVirt -Context test
        # Decides the routes before scrapes are counted.
        $null = Get-KubeVirtSession | Get-KubeVirtMetric *.ready_status
    }
    Push-Location "$TestDrive"

    function Invoke-Api($Cluster, [string] $Path, [string] $Method = 'Get', $Body) {
        $splat = @{ Uri = "$($Cluster.Server)$Path"; Method = $Method; Authentication = 'Bearer'; Token = (Get-Secret (Get-AdminToken $Cluster)); SkipCertificateCheck = $true }
        if ($Body) { $splat += @{ Body = ($Body | ConvertTo-Json -Depth 20); ContentType = 'application/json' } }
        Invoke-RestMethod @splat
    }
    function Get-ApiItem($Cluster, [string] $Resource) { (Invoke-Api $Cluster "apis/kubevirt.io/v1/$Resource").items | ForEach-Object { $_ } }
    function Get-ScrapeCount($Cluster) { ((Invoke-Api $Cluster simulator/scrapes).PSObject.Properties.Value | Measure-Object -Sum).Sum }

    # The series of a family that the virt-handlers serve, taken from the text by a pattern.
    function Get-Series($Cluster, [string] $Family) {
        foreach ($pod in (Invoke-Api $Cluster 'api/v1/namespaces/kubevirt/pods?labelSelector=kubevirt.io=virt-handler').items) {
            $page = Invoke-WebRequest "https://$($pod.status.podIP):8443/metrics" -SkipCertificateCheck
            $text = if ($page.Content -is [byte[]]) { [Text.Encoding]::UTF8.GetString($page.Content) } else { $page.Content }
            foreach ($match in [regex]::Matches($text, "(?m)^(?<family>$Family)\{(?<labels>.*)\} (?<value>\S+)")) {
                $labels = @{}
                foreach ($label in [regex]::Matches($match.Groups['labels'].Value, '(?<name>\w+)="(?<value>[^"]*)"')) { $labels[$label.Groups['name'].Value] = $label.Groups['value'].Value }
                [pscustomobject] @{
                    Family = $match.Groups['family'].Value; Namespace = $labels.namespace; Vmi = $labels.name; Drive = $labels.drive; Node = $pod.spec.nodeName
                    Value = [double]::Parse($match.Groups['value'].Value, [cultureinfo]::InvariantCulture)
                }
            }
        }
    }

    # Why an instance cannot be migrated, as its condition says.
    function Get-Reason($Item) {
        $condition = $Item.status.conditions | Where-Object { $_.type -eq 'LiveMigratable' -and $_.status -eq 'False' }
        if ($condition) { "$($condition.reason): $($condition.message)" }
    }
    # Every machine of a cluster with all that can be changed in it.
    function Get-State($Cluster) { Get-ApiItem $Cluster virtualmachines | ForEach-Object { "$($_.metadata.namespace)/$($_.metadata.name) $($_.metadata.resourceVersion) $($_.spec | ConvertTo-Json -Depth 20 -Compress)" } }
}

AfterAll {
    Pop-Location
    $env:KUBECONFIG = $before
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $prod
    Close-Cluster $test
}

Describe 'Top memory by namespace' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'of one cluster' {
        $top = Get-KubeVirtMetric *.memory_domain_bytes -Context prod | Group-Object Namespace |
            Select-Object Name, @{ n = 'GiB'; e = { ($_.Group | Measure-Object Value -Sum).Sum / 1GB } } | Sort-Object GiB -Descending
        # The memory of a domain stays what it is, so that the text is exact.
        $expected = @(Get-Series $prod kubevirt_vmi_memory_domain_bytes | Group-Object Namespace)
        $expected.Count | Should -Be 5
        ($top.Name | Sort-Object) | Should -Be ($expected.Name | Sort-Object)
        foreach ($namespace in $expected) { ($top | Where-Object Name -EQ $namespace.Name).GiB | Should -Be (($namespace.Group.Value | Measure-Object -Sum).Sum / 1GB) }
        $top.GiB | Should -Be ($top.GiB | Sort-Object -Descending)
        # Worked out by hand: instance n is in namespace n mod 5 and has 2 + n mod 4 GiB; those of ns3 are 3, 8, 13, 18 and 23.
        ($top | Where-Object Name -EQ ns3).GiB | Should -Be (5 + 2 + 3 + 4 + 5)
    }

    It 'of both, and nothing of one is counted for the other' {
        $groups = Get-KubeVirtSession | Get-KubeVirtMetric *.memory_domain_bytes | Group-Object Cluster, Namespace
        $sums = $groups | ForEach-Object { "$($_.Name) $(($_.Group | Measure-Object Value -Sum).Sum)" }
        $expected = foreach ($cluster in @{ Name = 'prod'; Of = $prod }, @{ Name = 'test'; Of = $test }) {
            Get-Series $cluster.Of kubevirt_vmi_memory_domain_bytes | Group-Object Namespace | ForEach-Object { "$($cluster.Name), $($_.Name) $(($_.Group.Value | Measure-Object -Sum).Sum)" }
        }
        @($expected).Count | Should -Be 10
        ($sums | Sort-Object) | Should -Be ($expected | Sort-Object)
    }

    It 'and the machines of one namespace, largest first, of only the nodes they run on' {
        $expected = Get-Series $prod kubevirt_vmi_memory_resident_bytes | Where-Object Namespace -EQ ns4
        $nodes = @($expected.Node | Sort-Object -Unique).Count
        $count = Get-ScrapeCount $prod
        $top = Get-KubeVirtMetric *.memory_resident_bytes -Context prod -Namespace ns4 | Sort-Object Value -Descending | Select-Object -First 3 Vmi, Value
        (Get-ScrapeCount $prod) - $count | Should -BeLessOrEqual ($nodes + 4) -Because 'there are two pods each of virt-api and virt-controller'
        # It rises and falls by less than a hundredth; the machines differ by more.
        $largest = $expected | Sort-Object Value -Descending | Select-Object -First 3
        $top.Vmi | Should -Be $largest.Vmi
        foreach ($i in 0..2) { $top[$i].Value / $largest[$i].Value | Should -BeGreaterThan 0.99; $top[$i].Value / $largest[$i].Value | Should -BeLessThan 1.01 }
    }
}

Describe 'Which machines cannot migrate, and why' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'in both clusters' {
        $stuck = Get-KubeVirtVmi -Context prod, test | Where-Object LiveMigratable -EQ $false
        $expected = foreach ($cluster in @{ Name = 'prod'; Of = $prod }, @{ Name = 'test'; Of = $test }) {
            Get-ApiItem $cluster.Of virtualmachineinstances | ForEach-Object { if ($reason = Get-Reason $_) { "$($cluster.Name) $($_.metadata.namespace)/$($_.metadata.name) $reason" } }
        }
        $expected | Should -Contain 'prod kinds/dedicated HostDeviceNotLiveMigratable: VMI uses a PCI host devices'
        ($stuck | ForEach-Object { "$($_.Cluster) $_ $($_.MigrationProblem)" } | Sort-Object) | Should -Be ($expected | Sort-Object)
        @(Get-KubeVirtVmi -Context prod, test | Where-Object MigrationProblem).Count | Should -Be $stuck.Count
    }

    It 'by reason' {
        $groups = Get-KubeVirtVmi -Context prod | Where-Object MigrationProblem | Group-Object { ($_.MigrationProblem -split ':')[0] } | Sort-Object Count -Descending
        $groups.Name | Should -Be 'DisksNotLiveMigratable', 'HostDeviceNotLiveMigratable'
        ($groups | ForEach-Object Count) | Should -Be 5, 1
    }

    It 'is read in a table that is cut nowhere: Format-Table -Wrap' {
        $shown = Get-KubeVirtVmi local-disk -Context prod | Format-Table Name, MigrationProblem -Wrap | Out-String -Width 80
        ($shown -replace '\s', '') | Should -BeLike '*allPVCsmustbeshared(usingReadWriteManyaccessmode)*'
    }
}

Describe 'The nightly file of all machines of both clusters' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'has a row for each <Resource>, and cells that a person can read' -ForEach @(
        @{ Resource = 'virtualmachines'; List = { Get-KubeVirtSession | Get-KubeVirtVM } }
        @{ Resource = 'virtualmachineinstances'; List = { Get-KubeVirtSession | Get-KubeVirtVmi } }
    ) {
        & $List | Export-Csv nightly.csv
        $rows = Import-Csv nightly.csv
        $items = foreach ($cluster in @{ Name = 'prod'; Of = $prod }, @{ Name = 'test'; Of = $test }) { Get-ApiItem $cluster.Of $Resource | ForEach-Object { [pscustomobject] @{ Name = $cluster.Name; Of = $_ } } }
        $expected = $items | ForEach-Object { "$($_.Name) $($_.Of.metadata.namespace)/$($_.Of.metadata.name) $($_.Of.metadata.uid)" }
        ($rows | ForEach-Object { "$($_.Cluster) $($_.Namespace)/$($_.Name) $($_.Uid)" } | Sort-Object) | Should -Be ($expected | Sort-Object)
        # One line for each machine, so that line tools read it too.
        @(Get-Content nightly.csv).Count | Should -Be (@($expected).Count + 1)
        $cells = $rows | ForEach-Object { $_.PSObject.Properties.Value }
        $cells -match 'System\.|KubeVirtMonitor\.|[{}\[\]]' | Should -BeNullOrEmpty
        # A time is that of the API.
        $created = @{}
        foreach ($item in $items) { $created["$($item.Name) $($item.Of.metadata.uid)"] = [DateTimeOffset] $item.Of.metadata.creationTimestamp }
        foreach ($row in $rows) { [DateTimeOffset]::Parse($row.Created, [cultureinfo]::InvariantCulture) | Should -Be $created["$($row.Cluster) $($row.Uid)"] }
    }

    It 'is the way back to the machine, in its own cluster' {
        Get-KubeVirtSession | Get-KubeVirtVM vm-00000 | Export-Csv two.csv
        (Import-Csv two.csv | Get-KubeVirtMetric *.memory_domain_bytes).Cluster | Should -Be prod, test
        $again = Import-Csv two.csv | Get-KubeVirtVM
        $again.Cluster | Should -Be prod, test
        $again.Uid | Should -Be (Import-Csv two.csv).Uid
        # A file of last week may be of a cluster that nobody is connected to.
        (Import-Csv two.csv) | ForEach-Object { $_.Cluster = $_.Cluster -replace 'prod', 'old'; $_ } | Get-KubeVirtVM -ErrorVariable failed -ErrorAction SilentlyContinue | ForEach-Object Cluster | Should -Be test
        $failed.Exception.Message | Should -BeExactly "There is no open session of the context 'old'."
    }

    It 'is one of a thousand, too' {
        $large = Open-Cluster "$TestDrive/large" -Handlers 20 -Vmis 50
        $session = Connect-KubeVirt $large.KubeConfig
        try {
            Get-KubeVirtVM -Session $session | Export-Csv large.csv
            $rows = Import-Csv large.csv
            $items = Get-ApiItem $large virtualmachines
            $items.Count | Should -BeGreaterOrEqual 1000
            @(Get-Content large.csv).Count | Should -Be ($items.Count + 1)
            ($rows | ForEach-Object { "$($_.Namespace)/$($_.Name)" } | Sort-Object) | Should -Be ($items | ForEach-Object { "$($_.metadata.namespace)/$($_.metadata.name)" } | Sort-Object)
            $one = $rows | Where-Object Name -EQ vm-00777
            # Instance number n has 1, 2 or 4 CPUs (n mod 3) and 2 to 5 GiB of memory (n mod 4).
            $one.VCpus, $one.Memory | Should -Be (1, 2, 4)[777 % 3], (2GB + (777 % 4) * 1GB)
        } finally {
            Disconnect-KubeVirt $session
            Close-Cluster $large
        }
    }
}

Describe 'The same probe onto twenty machines of one cluster' {
    BeforeEach {
        if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing }
        else { $null = Connect-KubeVirt -Session (Get-KubeVirtSession test) }
    }

    It 'does not touch the other, which is the default' {
        $other = Get-State $test
        $own = Get-State $prod
        Get-KubeVirtVM vm-* -Context prod | Select-Object -First 20 | Set-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 22) -Role Readiness -Force -WarningAction Ignore
        Get-State $test | Should -Be $other
        $changed = @(Compare-Object $own (Get-State $prod) | Where-Object SideIndicator -EQ '=>')
        $changed.Count | Should -Be 20
        $machines = Get-ApiItem $prod virtualmachines | Where-Object { $_.spec.template.spec.PSObject.Properties['readinessProbe'].Value.tcpSocket.port -eq 22 }
        ($machines | ForEach-Object { "$($_.metadata.namespace)/$($_.metadata.name)" } | Sort-Object) | Should -Be ($changed.InputObject -replace ' .*' | Sort-Object)
        # And away again, from what lists them.
        Get-VmiProbe vm-* -VM -Context prod | Where-Object Kind -EQ TcpSocket | Remove-VmiProbe -WarningAction Ignore
        @(Get-ApiItem $prod virtualmachines | Where-Object { $_.spec.template.spec.PSObject.Properties['readinessProbe'] }).Count | Should -Be 0
        Get-State $test | Should -Be $other
    }

    It 'changes nothing with -WhatIf, and names the cluster for each of them' {
        $own, $other = (Get-State $prod), (Get-State $test)
        Start-Transcript whatif.txt -UseMinimalHeader | Out-Null
        try { Get-KubeVirtVM vm-* -Context prod | Select-Object -First 20 | Set-VmiProbe -Probe (New-VmiProbe -GuestAgentPing) -Role Liveness -WhatIf -WarningAction Ignore } finally { Stop-Transcript | Out-Null }
        @(Select-String -Path whatif.txt -Pattern "in prod \($("$($prod.Server)".TrimEnd('/'))\)").Count | Should -Be 20
        Get-State $prod | Should -Be $own
        Get-State $test | Should -Be $other
    }

    It 'writes to the others when one was deleted after it had been listed' {
        $listed = Get-KubeVirtVM vm-*, halted-* -Context prod | Sort-Object Name | Select-Object -First 20
        $gone = $listed[0]
        $null = Invoke-Api $prod "apis/kubevirt.io/v1/namespaces/$($gone.Namespace)/virtualmachines/$($gone.Name)" Delete
        $other = Get-State $test
        $listed | Set-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 23) -Role Readiness -Force -PassThru -WarningAction Ignore -ErrorVariable failed -ErrorAction SilentlyContinue | Tee-Object -Variable probes
        @($probes).Count | Should -Be 19
        $failed.Count | Should -Be 1
        "$($failed[0])" | Should -BeLike "*VirtualMachine $gone no longer exists: it was deleted after it had been listed."
        @(Get-ApiItem $prod virtualmachines | Where-Object { $_.spec.template.spec.PSObject.Properties['readinessProbe'].Value.tcpSocket.port -eq 23 }).Count | Should -Be 19
        Get-State $test | Should -Be $other
        Get-KubeVirtVM -Context prod | Remove-VmiProbe -Role Readiness -WarningAction Ignore
    }
}

Describe 'The metrics of the disks of one machine' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'take one scrape of the cluster it is in, and none of the other' {
        $first = Get-Series $prod 'kubevirt_vmi_storage_\w+' | Where-Object { $_.Vmi -eq 'vm-00009' -and $_.Namespace -eq 'ns4' }
        $counts = (Get-ScrapeCount $prod), (Get-ScrapeCount $test)
        $samples = Get-KubeVirtVmi vm-00009 -Context prod | Get-KubeVirtMetric *.storage_*
        (Get-ScrapeCount $prod), (Get-ScrapeCount $test) | Should -Be ($counts[0] + 1), $counts[1]
        $last = Get-Series $prod 'kubevirt_vmi_storage_\w+' | Where-Object { $_.Vmi -eq 'vm-00009' -and $_.Namespace -eq 'ns4' }
        $samples.Count | Should -Be @($first).Count
        $samples.Cluster | Sort-Object -Unique | Should -Be prod
        # Counters only grow: each value is between that of the text before and that of the text after. What counts has .count at the end of its name.
        foreach ($low in $first) {
            $high = $last | Where-Object { $_.Family -eq $low.Family -and $_.Drive -eq $low.Drive }
            $name = ($low.Family -replace '^kubevirt_vmi_(.*)_total$', 'kubevirt_handler.vmi.$1.count')
            $sample = @($samples | Where-Object { $_.Name -eq $name -and $_.Tags.drive -eq $low.Drive })
            $sample.Count | Should -Be 1 -Because "of $name of $($low.Drive)"
            $sample[0].Value | Should -BeGreaterOrEqual $low.Value
            $sample[0].Value | Should -BeLessOrEqual $high.Value
        }
    }

    It 'are found by the disk' {
        $vmi = Get-KubeVirtVmi vm-00009 -Context prod
        $disk = $vmi.Disks | Where-Object Target -EQ vda
        $reads = $vmi | Get-KubeVirtMetric *.storage_iops_read* -Tag "drive=$($disk.Name)"
        @($reads).Count | Should -Be 1
        $reads.Tags.drive | Should -Be $disk.Name
    }

    It 'are those of a machine of two, which has the same name in the other cluster' {
        $both = Get-KubeVirtSession | Get-KubeVirtMetric *.storage_iops_read* -Vmi vm-00007 -Tag drive=rootdisk
        $both.Cluster | Should -Be prod, test
        foreach ($cluster in @{ Name = 'prod'; Of = $prod }, @{ Name = 'test'; Of = $test }) {
            $raw = Get-Series $cluster.Of kubevirt_vmi_storage_iops_read_total | Where-Object { $_.Vmi -eq 'vm-00007' -and $_.Drive -eq 'rootdisk' }
            ($both | Where-Object Cluster -EQ $cluster.Name).Node | Should -Be $raw.Node
        }
        # The eighth machine is the last one of the first node of prod, and on the second one of test, where there are six on each.
        $both.Node | Should -Be node01, node02
    }
}

Describe 'What runs on a node before it is drained' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'is listed, with what cannot leave it' {
        $expected = Get-ApiItem $prod virtualmachineinstances | Where-Object { $_.status.PSObject.Properties['nodeName'].Value -eq 'node02' }
        $there = Get-KubeVirtNode node02 -Context prod | Get-KubeVirtVmi
        ($there | ForEach-Object { "$_ $($_.Uid)" } | Sort-Object) | Should -Be ($expected | ForEach-Object { "$($_.metadata.namespace)/$($_.metadata.name) $($_.metadata.uid)" } | Sort-Object)
        $there.Cluster | Sort-Object -Unique | Should -Be prod
        $stuck = $there | Where-Object MigrationProblem | Select-Object Namespace, Name, MigrationProblem
        ($stuck | ForEach-Object { "$($_.Namespace)/$($_.Name) $($_.MigrationProblem)" } | Sort-Object) | Should -Be ($expected | ForEach-Object { if ($reason = Get-Reason $_) { "$($_.metadata.namespace)/$($_.metadata.name) $reason" } } | Sort-Object)
        (Get-KubeVirtVmi -Node node02 -Context prod).Count | Should -Be @($expected).Count
    }

    It 'and whether the others have room for it' {
        $memory = (Get-KubeVirtVmi -Node node02 -Context prod | Measure-Object Memory -Sum).Sum
        $rest = Get-KubeVirtNode -Context prod | Where-Object Schedulable | Where-Object Name -NE node02
        $rest.Name | Should -Be node01, node03
        # Worked out by hand: eight machines of 2 to 5 GiB each (8 to 15 mod 4: 2 + 3 + 4 + 5, twice), and 8, 4 and 3 GiB of kinds.
        $memory | Should -Be ((2 + 3 + 4 + 5) * 2 * 1GB + 15GB)
        (Get-KubeVirtNode node02 -Context prod).GuestMemory | Should -Be $memory
    }

    It 'and what it uses now, in one scrape, with <Case>' -ForEach @(
        @{ Case = '-Node'; Read = { Get-KubeVirtMetric *.memory_resident_bytes -Node node02 -Context prod } }
        @{ Case = 'the node'; Read = { Get-KubeVirtNode node02 -Context prod | Get-KubeVirtMetric *.memory_resident_bytes } }
        @{ Case = 'one of two nodes'; Read = { Get-KubeVirtNode node0[12] -Context prod | Get-KubeVirtMetric *.memory_resident_bytes -Node *2 } }
        @{ Case = 'the machines'; Read = { Get-KubeVirtVmi -Node node02 -Context prod | Get-KubeVirtMetric *.memory_resident_bytes } }
    ) {
        $raw = Get-Series $prod kubevirt_vmi_memory_resident_bytes | Where-Object Node -EQ node02
        $count = Get-ScrapeCount $prod
        $used = & $Read
        $used.Cluster | Sort-Object -Unique | Should -Be prod
        (Get-ScrapeCount $prod) - $count | Should -Be 1
        ($used.Vmi | Sort-Object) | Should -Be ($raw.Vmi | Sort-Object)
        ($used | Measure-Object Value -Sum).Sum / ($raw | Measure-Object Value -Sum).Sum | Should -BeGreaterThan 0.99
        ($used | Measure-Object Value -Sum).Sum / ($raw | Measure-Object Value -Sum).Sum | Should -BeLessThan 1.01
    }

    It 'is listed, too, when the node has vanished' {
        $node = Get-KubeVirtNode lost -Context test
        $null = Invoke-Api $test api/v1/nodes/lost Delete
        $node | Get-KubeVirtVmi | Should -BeNullOrEmpty
        $null = $node | Get-KubeVirtNode -ErrorVariable failed -ErrorAction SilentlyContinue
        "$($failed[0])" | Should -BeLike "There is no node 'lost' in *test*."
        # orphan was left behind by a node that is gone for longer.
        $orphan = Get-KubeVirtVmi -Node gone01 -Context prod, test
        $orphan.Name | Should -Be orphan, orphan
        $null = $orphan[0] | Get-KubeVirtMetric -ErrorVariable failed -WarningVariable warned -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        "$failed" | Should -BeLike "kinds/orphan is said to be on node 'gone01', where no virt-handler of * runs, so there are no metrics of what is there."
        $warned | Should -BeNullOrEmpty
    }
}

Describe 'Clusters that cannot be told apart by name' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'are told apart by number, object and pipeline, and a name of both is an error' {
        # Both have a context of the name that an installer gives to every cluster.
        Copy-Item $prod.KubeConfig twin1
        Copy-Item $test.KubeConfig twin2
        foreach ($file in 'twin1', 'twin2') { Set-Content $file ((Get-Content $file -Raw) -replace '(?m)((?:- name|current-context): )(prod|test)\r?$', '$1kubernetes-admin@kubernetes') -NoNewline }
        $one = Connect-KubeVirt "$TestDrive/twin1"
        $two = Connect-KubeVirt "$TestDrive/twin2"
        try {
            $one.Context | Should -Be $two.Context
            $machines = Get-KubeVirtVM vm-00000 -Session $one.Id, $two.Id
            ($machines | Get-KubeVirtVmi).Session | Should -Be $one, $two
            ($machines | Select-Object Cluster, Namespace, Name | Get-KubeVirtVmi).Session | Should -Be $one, $two
            $row = [pscustomobject] @{ Cluster = $one.Context; Namespace = 'ns0'; Name = 'vm-00000' }
            # Which of the two is meant, nobody knows: neither is read or written.
            $null = $row | Get-KubeVirtVM -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.Count | Should -Be 1
            "$($failed[0])" | Should -BeExactly "Several clusters are open under the name 'kubernetes-admin@kubernetes': session $($one.Id) ($($one.Server.Authority)), session $($two.Id) ($($two.Server.Authority))."
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'SessionAmbiguous,*'
            $failed[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Session*'
            foreach ($read in { $row | Get-KubeVirtNode @args }, { $row | Test-VmiProbe -TcpSocket -Port 22 @args }, { $row | Get-KubeVirtMetric *.memory_* @args }, { Get-KubeVirtVM -Context kubernetes-admin@kubernetes @args }) {
                $row | Add-Member Node node01 -Force
                . $read -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty -Because "of $read"
                $failed.FullyQualifiedErrorId | Should -BeLike 'SessionAmbiguous,*' -Because "of $read"
            }
            ($row | Get-KubeVirtVM -Session $one).Session | Should -Be $one
            ($row | Get-KubeVirtMetric *.memory_domain_bytes -Session $two).Session | Should -Be $two
            # Two sessions to one server are of one cluster.
            $two | Disconnect-KubeVirt
            $again = Connect-KubeVirt "$TestDrive/twin1"
            ($row | Get-KubeVirtVM).Session | Should -Be $again
            $again | Disconnect-KubeVirt
        } finally {
            $one, $two | Disconnect-KubeVirt
        }
    }
}

Describe 'Objects of a closed session' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'are refused one by one by <Case>, and the others are worked on' -ForEach @(
        @{ Case = 'Get-KubeVirtVmi'; Do = { $input | Get-KubeVirtVmi } }
        @{ Case = 'Get-KubeVirtNode'; Do = { $input | Get-KubeVirtVmi | Get-KubeVirtNode } }
        @{ Case = 'Get-KubeVirtMetric'; Do = { $input | Get-KubeVirtMetric *.memory_resident_bytes } }
        @{ Case = 'Set-VmiProbe'; Do = { $input | Set-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 22) -Role Readiness -Force -PassThru -WarningAction Ignore } }
        @{ Case = 'Test-VmiProbe'; Do = { $input | Test-VmiProbe -TcpSocket -Port 22 } }
    ) {
        $short = Connect-KubeVirt -Context test-viewer
        $old = Get-KubeVirtVM vm-00001 -Session $short
        $short | Disconnect-KubeVirt
        $ErrorActionPreference = 'Continue'
        $said = @($old, (Get-KubeVirtVM vm-00001 -Context prod) | & $Do 2>&1)
        $failed = @($said | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'SessionClosed,*'
        @($said | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] }).Count | Should -Be 1
        Get-KubeVirtVM vm-00001 -Context prod | Remove-VmiProbe -Role Readiness -WarningAction Ignore
    }
}

Describe 'Names with wildcard characters' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'are patterns, and literal after a backtick' {
        (Get-KubeVirtVM 'vm-0000[12]' -Context prod).Name | Should -Be vm-00001, vm-00002
        (Get-KubeVirtVmi '[ps]la?*' -Context prod).Name | Should -Be plain
        $null = Get-KubeVirtVM 'vm-0000`[1`]' -Context prod -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -Be 1
        "$($failed[0])".Contains("'vm-0000``[1``]'") | Should -BeTrue
        { Get-KubeVirtVM 'vm-[' -Context prod } | Should -Throw -ErrorId 'BadPattern,*'
    }

    It 'are those of files, too' {
        $null = New-Item 'scrapes[1]' -ItemType Directory
        Copy-Item "$Root/tests/Fixtures/virt-handler-1.9.prom" -Destination "$TestDrive/scrapes[1]/a.prom"
        Rename-Item -LiteralPath "$TestDrive/scrapes[1]/a.prom" 'a[b]*.prom'.Replace('*', '')
        @(Get-KubeVirtMetric -LiteralPath 'scrapes[1]/a[b].prom' -Vmi db-1).Count | Should -Be 5
        @(Get-ChildItem -LiteralPath 'scrapes[1]' | Get-KubeVirtMetric -Vmi 'db-[1]').Count | Should -Be 5
        @(Get-KubeVirtMetric -Path 'scrapes`[1`]/*.prom' -Vmi db-1).Count | Should -Be 5
        Copy-Item "$Root/examples/probes/fedora-vm.yaml" -Destination "$TestDrive/scrapes[1]/vm.yaml"
        Set-VmiProbe -LiteralPath 'scrapes[1]/vm.yaml' -Probe (New-VmiProbe -TcpSocket -Port 22) -Role Readiness -WarningAction Ignore
        Get-Content -LiteralPath 'scrapes[1]/vm.yaml' -Raw | Should -Match 'readinessProbe:\s+tcpSocket:\s+port: 22'
        Get-KubeVirtVM vm-00000 -Context prod | Export-Csv -LiteralPath 'rows[1].csv'
        (Import-Csv -LiteralPath 'rows[1].csv' | Get-KubeVirtVmi).Name | Should -Be vm-00000
    }
}

Describe 'Ten thousand names in the pipeline' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'are asked for in few requests by <Case>' -ForEach @(
        @{ Case = 'Get-KubeVirtVM'; Do = { $names | Get-KubeVirtVM -Context prod }; Found = 25 }
        @{ Case = 'Get-KubeVirtVmi'; Do = { $names | Get-KubeVirtVmi -Context prod }; Found = 25 }
        @{ Case = 'Get-KubeVirtNode'; Do = { $nodes | Get-KubeVirtNode -Context prod }; Found = 3 }
    ) {
        $names = 0..9999 | ForEach-Object { 'vm-{0:00000}' -f $_ }
        $nodes = 1..10000 | ForEach-Object { 'node{0:00}' -f $_ }
        $null = Invoke-Api $prod simulator/requests Delete
        $ErrorActionPreference = 'Continue'
        $said = @(& $Do 2>&1)
        @($said | Where-Object { $_ -isnot [Management.Automation.ErrorRecord] }).Count | Should -Be $Found
        # What is missing is said, and not ten thousand times.
        $failed = @($said | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
        $failed.Count | Should -BeGreaterThan 0
        @(Invoke-Api $prod simulator/requests | ForEach-Object { $_ }).Count | Should -BeLessThan 50
    }
}

Describe 'Sessions of a day' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'are opened for several contexts at once, the last is the default, and one that cannot be is an error of its own' {
        $sessions = Connect-KubeVirt -Context test-viewer, nowhere, prod-viewer -ErrorVariable failed -ErrorAction SilentlyContinue
        try {
            $sessions.Context | Should -Be test-viewer, prod-viewer
            $sessions.Server | Should -Be $test.Server, $prod.Server
            ($sessions | Where-Object IsDefault).Context | Should -Be prod-viewer
            $failed.Count | Should -Be 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'EntryNotFound,*'
            "$($failed[0])" | Should -BeLike "*'nowhere'*"
        } finally { $sessions | Disconnect-KubeVirt }
    }
}

Describe 'A probe for which nobody says whether it is of readiness or liveness' {
    BeforeEach { if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing } }

    It 'is one error of <Case>, and nothing is changed' -ForEach @(
        @{ Case = 'Set-VmiProbe'; Id = 'ProbeWithoutRole'; Message = 'The probe tcpSocket :22 does not say whether it is for readiness or liveness.'; Do = { $input | Set-VmiProbe -Probe (New-VmiProbe -TcpSocket -Port 22) } }
        @{ Case = 'Remove-VmiProbe'; Id = 'NoRole'; Message = 'A VM has two probes, and nothing says which of them is meant.'; Do = { $input | Remove-VmiProbe } }
    ) {
        $own = Get-State $prod
        $failure = { Get-KubeVirtVM vm-* -Context prod | & $Do } | Should -Throw -ErrorId "$Id,*" -PassThru
        "$failure" | Should -BeExactly $Message
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-Role Readiness*Liveness*'
        Get-State $prod | Should -Be $own
    }
}

Describe 'The day in README.md' {
    BeforeEach {
        if ($prod.Missing) { Set-ItResult -Skipped -Because $prod.Missing }
        else {
            $known = (Get-KubeVirtSession).Id
            $null = Get-KubeVirtSession test | Connect-KubeVirt
        }
    }

    It 'is true about: <Start>' -ForEach $lines {
        $said = @(& ([scriptblock]::Create($Code)) *>&1)
        $said | Where-Object { $_ -is [Management.Automation.ErrorRecord] -or $_ -is [Management.Automation.WarningRecord] } | Should -BeNullOrEmpty
        # What -WhatIf says goes to the host.
        if ($Code -notlike '*-WhatIf') { $said | Out-String -Width 80 | Should -Not -BeNullOrEmpty }
        # Connected twice is once too often for the rest.
        Get-KubeVirtSession | Where-Object Id -NotIn $known | Disconnect-KubeVirt
    }

    It 'has the script that writes the list of each night, and a cluster that cannot be reached hides no other' {
        $file = & "$Root/examples/machines/Export-MachineList.ps1" -Context prod, nowhere, test -Destination lists -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed | Where-Object { "$_" -like "*'nowhere'*" }).Count | Should -BeGreaterThan 0
        $rows = Import-Csv -LiteralPath $file.FullName
        ($rows | Group-Object Cluster | ForEach-Object { "$($_.Name) $($_.Count)" } | Sort-Object) | Should -Be "prod $(@(Get-ApiItem $prod virtualmachines).Count)", "test $(@(Get-ApiItem $test virtualmachines).Count)"
        (Get-KubeVirtSession).Context | Should -Be prod, test
    }
}
