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
    It 'scrapes the instances of the generic check, by their options' {
        $config = New-Config -Folder openmetrics.d @"
init_config:
  service: vms
instances:
  - openmetrics_endpoint: $handler
    namespace: kubevirt_handler
    metrics: [{kubevirt_vmi_memory_resident_bytes: vmi.memory_resident_bytes}, process_open_fds]
    tags: ['kube_namespace:kubevirt', 'pod_name:virt-handler-1']
    exclude_labels: [node, kubernetes_vmi_label_app]
    rename_labels: {name: vm, namespace: vm_namespace}
    exclude_metrics: [process_open_fds]
"@
        $samples = Get-KubeVirtMetric -AgentConfig $config -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $memory = $samples | Where-Object { $_.Name -eq 'kubevirt_handler.vmi.memory_resident_bytes' -and $_.Value -eq 8GB }
        "$($memory.Tags)" | Should -Be "vm=db-1, vm_namespace=data, endpoint=$handler, kube_namespace=kubevirt, pod_name=virt-handler-1, service=vms"
        $samples.Name | Sort-Object -Unique | Should -Be kubevirt_handler.vmi.memory_resident_bytes
    }

    It 'applies to the KubeVirt checks only what reaches their scrape' {
        $config = New-Config @"
instances:
  - kubevirt_handler_metrics_endpoint: $handler
    kubevirt_handler_healthz_endpoint: $address/healthz
    kube_namespace: kubevirt
    kube_pod_name: virt-handler-1
    rename_labels: {name: vm}
    tags: ['team:core']
"@
        $samples = Get-KubeVirtMetric -AgentConfig $config -WarningVariable warnings -WarningAction SilentlyContinue
        ($samples | Where-Object Name -EQ kubevirt_handler.can_connect).Value | Should -Be 1
        $memory = $samples | Where-Object { $_.Name -eq 'kubevirt_handler.vmi.memory_resident_bytes' -and $_.Value -eq 8GB }
        "$($memory.Tags)" | Should -BeLike "*name=db-1*vm_namespace=data*endpoint=$handler, pod_name=virt-handler-1, kube_namespace=kubevirt"
        @($warnings).Count | Should -Be 2
        "$($warnings[0])" | Should -BeLike '*conf.yaml, instance 1: rename_labels is not applied: the check kubevirt_handler does not hand it on to the scrape. *'
        "$($warnings[1])" | Should -BeLike '*conf.yaml, instance 1: tags is not applied: *'
    }

    It 'filters and tags what comes out, by -Name, -Tag and -AddTag' {
        $config = New-Config -Folder openmetrics.d "instances:`n- openmetrics_endpoint: $handler`n  namespace: kubevirt_handler`n  metrics: [{kubevirt_vmi_memory_resident_bytes: vmi.memory_resident_bytes}]`n  rename_labels: {name: vm}`n  tags: ['team:core', 'site:a']"
        $sample = Get-KubeVirtMetric -AgentConfig $config *.memory_resident_bytes -Tag @{ vm = 'db-*' } -AddTag @{ site = 'b' }
        $sample.Value | Should -Be 8GB
        "$($sample.Tags)" | Should -BeLike '*team=core, site=b'
    }

    It 'takes a folder, and the component of a plain endpoint from its name' {
        $null = New-Config "instances:`n- openmetrics_endpoint: $handler"
        @(Get-KubeVirtMetric -AgentConfig "$TestDrive/kubevirt_handler.d" -WarningVariable warnings -WarningAction SilentlyContinue).Count | Should -Be 12
        "$($warnings[0])" | Should -BeLike '*instance 1: the Agent runs the check kubevirt_handler with this, which fails: *'
        "$($warnings[1])" | Should -BeLike '*instance 1: the instance has no metrics, so the Agent would send none of it.*'
        @(Get-KubeVirtMetric -AgentConfig "$TestDrive/kubevirt_*.d/*.yaml" -WarningAction SilentlyContinue).Count | Should -Be 12
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
  - openmetrics_endpoint: $handler
    metrics: [process_open_fds]
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
        $null = New-Item "$TestDrive/openmetrics.d/token" -Force -Value 'abc-123'
        $config = New-Config -Folder openmetrics.d @"
instances:
  - openmetrics_endpoint: $address/headers
    namespace: kubevirt_handler
    metrics: [{kubevirt_header: {type: gauge}}]
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

    It 'says that a file without a session has no pods' {
        $config = New-Config -Folder auto "ad_identifiers: [virt-handler]`ndiscovery: {}`ninit_config:`ninstances: []"
        Get-KubeVirtMetric -AgentConfig $config -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$failed" | Should -BeLike '*discovery: the Agent would find the pods by itself, and without a session with the cluster they are not known here.*'
    }
}

