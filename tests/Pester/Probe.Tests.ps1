BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $vm = "$Root/examples/probes/fedora-vm.yaml"
    $original = [IO.File]::ReadAllText($vm).ReplaceLineEndings("`n")
    function Copy-Machine([string] $Name = 'vm.yaml') { Copy-Item $vm "$TestDrive/$Name"; "$TestDrive/$Name" }
}

Describe 'New-VmiProbe' {
    It 'makes an HTTP probe with KubeVirt''s defaults' {
        $probe = New-VmiProbe -HttpGet -Port web -Path /ready -Host example.com -Scheme https -Headers ([ordered] @{ B = 1; A = 'x' })
        $probe | Should -BeOfType KubeVirtMonitor.VmiProbe
        "$($probe.Kind) $($probe.Port.Name) $($probe.Path) $($probe.Host) $($probe.Scheme)" | Should -BeExactly 'HttpGet web /ready example.com HTTPS'
        $probe.Headers.Key | Should -BeExactly 'B', 'A'
        $probe.Headers.Value | Should -BeExactly '1', 'x'
        $probe.InitialDelaySeconds, $probe.PeriodSeconds, $probe.TimeoutSeconds, $probe.SuccessThreshold, $probe.FailureThreshold | Should -Be 0, 10, 1, 1, 3
    }

    It 'makes the other kinds' {
        (New-VmiProbe -TcpSocket -Port 22).Port.Number | Should -Be 22
        (New-VmiProbe -GuestAgentPing -PeriodSeconds 30).PeriodSeconds | Should -Be 30
        (New-VmiProbe -Exec -Command cat, /tmp/ready).Command | Should -BeExactly 'cat', '/tmp/ready'
    }

    It 'refuses <_>' -ForEach '-TcpSocket -Port 0', '-TcpSocket -Port 65536', '-GuestAgentPing -Port 5', '-HttpGet -Port 80 -Scheme ftp', '-TcpSocket -Port 22 -PeriodSeconds 0', '-Exec -Command @()' {
        { & ([scriptblock]::Create("New-VmiProbe $_ -ErrorAction Stop")) } | Should -Throw
    }
}

