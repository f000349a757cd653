BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 4 -EveryKind
    if (-not $cluster.Missing) {
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $secret = Get-Secret (Get-AdminToken $cluster)
        $api = @{ Authentication = 'Bearer'; Token = $secret; SkipCertificateCheck = $true }
    }
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'
    function Get-View([object[]] $InputObject, [int] $Width = 80) { ($InputObject | Out-String -Width $Width) -split '\r?\n' | Where-Object { $_ } }
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'Before a node is drained' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'shows what runs on it' {
        (Get-KubeVirtVmi -Node node02 -Namespace kinds).Name | Should -Be 'dedicated', 'local-disk', 'plugged'
        (Get-KubeVirtNode node02 | Get-KubeVirtVmi -Namespace kinds).Name | Should -Be 'dedicated', 'local-disk', 'plugged'
        (Get-KubeVirtNode node0* | Get-KubeVirtVmi -Namespace kinds -Name p*).Name | Sort-Object | Should -Be 'paused', 'plain', 'plugged'
        Get-KubeVirtNode cordoned | Get-KubeVirtVmi | Should -BeNullOrEmpty
    }

    It 'shows what of KubeVirt runs on it' {
        (Get-KubeVirtNode node02 | Get-KubeVirtComponent Handler).Node | Should -BeExactly 'node02'
        $placed = Get-KubeVirtComponent | Where-Object Node -In node01, node02
        (Get-KubeVirtNode node01, node02 | Get-KubeVirtComponent).Name | Should -BeExactly $placed.Name
        (Get-KubeVirtNode node01, node02 | Get-KubeVirtComponent Handler -Node *1).Node | Should -BeExactly 'node01'
        Get-KubeVirtNode cordoned | Get-KubeVirtComponent | Should -BeNullOrEmpty
        Get-KubeVirtNode node02 | Get-KubeVirtComponent -Name no-such -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
    }

    It 'shows which machines cannot migrate, and why' {
        $stuck = Get-KubeVirtVmi -Node node02 -Namespace kinds | Where-Object MigrationProblem
        $stuck.Name | Should -Be 'dedicated', 'local-disk'
        $stuck[0].MigrationProblem | Should -BeExactly 'HostDeviceNotLiveMigratable: VMI uses a PCI host devices'
        $stuck[1].MigrationProblem | Should -BeLike 'DisksNotLiveMigratable: *PVC local is not shared*'
    }

    It 'shows where a failed migration wanted to go' {
        $migration = (Get-KubeVirtVmi local-disk).Migration
        $migration.TargetNode | Should -BeExactly 'node01'
        $migration.FailureReason | Should -BeExactly 'Live migration stuck for 150 seconds and has been aborted'
        "$migration" | Should -BeExactly 'node02 to node01: failed'
    }
}

Describe 'Nodes' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'tell how far they are over-committed' {
        $node = Get-KubeVirtNode node01
        # 1 + 2 + 4 + 1 vCPUs of the four machines with metrics, and 1 + 1 + 2 + 3 of kinds, on 64 CPUs.
        $node.Machines, $node.VCpus, $node.CpuOvercommit | Should -Be 8, 15, (15 / 64)
        $node.GuestMemory | Should -Be 21GB
        $node.MemoryOvercommit | Should -Be (21 / 256)
    }

    It 'show in a table of 80 columns whether machines are placed on them, and why not' {
        $lines = Get-View (Get-KubeVirtNode)
        ($lines -match '^Name')[0] | Should -Match '^Name +Ready +KVM +VMs +vCPU/CPU +Memory +Problem$'
        @($lines -match '^node01 ')[0] | Should -Match '^node01 +True +1000 +8 +15/64 +21/256 GiB *$'
        @($lines -match '^cordoned ')[0] | Should -Match '^cordoned +True +1000 +0 +0/7.91 +0/30 GiB +Cordoned$'
        ($lines | Measure-Object Length -Maximum).Maximum | Should -BeLessOrEqual 80
        (Get-KubeVirtNode cordoned).Problem | Should -BeExactly 'Cordoned'
        (Get-KubeVirtNode lost).Problem | Should -BeExactly 'Not Ready: NodeStatusUnknown: Kubelet stopped posting node status.'
    }

    It 'are those of instances, names and patterns, each once' {
        (Get-KubeVirtVmi -Namespace kinds -Phase Running -Name p* | Get-KubeVirtNode).Name | Sort-Object | Should -Be 'node01', 'node02'
        ('node02', 'control', 'node02' | Get-KubeVirtNode).Name | Sort-Object | Should -Be 'control', 'node02'
        (Get-KubeVirtNode NODE*).Name | Should -Be 'node01', 'node02'
        (Get-KubeVirtNode -LabelSelector kubevirt.io/cpumanager=true).Name | Should -Be 'cordoned'
        (Get-KubeVirtComponent Handler | Get-KubeVirtNode).Name | Sort-Object | Should -Be 'node01', 'node02'
        # One that waits for a node is on none.
        Get-KubeVirtVmi unschedulable | Get-KubeVirtNode | Should -BeNullOrEmpty
    }

    It 'that have vanished are an error, and what ran there is still listed' {
        (Get-KubeVirtVmi -Node gone01).Name | Should -Be 'orphan'
        $nodes = Get-KubeVirtNode gone01, node01 -ErrorVariable failed -ErrorAction SilentlyContinue
        $nodes.Name | Should -Be 'node01'
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
        $failed[0].Exception.Message | Should -BeExactly "There is no node 'gone01' in simulator. The nearest name is node01."
        $null = Get-KubeVirtVmi orphan | Get-KubeVirtNode -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].TargetObject | Should -BeExactly 'gone01'
    }

    It 'may be forbidden, and machines are listed all the same' {
        $viewer = Connect-KubeVirt -Context simulator-viewer -KubeConfigPath $cluster.KubeConfig
        try {
            Get-KubeVirtNode -Session $viewer -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'Forbidden,*'
            $failed[0].Exception.Message | Should -BeLike '*nodes*'
            (Get-KubeVirtVmi -Session $viewer -Node node02 -Namespace kinds).Count | Should -Be 3
            (Get-KubeVirtVM typed-cores -Session $viewer).CpuDetail.Cores | Should -Be 3
        }
        finally {
            Disconnect-KubeVirt $viewer
        }
    }

    It 'take no object that is on none' {
        $null = Get-Date | Get-KubeVirtNode -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InputInvalid,*'
        $null = Get-KubeVirtNode node01 | Get-KubeVirtVM -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'InputInvalid,*'
    }
}