Describe 'Get-KubeVirtMetric -AgentConfig with a session' {
    BeforeAll {
        . $PSScriptRoot/Open-Cluster.ps1
        $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 3
        if ($cluster.Missing) { return }
        $session = Connect-KubeVirt -KubeConfig $cluster.KubeConfig
    }

    AfterAll {
        if ($session) { Disconnect-KubeVirt -Session $session }
        Close-Cluster $cluster
    }

    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'scrapes the pods that the vendor''s auto_conf.yaml is for' {
        $config = New-Config -Folder discovery "ad_identifiers:`n  - virt-handler`ndiscovery: {}`ninit_config:`n  tls_ignore_warning: true`ninstances: []"
        $samples = Get-KubeVirtMetric -AgentConfig $config *.can_connect, *.process.open_fds -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $pods = (Get-KubeVirtComponent -Component Handler).Name | Sort-Object
        $pods.Count | Should -Be 2
        $samples | Where-Object Name -Like *.can_connect | ForEach-Object { "$($_.Tags.pod_name) $($_.Value)" } | Sort-Object | Should -Be ($pods | ForEach-Object { "$_ 1" })
        $samples | Where-Object Name -Like *.open_fds | ForEach-Object { $_.Tags.pod_name } | Sort-Object | Should -Be $pods
    }

    It 'fills in the variables of an annotation, and verifies by its options' {
        # A root that issued none of the certificates, under a name as OpenSSL looks for it.
        $null = New-Item "$TestDrive/annotation/others/0123abcd.0" -Force -Value ([Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=other', [Security.Cryptography.ECDsa]::Create(), 'SHA256').CreateSelfSigned([datetimeoffset]::Now, [datetimeoffset]::Now.AddDays(1)).ExportCertificatePem())
        $instance = @{
            openmetrics_endpoint = 'https://%%host%%:%%port_metrics%%/metrics'; namespace = 'kubevirt_handler'; metrics = @(@{ process_open_fds = 'process.open_fds' })
            tls_verify = $true; tls_ca_cert = 'others'; tls_use_host_header = $true; extra_headers = @{ Host = 'virt-handler.kubevirt.svc' }; tags = @('pod_name:%%kube_pod_name%%')
        }
        $config = New-Config -Folder annotation (@{ openmetrics = @{ init_config = @{}; instances = @($instance) } } | ConvertTo-Json -Depth 6)
        Get-KubeVirtMetric -AgentConfig $config -ErrorVariable failed -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        @($failed).Count | Should -Be 2
        $failed.FullyQualifiedErrorId -replace ',.*' | Should -Be TlsUntrusted, TlsUntrusted

        $samples = Get-KubeVirtMetric -AgentConfig $config -SkipCertificateCheck
        ($samples | ForEach-Object { "$($_.Name) $($_.Tags.pod_name)" } | Sort-Object) | Should -Be ((Get-KubeVirtComponent -Component Handler).Name | Sort-Object | ForEach-Object { "kubevirt_handler.process.open_fds $_" })
    }
}
