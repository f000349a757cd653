BeforeDiscovery {
    $engines = @(
        @{ Program = 'prometheus' }
        @{ Program = 'victoria-metrics' }
    )
}

BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    . $PSScriptRoot/Open-Engine.ps1
    $simulators = foreach ($version in '1.0', '1.2', '1.9') {
        Start-Simulator @('serve', '--version', $version, '--handlers', 2, '--vmis', 5, '--duration', '10m') | Add-Member Version $version -PassThru
    }
    $running = @{}
    foreach ($program in 'prometheus', 'victoria-metrics') { $running[$program] = Open-Engine $program $simulators "$TestDrive/$program" }
    $alone = Open-Engine prometheus $simulators[2] "$TestDrive/alone" -NoHonorLabels
    $handler = @($simulators[2].Lines -match 'handler/0') -replace '.*(https://\S+).*', '$1'
}

AfterAll {
    Close-Engine $alone
    foreach ($engine in $running.Values) { Close-Engine $engine }
    foreach ($simulator in $simulators) { Close-Cluster $simulator }
}

Describe 'Samples of <Program>' -ForEach $engines {
    BeforeAll {
        $engine = $running[$Program]
        $server = @{ PrometheusUri = $engine.Address }
    }

    BeforeEach {
        if ($engine.Missing) { Set-ItResult -Skipped -Because $engine.Missing }
    }

    It 'are those of a scrape, of every version' {
        $samples = Get-KubeVirtMetric *vmi.memory_resident_bytes, *process.max_fds @server
        ($samples | Group-Object Cluster, Name | ForEach-Object { "$($_.Name) $($_.Count)" }) | Sort-Object | Should -BeExactly @(
            foreach ($version in '1.0', '1.2', '1.9') {
                "k$version, kubevirt_api.process.max_fds 2", "k$version, kubevirt_controller.process.max_fds 2", "k$version, kubevirt_handler.process.max_fds 2"
                "k$version, kubevirt_handler.vmi.memory_resident_bytes 10", "k$version, kubevirt_operator.process.max_fds 2"
            })
        $scraped = Get-KubeVirtMetric kubevirt_handler.process.max_fds -Uri $handler -SkipCertificateCheck
        $same = $samples | Where-Object { $_.Target -eq $handler -and $_.Name -eq $scraped.Name }
        $same.Value, $same.Unit, $same.Kind, $same.Description | Should -Be $scraped.Value, $scraped.Unit, $scraped.Kind, $scraped.Description
        $same.Tags.pod_name, $same.Tags.kube_namespace, $same.Tags.endpoint | Should -BeExactly 'virt-handler-0x7z', 'kubevirt', $handler
    }

    It 'are chosen by labels, machines and components' {
        (Get-KubeVirtMetric *memory_resident* @server -Match cluster=k1.9 -Vmi vm-00001, vm-00003).Vmi | Sort-Object | Should -BeExactly 'vm-00001', 'vm-00003'
        (Get-KubeVirtMetric *memory_resident* @server -Match @{ cluster = 'k1.0', '*.2' } -Namespace ns1 | ForEach-Object { "$($_.Cluster) $($_.Namespace)" } | Sort-Object -Unique) | Should -BeExactly 'k1.0 ns1', 'k1.2 ns1'
        (Get-KubeVirtMetric *max_fds @server -Component Api, Operator).Component | Sort-Object -Unique | Should -Be Api, Operator
        (Get-KubeVirtMetric *memory_resident* @server -Match cluster!=k1.0 -Node node01).Node | Sort-Object -Unique | Should -Be node01
        ([pscustomobject] @{ Vmi = 'vm-00002'; Namespace = 'ns2' } | Get-KubeVirtMetric *memory_resident* @server -Match cluster=k1.2).Vmi | Should -Be vm-00002
    }

    It 'have their own times in a range' {
        $samples = Get-KubeVirtMetric *memory_resident* @server -Match cluster=k1.9 -Vmi vm-00001 -Last 5s
        # One a second, and perhaps one on either edge.
        $samples.Count | Should -BeIn 4, 5, 6
        ($samples.Timestamp | Sort-Object -Unique).Count | Should -Be $samples.Count
        $between = Get-KubeVirtMetric *memory_resident* @server -Match cluster=k1.9 -Vmi vm-00001 -Start $samples[0].Timestamp -End $samples[2].Timestamp
        $between.Timestamp | Should -Be $samples[0..2].Timestamp
        $between.Value | Should -Be $samples[0..2].Value
        $text = ($samples | Out-String -Width 80) -split '\r?\n'
        $text -match '^Time +Namespace +Vmi +Value$' | Should -HaveCount 1
        ($text -match "^$($samples[0].Timestamp.LocalDateTime.ToString('yyyy-MM-dd HH:mm:ss')) ns1 +vm-00001 +\S+ GiB$") | Should -Not -BeNullOrEmpty
    }

    It 'are measured' {
        $measure = Measure-KubeVirtMetric *vmi.memory_resident_bytes @server -Match cluster=k1.9 -Last 4s -By Vmi -Statistic Count
        ($measure.Vmi | Sort-Object -Unique).Count | Should -Be 10
        $rate = Measure-KubeVirtMetric *cpu_usage_seconds* @server -Match cluster=k1.9 -Last 6s -By Cluster
        $rate.Statistic, $rate.Cluster, $rate.Series | Should -Be Rate, k1.9, 10
        $rate.Value | Should -BeGreaterThan 0
    }

    It 'come of queries of one''s own' {
        $sum = Invoke-KubeVirtQuery 'count by (namespace) (kubevirt_vmi_memory_resident_bytes{cluster="k1.9"})' @server
        ($sum | ForEach-Object { "$($_.Namespace) $($_.Value)" }) | Sort-Object | Should -BeExactly 'ns0 2', 'ns1 2', 'ns2 2', 'ns3 2', 'ns4 2'
        $sum[0].Name | Should -BeExactly 'count by (namespace) (kubevirt_vmi_memory_resident_bytes{cluster="k1.9"})'
        $one = Invoke-KubeVirtQuery 'kubevirt_vmi_memory_resident_bytes{cluster="k1.9",name="vm-00001"}' @server
        $one.Name, $one.Vmi, $one.Namespace, $one.Cluster, $one.Tags.job | Should -BeExactly kubevirt_vmi_memory_resident_bytes, vm-00001, ns1, k1.9, kubevirt-prometheus-metrics
        (Invoke-KubeVirtQuery '6 * 7', '1' @server).Value | Should -Be 42, 1
        $end = [DateTimeOffset]::FromUnixTimeSeconds([DateTimeOffset]::UtcNow.ToUnixTimeSeconds())
        $range = Invoke-KubeVirtQuery 'vector(time())' @server -Start $end.AddMinutes(-4) -End $end.AddMinutes(-2) -Step 1m
        $range.Value | Should -Be (240, 180, 120 | ForEach-Object { $end.ToUnixTimeSeconds() - $_ })
        $range.Timestamp | Should -Be $end.AddMinutes(-4), $end.AddMinutes(-3), $end.AddMinutes(-2)
    }

    It 'are missing with a reason' {
        Get-KubeVirtMetric *memory_resident* @server -Match cluster=moon -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        $failed.FullyQualifiedErrorId | Should -BeLike 'NoKubeVirtOnServer,*'
        "$failed" | Should -BeLike '*no series of KubeVirt that match {cluster="moon"}*'
        "$($failed[0].ErrorDetails.RecommendedAction)" | Should -BeLike '*-Match*'
        $null = Get-KubeVirtMetric *memory_resident* @server -Vmi vm-nope -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike "*no values of a VM 'vm-nope'*"
        $null = Get-KubeVirtMetric *memory_resident* @server -Time (Get-Date).AddDays(-3) -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike '*no series of KubeVirt at *'
    }

    It 'are those of a range, also where it ends in the future' {
        $samples = Get-KubeVirtMetric *memory_resident* @server -Match cluster=k1.9 -Vmi vm-00001 -Start (Get-Date).AddSeconds(-5) -End (Get-Date).AddMinutes(30) -ErrorVariable failed
        $failed | Should -BeNullOrEmpty
        $samples.Count | Should -BeGreaterThan 3
        (Get-KubeVirtUsage vm-00001 @server -Match cluster=k1.9 -Start (Get-Date).Date -End (Get-Date).Date.AddDays(1) -WarningAction SilentlyContinue).Vmi | Should -BeExactly vm-00001
    }

    It 'show the cluster that each is of' {
        $text = Get-KubeVirtMetric *memory_resident* @server -Vmi vm-00001 | Out-String -Width 120
        [regex]::Matches($text, 'cluster=(k\S+?)\b(?=[,}])').ForEach({ $_.Groups[1].Value }) | Sort-Object | Should -BeExactly k1.0, k1.2, k1.9
        $text = Invoke-KubeVirtQuery 'count by (cluster) (kubevirt_vmi_memory_resident_bytes)' @server | Out-String -Width 80
        # The query is the heading, once, and the cluster a label, once.
        [regex]::Matches($text, 'count by').Count | Should -Be 1
        $text | Should -Match '(?m)^ +10 cluster=k1\.9\s*$'
    }

    It 'name what is missing, and what is like it' {
        $null = Get-KubeVirtMetric *memory_resident* @server -Vmi vm-0001 -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike "*no values of a VM 'vm-0001'*Do you mean vm-00001*"
        $null = Get-KubeVirtMetric *memory_resident* @server -Vmi ns0/vm-00001 -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike "*no values of a VM 'ns0/vm-00001'*There is one in ns1.*"
        # The moments of -Step are 60 and 20 minutes ago, before the server began.
        $null = Get-KubeVirtMetric *memory_resident* @server -Vmi vm-00001 -Last 1h -Step 40m -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike "*has values of VM 'vm-00001' from *, but none of what was asked for at the moments of -Step*"
        Invoke-KubeVirtQuery kubevirt_inf @server -WarningAction SilentlyContinue -WarningVariable warned | Should -BeNullOrEmpty
        "$warned" | Should -BeLike "*'kubevirt_inf' is empty*Do you mean kubevirt_info*"
        $null = Invoke-KubeVirtQuery 'rate(kubevirt_handler.vmi.cpu_usage_seconds.count[1m])' @server -ErrorAction SilentlyContinue -WarningAction SilentlyContinue -WarningVariable warned
        "$warned" | Should -BeLike "*'kubevirt_handler.vmi.cpu_usage_seconds.count' is a name of this module*kubevirt_vmi_cpu_usage_seconds_total*"
    }

    It 'need a query that is one' {
        $null = Invoke-KubeVirtQuery 'sum(' @server -ErrorAction SilentlyContinue -ErrorVariable failed
        "$failed" | Should -BeLike '*pars*'
        Invoke-KubeVirtQuery '"text"' @server -WarningAction SilentlyContinue -WarningVariable warned | Should -BeNullOrEmpty
        # VictoriaMetrics has no series for a text.
        if ($Program -eq 'prometheus') { "$warned" | Should -BeLike '*a text and not a number*' }
    }
}

