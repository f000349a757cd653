BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $fixtures = "$Root/tests/Fixtures"
    $handler = "$fixtures/virt-handler-1.9.prom"
}

Describe 'Get-KubeVirtMetric -Name and -ExcludeName' {
    It 'compares with the name of the module' {
        (Get-KubeVirtMetric -Path $handler -Name kubevirt_handler.vmi.memory*).Name | Sort-Object -Unique |
            Should -Be kubevirt_handler.vmi.memory_available_bytes, kubevirt_handler.vmi.memory_resident_bytes
    }

    It 'compares with the raw name' {
        (Get-KubeVirtMetric -Path $handler -Name process_*).Name | Should -Be kubevirt_handler.process.open_fds
    }

    It 'does not mind letter case' {
        (Get-KubeVirtMetric -Path $handler -Name KUBEVIRT_HANDLER.Process.Open_FDs).Value | Should -Be 61
    }

    It 'takes several patterns' {
        @(Get-KubeVirtMetric -Path $handler -Name *.open_fds, *.ready_status).Count | Should -Be 2
    }

    It 'is the second argument' {
        (Get-KubeVirtMetric -Path $handler *.open_fds).Value | Should -Be 61
    }

    It 'leaves out what -ExcludeName fits, and that goes before -Name' {
        @(Get-KubeVirtMetric -Path $handler -ExcludeName *.vmi.*).Name | Should -Be kubevirt_handler.rest.client_requests.count, kubevirt_handler.virt_handler.ready_status, kubevirt_handler.process.open_fds
        Get-KubeVirtMetric -Path $handler -Name *.open_fds -ExcludeName process_* | Should -BeNullOrEmpty
    }

    It 'gives the same as Where-Object behind it' {
        $all = Get-KubeVirtMetric -Path $handler
        $filtered = Get-KubeVirtMetric -Path $handler -Name *bytes*
        ($filtered | ForEach-Object ToString) | Should -Be ($all | Where-Object Name -Like *bytes* | ForEach-Object ToString)
    }
}

Describe 'Get-KubeVirtMetric -Tag' {
    It 'keeps what fits the pattern' {
        (Get-KubeVirtMetric -Path $handler -Tag @{ name = 'db*' }).Tags.name | Sort-Object -Unique | Should -Be 'db-1'
    }

    It 'wants all entries to fit, and one of several patterns' {
        $samples = Get-KubeVirtMetric -Path $handler -Tag @{ vm_namespace = 'data', 'sho?'; name = '*-1'; node = 'alpha' } -Name *memory_resident*
        $samples.Value | Should -Be 1.5GB, 8GB
        Get-KubeVirtMetric -Path $handler -Tag @{ vm_namespace = 'data'; name = 'web-1' } | Should -BeNullOrEmpty
    }

    It 'keeps what lacks a tag that is $null' {
        @(Get-KubeVirtMetric -Path $handler -Tag @{ name = $null }).Name | Should -Be kubevirt_handler.rest.client_requests.count, kubevirt_handler.virt_handler.ready_status, kubevirt_handler.process.open_fds
    }

    It 'compares numbers as text' {
        (Get-KubeVirtMetric -Path $handler -Tag @{ code = 200 }).Value | Should -Be 19
    }

    It 'filters computed metrics too' {
        (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Name *.phase_count -Tag @{ os = 'windows' }).Value | Should -Be 1
    }
}