Describe 'Set-VmiProbe on files' {
    It 'makes <File> of the guide, and changes nothing else' -ForEach @(
        @{ File = 'http-readiness'; Kind = 'HttpGet'; Role = 'Readiness' }
        @{ File = 'tcp-readiness'; Kind = 'TcpSocket'; Role = 'Readiness' }
        @{ File = 'http-liveness'; Kind = 'HttpGet'; Role = 'Liveness' }
        @{ File = 'guest-agent-ping'; Kind = 'GuestAgentPing'; Role = 'Readiness' }
    ) {
        $warnings = $null
        $null = & "$Root/examples/probes/New-ProbeManifest.ps1" -Destination $TestDrive/made -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
        $probe = Get-VmiProbe -Path "$TestDrive/made/$File.yaml"
        "$($probe.Name) $($probe.Role) $($probe.Kind) $($probe.InitialDelaySeconds) $($probe.PeriodSeconds) $($probe.TimeoutSeconds)" | Should -BeExactly "fedora-vm $Role $Kind 120 20 10"
        [IO.File]::ReadAllText("$TestDrive/made/$File.yaml").ReplaceLineEndings("`n") | Should -BeLike "$([WildcardPattern]::Escape($original.TrimEnd()))*"
        Set-VmiProbe "$TestDrive/made/$File.yaml" -Readiness:($Role -eq 'Readiness') -Liveness:($Role -eq 'Liveness') -Remove
        [IO.File]::ReadAllText("$TestDrive/made/$File.yaml").ReplaceLineEndings("`n") | Should -BeExactly $original
    }

    It 'writes what the guide shows' {
        $file = Copy-Machine
        New-VmiProbe -HttpGet -Port 1500 -Path /healthz -Headers @{ 'Custom-Header' = 'Awesome' } -InitialDelaySeconds 120 | Set-VmiProbe $file -Readiness
        $added = @"
      readinessProbe:
        httpGet:
          path: /healthz
          port: 1500
          httpHeaders:
          - name: Custom-Header
            value: Awesome
        initialDelaySeconds: 120
"@.ReplaceLineEndings("`n")
        [IO.File]::ReadAllText($file).ReplaceLineEndings("`n") | Should -BeExactly "$original$added`n"
    }

    It 'writes nothing with -WhatIf, and asks nothing of a cluster' {
        $file = Copy-Machine
        New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe $file -Readiness -WhatIf
        Get-VmiProbe -Path $file | Should -BeNullOrEmpty
    }

    It 'refuses what a rule finds an error in, unless forced' {
        $file = Copy-Machine
        New-VmiProbe -TcpSocket -Port 22 -SuccessThreshold 2 | Set-VmiProbe $file -Liveness -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'ProbeRefused,KubeVirtMonitor.Commands.SetVmiProbeCommand'
        "$($failed[0])" | Should -BeLike '*VMIP010*spec.template.spec.livenessProbe.successThreshold*'
        Get-VmiProbe -Path $file | Should -BeNullOrEmpty
        (New-VmiProbe -TcpSocket -Port 22 -SuccessThreshold 2 | Set-VmiProbe $file -Liveness -Force -PassThru -WarningAction SilentlyContinue).SuccessThreshold | Should -Be 2
    }

    It 'keeps the byte order mark and the line breaks' {
        $file = Copy-Machine
        [IO.File]::WriteAllText($file, $original.ReplaceLineEndings("`r`n"), [Text.UTF8Encoding]::new($true))
        $before = [IO.File]::ReadAllBytes($file)
        New-VmiProbe -GuestAgentPing | Set-VmiProbe $file -Readiness
        [IO.File]::ReadAllText($file) | Should -Match "readinessProbe:`r`n        guestAgentPing: {}`r`n$"
        Set-VmiProbe $file -Readiness -Remove
        [Convert]::ToHexString([IO.File]::ReadAllBytes($file)) | Should -BeExactly ([Convert]::ToHexString($before))
    }

    It 'asks which machine of several is meant' {
        $file = Copy-Machine
        [IO.File]::WriteAllText($file, "$original---`n$($original.Replace('name: fedora-vm', 'name: other'))")
        $probe = New-VmiProbe -TcpSocket -Port 22
        { Set-VmiProbe $file -Readiness -Probe $probe -ErrorAction Stop } | Should -Throw -ErrorId 'SeveralMachines,*'
        Set-VmiProbe $file -Readiness -Probe $probe -Name other
        (Get-VmiProbe -Path $file).Name | Should -BeExactly 'other'
        Set-VmiProbe $file -Liveness -Probe $probe -Name * -WarningAction SilentlyContinue
        (Get-VmiProbe -Path $file -Role Liveness).Name | Should -BeExactly 'fedora-vm', 'other'
        { Set-VmiProbe $file -Liveness -Remove -Name nobody -ErrorAction Stop } | Should -Throw -ErrorId 'MachineNotFound,*'
    }

    It 'reports what is not a manifest, and what is not said' {
        Set-Content $TestDrive/bad.yaml "kind: [`n"
        { New-VmiProbe -GuestAgentPing | Set-VmiProbe $TestDrive/bad.yaml -Readiness -ErrorAction Stop } | Should -Throw -ErrorId 'ManifestInvalid,*' -ExpectedMessage '*line*'
        { Set-VmiProbe $vm -Readiness -ErrorAction Stop } | Should -Throw -ErrorId 'ProbeChoice,*'
        { New-VmiProbe -GuestAgentPing | Set-VmiProbe $vm -ErrorAction Stop } | Should -Throw -ErrorId 'ProbeChoice,*'
    }
}

