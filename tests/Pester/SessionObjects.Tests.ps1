BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster"
    if (-not $cluster.Missing) {
        $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $secret = Get-Secret (Get-AdminToken $cluster)
        $api = @{ Authentication = 'Bearer'; Token = $secret; SkipCertificateCheck = $true }
        # What the API server itself says, without this module.
        $vms = (Invoke-RestMethod "$($cluster.Server)apis/kubevirt.io/v1/virtualmachines" @api).items
        $vmis = (Invoke-RestMethod "$($cluster.Server)apis/kubevirt.io/v1/virtualmachineinstances" @api).items
    }
    $rendering = $PSStyle.OutputRendering
    $PSStyle.OutputRendering = 'PlainText'
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'Machines and instances' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'are those that the API server lists' {
        (Get-KubeVirtVM).Name | Sort-Object | Should -Be ($vms.metadata.name | Sort-Object)
        (Get-KubeVirtVmi).Uid | Sort-Object | Should -Be ($vmis.metadata.uid | Sort-Object)
        (Get-KubeVirtVmi | Group-Object Phase | ForEach-Object { "$($_.Name) $($_.Count)" }) |
            Should -Be ($vmis.status.phase | Group-Object | Sort-Object Name | ForEach-Object { "$($_.Name) $($_.Count)" })
    }

    It 'have what their objects have' {
        $raw = $vmis | Where-Object { $_.status.guestOSInfo.prettyName } | Select-Object -First 1
        $vmi = Get-KubeVirtVmi $raw.metadata.name -Namespace $raw.metadata.namespace
        $vmi.Phase | Should -BeExactly $raw.status.phase
        $vmi.Node | Should -BeExactly $raw.status.nodeName
        $vmi.GuestOS | Should -BeExactly $raw.status.guestOSInfo.prettyName
        $vmi.IPAddresses | Should -Be $raw.status.interfaces[0].ipAddresses
        $vmi.Labels.'kubevirt.io/nodeName' | Should -BeExactly $raw.status.nodeName
        $vmi.AgentConnected | Should -Be (($raw.status.conditions | Where-Object type -EQ AgentConnected).status -eq 'True')
        $vmi.Created.UtcDateTime | Should -Be ([datetime] $raw.metadata.creationTimestamp).ToUniversalTime()
        $vm = Get-KubeVirtVM $vmi.VM -Namespace $vmi.Namespace
        $vm.Status | Should -BeExactly ($vms | Where-Object { $_.metadata.name -eq $vm.Name -and $_.metadata.namespace -eq $vm.Namespace }).status.printableStatus
    }

    It 'are chosen by <Case>' -ForEach @(
        @{ Case = 'a namespace'; Splat = @{ Namespace = 'ns1' }; Where = { $_.metadata.namespace -eq 'ns1' } }
        @{ Case = 'patterns of namespaces'; Splat = @{ Namespace = 'ns[02]', 'ns1' }; Where = { $_.metadata.namespace -in 'ns0', 'ns1', 'ns2' } }
        @{ Case = 'a name'; Splat = @{ Name = 'vm-00003' }; Where = { $_.metadata.name -eq 'vm-00003' } }
        @{ Case = 'patterns of names and a name among them, once'; Splat = @{ Name = 'vm-0000*', 'vm-00003' }; Where = { $_.metadata.name -like 'vm-0000*' } }
        @{ Case = 'a node'; Splat = @{ Node = 'node01' }; Where = { $_.status.nodeName -eq 'node01' } }
        @{ Case = 'a phase'; Splat = @{ Phase = 'sched*' }; Where = { $_.status.phase -like 'sched*' } }
        @{ Case = 'labels'; Splat = @{ LabelSelector = 'os=windows' }; Where = { $_.metadata.labels.os -eq 'windows' } }
    ) {
        $expected = @($vmis | Where-Object $Where | ForEach-Object { "$($_.metadata.namespace)/$($_.metadata.name)" } | Sort-Object)
        $expected.Count | Should -BeGreaterThan 0
        @(Get-KubeVirtVmi @Splat | ForEach-Object { "$_" } | Sort-Object) | Should -Be $expected
    }

    It 'are found one by one from the pipeline' {
        $some = Get-KubeVirtVM -Status Running | Select-Object -First 2
        ($some | Get-KubeVirtVmi).Name | Should -Be $some.Name
    }

    It 'that are not there are an error each, and hide no other' {
        $found = Get-KubeVirtVmi vm-00000, vm-nowhere -ErrorVariable failed -ErrorAction SilentlyContinue
        @($found).Name | Should -Be 'vm-00000'
        @($failed).Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ObjectNotFound,*'
        $failed[0].TargetObject | Should -BeExactly 'vm-nowhere'
        Get-KubeVirtVmi vm-nowhere* | Should -BeNullOrEmpty
    }

    It 'are listed for a user who may only read them' {
        $null = Connect-KubeVirt -Context simulator-viewer -KubeConfigPath $cluster.KubeConfig
        try {
            @(Get-KubeVirtVmi -Namespace ns0).Count | Should -BeGreaterThan 0
        } finally {
            Disconnect-KubeVirt
        }
    }

    It 'complete from what went by, without asking anybody' {
        $null = Get-KubeVirtVmi
        (TabExpansion2 'Get-KubeVirtVmi vm-0000').CompletionMatches.CompletionText | Should -Contain 'vm-00003'
        (TabExpansion2 'Get-KubeVirtVM -Namespace n').CompletionMatches.CompletionText | Should -Contain 'ns1'
        (TabExpansion2 'Get-KubeVirtVmi -Namespace ns1 -Name v').CompletionMatches.CompletionText |
            Should -Be ($vmis | Where-Object { $_.metadata.namespace -eq 'ns1' } | ForEach-Object { $_.metadata.name } | Sort-Object)
        (TabExpansion2 'Get-KubeVirtVmi -Phase sch').CompletionMatches.CompletionText | Should -Be 'Scheduling', 'Scheduled'
        (TabExpansion2 "Connect-KubeVirt -KubeConfigPath '$($cluster.KubeConfig)' -Context simulator-c").CompletionMatches.CompletionText | Should -Be 'simulator-certificate'
    }
}