Describe 'Get-KubeVirtMetric -AddTag, -PodName, -KubeNamespace' {
    It 'puts the tags behind those of the series' {
        $sample = Get-KubeVirtMetric -Path $handler -Name *.ready_status -PodName virt-handler-7x4 -KubeNamespace kubevirt -AddTag @{ site = 'north'; rank = 2 }
        ($sample.Tags.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" }) -join ' ' | Should -Be 'pod_name=virt-handler-7x4 kube_namespace=kubevirt rank=2 site=north'
    }

    It 'replaces a tag of the same name, and keeps the order of an ordered table' {
        $sample = Get-KubeVirtMetric -Path $handler -Name *.cpu_usage* -Tag @{ name = 'db-1' } -AddTag ([ordered] @{ zone = 'z'; node = 'other' })
        ($sample.Tags.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" }) -join ' ' | Should -Be 'name=db-1 vm_namespace=data zone=z node=other'
    }
}

Describe 'Get-KubeVirtMetric -Raw, -IncludeUnmapped, -Documented' {
    It 'writes everything as the endpoint has it' {
        $samples = Get-KubeVirtMetric -Path $handler -Raw
        $samples.Count | Should -Be 14
        $sample = $samples | Where-Object Name -EQ kubevirt_vmi_memory_resident_bytes | Select-Object -Last 1
        $sample.Tags.namespace | Should -Be 'data'
        $sample.Tags.ContainsKey('vm_namespace') | Should -BeFalse
    }

    It 'names, filters and counts raw samples by their raw names' {
        (Get-KubeVirtMetric -Path $handler -Raw -Name kubevirt_info).Tags.kubeversion | Should -Be 'v1.9.0'
    }

    It 'writes what the catalogue does not know, when asked' {
        Get-KubeVirtMetric -Path $handler -Name shop_* | Should -BeNullOrEmpty
        $sample = Get-KubeVirtMetric -Path $handler -Name shop_* -IncludeUnmapped
        $sample.Name | Should -Be 'shop_till_opened_total'
        $sample.Value | Should -Be 5
        $sample.Description | Should -Be 'A metric that KubeVirt does not have.'
    }

    It 'keeps the documented metrics only, when asked' {
        $documented = (Get-KubeVirtMetricDefinition -Documented -Component Handler).Name
        $names = (Get-KubeVirtMetric -Path $handler -Documented).Name | Sort-Object -Unique
        $names | Should -Not -BeNullOrEmpty
        $names | ForEach-Object { $_ | Should -BeIn $documented }
        'kubevirt_handler.vmi.filesystem_used_bytes' | Should -BeIn (Get-KubeVirtMetric -Path $handler).Name
        'kubevirt_handler.vmi.filesystem_used_bytes' | Should -Not -BeIn $names
    }
}

Describe 'Get-KubeVirtMetric -Component and -KubeVirtVersion' {
    It 'takes the component from the user before the content' {
        (Get-KubeVirtMetric -Path $handler -Component Operator -Name process_open_fds).Name | Should -Be kubevirt_operator.process.open_fds
    }

    It 'takes versions with and without quotes' -ForEach @(
        @{ Script = { Get-KubeVirtMetric -Path $handler -KubeVirtVersion 1.2 -Name *.open_fds } }
        @{ Script = { Get-KubeVirtMetric -Path $handler -KubeVirtVersion v1.2.2 -Name *.open_fds } }
        @{ Script = { Get-KubeVirtMetric -Path $handler -KubeVirtVersion '1.10' -Name *.open_fds } }
        @{ Script = { Get-KubeVirtMetric -Path $handler -KubeVirtVersion ([KubeVirtMonitor.KubeVirtVersion] '1.2') -Name *.open_fds } }
    ) {
        (& $Script).Value | Should -Be 61
    }

    It 'says how the version is known' {
        (Get-KubeVirtMetric -Path "$fixtures/virt-api-1.9.prom" -KubeVirtVersion 1.10 -Verbose 4>&1)[-1] | Should -BeLike '*KubeVirt 1.10, from the caller*'
        (Get-KubeVirtMetric -Path $handler -Verbose 4>&1)[-1] | Should -BeLike '*: 2.*KiB; 14 series; 12 samples; virt-handler; KubeVirt 1.9.0, from the scrape; *s'
        (Get-KubeVirtMetric -Path "$fixtures/virt-controller-1.9.prom" -Verbose 4>&1)[-1] | Should -BeLike '*KubeVirt 1.3* or later, inferred from its names*'
    }
}