Describe 'Manifests that are not as they should be' {
    BeforeAll {
        $machine = "---`nkind: VirtualMachineInstance`nmetadata: {name: web}`nspec: {domain: {}, readinessProbe: {tcpSocket: {port: 22}}}`n"
        function New-Manifest([string] $Name, [string] $Text) { [IO.File]::WriteAllText("$TestDrive/$Name", $Text); "$TestDrive/$Name" }
    }

    It 'reads the others when one is broken, and says where' {
        $file = New-Manifest broken.yaml "kind: ConfigMap`ndata: {a: [b`n$machine"
        (Get-VmiProbe -Path $file -ErrorVariable failed -ErrorAction SilentlyContinue).Name | Should -BeExactly 'web'
        "$failed" | Should -BeLike '*broken.yaml: line 3, column 1:*'
        Test-VmiProbe -Path $file -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
        New-VmiProbe -TcpSocket -Port 80 | Set-VmiProbe $file -Readiness -ErrorAction SilentlyContinue
        (Get-VmiProbe -Path $file -ErrorAction SilentlyContinue).Port.Number | Should -Be 80
    }

    It 'never takes nothing for all good: <Name>' -ForEach @(
        @{ Name = 'nothing'; Text = "# nothing`n"; Said = '*blank lines and comments*' }
        @{ Name = 'other'; Text = "kind: ConfigMap`nmetadata: {name: a}`n"; Said = '*ConfigMap a (line 1)*nothing was checked*' }
        @{ Name = 'bare'; Text = "kind: VirtualMachineInstance`nmetadata: {name: web}`nspec: {domain: {}}`n"; Said = '*web: no readinessProbe or livenessProbe at spec*' }
    ) {
        $file = New-Manifest "$Name.yaml" $Text
        Test-VmiProbe -Path $file -Quiet -WarningVariable said -WarningAction SilentlyContinue | Should -BeFalse
        "$said" | Should -BeLike $Said
        Get-VmiProbe -Path $file -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$said" | Should -BeLike $Said
    }

    It 'says what has no effect with manifests' {
        $file = New-Manifest unused.yaml "kind: VirtualMachineInstance`nmetadata: {name: web}`nspec: {readinessProbe: {tcpSocket: {port: 22}}, domain: {}}`n"
        $expected = 'Manifest files are checked, and their probes are not run. Without effect: -Count, -Watch.'
        $null = Test-VmiProbe -Path $file, $file -Count 3 -Watch -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeExactly $expected
        $null = Get-Item $file | Test-VmiProbe -Count 3 -Watch -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeExactly $expected
        $null = Test-VmiProbe -Path $file -Name web -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike '*Without effect: -Name.'
        $null = New-VmiProbe -TcpSocket -Port 22 | Test-VmiProbe -AsTimeline -Outcome Success -Count 3 -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeExactly 'With -AsTimeline, no probe is run. Without effect: -Count.'
        $null = Test-VmiProbe -Path $file -Role Readiness -Quiet -WarningVariable said -WarningAction SilentlyContinue
        $said | Should -BeNullOrEmpty
    }

    It 'checks a file once, however often it is named' {
        $file = New-Manifest once.yaml "kind: VirtualMachineInstance`nmetadata: {name: web}`nspec:`n  readinessProbe: {tcpSocket: {port: 99999}}`n  domain: {}`n"
        @(Test-VmiProbe -Path $file).Count | Should -Be 1
        @(Get-Content $file | Test-VmiProbe).Count | Should -Be 1
        @(Get-Item $file, $file | Test-VmiProbe).Count | Should -Be 1
    }

    It 'says where a probe belongs' {
        $file = New-Manifest misplaced.yaml "kind: VirtualMachine`nmetadata: {name: web}`nspec: {readinessProbe: {tcpSocket: {port: 22}}, template: {spec: {domain: {}}}}`n"
        (Test-VmiProbe -Path $file -WarningAction SilentlyContinue).Field | Should -BeExactly 'spec.readinessProbe'
        { Get-VmiProbe -Path $file -WarningAction SilentlyContinue -ErrorAction Stop } | Should -Throw -ErrorId 'ProbeMisplaced,*' -ExpectedMessage '*belongs in spec.template.spec*'
    }
}

