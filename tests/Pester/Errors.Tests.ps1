BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $fixtures = "$Root/tests/Fixtures"
    $handler = "$fixtures/virt-handler-1.9.prom"

    # The errors of a command that goes on behind them, beside what it wrote.
    function Get-Outcome([scriptblock] $Script) {
        $ErrorActionPreference = 'Continue'
        $output = & $Script 2>&1
        @{
            Errors = @($output | Where-Object { $_ -is [Management.Automation.ErrorRecord] })
            Samples = @($output | Where-Object { $_ -is [KubeVirtMonitor.MetricSample] })
        }
    }
}

Describe 'Sources that cannot be read' {
    It 'reports <Id> for <Case>, and what to do, and goes on with the next' -ForEach @(
        @{ Case = 'a file that is not there'; Path = '/no/such/file.prom'; Id = 'FileNotFound'; Category = 'ObjectNotFound' }
        @{ Case = 'a wildcard that fits nothing'; Path = '/no-such-*.prom'; Id = 'FileNotFound'; Category = 'ObjectNotFound' }
        @{ Case = 'a folder'; Path = $PSScriptRoot; Id = 'PathIsDirectory'; Category = 'InvalidArgument' }
        @{ Case = 'an address'; Path = 'https://10.0.0.5:8443/metrics'; Id = 'PathIsAddress'; Category = 'InvalidArgument' }
        @{ Case = 'a drive that is not there'; Path = 'nodrive:/x'; Id = 'BadPath'; Category = 'InvalidArgument' }
        @{ Case = 'a path of another provider'; Path = 'env:PATH'; Id = 'PathIsNoFile'; Category = 'InvalidArgument' }
    ) {
        $outcome = Get-Outcome { Get-KubeVirtMetric -Path $Path, $handler }
        $outcome.Samples.Count | Should -Be 12
        $outcome.Errors.Count | Should -Be 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -Be "$Id,KubeVirtMonitor.Commands.GetKubeVirtMetricCommand"
        $outcome.Errors[0].CategoryInfo.Category | Should -Be $Category
        $outcome.Errors[0].TargetObject | Should -Be $Path
        $outcome.Errors[0].ToString() | Should -BeLike "*$Path*"
        $outcome.Errors[0].ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }

    It 'reports a literal path that is not there' {
        { Get-KubeVirtMetric -LiteralPath /no/such -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound,*' -ExpectedMessage '*/no/such*'
    }

    It 'ends at once with -ErrorAction Stop' {
        $written = [Collections.Generic.List[object]]::new()
        { Get-KubeVirtMetric -Path /no/such, $handler -ErrorAction Stop | ForEach-Object { $written.Add($_) } } | Should -Throw
        $written.Count | Should -Be 0
    }

    It 'says what content is that is not a scrape: <Case>' -ForEach @(
        @{ Case = 'HTML'; Content = '<html><body>Sign in</body></html>'; Message = '*web page*' }
        @{ Case = 'JSON'; Content = '{"kind":"Status","code":403}'; Message = '*JSON*' }
        @{ Case = 'prose'; Content = "hello world`nhow are you`n"; Message = '*no line of it could be read*' }
    ) {
        Set-Content -LiteralPath $TestDrive/content $Content
        $outcome = Get-Outcome { Get-KubeVirtMetric -Path $TestDrive/content, $handler }
        $outcome.Errors.Count | Should -Be 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'NotExposition,*'
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'InvalidData'
        $outcome.Errors[0].ToString() | Should -BeLike $Message
        $outcome.Samples.Count | Should -Be 12
    }

    It 'helps who pipes a path where text is read' {
        $outcome = Get-Outcome { './virt-handler.prom' | Get-KubeVirtMetric }
        $outcome.Errors.Count | Should -Be 1
        $outcome.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Path*'
    }

    It 'reports damaged gzip' {
        [IO.File]::WriteAllBytes("$TestDrive/bad.gz", [byte[]] (0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
        (Get-Outcome { Get-KubeVirtMetric -Path $TestDrive/bad.gz }).Errors[0].FullyQualifiedErrorId | Should -Match '^(BadGzip|Truncated),'
    }

    It 'asks for the component where the content does not tell' {
        $outcome = Get-Outcome { 'process_open_fds 5' | Get-KubeVirtMetric }
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'UnknownComponent,*'
        $outcome.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-Component*'
        ('process_open_fds 5' | Get-KubeVirtMetric -Component Api).Name | Should -Be 'kubevirt_api.process.open_fds'
        ('process_open_fds 5' | Get-KubeVirtMetric -Raw).Value | Should -Be 5
    }
}

Describe 'Defects' {
    It 'reports each with target, line, column and reason, and keeps the lines around it' {
        $outcome = Get-Outcome { Get-KubeVirtMetric -Path "$fixtures/defects.prom" }
        $outcome.Samples.Name | Should -Be kubevirt_handler.virt_handler.ready_status, kubevirt_handler.process.max_fds, kubevirt_handler.process.cpu_seconds.count
        $outcome.Errors.Count | Should -Be 2
        foreach ($record in $outcome.Errors) {
            $record.FullyQualifiedErrorId | Should -BeLike 'ExpositionDefect,*'
            $record.CategoryInfo.Category | Should -Be 'ParserError'
            $record.TargetObject | Should -Be (Resolve-Path "$fixtures/defects.prom").Path
        }
        $outcome.Errors[0].Exception.Defect.Line | Should -Be 4
        $outcome.Errors[0].Exception.Defect.Column | Should -Be 18
        $outcome.Errors[0].Exception.Defect.Text | Should -Be 'twelve'
        $outcome.Errors[0].ToString() | Should -BeLike '*defects.prom: line 4, column 18: *twelve*'
        $outcome.Errors[1].Exception.Defect.Line | Should -Be 6
    }

    It 'sums up what comes behind the first 20' {
        $lines = @('kubevirt_virt_handler_ready_status 1') + (1..50 | ForEach-Object { "process_open_fds x$_" })
        $outcome = Get-Outcome { $lines | Get-KubeVirtMetric }
        $outcome.Samples.Count | Should -Be 1
        $outcome.Errors.Count | Should -Be 21
        $outcome.Errors[19].Exception.Defect.Line | Should -Be 21
        $outcome.Errors[20].FullyQualifiedErrorId | Should -BeLike 'MoreExpositionDefects,*'
        $outcome.Errors[20].ToString() | Should -BeLike '*30 more*50*'
    }
}

Describe 'Limits' {
    It 'keeps to <Parameter>' -ForEach @(
        @{ Parameter = 'MaximumSeries'; Value = 5; Id = 'TooManySeries' }
        @{ Parameter = 'MaximumBodySize'; Value = 500; Id = 'BodyTooLarge' }
    ) {
        $limit = @{ $Parameter = $Value }
        $outcome = Get-Outcome { Get-KubeVirtMetric -Path $handler @limit }
        $outcome.Errors.Count | Should -Be 1
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $outcome.Errors[0].CategoryInfo.Category | Should -Be 'LimitsExceeded'
        "$($outcome.Errors[0]) $($outcome.Errors[0].ErrorDetails.RecommendedAction)" | Should -BeLike "*-$Parameter*"
    }

    It 'leaves out lines with more labels than -MaximumLabels' {
        $outcome = Get-Outcome { Get-KubeVirtMetric -Path $handler -MaximumLabels 3 -Name *.cpu_usage* }
        $outcome.Samples.Tags.name | Should -Be 'db-1'
        $outcome.Errors[0].FullyQualifiedErrorId | Should -BeLike 'ExpositionDefect,*'
    }

    It 'leaves out lines that are longer than -MaximumLineLength' {
        $outcome = Get-Outcome { Get-KubeVirtMetric -Path $handler -MaximumLineLength 128 -Name *.open_fds }
        $outcome.Samples.Value | Should -Be 61
        $outcome.Errors.Count | Should -BeGreaterThan 0
        $outcome.Errors[0].ErrorDetails.RecommendedAction | Should -BeLike '*-MaximumLineLength*'
    }
}

Describe 'Parameters that cannot be used' {
    It 'refuses a malformed pattern' {
        { Get-KubeVirtMetric -Path $handler -Name 'a[' } | Should -Throw -ErrorId 'BadPattern,*'
        { Get-KubeVirtMetric -Path $handler -Tag @{ name = '[' } } | Should -Throw -ErrorId 'BadPattern,*'
    }

    It 'refuses an unknown component and version' {
        { Get-KubeVirtMetric -Path $handler -Component Launcher } | Should -Throw -ExpectedMessage '*Launcher*'
        { Get-KubeVirtMetric -Path $handler -KubeVirtVersion newest } | Should -Throw -ExpectedMessage "*'newest' is not a KubeVirt version*"
    }

    It 'refuses mixed sources' {
        { Get-KubeVirtMetric -Path $handler -Uri http://127.0.0.1/metrics } | Should -Throw -ErrorId 'AmbiguousParameterSet,*'
    }

    It 'refuses health addresses that do not match the endpoints' {
        { Get-KubeVirtMetric -Uri http://127.0.0.1:1/a, http://127.0.0.1:1/b -HealthUri http://127.0.0.1:1/h } | Should -Throw -ErrorId 'HealthUriCount,*'
    }

    It 'refuses a certificate authority that is none' {
        Set-Content $TestDrive/ca.pem 'nothing'
        { Get-KubeVirtMetric -Uri https://127.0.0.1:1/ -CertificateAuthority $TestDrive/ca.pem } | Should -Throw -ErrorId 'BadCertificateFile,*'
        { Get-KubeVirtMetric -Uri https://127.0.0.1:1/ -CertificateAuthority $TestDrive/none.pem } | Should -Throw -ErrorId 'FileNotFound,*'
    }
}