Describe 'A component that fails' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    BeforeAll {
        if (-not $cluster.Missing) {
            $lost = Get-KubeVirtComponent Handler | Select-Object -First 1
            $pod = "$($cluster.Server)api/v1/namespaces/kubevirt/pods/$($lost.Name)"
            $null = Invoke-RestMethod "$pod/status" -Method Patch -ContentType application/merge-patch+json -Body '{"status":{"podIP":"127.255.255.254"}}' @api
        }
    }

    AfterAll {
        if (-not $cluster.Missing) { $null = Invoke-RestMethod "$pod/status" -Method Patch -ContentType application/merge-patch+json -Body "{`"status`":{`"podIP`":`"$($lost.PodIP)`"}}" @api }
    }

    It 'is one error that names it, and the samples of the others arrive' {
        $samples = Get-KubeVirtMetric -Component Handler -Name *.process.open_fds -ErrorVariable failed -ErrorAction SilentlyContinue
        $samples.Tags.pod_name | Sort-Object | Should -Be ((Get-KubeVirtComponent Handler).Name | Where-Object { $_ -ne $lost.Name } | Sort-Object)
        @($failed).Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'ConnectionRefused,*'
        "$($failed[0])" | Should -BeLike "$($lost.Name) (*the connection was refused*"
        $failed[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Route PortForward*'
    }

    It 'cannot connect, as a metric and as a result' {
        $samples = Get-KubeVirtMetric -Component Handler -Name *.can_connect -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        ($samples | Where-Object { $_.Tags.pod_name -eq $lost.Name }).Value | Should -Be 0
        $result = Test-KubeVirtHealth -Component Handler | Where-Object Name -EQ $lost.Name
        $result.Healthy | Should -BeFalse
        $result.CanConnect | Should -BeFalse
        $result.Problem | Should -BeLike '*the connection was refused*'
        Test-KubeVirtHealth -Quiet | Should -BeFalse
        Get-KubeVirtComponent Api | Test-KubeVirtHealth -Quiet | Should -BeTrue
    }

    It 'is reached all the same through a tunnel' {
        $tunnel = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig -Route PortForward
        try {
            @(Get-KubeVirtComponent Handler | Get-KubeVirtMetric -Name *.process.open_fds).Count | Should -Be $cluster.Nodes
        } finally {
            $tunnel | Disconnect-KubeVirt
        }
    }
}

