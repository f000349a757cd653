BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    $fixtures = "$Root/tests/Fixtures"
    $handler = "$fixtures/virt-handler-1.9.prom"

    function Compress-File([string] $Path, [string] $Destination) {
        $packed = [IO.Compression.GZipStream]::new([IO.File]::Create($Destination), [IO.Compression.CompressionMode]::Compress)
        try { $packed.Write([IO.File]::ReadAllBytes($Path)) } finally { $packed.Dispose() }
    }
}

Describe 'Get-KubeVirtMetric -Path' {
    # 14 sample lines: kubevirt_info tells the version, shop_till_opened_total is not KubeVirt's.
    It 'reads a file' {
        $samples = Get-KubeVirtMetric -Path $handler
        $samples.Count | Should -Be 12
        $samples | ForEach-Object { $_ | Should -BeOfType KubeVirtMonitor.MetricSample }
        $samples.Target | Sort-Object -Unique | Should -Be (Resolve-Path $handler).Path
        $samples.Component | Sort-Object -Unique | Should -Be 'Handler'
    }

    It 'takes the path without the parameter name' {
        @(Get-KubeVirtMetric -Path $handler).Count | Should -Be 12
    }

    It 'expands wildcards' {
        $samples = Get-KubeVirtMetric -Path "$fixtures/virt-*-1.9.prom"
        ($samples.Component | Sort-Object -Unique) -join ' ' | Should -Be 'Api Controller Handler Operator'
    }

    It 'takes several paths, also relative ones' {
        Push-Location $fixtures
        try { @(Get-KubeVirtMetric -Path virt-handler-1.9.prom, ./virt-operator-1.9.prom).Count | Should -Be (12 + 3) } finally { Pop-Location }
    }

    It 'takes paths of PowerShell drives' {
        $null = New-PSDrive -Name scrapes -PSProvider FileSystem -Root $fixtures
        try { @(Get-KubeVirtMetric -Path scrapes:/virt-handler-1.9.prom).Count | Should -Be 12 } finally { Remove-PSDrive scrapes }
    }

    It 'reads gzip files, whatever they are called' {
        Compress-File $handler $TestDrive/saved
        $samples = Get-KubeVirtMetric -Path $TestDrive/saved
        $samples.Count | Should -Be 12
        ($samples | Where-Object Name -EQ kubevirt_handler.process.open_fds).Value | Should -Be 61
    }

    It 'reads a pipe' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'Windows has no pipes among its files.'; return }
        & mkfifo $TestDrive/pipe
        $writer = [powershell]::Create().AddScript({ [IO.File]::WriteAllText($args[1], [IO.File]::ReadAllText($args[0])) }).AddArgument($handler).AddArgument("$TestDrive/pipe")
        try {
            $writing = $writer.BeginInvoke()
            @(Get-KubeVirtMetric -Path $TestDrive/pipe).Count | Should -Be 12
            $writer.EndInvoke($writing)
        } finally {
            $writer.Dispose()
        }
    }

    It 'reads an empty file as a scrape without series' {
        $null = New-Item $TestDrive/empty.prom
        Get-KubeVirtMetric -Path $TestDrive/empty.prom | Should -BeNullOrEmpty
    }
}

Describe 'Get-KubeVirtMetric -LiteralPath' {
    BeforeAll {
        Copy-Item -LiteralPath $handler "$TestDrive/node[1].prom"
    }

    It 'takes [ and ] as they are' {
        @(Get-KubeVirtMetric -LiteralPath "$TestDrive/node[1].prom").Count | Should -Be 12
        { Get-KubeVirtMetric -Path "$TestDrive/node[1].prom" -ErrorAction Stop } | Should -Throw -ErrorId 'FileNotFound,KubeVirtMonitor.Commands.GetKubeVirtMetricCommand'
    }

    It 'binds files from Get-ChildItem' {
        $samples = Get-ChildItem $fixtures -Filter virt-*-1.9.prom | Get-KubeVirtMetric -Name *.open_fds
        $samples.Name | Sort-Object | Should -Be kubevirt_api.process.open_fds, kubevirt_handler.process.open_fds, kubevirt_operator.process.open_fds
        (Get-Item -LiteralPath "$TestDrive/node[1].prom" | Get-KubeVirtMetric).Count | Should -Be 12
    }

    It 'binds the alias <_> by property name' -ForEach 'PSPath', 'FullName', 'LP', 'LiteralPath' {
        @([pscustomobject] @{ $_ = $handler } | Get-KubeVirtMetric).Count | Should -Be 12
    }

    It 'takes the component of an object along' {
        $sample = [pscustomobject] @{ FullName = $handler; Component = 'Operator' } | Get-KubeVirtMetric -Name process_open_fds
        $sample.Name | Should -Be kubevirt_operator.process.open_fds
    }
}

Describe 'Get-KubeVirtMetric with text on the pipeline' {
    It 'joins lines to one scrape' {
        $samples = Get-Content $handler | Get-KubeVirtMetric
        $samples.Count | Should -Be 12
        $samples.Component | Sort-Object -Unique | Should -Be 'Handler'
    }

    It 'calls the target by the file that Get-Content read' {
        (Get-Content $handler | Get-KubeVirtMetric -Name *.open_fds).Target | Should -Be (Resolve-Path $handler).Path
    }

    It 'joins blocks of lines' {
        @(Get-Content $handler -ReadCount 4 | Get-KubeVirtMetric).Count | Should -Be 12
    }

    It 'takes a whole text' {
        @(Get-Content -Raw $handler | Get-KubeVirtMetric).Count | Should -Be 12
    }

    It 'takes each whole text as a scrape of its own' {
        $samples = Get-Content -Raw "$fixtures/virt-handler-1.9.prom", "$fixtures/virt-operator-1.9.prom" | Get-KubeVirtMetric -Name process_open_fds
        $samples.Name | Should -Be kubevirt_handler.process.open_fds, kubevirt_operator.process.open_fds
    }

    It 'takes lines as an argument' {
        @(Get-KubeVirtMetric -InputObject (Get-Content $handler)).Count | Should -Be 12
    }

    It 'takes bytes, plain and gzip' {
        Compress-File $handler $TestDrive/bytes.gz
        @(, [IO.File]::ReadAllBytes($handler) | Get-KubeVirtMetric).Count | Should -Be 12
        @(, [IO.File]::ReadAllBytes("$TestDrive/bytes.gz") | Get-KubeVirtMetric).Count | Should -Be 12
        @(Get-Content -AsByteStream -Raw $handler | Get-KubeVirtMetric).Count | Should -Be 12
        @(Get-Content -AsByteStream $TestDrive/bytes.gz | Get-KubeVirtMetric).Count | Should -Be 12
        @(Get-KubeVirtMetric -InputObject ([IO.File]::ReadAllBytes($handler))).Count | Should -Be 12
    }

    It 'takes the property Content of web answers, be it text or bytes' {
        @([pscustomobject] @{ StatusCode = 200; Content = Get-Content -Raw $handler } | Get-KubeVirtMetric).Count | Should -Be 12
        @([pscustomobject] @{ StatusCode = 200; Content = [IO.File]::ReadAllBytes($handler) } | Get-KubeVirtMetric).Count | Should -Be 12
    }

    It 'keeps characters beyond ASCII' {
        $sample = "kubevirt_vmi_memory_resident_bytes{name=`"B`u{fc}ro-`u{673a}`",namespace=`"x`"} 1`n" | Get-KubeVirtMetric
        $sample.Tags.name | Should -BeExactly "B`u{fc}ro-`u{673a}"
    }
}