Describe 'A server without honorLabels' {
    It 'is read all the same, and said once' {
        if ($alone.Missing) { Set-ItResult -Skipped -Because $alone.Missing; return }
        $samples = Get-KubeVirtMetric *memory_resident* -PrometheusUri $alone.Address -Namespace ns1 -WarningVariable first -WarningAction SilentlyContinue
        ($samples.Vmi | Sort-Object) | Should -BeExactly 'vm-00001', 'vm-00006'
        $samples.Namespace | Should -Be ns1, ns1
        $samples[0].Tags.ContainsKey('exported_namespace') | Should -BeFalse
        "$first" | Should -BeLike '*without honorLabels*exported_namespace*honorLabels: true*'
        $null = Get-KubeVirtMetric *memory_resident* -PrometheusUri $alone.Address -WarningVariable again
        $again | Should -BeNullOrEmpty
    }
}

Describe 'The server of a session' {
    BeforeAll {
        $cluster = if ($alone.Missing) { [pscustomobject] @{ Missing = $alone.Missing; Process = $null } } else { Open-Cluster "$TestDrive/cluster" -Option @('--prometheus', $alone.Address) }
        if (-not $cluster.Missing) { $session = Connect-KubeVirt $cluster.KubeConfig }
    }

    AfterAll {
        if ($session) { $session | Disconnect-KubeVirt }
        Close-Cluster $cluster
    }

    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'is asked where moments or labels are named, and endpoints else' {
        $stored = Get-KubeVirtMetric *memory_resident* -Vmi vm-00001 -Last 5s -WarningAction SilentlyContinue
        $stored.Count | Should -BeIn 4, 5, 6
        $stored[0].Cluster, $stored[0].Node, $stored[0].Session.Id | Should -Be "$session", node01, $session.Id
        $session.PrometheusUri | Should -Not -BeNullOrEmpty
        $session.PrometheusReason | Should -Not -BeNullOrEmpty
        @(Get-KubeVirtMetric *memory_resident* -Vmi vm-00001).Count | Should -Be 1
        (Invoke-KubeVirtQuery 'count(kubevirt_vmi_memory_resident_bytes)').Value | Should -Be 10
        (Measure-KubeVirtMetric *memory_resident_bytes -Session $session -Last 5s -Statistic Maximum -WarningAction SilentlyContinue).Series | Should -Be 10
    }

    It 'is not meant by samples of other servers, unless it is named' {
        if ($running['prometheus'].Missing) { Set-ItResult -Skipped -Because $running['prometheus'].Missing; return }
        $sample = Get-KubeVirtMetric *memory_resident* -PrometheusUri $running['prometheus'].Address -Match cluster=k1.2 -Vmi vm-00001
        $sample | Get-KubeVirtVmi -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
        "$failed" | Should -BeLike "*'k1.2', a label of the server*no open session has that name*"
        "$($failed[0].ErrorDetails.RecommendedAction)" | Should -BeLike "*-Session*Open are $($session.Id) ($session)*"
        ($sample | Get-KubeVirtVmi -Session $session).Name | Should -BeExactly vm-00001
        # A machine of the session has none of the names of the clusters there.
        $found = Get-KubeVirtVmi vm-00001 | Get-KubeVirtMetric *memory_resident* -PrometheusUri $running['prometheus'].Address -WarningAction SilentlyContinue -WarningVariable warned
        $found.Count | Should -Be 3
        "$warned" | Should -BeLike '*3 clusters (k1.0, k1.2, k1.9)*-Match*cluster=k1.0*'
        $second = Connect-KubeVirt $cluster.KubeConfig -ErrorAction Stop
        try {
            $unknown = Get-KubeVirtMetric *memory_resident* -PrometheusUri $alone.Address -Vmi vm-00001 -WarningAction SilentlyContinue
            $unknown | Get-KubeVirtVmi -ErrorAction SilentlyContinue -ErrorVariable failed | Should -BeNullOrEmpty
            $failed.FullyQualifiedErrorId | Should -BeLike 'SessionAmbiguous,*'
            ($unknown | Get-KubeVirtVmi -Session $session).Name | Should -BeExactly vm-00001
        } finally {
            $second | Disconnect-KubeVirt
        }
    }

    It 'takes machines from the pipeline' {
        (Get-KubeVirtVmi vm-00001, vm-00002 | Get-KubeVirtMetric *memory_resident* -Match job=* -WarningAction SilentlyContinue).Vmi | Sort-Object | Should -BeExactly vm-00001, vm-00002
    }
}

