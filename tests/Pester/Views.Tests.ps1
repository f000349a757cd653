BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $fixtures = "$Root/tests/Fixtures"
    $rendering = $PSStyle.OutputRendering
    $culture = [cultureinfo]::CurrentCulture
    $PSStyle.OutputRendering = 'PlainText'
    [cultureinfo]::CurrentCulture = [cultureinfo]::InvariantCulture

    function Get-View([object[]] $InputObject) { ($InputObject | Out-String -Width 120) -split '\r?\n' | Where-Object { $_ } }
}

AfterAll {
    $PSStyle.OutputRendering = $rendering
    [cultureinfo]::CurrentCulture = $culture
}

Describe 'The table of samples' {
    It 'fits 120 columns' {
        $lines = Get-View (Get-KubeVirtMetric "$fixtures/virt-*.prom")
        $lines.Count | Should -BeGreaterThan 40
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
    }

    It 'shows <Name> as <Value>' -ForEach @(
        @{ File = 'virt-handler-1.9'; Name = 'kubevirt_handler.vmi.memory_available_bytes'; Value = '2 GiB'; Tags = "shop/web-1, node=alpha, kubernetes_vmi_`u{2026}" }
        @{ File = 'virt-handler-1.9'; Name = 'kubevirt_handler.vmi.vcpu_seconds.count'; Value = '12.5 s'; Tags = "shop/web-1, id=0, state=running, node=a`u{2026}" }
        @{ File = 'virt-handler-1.9'; Name = 'kubevirt_handler.process.open_fds'; Value = '61 files'; Tags = '' }
        @{ File = 'virt-handler-1.2'; Name = 'kubevirt_handler.vmi.storage_read_times_seconds.count'; Value = '250 ms'; Tags = 'shop/web-1, drive=vda, node=alpha' }
        @{ File = 'virt-handler-1.2'; Name = 'kubevirt_handler.process.virtual_memory_max_bytes'; Value = '16 EiB'; Tags = '' }
        @{ File = 'virt-controller-1.9'; Name = 'kubevirt_controller.workqueue.queue_duration_seconds.sum'; Value = '2.5 s'; Tags = 'name=virt-controller-vmi' }
    ) {
        $line = (Get-View (Get-KubeVirtMetric "$fixtures/$File.prom" -Name $Name))[-1]
        $line | Should -BeExactly ("{0,-59} {1,19} {2}" -f $Name, $Value, $Tags)
    }

    It 'shows times as local times and 0 as never' {
        $local = ([DateTimeOffset] '2023-11-14T22:13:20Z').ToLocalTime().ToString('yyyy-MM-dd HH:mm:ss')
        (Get-View (Get-KubeVirtMetric "$fixtures/virt-controller-1.9.prom" -Name *vm_running*_transition*))[-1] | Should -BeLike "* $local shop/web-1"
        (Get-View (Get-KubeVirtMetric "$fixtures/virt-controller-1.9.prom" -Name *vm_error*_transition*))[-1] | Should -BeLike '* never shop/web-1'
    }

    It 'cuts long names in the middle' {
        (Get-View (Get-KubeVirtMetric "$fixtures/virt-controller-1.9.prom" -Name *vm_running*_transition*))[-1] |
            Should -BeLike "kubevirt_controller.vm.running_status_last_transitio`u{2026}.count *"
    }

    It 'leaves the objects as they are' {
        (Get-KubeVirtMetric "$fixtures/virt-handler-1.9.prom" -Name *.memory_available_bytes).Value | Should -Be 2147483648
    }
}

Describe 'The tables at 80 columns' {
    # What does not fit is left out as a whole; a number without its first digits is another number.
    It 'cuts no value' {
        $lines = Get-KubeVirtMetric "$fixtures/virt-controller-1.9.prom" -Name *vm_running*_transition* | Out-String -Width 80
        $lines | Should -Match '(?m) \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s*$'
    }

    It 'cuts no unit' { Get-KubeVirtMetricDefinition kubevirt_handler.vmi.dirty_rate_bytes_per_second | Out-String -Width 80 | Should -Match '(?m) byte/second\s*$' }
}

Describe 'The list of samples' {
    It 'shows every property, and the exact value beside the one for people' {
        $sample = Get-KubeVirtMetric "$fixtures/virt-handler-1.9.prom" -Name *.memory_available_bytes
        $text = $sample | Format-List | Out-String -Width 120
        foreach ($property in $sample.PSObject.Properties.Name) { $text | Should -Match "(?m)^$property +:" }
        $text | Should -Match '(?m)^Value +: 2 GiB \(2147483648\)\r?$'
        $text | Should -Match '(?m)^Tags +: shop/web-1, node=alpha, kubernetes_vmi_label_app=shop\r?$'
    }
}

Describe 'The views of definitions and drift' {
    It 'fits 120 columns' {
        $lines = @(Get-View (Get-KubeVirtMetricDefinition)) + @(Get-View (Compare-KubeVirtMetric "$fixtures/virt-*-1.9.prom"))
        $lines.Count | Should -BeGreaterThan 200
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
    }

    It 'shows the reason of drift in full' {
        $text = (Get-View (Compare-KubeVirtMetric "$fixtures/virt-handler-1.9.prom" | Where-Object Name -EQ kubevirt_handler.can_connect)) -join ' ' -replace '\s+', ''
        $text | Should -BeLike '*kubevirt_handler.can_connectNotOnEndpoint*healthcheck*-HealthUrireadsit.*'
    }

    It 'lists what is worth knowing of a definition' {
        $text = Get-KubeVirtMetricDefinition kubevirt_handler.vmi.vcpu_seconds.count | Format-List | Out-String -Width 120
        $text | Should -Match '(?m)^RawNames +: \{kubevirt_vmi_vcpu_seconds_total, kubevirt_vmi_vcpu_seconds\}'
        $text | Should -Match '(?m)^Documented +: True'
    }
}
