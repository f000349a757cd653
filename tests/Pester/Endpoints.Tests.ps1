BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    $endpoint = Open-Endpoint "$Root/tests/Fixtures"
    $address = $endpoint.Address
    $handler = "$address/virt-handler-1.9.prom"
    # Nothing listens on a port that was free a moment ago.
    $probe = [Net.Sockets.TcpListener]::new([Net.IPAddress]::Loopback, 0)
    $probe.Start()
    $nobody = "http://127.0.0.1:$($probe.LocalEndpoint.Port)/metrics"
    $probe.Stop()

    function Get-Secret([string] $Text) { [Net.NetworkCredential]::new('', $Text).SecurePassword }
}

AfterAll {
    Close-Endpoint $endpoint
}

Describe 'Get-KubeVirtMetric -Uri' {
    It 'scrapes an endpoint, and tags its samples with the address' {
        $samples = Get-KubeVirtMetric -Uri $handler
        $samples.Count | Should -Be 12
        $samples.Target | Sort-Object -Unique | Should -Be $handler
        $samples | ForEach-Object { $_.Tags['endpoint'] | Should -Be $handler }
    }

    It 'scrapes many, and binds objects by Uri and by MetricsUri' {
        @(Get-KubeVirtMetric -Uri $handler, "$address/virt-operator-1.9.prom").Count | Should -Be 15
        @([pscustomobject] @{ Uri = $handler }, [pscustomobject] @{ Uri = "$address/virt-operator-1.9.prom" } | Get-KubeVirtMetric).Count | Should -Be 15
        @([pscustomobject] @{ MetricsUri = [uri] $handler } | Get-KubeVirtMetric).Count | Should -Be 12
    }

    It 'takes component, pod and namespace of an object along' {
        $target = [pscustomobject] @{ MetricsUri = $handler; Component = 'Operator'; PodName = 'virt-operator-1'; KubeNamespace = 'kubevirt' }
        $sample = $target | Get-KubeVirtMetric -Name process_open_fds
        $sample.Name | Should -Be 'kubevirt_operator.process.open_fds'
        ($sample.Tags.GetEnumerator() | ForEach-Object { "$($_.Key)=$($_.Value)" }) -join ' ' | Should -Be "endpoint=$handler pod_name=virt-operator-1 kube_namespace=kubevirt"
    }

    It 'filters as for files' {
        (Get-KubeVirtMetric -Uri $handler *.memory_resident_bytes -Tag @{ name = 'db-1' }).Value | Should -Be 8GB
    }

    It 'reports targets that fail one by one, and writes the samples of the others' {
        $samples = Get-KubeVirtMetric -Uri $nobody, $handler, "$address/none.prom" -MaximumRetryCount 0 -ErrorAction SilentlyContinue -ErrorVariable failed
        $samples.Count | Should -Be 12
        $failed.Count | Should -Be 2
        $byTarget = $failed | Group-Object TargetObject -AsHashTable
        $byTarget[$nobody][0].FullyQualifiedErrorId | Should -BeLike 'ConnectionRefused,*'
        $byTarget[$nobody][0].CategoryInfo.Category | Should -Be 'ConnectionError'
        $byTarget["$address/none.prom"][0].FullyQualifiedErrorId | Should -BeLike 'HttpStatus,*'
        $byTarget["$address/none.prom"][0].ToString() | Should -BeLike '*404*'
        @($failed | Where-Object { $_.ErrorDetails.RecommendedAction }).Count | Should -Be 2
    }

    It 'asks a busy target again' {
        $endpoint.State.Busy = 0
        @(Get-KubeVirtMetric -Uri "$address/busy" -RetryIntervalSec 0.05).Count | Should -Be 3
        $endpoint.State.Busy | Should -Be 3
        $endpoint.State.Busy = 0
        { Get-KubeVirtMetric -Uri "$address/busy" -MaximumRetryCount 0 -ErrorAction Stop } | Should -Throw -ErrorId 'Busy,*'
    }

    It 'follows redirects as far as allowed' {
        @(Get-KubeVirtMetric -Uri "$address/moved").Count | Should -Be 3
        { Get-KubeVirtMetric -Uri "$address/moved" -MaximumRedirection 0 -ErrorAction Stop } | Should -Throw -ErrorId 'TooManyRedirects,*'
    }

    It 'gives up after -TimeoutSec, and keeps what came before' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $samples = Get-KubeVirtMetric -Uri "$address/hang" -TimeoutSec 1 -ErrorAction SilentlyContinue -ErrorVariable failed
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 6
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -BeLike 'Timeout,*'
        $failed[0].CategoryInfo.Category | Should -Be 'OperationTimeout'
        @($samples).Count | Should -BeGreaterThan 200
    }

    It 'refuses addresses that are none' {
        { Get-KubeVirtMetric -Uri ftp://127.0.0.1/x -ErrorAction Stop } | Should -Throw -ErrorId 'InvalidTarget,*'
    }
}