Describe 'Get-VmiProbe' {
    It 'reads files, text and lines' {
        $file = Copy-Machine
        New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe $file -Readiness
        (Get-Item $file | Get-VmiProbe).Port.Number | Should -Be 22
        (Get-Content $file | Get-VmiProbe).Port.Number | Should -Be 22
        (Get-Content -Raw $file | Get-VmiProbe).Port.Number | Should -Be 22
        (Get-VmiProbe -LiteralPath $file).Source | Should -BeExactly (Get-Item $file).FullName
        Get-VmiProbe -Path $file -Name nobody | Should -BeNullOrEmpty
        { 5 | Get-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'InputInvalid,*'
    }

    It 'reports a probe that is not well-formed, and reads the other' {
        $file = Copy-Machine
        [IO.File]::AppendAllText($file, "      readinessProbe: {}`n      livenessProbe: {tcpSocket: {port: 22}}`n")
        $probes = Get-VmiProbe -Path $file -ErrorVariable failed -ErrorAction SilentlyContinue
        $probes.Role | Should -Be 'Liveness'
        "$($failed[0])" | Should -BeLike '*spec.template.spec.readinessProbe: it has no handler*'
    }

    It 'fits its view into 120 columns' {
        $lines = (New-VmiProbe -HttpGet -Port 1500 -Path "/$('x' * 80)" | Out-String -Width 120).TrimEnd() -split '\r?\n' -replace '\e\[[0-9;]*m'
        ($lines | Where-Object { $_ })[0].Trim() -split '\s+' | Should -BeExactly 'Namespace', 'Name', 'Role', 'Probe', 'Delay', 'Period', 'Timeout', 'Ok', 'Fail'
        $lines | ForEach-Object { $_.Length | Should -BeLessOrEqual 120 }
    }
}

Describe 'Live machines' {
    BeforeAll {
        $cluster = Open-Cluster "$TestDrive/cluster"
        if (-not $cluster.Missing) {
            $null = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
            $running = Get-KubeVirtVM -Status Running | Select-Object -First 1
        }
    }

    AfterAll {
        Get-KubeVirtSession | Disconnect-KubeVirt
        Close-Cluster $cluster
    }

    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'get a probe in their template, and say when it takes effect' {
        $probe = New-VmiProbe -TcpSocket -Port 22 -PeriodSeconds 30
        $running | Set-VmiProbe -Readiness -Probe $probe -WhatIf
        $running | Get-VmiProbe -Role Readiness | Where-Object PeriodSeconds -EQ 30 | Should -BeNullOrEmpty
        $made = $running | Set-VmiProbe -Readiness -Probe $probe -PassThru -WarningVariable warned -WarningAction SilentlyContinue
        "$($made.Namespace)/$($made.Name) $made $($made.PeriodSeconds)" | Should -BeExactly "$running tcpSocket :22 30"
        "$warned" | Should -BeLike '*at the next start*'
        # Another handler takes the place of the first, and does not stand beside it.
        $null = Set-VmiProbe -Name $running.Name -Namespace $running.Namespace -Readiness -Probe (New-VmiProbe -GuestAgentPing) -WarningAction SilentlyContinue
        (Get-VmiProbe $running.Name $running.Namespace -VM -Role Readiness).Kind | Should -Be 'GuestAgentPing'
        $running | Set-VmiProbe -Readiness -Remove -WarningAction SilentlyContinue
        $running | Get-VmiProbe -Role Readiness | Should -BeNullOrEmpty
    }

    It 'that do not exist are an error that names them' {
        { Set-VmiProbe -Name nobody -Namespace ns0 -Readiness -Remove -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*' -ExpectedMessage '*nobody*'
    }
}
