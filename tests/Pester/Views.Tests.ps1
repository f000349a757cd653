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
        $lines = Get-View (Get-KubeVirtMetric -Path "$fixtures/virt-*.prom")
        $lines.Count | Should -BeGreaterThan 40
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
    }

    It 'shows <Name> as <Value>' -ForEach @(
        @{ File = 'virt-handler-1.9'; Name = 'kubevirt_handler.vmi.memory_available_bytes'; Value = '2 GiB'; Whose = 'shop', 'web-1'; Tags = ' {node=alpha}' }
        @{ File = 'virt-handler-1.9'; Name = 'kubevirt_handler.vmi.vcpu_seconds.count'; Value = '12.5 s'; Whose = 'shop', 'web-1'; Tags = ' {id=0, state=running, node=alpha}' }
        @{ File = 'virt-handler-1.9'; Name = 'kubevirt_handler.process.open_fds'; Value = '61 files'; Whose = '', ''; Tags = '' }
        @{ File = 'virt-handler-1.2'; Name = 'kubevirt_handler.vmi.storage_read_times_seconds.count'; Value = '250 ms'; Whose = 'shop', 'web-1'; Tags = ' {drive=vda, node=alpha}' }
        @{ File = 'virt-handler-1.2'; Name = 'kubevirt_handler.process.virtual_memory_max_bytes'; Value = '16 EiB'; Whose = '', ''; Tags = '' }
        @{ File = 'virt-controller-1.9'; Name = 'kubevirt_controller.workqueue.queue_duration_seconds.sum'; Value = '2.5 s'; Whose = '', ''; Tags = ' {name=virt-controller-vmi}' }
    ) {
        $lines = @(Get-View (Get-KubeVirtMetric -Path "$fixtures/$File.prom" -Name $Name))
        # A name that does not fit goes on in the next line, which is of that column alone.
        $last = if ($lines[-1].StartsWith(' ' * 44) -and $lines[-1] -notmatch ' kubevirt_') { $lines[-1].Trim(); $lines = $lines[0..($lines.Count - 2)] }
        "$($lines[-1].TrimEnd())$last" | Should -BeExactly ("{0,-11} {1,-15} {2,16} {3}" -f $Whose[0], $Whose[1], $Value, "$Name$Tags")
    }

    It 'shows times as local times and 0 as never' {
        $local = ([DateTimeOffset] '2023-11-14T22:13:20Z').ToLocalTime().ToString('yyyy-MM-dd HH:mm')
        (Get-View (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *vm_running*_transition*))[2] | Should -BeLike "shop *web-1 *$local kubevirt_controller.vm.running*"
        (Get-View (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *vm_error*_transition*))[2] | Should -BeLike 'shop *web-1 * never kubevirt_controller.vm.error*'
    }

    It 'loses nothing of a long name' {
        -join ((Get-View (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *vm_running*_transition*))[2..3].Trim() -replace '^shop.* (?=kubevirt_)') |
            Should -BeExactly 'kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count'
    }

    It 'leaves the objects as they are' {
        (Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.memory_available_bytes).Value | Should -Be 2147483648
    }
}

Describe 'The tables at 80 columns' {
    # What does not fit is left out as a whole; a number without its first digits is another number.
    It 'cuts no value' {
        $lines = Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *vm_running*_transition* | Out-String -Width 80
        $lines | Should -Match '(?m)^shop +web-1 +\d{4}-\d\d-\d\d \d\d:\d\d kubevirt_'
    }

    It 'cuts no unit' { Get-KubeVirtMetricDefinition kubevirt_handler.vmi.dirty_rate_bytes_per_second | Out-String -Width 80 | Should -Match '(?m) byte/second\s*$' }
}

Describe 'The list of samples' {
    It 'shows every property, and the exact value beside the one for people' {
        $sample = Get-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" -Name *.memory_available_bytes
        $text = $sample | Format-List | Out-String -Width 120
        foreach ($property in $sample.PSObject.Properties.Name) { $text | Should -Match "(?m)^$property +:" }
        $text | Should -Match '(?m)^Value +: 2 GiB \(2147483648\)\r?$'
        $text | Should -Match '(?m)^Tags +: kubernetes_vmi_label_app=shop, name=web-1, vm_namespace=shop, node=alpha\r?$'
    }
}

Describe 'The views of definitions and drift' {
    It 'fits 120 columns' {
        $lines = @(Get-View (Get-KubeVirtMetricDefinition)) + @(Get-View (Compare-KubeVirtMetric -Path "$fixtures/virt-*-1.9.prom"))
        $lines.Count | Should -BeGreaterThan 200
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
    }

    It 'shows the reason of drift in full' {
        $text = (Get-View (Compare-KubeVirtMetric -Path "$fixtures/virt-handler-1.9.prom" | Where-Object Name -EQ kubevirt_handler.can_connect)) -join ' ' -replace '\s+', ''
        $text | Should -BeLike '*kubevirt_handler.can_connectNotOnEndpoint*healthcheck*-HealthUrireadsit.*'
    }

    It 'lists what is worth knowing of a definition' {
        $text = Get-KubeVirtMetricDefinition kubevirt_handler.vmi.vcpu_seconds.count | Format-List | Out-String -Width 120
        $text | Should -Match '(?m)^RawNames +: \{kubevirt_vmi_vcpu_seconds_total, kubevirt_vmi_vcpu_seconds\}'
        $text | Should -Match '(?m)^Documented +: True'
    }
}
