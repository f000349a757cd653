BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $fixtures = "$Root/tests/Fixtures"
    $old = "$fixtures/virt-handler-1.2.prom"
    $new = "$fixtures/virt-handler-1.9.prom"
    function Get-Line([object[]] $Difference) { $Difference | ForEach-Object { "$($_.Change) $($_.Name)" } }
}

Describe 'Compare-KubeVirtMetric -Reference -Difference' {
    It 'writes what weighs most first' {
        $found = Compare-KubeVirtMetric -Reference $old -Difference $new
        $found | Should -BeOfType KubeVirtMonitor.MetricDifference
        ($found | Group-Object Change | ForEach-Object { "$($_.Name) $($_.Count)" } | Sort-Object) -join ', ' | Should -BeExactly 'Added 9, Grown 1, Removed 8, Renamed 1, Value 1'
        $found[0].Change, $found[-1].Change | Should -Be Removed, Grown
        $files = $found | Where-Object Name -EQ kubevirt_handler.process.open_fds
        $files.Reference, $files.Difference, $files.Delta, $files.Unit | Should -Be 42, 61, 19, 'file'
        $files.Ratio | Should -BeGreaterThan 1.45
        $gone = $found | Where-Object { $_.Change -eq 'Removed' -and $_.Name -like '*memory_resident*' }
        $gone.Tags.name, $gone.Reference, $gone.Difference | Should -Be 'web-2', 512MB, $null
    }

    It 'finds nothing between a scrape and itself, given as <What>' -ForEach @(
        @{ What = 'a path'; Side = { $new } }
        @{ What = 'a file'; Side = { Get-Item $new } }
        @{ What = 'wildcards'; Side = { "$fixtures/virt-handler-1.9.p*" } }
        @{ What = 'text'; Side = { Get-Content -Raw $new } }
        @{ What = 'lines'; Side = { Get-Content $new } }
        @{ What = 'samples'; Side = { Get-KubeVirtMetric -Path $new -IncludeUnmapped } }
    ) {
        Compare-KubeVirtMetric -Reference (& $Side) -Difference $new | Should -BeNullOrEmpty
        Compare-KubeVirtMetric -Reference $new -Difference (& $Side) | Should -BeNullOrEmpty
        & $Side | Compare-KubeVirtMetric -Reference $new | Should -BeNullOrEmpty
        Compare-KubeVirtMetric -Reference (& $Side) -Difference $old | Should -HaveCount 20
    }

    It 'compares releases, written as people write them' {
        $expected = 'Added kubevirt_handler.vmi.gpu_info', 'Added kubevirt_handler.vmi.guest_os_panic.count', 'Added kubevirt_handler.vmi.sync.count'
        Get-Line (Compare-KubeVirtMetric -Reference 1.8 -Difference 1.9 -Name *_handler.*) | Should -BeExactly $expected
        Get-Line (Compare-KubeVirtMetric -Reference v1.8 -Difference '1.9' -Component Handler) | Should -BeExactly $expected
        Get-Line (Compare-KubeVirtMetric -Reference 1.9 -Difference 1.8 -Name *gpu_info) | Should -BeExactly 'Removed kubevirt_handler.vmi.gpu_info'
    }

    It 'compares a scrape with a release' {
        $found = Compare-KubeVirtMetric -Reference 1.9 -Difference $old -Name *client_requests*, *open_fds, *vcpu_seconds*
        ($found | ForEach-Object { "$($_.Change) $($_.Name)" }) -join '; ' | Should -BeExactly 'Removed kubevirt_handler.vmi.vcpu_seconds.count; Renamed kubevirt_handler.rest.client_requests.count'
        $found[1].From, $found[1].To | Should -BeExactly 'kubevirt_rest_client_requests_total', 'rest_client_requests_total'
    }

    It 'keeps to names and tags, and to what moved far enough' {
        Get-Line (Compare-KubeVirtMetric -Reference $old -Difference $new -Name *open_fds) | Should -BeExactly 'Value kubevirt_handler.process.open_fds'
        # 42 to 61 is 31 % of 61.
        Compare-KubeVirtMetric -Reference $old -Difference $new -Name *open_fds -Tolerance 0.32 | Should -BeNullOrEmpty
        Compare-KubeVirtMetric -Reference $old -Difference $new -Name *open_fds -Tolerance 0.31 | Should -HaveCount 1
        (Compare-KubeVirtMetric -Reference $old -Difference $new -Tag @{ name = 'web-1' } -Name *memory_resident* -IncludeEqual).Change | Should -Be Equal
        $byName = Compare-KubeVirtMetric -Reference $old -Difference $new -Name *memory_resident* -By Name
        $byName.Reference, $byName.Difference, $byName.ReferenceSeries | Should -Be 2GB, 9.5GB, 2
        (Compare-KubeVirtMetric -Reference $old -Difference $new -Name kubevirt_info -IgnoreTag goversion, kubeversion -IncludeEqual).Change | Should -Be Equal
    }

    It 'takes the name first, and says which name there is not' {
        Get-Line (Compare-KubeVirtMetric *open_fds -Reference $old -Difference $new) | Should -BeExactly 'Value kubevirt_handler.process.open_fds'
        Get-Line (Compare-KubeVirtMetric shop_till_opened_total -Reference $old -Difference $new) | Should -BeExactly 'Added shop_till_opened_total'
        { Compare-KubeVirtMetric kubevirt_handler.process.open_fd -Reference $old -Difference $new -ErrorAction Stop } | Should -Throw -ErrorId 'MetricNotFound,*' -ExpectedMessage '*kubevirt_handler.process.open_fds*'
        (Compare-KubeVirtMetric *open_fds -Path $new -IncludeEqual).Name | Should -BeExactly 'kubevirt_handler.process.open_fds'
    }

    It 'keeps to machines, namespaces and nodes' {
        Get-Line (Compare-KubeVirtMetric -Reference $old -Difference $new -Vmi db-1, web-2 -Name *memory_resident*) | Should -BeExactly 'Removed kubevirt_handler.vmi.memory_resident_bytes', 'Added kubevirt_handler.vmi.memory_resident_bytes'
        $data = Compare-KubeVirtMetric -Reference (Get-KubeVirtMetric -Path $old) -Difference (Get-KubeVirtMetric -Path $new) -Namespace data
        Get-Line $data | Should -BeExactly ('cpu_usage_seconds.count', 'filesystem_used_bytes', 'memory_resident_bytes', 'migration_data_remaining_bytes' | ForEach-Object { "Added kubevirt_handler.vmi.$_" })
        Compare-KubeVirtMetric -Reference $old -Difference $new -Node beta | Should -BeNullOrEmpty
    }

    It 'says which side is incomplete, and compares nothing with nothing' {
        $found = Compare-KubeVirtMetric -Reference $new, "$TestDrive/none.prom" -Difference $new -ErrorAction SilentlyContinue -ErrorVariable failed -WarningVariable warned -WarningAction SilentlyContinue
        $found | Should -BeNullOrEmpty
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'FileNotFound,*'
        "$warned" | Should -BeLike 'Something could not be read.*'
        Compare-KubeVirtMetric -Reference "$TestDrive/none.prom" -Difference $new -ErrorAction SilentlyContinue -WarningVariable warned | Should -BeNullOrEmpty
        $warned | Should -BeNullOrEmpty
        # A side that was read and has nothing of what is asked for is a side.
        (Compare-KubeVirtMetric -Reference $new -Difference "$fixtures/virt-api-1.9.prom" -Name *open_fds).Change | Should -Be Removed, Added
        { Compare-KubeVirtMetric -Reference (Get-Date) -Difference $new } | Should -Throw -ErrorId 'ParameterArgumentTransformationError,*' -ExpectedMessage '*DateTime is no side*'
        { Compare-KubeVirtMetric -Reference 99 -Difference $new } | Should -Throw -ExpectedMessage '*no open session 99*'
        { Compare-KubeVirtMetric -Path $new -Tolerance 0.1 } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'stops when nobody wants more' {
        @(Compare-KubeVirtMetric -Reference $old -Difference $new | Select-Object -First 1).Name | Should -BeExactly 'kubevirt_handler.process.start_time_seconds'
    }

    It 'tells rows apart at 80 columns' {
        $lines = (Compare-KubeVirtMetric -Reference $old -Difference $new | Out-String -Width 80) -split '\r?\n' -replace '\e\[[0-9;]*m'
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 80 }
        ($lines -join '' -replace '\s') | Should -BeLike '*Removed512MiB-kubevirt_handler.vmi.memory_resident_bytes{shop/web-2,node=alpha,kubernetes_vmi_label_app=shop}*'
    }
}

