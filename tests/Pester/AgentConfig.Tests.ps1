BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    $endpoint = Open-Endpoint "$Root/tests/Fixtures"
    $address = $endpoint.Address
    $handler = "$address/virt-handler-1.9.prom"

    function New-Config([string] $Text, [string] $Folder = 'kubevirt_handler.d') {
        $path = "$TestDrive/$Folder/conf.yaml"
        $null = New-Item $path -Force -Value $Text
        $path
    }
}

AfterAll {
    Close-Endpoint $endpoint
}

Describe 'Get-KubeVirtMetric -AgentConfig' {
    It 'scrapes the instances of a file, by its options' {
        $config = New-Config @"
init_config:
  service: vms
instances:
  - kubevirt_handler_metrics_endpoint: $handler
    kubevirt_handler_healthz_endpoint: $address/healthz
    kube_namespace: kubevirt
    kube_pod_name: virt-handler-1
    exclude_labels: [node, kubernetes_vmi_label_app]
    rename_labels: {name: vm}
    exclude_metrics: ['^kubevirt_rest', process_open_fds]
"@
        $samples = Get-KubeVirtMetric -AgentConfig $config -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $memory = $samples | Where-Object { $_.Name -eq 'kubevirt_handler.vmi.memory_resident_bytes' -and $_.Value -eq 8GB }
        "$($memory.Tags)" | Should -Be "vm=db-1, vm_namespace=data, endpoint=$handler, pod_name=virt-handler-1, kube_namespace=kubevirt, service=vms"
        $samples.Name | Should -Not -Contain 'kubevirt_handler.process.open_fds'
        ($samples | Where-Object Name -EQ kubevirt_handler.can_connect).Value | Should -Be 1
    }

    It 'filters and tags what comes out, by -Name, -Tag and -AddTag' {
        $config = New-Config "instances:`n- kubevirt_handler_metrics_endpoint: $handler`n  rename_labels: {name: vm}`n  tags: ['team:core', 'site:a']"
        $sample = Get-KubeVirtMetric -AgentConfig $config *.memory_resident_bytes -Tag @{ vm = 'db-*' } -AddTag @{ site = 'b' }
        $sample.Value | Should -Be 8GB
        "$($sample.Tags)" | Should -BeLike '*team=core, site=b'
    }

    It 'takes a folder, and the component of a plain endpoint from its name' {
        $null = New-Config "instances:`n- openmetrics_endpoint: $handler"
        @(Get-KubeVirtMetric -AgentConfig "$TestDrive/kubevirt_handler.d").Count | Should -Be 12
        @(Get-KubeVirtMetric -AgentConfig "$TestDrive/kubevirt_*.d/*.yaml").Count | Should -Be 12
    }

    It 'names each option that is not applied in one warning' {
        $config = New-Config "instances:`n- kubevirt_handler_metrics_endpoint: $handler`n  min_collection_interval: 30`n  exclude_metric: [a]`n- kubevirt_handler_metrics_endpoint: $handler`n  min_collection_interval: 30"
        $null = Get-KubeVirtMetric -AgentConfig $config -WarningVariable warnings -WarningAction SilentlyContinue
        $warnings.Count | Should -Be 2
        "$($warnings[0])" | Should -BeLike '*conf.yaml, instances 1, 2: min_collection_interval is not applied: in the Agent it would set the number of seconds between scrapes. *'
        "$($warnings[1])" | Should -BeLike '*conf.yaml, instance 1: exclude_metric is unknown and not applied.*'
    }

    It 'writes an error for each instance and file that cannot be used, and the samples of the others' {
        $config = New-Config @"
instances:
  - kubevirt_handler_metrics_endpoint: https://%%host%%:8443/metrics
  - kubevirt_handler_metrics_endpoint: $handler
  - kubevirt_handler_metrics_endpoint: $address/none.prom
  - kubevirt_handler_metrics_endpoint: $handler
    password: ENC[vault-handle]
"@
        $samples = Get-KubeVirtMetric -AgentConfig $config, "$TestDrive/none.yaml" -ErrorVariable failed -ErrorAction SilentlyContinue
        $samples.Count | Should -Be 12
        $failed.Count | Should -Be 4
        ($failed.FullyQualifiedErrorId -replace ',.*' | Sort-Object) -join ' ' | Should -Be 'BadConfiguration BadConfiguration FileNotFound HttpStatus'
        "$failed" | Should -Not -BeLike '*vault*'
        @($failed | Where-Object { $_.ErrorDetails.RecommendedAction }).Count | Should -Be 4
        "$($failed | Where-Object { "$_" -like '*%%host%%*' })" | Should -BeLike "*conf.yaml, instance 1: kubevirt_handler_metrics_endpoint: it holds the template variable %%host%%, which the Agent's Autodiscovery resolves for each pod*"
    }

    It 'sends the token of a file' {
        Set-Content "$TestDrive/kubevirt_handler.d/token" 'abc-123'
        $config = New-Config @"
instances:
  - openmetrics_endpoint: $address/headers
    metrics: [kubevirt_header]
    auth_token:
      reader: {type: file, path: token}
      writer: {type: header}
"@
        $headers = Get-KubeVirtMetric -AgentConfig $config -WarningVariable warnings
        ($headers | Where-Object { $_.Tags.name -eq 'Authorization' }).Tags.value | Should -Be 'Bearer abc-123'
        $headers[0].Name | Should -Be 'kubevirt_handler.kubevirt_header'
        $warnings | Should -BeNullOrEmpty
    }

    It 'says where it verifies and the Agent would not' {
        $config = New-Config "instances:`n- kubevirt_handler_metrics_endpoint: $($handler -replace '^http', 'https')"
        $said = Get-KubeVirtMetric -AgentConfig $config -Verbose -ErrorAction SilentlyContinue 4>&1
        "$said" | Should -BeLike '*instance 1: tls_verify is not set. Servers are verified here unless it is false*'
    }
}