Describe 'Headers and secrets' {
    It 'sends headers, token and credential' {
        $headers = Get-KubeVirtMetric -Uri "$address/headers" -Raw -Headers @{ 'X-Scope-OrgID' = 'shop' } -Token (Get-Secret token-123456)
        ($headers | Where-Object { $_.Tags.name -eq 'X-Scope-OrgID' }).Tags['value'] | Should -Be 'shop'
        ($headers | Where-Object { $_.Tags.name -eq 'Authorization' }).Tags['value'] | Should -Be 'Bearer token-123456'
        $credential = [pscredential]::new('me', (Get-Secret pass-123456))
        $headers = Get-KubeVirtMetric -Uri "$address/headers" -Raw -Credential $credential
        ($headers | Where-Object { $_.Tags.name -eq 'Authorization' }).Tags['value'] | Should -Be ('Basic ' + [Convert]::ToBase64String([Text.Encoding]::UTF8.GetBytes('me:pass-123456')))
    }

    It 'shows no secret in errors, warnings and verbose lines' {
        $ErrorActionPreference = 'Continue'
        $secret = Get-Secret very-secret-token
        $uri = $nobody -replace '//', '//me:very-secret-password@'
        $said = Get-KubeVirtMetric -Uri "$uri`?token=very-secret-query", "$address/none.prom?token=very-secret-query" -Token $secret -Headers @{ 'X-Key' = 'very-secret-header' } -MaximumRetryCount 0 -Verbose *>&1
        @($said | Where-Object { $_ -is [Management.Automation.ErrorRecord] }).Count | Should -Be 2
        $text = ($said | ForEach-Object { "$_ $($_ | Format-List * -Force | Out-String -Width 4000) $($_.Exception)" }) -join "`n"
        $text | Should -Not -Match 'very-secret'
    }

    It 'sends no token over plain HTTP to another machine' {
        { Get-KubeVirtMetric -Uri http://metrics.invalid/metrics -Token (Get-Secret token-123456) -ErrorAction Stop } | Should -Throw -ErrorId 'UnencryptedAuthentication,*'
    }
}

Describe 'Get-KubeVirtMetric -HealthUri' {
    It 'adds can_connect 1 where the health address answers well' {
        $samples = Get-KubeVirtMetric -Uri $handler -HealthUri "$address/healthz" -WarningVariable warned
        $samples.Count | Should -Be 13
        $health = $samples | Where-Object Name -EQ kubevirt_handler.can_connect
        $health.Value | Should -Be 1
        $health.Tags.endpoint | Should -Be "$address/healthz"
        $warned | Should -BeNullOrEmpty
    }

    It 'adds can_connect 0 with the reason, and scrapes all the same' {
        $samples = Get-KubeVirtMetric -Uri $handler, "$address/virt-api-1.9.prom" -HealthUri "$address/ill", $nobody -WarningAction SilentlyContinue -WarningVariable warned
        $samples.Count | Should -Be (12 + 8 + 2)
        ($samples | Where-Object Name -Like *.can_connect).Value | Should -Be 0, 0
        $warned.Count | Should -Be 2
        ($warned -join "`n") | Should -BeLike '*500*'
        ($warned -join "`n") | Should -BeLike '*refused*'
    }

    It 'tells health where the scrape fails' {
        $samples = Get-KubeVirtMetric -Uri "$address/none.prom" -HealthUri "$address/healthz" -Component Api -ErrorAction SilentlyContinue -ErrorVariable failed
        $samples.Name | Should -Be 'kubevirt_api.can_connect'
        $samples.Value | Should -Be 1
        $failed.Count | Should -Be 1
    }

    It 'keeps to -Name and binds by property name' {
        $target = [pscustomobject] @{ MetricsUri = $handler; HealthUri = "$address/healthz" }
        ($target | Get-KubeVirtMetric -Name *.can_connect).Value | Should -Be 1
        ($target | Get-KubeVirtMetric -Name *.open_fds).Name | Should -Be 'kubevirt_handler.process.open_fds'
    }
}

Describe 'Compare-KubeVirtMetric -Uri' {
    It 'compares what an endpoint serves' {
        $drift = Compare-KubeVirtMetric -Uri $handler
        ($drift | Where-Object Status -EQ Unmapped).Name | Should -Contain 'shop_till_opened_total'
        $drift.Target | Sort-Object -Unique | Should -Be $handler
    }
}

Describe 'Ending early' {
    It 'writes the first samples while another target has not answered yet, and Select-Object -First ends the network work' {
        $watch = [Diagnostics.Stopwatch]::StartNew()
        $samples = Get-KubeVirtMetric -Uri "$address/hang", $handler | Select-Object -First 300
        $samples.Count | Should -Be 300
        $watch.Elapsed.TotalSeconds | Should -BeLessThan 5
        for ($i = 0; $i -lt 50 -and $endpoint.State.Open -gt 0; $i++) { Start-Sleep -Milliseconds 100 }
        $endpoint.State.Open | Should -Be 0
    }

    It 'stops at once when the pipeline is stopped, and ends the network work' {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$Staged/KubeVirtMonitor.psd1'; Get-KubeVirtMetric -Uri '$address/hang' -TimeoutSec 60")
            $null = $shell.BeginInvoke()
            for ($i = 0; $i -lt 100 -and $endpoint.State.Open -eq 0; $i++) { Start-Sleep -Milliseconds 100 }
            $endpoint.State.Open | Should -Be 1
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds | Should -BeLessThan 2
        } finally {
            $shell.Dispose()
        }
        for ($i = 0; $i -lt 50 -and $endpoint.State.Open -gt 0; $i++) { Start-Sleep -Milliseconds 100 }
        $endpoint.State.Open | Should -Be 0
    }

    It 'stops reading a file when enough was written' {
        $lines = foreach ($i in 1..500000) { "kubevirt_vmi_memory_resident_bytes{name=`"a$i`",namespace=`"b`"} 1" }
        [IO.File]::WriteAllLines("$TestDrive/large.prom", [string[]] (@('kubevirt_virt_handler_ready_status 1') + $lines))
        $all = Measure-Command { $script:count = @(Get-KubeVirtMetric -Path $TestDrive/large.prom).Count }
        $count | Should -Be 500001
        $first = Measure-Command { $script:one = Get-KubeVirtMetric -Path $TestDrive/large.prom | Select-Object -First 1 }
        $one.Name | Should -Be 'kubevirt_handler.virt_handler.ready_status'
        $first.TotalMilliseconds | Should -BeLessThan ($all.TotalMilliseconds / 2)
    }
}