Describe 'Machines' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'tell why they do not start' {
        $waiting = Get-KubeVirtVM -Namespace kinds | Where-Object Problem
        $waiting.Name | Should -Be 'crash-loop', 'io-error', 'lost-type', 'no-claim', 'unschedulable'
        $waiting[0].Problem | Should -BeExactly 'CrashLoopBackOff: it failed to start 3 times in a row'
        $waiting[3].Problem | Should -BeExactly 'FailedPvcNotFound: PVC kinds/none-such does not exist, waiting for it to appear'
        $waiting[4].Problem | Should -BeLike 'Unschedulable: 0/2 nodes are available: *'
    }

    It 'have the vCPUs and memory of their instance type' {
        $vms = Get-KubeVirtVM typed*, plain
        ($vms | ForEach-Object { "$($_.Name) $($_.VCpus) $($_.Memory / 1GB)" }) | Sort-Object | Should -Be 'plain 2 2', 'typed 3 3', 'typed-before  0', 'typed-cores 3 3', 'typed-stopped 3 3'
        $lost = Get-KubeVirtVM lost-type
        $lost.NotExpanded | Should -BeExactly 'virtualmachineclusterinstancetypes.instancetype.kubevirt.io "deleted-type" not found'
        $lost.CpuDetail, $lost.MemoryDetail | Should -Be $null, $null
        (Get-KubeVirtVM typed).NotExpanded | Should -BeNullOrEmpty
    }

    It 'have disks by which their metrics are found' {
        $disks = (Get-KubeVirtVmi plain).Disks
        ($disks | Where-Object SourceName -EQ plain-data).Target | Should -BeExactly 'sda'
        ($disks | Measure-Object Size -Sum).Sum | Should -Be (130GB + 1MB)
        (Get-KubeVirtVmi plugged).Disks.Where{ $_.HotPlugged }.Name | Should -Be 'extra'
    }

    It 'have interfaces with all addresses, and what the guest agent says' {
        $vmi = Get-KubeVirtVmi plain
        $vmi.Interfaces[0].IPAddresses | Should -Be '10.0.2.2', 'fd10::2'
        $vmi.Interfaces.Network | Should -Be 'pod', 'kinds/storage-net', $null
        $vmi.Guest.Kernel, $vmi.Guest.AgentVersion | Should -Be '6.14.0', '9.2.0'
        $vmi.CpuDetail.MaxSockets, $vmi.MemoryDetail.MaxGuest | Should -Be 4, 8GB
        ($vmi.Conditions | Where-Object Type -EQ Ready).Since | Should -Be ([DateTimeOffset] '2026-01-01T08:00:10Z')
        (Get-KubeVirtVmi vm-00001).LauncherPod | Should -BeLike 'virt-launcher-vm-00001-*'
    }

    It 'are one property away from what the API gave' {
        $raw = Invoke-WebRequest "$($cluster.Server)apis/kubevirt.io/v1/namespaces/kinds/virtualmachines/typed" @api
        $vm = Get-KubeVirtVM typed
        $vm.Raw.spec.template.metadata.labels.'kubevirt.io/vm' | Should -BeExactly 'typed'
        # Times stay the texts that they are.
        $vm.Raw.metadata.creationTimestamp | Should -BeExactly '2026-01-01T08:00:00Z'
        $vm.Raw | ConvertTo-Json -Depth 20 -Compress | Should -BeExactly $raw.Content.Trim()
        (Get-KubeVirtNode lost).Raw.spec.taints[0].effect | Should -BeExactly 'NoExecute'
        (Get-KubeVirtComponent Handler)[0].Raw.kind | Should -BeExactly 'Pod'
    }

    It 'ask nobody for what is not asked for' {
        $vmis = Get-KubeVirtVmi -Namespace kinds
        Disconnect-KubeVirt $session
        try {
            # With the session closed, a request would be an error.
            $vmis | Select-Object * | ConvertTo-Json -Depth 3 -WarningAction Ignore | Should -Not -BeNullOrEmpty
            $vmis | Export-Csv "$TestDrive/vmis.csv"
            Get-View $vmis | Should -Not -BeNullOrEmpty
            ($vmis | Format-List * | Out-String) | Should -Not -Match '(?m)^(Raw|Disks) '
            { $vmis[0].Disks } | Should -Throw '*has been closed*'
        }
        finally {
            $script:session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        }
    }

    It 'keep all of their list with -Detailed' {
        $vmis = Get-KubeVirtVmi -Namespace kinds -Detailed
        $vms = Get-KubeVirtVM plain -Detailed
        Disconnect-KubeVirt $session
        try {
            ($vmis | Where-Object Name -EQ plugged).Disks.Count | Should -Be 2
            $vms.Raw.spec.runStrategy | Should -BeExactly 'Always'
        }
        finally {
            $script:session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        }
    }
}