Describe 'What is asked' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'machines are listed for names that count them only' {
        $null = Connect-KubeVirt -Context simulator-monitor -KubeConfigPath $cluster.KubeConfig
        try {
            @(Get-KubeVirtMetric -Component Api -Name *.vm.count).Count | Should -Be $cluster.Machines
            @(Get-KubeVirtMetric -Component Api -Name *.vm.count -Raw).Count | Should -Be 0
            @(Get-KubeVirtMetric -Component Handler -Name *.vm.count).Count | Should -Be 0
            @(Get-KubeVirtMetric -Component Api -Name *.vmi.count -Tag @{ vmi_phase = 'Scheduling' }).Count |
                Should -Be @($vmis | Where-Object { $_.status.phase -eq 'Scheduling' }).Count
        } finally {
            Disconnect-KubeVirt
        }
    }

    It 'no machines, when no name asks for them: whoever may not list them scrapes all the same' {
        $rbac = "$($cluster.Server)apis/rbac.authorization.k8s.io/v1"
        $rules = @(
            @{ apiGroups = @(''); resources = @('pods', 'configmaps'); verbs = @('get', 'list') }
            @{ apiGroups = @('kubevirt.io'); resources = @('kubevirts'); verbs = @('list') }
        )
        $role = @{ apiVersion = 'rbac.authorization.k8s.io/v1'; kind = 'ClusterRole'; metadata = @{ name = 'scraper' }; rules = $rules }
        $binding = @{
            apiVersion = 'rbac.authorization.k8s.io/v1'; kind = 'ClusterRoleBinding'; metadata = @{ name = 'scraper' }
            roleRef = @{ apiGroup = 'rbac.authorization.k8s.io'; kind = 'ClusterRole'; name = 'scraper' }
            subjects = @(@{ apiGroup = 'rbac.authorization.k8s.io'; kind = 'User'; name = 'nobody' })
        }
        $null = Invoke-RestMethod "$rbac/clusterroles" -Method Post -ContentType application/json -Body ($role | ConvertTo-Json -Depth 9) @api
        $null = Invoke-RestMethod "$rbac/clusterrolebindings" -Method Post -ContentType application/json -Body ($binding | ConvertTo-Json -Depth 9) @api
        $null = Connect-KubeVirt -Context simulator-nobody -KubeConfigPath $cluster.KubeConfig
        try {
            @(Get-KubeVirtMetric -Name *.process.open_fds -ErrorAction Stop).Count | Should -Be @(Get-KubeVirtComponent).Count
            $samples = Get-KubeVirtMetric -Name *.process.open_fds, *.vm.count -ErrorVariable failed -ErrorAction SilentlyContinue
            @($samples).Count | Should -Be @(Get-KubeVirtComponent).Count
            @($failed).Count | Should -Be 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'Forbidden,*'
            "$($failed[0])" | Should -BeLike "*'nobody' may not list virtualmachines.kubevirt.io in the whole cluster*"
            Get-KubeVirtComponent Controller | Where-Object { $null -ne $_.Leading } | Should -BeNullOrEmpty -Because 'leases may not be listed'
        } finally {
            Disconnect-KubeVirt
        }
    }

    It 'no pods, when only machines are counted: whoever may not list pods counts all the same' {
        $rbac = "$($cluster.Server)apis/rbac.authorization.k8s.io/v1"
        $rules = @(@{ apiGroups = @('kubevirt.io'); resources = @('kubevirts', 'virtualmachines'); verbs = @('list') })
        $role = @{ apiVersion = 'rbac.authorization.k8s.io/v1'; kind = 'ClusterRole'; metadata = @{ name = 'counter' }; rules = $rules }
        $binding = @{
            apiVersion = 'rbac.authorization.k8s.io/v1'; kind = 'ClusterRoleBinding'; metadata = @{ name = 'counter' }
            roleRef = @{ apiGroup = 'rbac.authorization.k8s.io'; kind = 'ClusterRole'; name = 'counter' }
            subjects = @(@{ apiGroup = 'rbac.authorization.k8s.io'; kind = 'User'; name = 'nobody' })
        }
        $null = Invoke-RestMethod "$rbac/clusterrolebindings/scraper" -Method Delete @api
        $null = Invoke-RestMethod "$rbac/clusterroles" -Method Post -ContentType application/json -Body ($role | ConvertTo-Json -Depth 9) @api
        $null = Invoke-RestMethod "$rbac/clusterrolebindings" -Method Post -ContentType application/json -Body ($binding | ConvertTo-Json -Depth 9) @api
        $null = Connect-KubeVirt -Context simulator-nobody -KubeConfigPath $cluster.KubeConfig
        try {
            @(Get-KubeVirtMetric -Name *.vm.count -ErrorAction Stop).Count | Should -Be $cluster.Machines
            @(Get-KubeVirtMetric -Component Api -Name *.vm.count -ErrorAction Stop).Count | Should -Be $cluster.Machines
            { Get-KubeVirtComponent } | Should -Throw -ErrorId 'Forbidden,*'
        } finally {
            Disconnect-KubeVirt
        }
    }

    It 'a component by its name: one that is not there is an error, a wildcard without a match is none' {
        $first = (Get-KubeVirtComponent Api | Select-Object -First 1).Name
        $found = Get-KubeVirtComponent -Name nosuch, $first, gone -ErrorVariable failed -ErrorAction SilentlyContinue
        $found.Name | Should -Be $first
        $failed.FullyQualifiedErrorId | Should -Be (@('ObjectNotFound,KubeVirtMonitor.Commands.GetKubeVirtComponentCommand') * 2)
        $failed.TargetObject | Should -Be 'nosuch', 'gone'
        Get-KubeVirtComponent -Name nosuch* -ErrorAction Stop | Should -BeNullOrEmpty
        { Get-KubeVirtComponent Handler -Name $first -ErrorAction Stop } | Should -Throw -ErrorId 'ObjectNotFound,*'
    }

    It 'nothing, when nothing comes through the pipeline' {
        @() | Get-KubeVirtMetric | Should -BeNullOrEmpty
        @() | Test-KubeVirtHealth | Should -BeNullOrEmpty
    }

    It 'no longer, once Select-Object has enough' {
        $clock = [Diagnostics.Stopwatch]::StartNew()
        @(Get-KubeVirtMetric | Select-Object -First 2).Count | Should -Be 2
        @(Get-KubeVirtVmi | Select-Object -First 1).Count | Should -Be 1
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
    }
}