Describe 'Compare-KubeVirtMetric with clusters' {
    BeforeAll {
        $cluster = Open-Cluster "$TestDrive/cluster"
        if (-not $cluster.Missing) { $session = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig }
    }

    AfterAll {
        Get-KubeVirtSession | Disconnect-KubeVirt
        Close-Cluster $cluster
    }

    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It 'compares a session, by object and by number, with what was saved of it' {
        $before = Get-KubeVirtMetric -Component Handler -IncludeUnmapped
        $found = Compare-KubeVirtMetric -Reference $before -Difference $session -Component Handler
        $found.Change | Where-Object { $_ -notin 'Value', 'Grown', 'Reset' } | Should -BeNullOrEmpty
        # What the hypervisor has given a machine does not change by itself.
        $equal = Compare-KubeVirtMetric -Reference $session.Id -Difference $session -Component Handler -Name *memory_domain_bytes -IncludeEqual
        @($equal).Count | Should -Be ($cluster.Instances - 1)
        $equal.Change | Sort-Object -Unique | Should -Be Equal
        # One for all pods, or one for each.
        $handlers = Compare-KubeVirtMetric -Reference $session -Difference $session -Name *handler.process.max_fds -IncludeEqual
        @($handlers).Count, $handlers[0].ReferenceSeries | Should -Be 1, $cluster.Nodes
        @(Compare-KubeVirtMetric -Reference $session -Difference $session -Name *handler.process.max_fds -IncludeEqual -IgnoreTag @()).Count | Should -Be $cluster.Nodes
    }

    It 'compares a cluster with a release by all of its components' {
        $found = Compare-KubeVirtMetric -Reference 1.9 -Difference $session -Name *.process.open_fds, *.vmi.gpu_info
        ($found | ForEach-Object { "$($_.Change) $($_.Name)" }) | Should -BeExactly 'Removed kubevirt_handler.vmi.gpu_info'
    }

    It 'refuses what a release has nothing for' {
        { Compare-KubeVirtMetric -Reference 1.9 -Difference $session -Vmi vm-00000 } | Should -Throw -ErrorId 'ParameterHasNoEffect,*'
        { Compare-KubeVirtMetric -Reference 1.9 -Difference 1.8 -By Name -Tolerance 0.5 } | Should -Throw -ErrorId 'ParameterHasNoEffect,*' -ExpectedMessage '-By, -Tolerance have no effect*'
        { Compare-KubeVirtMetric -Reference 1.8, 1.9 -Difference $session } | Should -Throw -ErrorId 'VersionBesideOthers,*'
    }
}