Describe 'Moments that contradict each other' {
    It 'are refused: <Text>' -ForEach @(
        @{ Text = '-Time and -Last'; Arguments = @{ Time = '2026-11-28'; Last = '1h' }; Says = '*one moment*' }
        @{ Text = '-Start and -Last'; Arguments = @{ Start = '2026-11-28'; Last = '1h' }; Says = '*both say*' }
        @{ Text = '-End alone'; Arguments = @{ End = '2026-11-28' }; Says = '*alone*-Start*-Last*' }
        @{ Text = '-Step alone'; Arguments = @{ Step = '1m' }; Says = '*there is none*-Last*' }
        @{ Text = 'a -Step longer than the range'; Arguments = @{ Last = '1m'; Step = '1h' }; Says = '*longer than the range*' }
        @{ Text = 'a length as -Start'; Arguments = @{ Start = '1h' }; Says = '*-Last 1h*' }
        @{ Text = 'a word as -Start'; Arguments = @{ Start = 'yesterday' }; Says = '*(Get-Date)*' }
        @{ Text = '-End before -Start'; Arguments = @{ Start = '2026-11-28'; End = '2026-11-27' }; Says = '*not later*' }
        @{ Text = 'a future -Start'; Arguments = @{ Start = '2999-01-01' }; Says = '*in the future*' }
        @{ Text = 'a -Match without a value'; Arguments = @{ Match = 'cluster' }; Says = '*LABEL=VALUE*' }
    ) {
        { Get-KubeVirtMetric -PrometheusUri http://127.0.0.1:1 @Arguments } | Should -Throw -ExpectedMessage $Says
    }

    It 'mean a server, which needs a session where no address is given' {
        { Get-KubeVirtMetric -Last 1h -ErrorAction Stop } | Should -Throw -ErrorId 'NoSession,*'
        { Invoke-KubeVirtQuery up -ErrorAction Stop } | Should -Throw -ErrorId 'NoSession,*'
        try { Invoke-KubeVirtQuery up } catch { "$($_.ErrorDetails.RecommendedAction)" | Should -BeLike '*Connect-KubeVirt*-PrometheusUri*' }
        { Watch-KubeVirtMetric -PrometheusUri http://127.0.0.1:1 } | Should -Throw -ErrorId 'NamedParameterNotFound,*'
    }
}

Describe 'Bad answers' {
    It 'say what is wrong and what to do: <What>' -ForEach @(
        @{ What = 'a page'; Answer = { 200, 'text/html', '<html><body>Welcome to nginx</body></html>' }; Says = '*HTML*'; Advice = '*-PrometheusUri*' }
        @{ What = 'a sign-in page'; Answer = { 401, 'text/html', '<html>Log in with OpenShift</html>' }; Says = '*401*'; Advice = '*-Token*' }
        @{ What = 'no tenant'; Answer = { 401, 'text/plain', 'no org id' }; Says = '*no org id*'; Advice = '*X-Scope-OrgID*' }
        @{ What = 'a limit'; Answer = { 422, 'application/json', '{"status":"error","errorType":"execution","error":"query processing would load too many samples into memory"}' }; Says = '*too many samples into memory*'; Advice = '' }
        @{ What = 'another path'; Answer = { 404, 'text/plain', '404 page not found' }; Says = '*404*'; Advice = '*prometheus*' }
        @{ What = 'half a document'; Answer = { param($p, $q) if ($q -like 'up*') { 200, 'application/json', '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1795867200,"1"]},{"metric":{"a":', @{ 'X-Cut' = 'yes' } } }; Says = '*body ended after*'; Advice = '' ; Values = 1 }
    ) {
        $stub = Open-Stub $Answer
        try {
            $found = Invoke-KubeVirtQuery up -PrometheusUri $stub.Address -MaximumRetryCount 0 -ErrorAction SilentlyContinue -ErrorVariable failed
            @($found.Value | Where-Object { $null -ne $_ }) | Should -HaveCount ([int] $Values)
            $failed | Should -HaveCount 1
            "$failed" | Should -BeLike $Says
            if ($Advice) { "$($failed[0].ErrorDetails.RecommendedAction)" | Should -BeLike $Advice }
            $failed[0].CategoryInfo.Category | Should -Not -Be NotSpecified
        } finally {
            Close-Endpoint $stub
        }
    }

    It 'take what is no plain number for what it is' {
        $stub = Open-Stub { 200, 'application/json', '{"status":"success","data":{"resultType":"vector","result":[{"metric":{"n":"a"},"value":[1795867200,"NaN"]},{"metric":{"n":"b"},"value":[1795867200,"+Inf"]},{"metric":{"n":"c"},"value":[1795867200,"-Inf"]},{"metric":{"n":"d"},"histogram":[1795867200,{"count":"3","sum":"1","buckets":[[0,"0","1","3"]]}]}]},"warnings":["one store is away"],"infos":["PromQL info: metric might not be a counter"]}' }
        try {
            $found = Invoke-KubeVirtQuery up -PrometheusUri $stub.Address -WarningVariable warned -WarningAction SilentlyContinue
            "$($found.Value)" | Should -BeExactly "$([double]::NaN) $([double]::PositiveInfinity) $([double]::NegativeInfinity)"
            "$warned" | Should -BeLike '*one store is away*native histograms*might not be a counter*'
        } finally {
            Close-Endpoint $stub
        }
    }

    It 'tell of a clock that differs, and of old values' {
        $stub = Open-Stub {
            param($path, $query)
            if ($query -notmatch 'vector\(time') { return }
            $now = [DateTimeOffset]::UtcNow.AddHours(-3).ToUnixTimeSeconds()
            200, 'application/json', ('{"status":"success","data":{"resultType":"vector","result":[{"metric":{"kubevirtmonitor_part":"now"},"value":[1,"' + $now + '"]},{"metric":{"kubevirtmonitor_part":"newest"},"value":[1,"' + ($now - 240) + '"]}]}}')
        }
        try {
            $null = Get-KubeVirtMetric *memory_resident* -PrometheusUri $stub.Address -WarningVariable warned -WarningAction SilentlyContinue
            "$warned" | Should -BeLike '*clock of the server is 3 hours behind*newest values of KubeVirt are 4 minutes old*none of what was asked for*'
        } finally {
            Close-Endpoint $stub
        }
    }

    It 'tell of a server that does not scrape KubeVirt' {
        $stub = Open-Stub { 200, 'application/json', '{"status":"success","data":{"resultType":"vector","result":[]}}' }
        try {
            $null = Get-KubeVirtMetric -PrometheusUri $stub.Address -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.FullyQualifiedErrorId | Should -BeLike 'NoKubeVirtOnServer,*'
            "$($failed[0].ErrorDetails.RecommendedAction)" | Should -BeLike '*ServiceMonitor*monitorNamespace*release*X-Scope-OrgID*'
        } finally {
            Close-Endpoint $stub
        }
    }

    It 'never show a token' {
        $stub = Open-Stub { 401, 'text/plain', 'bad token s3cr3t-value-of-token' }
        try {
            $null = Invoke-KubeVirtQuery up -PrometheusUri $stub.Address -Token (ConvertTo-SecureString s3cr3t-value-of-token -AsPlainText) -ErrorVariable failed -ErrorAction SilentlyContinue -Verbose 4> "$TestDrive/verbose.txt"
            "$failed" | Should -BeLike '*bad token*'
            "$failed $($failed[0].Exception) $(Get-Content "$TestDrive/verbose.txt" -Raw)" | Should -Not -BeLike '*s3cr3t*'
            $failed | Should -HaveCount 1
        } finally {
            Close-Endpoint $stub
        }
    }
}
