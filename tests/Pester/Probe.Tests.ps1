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

    It 'sends a header as often as its list says' {
        $probe = New-VmiProbe -HttpGet -Port 80 -Headers ([ordered] @{ A = '1', '2'; B = 3 })
        ($probe.Headers | ForEach-Object { "$($_.Key)=$($_.Value)" }) -join ' ' | Should -BeExactly 'A=1 A=2 B=3'
    }

    It 'says what would become of <Number>' -ForEach @(
        @{ Number = '-InitialDelaySeconds -5'; Said = '*adds 10 to -5, which makes 5*libvirt*Specify 0 or more.' }
        @{ Number = '-InitialDelaySeconds -20'; Said = '*adds 10 to -20, which makes -10*API server refuses*' }
        @{ Number = '-PeriodSeconds 0'; Said = '*replaces 0 with the default 10. Specify 1 or more*' }
        @{ Number = '-FailureThreshold -1'; Said = '*replaces -1 with the default 3.*' }
    ) {
        { & ([scriptblock]::Create("New-VmiProbe -GuestAgentPing $Number")) } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*' -ExpectedMessage $Said
        { & ([scriptblock]::Create("Test-VmiProbe a -GuestAgentPing $Number")) } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*' -ExpectedMessage $Said
        { & ([scriptblock]::Create("Get-VmiProbeTimeline Success $Number")) } | Should -Throw -ErrorId 'ParameterArgumentValidationError,*' -ExpectedMessage $Said
    }

    It 'refuses <Given>' -ForEach @(
        @{ Given = '-TcpSocket -Port 0'; Id = 'PortInvalid'; Said = '*0 is not a port*' }
        @{ Given = '-TcpSocket -Port 65536'; Id = 'PortInvalid'; Said = '*65536 is not a port*' }
        @{ Given = '-GuestAgentPing -Port 5'; Id = 'AmbiguousParameterSet'; Said = '*' }
        @{ Given = '-HttpGet -Port 80 -Scheme ftp'; Id = 'ParameterArgumentValidationError'; Said = "*parameter 'Scheme'*HTTP,HTTPS*" }
        @{ Given = '-TcpSocket -Port 22 -PeriodSeconds 0'; Id = 'ParameterArgumentValidationError'; Said = "*parameter 'PeriodSeconds'*" }
        @{ Given = '-Exec -Command @()'; Id = 'ParameterArgumentValidationError'; Said = "*parameter 'Command'*" }
    ) {
        { & ([scriptblock]::Create("New-VmiProbe $Given -ErrorAction Stop")) } | Should -Throw -ErrorId "$Id,*" -ExpectedMessage $Said
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
        Remove-VmiProbe -Path "$TestDrive/made/$File.yaml" -Role $Role
        [IO.File]::ReadAllText("$TestDrive/made/$File.yaml").ReplaceLineEndings("`n") | Should -BeExactly $original
    }

    It 'writes what the guide shows' {
        $file = Copy-Machine
        New-VmiProbe -HttpGet -Port 1500 -Path /healthz -Headers @{ 'Custom-Header' = 'Awesome' } -InitialDelaySeconds 120 | Set-VmiProbe -Path $file -Role Readiness
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
        New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe -Path $file -Role Readiness -WhatIf
        Get-VmiProbe -Path $file | Should -BeNullOrEmpty
    }

    It 'refuses what a rule finds an error in, unless forced' {
        $file = Copy-Machine
        New-VmiProbe -TcpSocket -Port 22 -SuccessThreshold 2 | Set-VmiProbe -Path $file -Role Liveness -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -BeExactly 'ProbeRefused,KubeVirtMonitor.Commands.SetVmiProbeCommand'
        "$($failed[0])" | Should -BeLike '*VMIP010*spec.template.spec.livenessProbe.successThreshold*'
        Get-VmiProbe -Path $file | Should -BeNullOrEmpty
        (New-VmiProbe -TcpSocket -Port 22 -SuccessThreshold 2 | Set-VmiProbe -Path $file -Role Liveness -Force -PassThru -WarningAction SilentlyContinue).SuccessThreshold | Should -Be 2
    }

    It 'keeps the byte order mark and the line breaks' {
        $file = Copy-Machine
        [IO.File]::WriteAllText($file, $original.ReplaceLineEndings("`r`n"), [Text.UTF8Encoding]::new($true))
        $before = [IO.File]::ReadAllBytes($file)
        New-VmiProbe -GuestAgentPing | Set-VmiProbe -Path $file -Role Readiness
        [IO.File]::ReadAllText($file) | Should -Match "readinessProbe:`r`n        guestAgentPing: {}`r`n$"
        Remove-VmiProbe -Path $file -Role Readiness
        [Convert]::ToHexString([IO.File]::ReadAllBytes($file)) | Should -BeExactly ([Convert]::ToHexString($before))
    }

    It 'asks which machine of several is meant' {
        $file = Copy-Machine
        [IO.File]::WriteAllText($file, "$original---`n$($original.Replace('name: fedora-vm', 'name: other'))")
        $probe = New-VmiProbe -TcpSocket -Port 22
        { Set-VmiProbe -Path $file -Role Readiness -Probe $probe -ErrorAction Stop } | Should -Throw -ErrorId 'SeveralMachines,*'
        Set-VmiProbe -Path $file -Role Readiness -Probe $probe -Name other
        (Get-VmiProbe -Path $file).Name | Should -BeExactly 'other'
        Set-VmiProbe -Path $file -Role Liveness -Probe $probe -Name * -WarningAction SilentlyContinue
        (Get-VmiProbe -Path $file -Role Liveness).Name | Should -BeExactly 'fedora-vm', 'other'
        { Remove-VmiProbe -Path $file -Role Liveness -Name nobody -ErrorAction Stop } | Should -Throw -ErrorId 'MachineNotFound,*'
    }

    It 'reports what is not a manifest' {
        Set-Content $TestDrive/bad.yaml "kind: [`n"
        { New-VmiProbe -GuestAgentPing | Set-VmiProbe -Path $TestDrive/bad.yaml -Role Readiness -ErrorAction Stop } | Should -Throw -ErrorId 'ManifestInvalid,*' -ExpectedMessage '*line*'
            }
}

Describe 'Remove-VmiProbe on files' {
    It 'removes what is piped from where it was read, and nothing else' {
        $file = Copy-Machine
        [IO.File]::WriteAllText($file, "$original---`n$($original.Replace('name: fedora-vm', 'name: other'))")
        $before = [IO.File]::ReadAllText($file)
        $probe = New-VmiProbe -TcpSocket -Port 22
        Set-VmiProbe -Path $file -Role Readiness, Liveness -Probe $probe -Name * -WarningAction SilentlyContinue
        @(Get-VmiProbe -Path $file) | Should -HaveCount 4
        Get-VmiProbe -Path $file -Role Liveness | Remove-VmiProbe -WhatIf
        @(Get-VmiProbe -Path $file) | Should -HaveCount 4
        Get-VmiProbe -Path $file | Where-Object { $_.Name -eq 'other' -or $_.Role -eq 'Liveness' } | Remove-VmiProbe
        Get-VmiProbe -Path $file | ForEach-Object { "$($_.Name) $($_.Role)" } | Should -BeExactly 'fedora-vm Readiness'
        Get-Item $file | Remove-VmiProbe -Role Readiness, Liveness -Name fedora*
        [IO.File]::ReadAllText($file) | Should -BeExactly $before
    }

    It 'has nothing to remove from a probe of no place, or where there is none' {
        { New-VmiProbe -TcpSocket -Port 22 | Remove-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'ProbeWithoutPlace,*'
        $said = Remove-VmiProbe -Path (Copy-Machine) -Role Liveness -Verbose 4>&1
        "$said" | Should -BeExactly 'VirtualMachine fedora-vm has no liveness probe.'
        { Remove-VmiProbe -Path $vm -Role Liveness -Name nobody -ErrorAction Stop } | Should -Throw -ErrorId 'MachineNotFound,*'
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
        Test-VmiProbeManifest -Path $file -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
        New-VmiProbe -TcpSocket -Port 80 | Set-VmiProbe -Path $file -Role Readiness -ErrorAction SilentlyContinue
        (Get-VmiProbe -Path $file -ErrorAction SilentlyContinue).Port.Number | Should -Be 80
    }

    It 'never takes nothing for all good: <Name>' -ForEach @(
        @{ Name = 'nothing'; Text = "# nothing`n"; Said = '*blank lines and comments*' }
        @{ Name = 'other'; Text = "kind: ConfigMap`nmetadata: {name: a}`n"; Said = '*ConfigMap a (line 1)*nothing was checked*' }
        @{ Name = 'bare'; Text = "kind: VirtualMachineInstance`nmetadata: {name: web}`nspec: {domain: {}}`n"; Said = '*web: no readinessProbe or livenessProbe at spec*' }
    ) {
        $file = New-Manifest "$Name.yaml" $Text
        Test-VmiProbeManifest -Path $file -Quiet -WarningVariable said -WarningAction SilentlyContinue | Should -BeFalse
        "$said" | Should -BeLike $Said
        Get-VmiProbe -Path $file -WarningVariable said -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$said" | Should -BeLike $Said
    }

    It 'binds nothing that has no effect on manifests: <_>' -ForEach 'Name web', 'Count 3', 'Watch', 'Outcome Success', 'Session 1', 'LabelSelector a=b' {
        { & ([scriptblock]::Create("Test-VmiProbeManifest -Path x.yaml -$_")) } | Should -Throw -ErrorId 'NamedParameterNotFound,*'
    }

    It 'refuses what is for clusters: <_>' -ForEach 'Get-VmiProbe -LabelSelector a=b', 'Get-VmiProbe -Context x', 'Remove-VmiProbe -Role Liveness -Context x' {
        { & ([scriptblock]::Create("$_ -Path '$vm'")) } | Should -Throw -ErrorId 'OnlyForClusters,*'
    }

    It 'takes each file for itself when lines of several are piped' {
        $one = New-Manifest one.yaml "kind: VirtualMachineInstance`nmetadata: {name: a}`nspec: {readinessProbe: {tcpSocket: {port: 99999}}, domain: {}}`n"
        $two = New-Manifest two.yaml "kind: VirtualMachineInstance`nmetadata: {name: b}`nspec: {livenessProbe: {tcpSocket: {port: 99999}}, domain: {}}`n"
        (Get-Content $one, $two | Test-VmiProbeManifest).Name | Should -BeExactly 'a', 'b'
        (Get-Content $one, $two | Get-VmiProbe).Role | Should -Be Readiness, Liveness
        (Test-VmiProbeManifest $one, $two -Role Liveness).Name | Should -BeExactly 'b'
        Test-VmiProbeManifest $one, $two -Role Readiness, Liveness | Should -HaveCount 2
        (Get-Content -Raw $one) | Test-VmiProbeManifest -Quiet | Should -BeFalse
        { 5 | Test-VmiProbeManifest -ErrorAction Stop } | Should -Throw -ErrorId 'InputInvalid,*'
    }

    It 'checks a file once, however often it is named' {
        $file = New-Manifest once.yaml "kind: VirtualMachineInstance`nmetadata: {name: web}`nspec:`n  readinessProbe: {tcpSocket: {port: 99999}}`n  domain: {}`n"
        @(Test-VmiProbeManifest -Path $file).Count | Should -Be 1
        @(Get-Content $file | Test-VmiProbeManifest).Count | Should -Be 1
        @(Get-Item $file, $file | Test-VmiProbeManifest).Count | Should -Be 1
    }

    It 'says where a probe belongs' {
        $file = New-Manifest misplaced.yaml "kind: VirtualMachine`nmetadata: {name: web}`nspec: {readinessProbe: {tcpSocket: {port: 22}}, template: {spec: {domain: {}}}}`n"
        (Test-VmiProbeManifest -Path $file -WarningAction SilentlyContinue).Field | Should -BeExactly 'spec.readinessProbe'
        { Get-VmiProbe -Path $file -WarningAction SilentlyContinue -ErrorAction Stop } | Should -Throw -ErrorId 'ProbeMisplaced,*' -ExpectedMessage '*belongs in spec.template.spec*'
    }
}

Describe 'Get-VmiProbe' {
    It 'reads files, text and lines' {
        $file = Copy-Machine
        New-VmiProbe -TcpSocket -Port 22 | Set-VmiProbe -Path $file -Role Readiness
        (Get-Item $file | Get-VmiProbe).Port.Number | Should -Be 22
        (Get-Content $file | Get-VmiProbe).Port.Number | Should -Be 22
        (Get-Content -Raw $file | Get-VmiProbe).Port.Number | Should -Be 22
        (Get-VmiProbe -LiteralPath $file).Source | Should -BeExactly (Get-Item $file).FullName
        Get-VmiProbe -Path $file -Name nobody | Should -BeNullOrEmpty
        { Get-Date | Get-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'InputInvalid,*'
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
        $running | Set-VmiProbe -Role Readiness -Probe $probe -WhatIf
        $running | Get-VmiProbe -Role Readiness | Where-Object PeriodSeconds -EQ 30 | Should -BeNullOrEmpty
        $made = $running | Set-VmiProbe -Role Readiness -Probe $probe -PassThru -WarningVariable warned -WarningAction SilentlyContinue
        "$($made.Namespace)/$($made.Name) $made $($made.PeriodSeconds)" | Should -BeExactly "$running tcpSocket :22 30"
        "$warned" | Should -BeLike '*at the next start*'
        # Another handler takes the place of the first, and does not stand beside it.
        $null = Set-VmiProbe -Name $running.Name -Namespace $running.Namespace -Role Readiness -Probe (New-VmiProbe -GuestAgentPing) -WarningAction SilentlyContinue
        (Get-VmiProbe $running.Name $running.Namespace -VM -Role Readiness).Kind | Should -Be 'GuestAgentPing'
        $running | Remove-VmiProbe -Role Readiness -WarningAction SilentlyContinue
        $running | Get-VmiProbe -Role Readiness | Should -BeNullOrEmpty
    }

    It 'are named by wildcards and by the pipeline, and lose what is piped from them' {
        $names = (Get-KubeVirtVM -Namespace $running.Namespace | Select-Object -First 3).Name
        $probe = New-VmiProbe -TcpSocket -Port 2222
        $made = $names | Set-VmiProbe -Namespace $running.Namespace -Role Liveness, Readiness -Probe $probe -PassThru -WarningAction SilentlyContinue
        $made | ForEach-Object { "$($_.Name) $($_.Role) $($_.Port)" } | Should -BeExactly ($names | ForEach-Object { "$_ Liveness 2222"; "$_ Readiness 2222" })
        Get-VmiProbe $names $running.Namespace -VM -Role Liveness | Remove-VmiProbe -WarningAction SilentlyContinue
        Get-VmiProbe $names $running.Namespace -VM | Where-Object Port -EQ 2222 | ForEach-Object { "$($_.Name) $($_.Role)" } | Sort-Object | Should -BeExactly ($names | ForEach-Object { "$_ Readiness" })
        Remove-VmiProbe vm-*, halted-0000? $running.Namespace -Role Readiness -WarningAction SilentlyContinue
        Get-VmiProbe -Namespace $running.Namespace -VM -Role Readiness | Should -BeNullOrEmpty
        Remove-VmiProbe none-* $running.Namespace -Role Readiness -ErrorAction Stop
    }

    It 'are checked as they are in the cluster' {
        $running | Set-VmiProbe -Role Liveness -Probe (New-VmiProbe -TcpSocket -Port 22 -TimeoutSeconds 20) -WarningAction SilentlyContinue
        $finding = $running | Test-VmiProbeManifest | Where-Object Id -EQ VMIP011
        "$($finding.Namespace)/$($finding.Name) $($finding.Field)" | Should -BeExactly "$running spec.template.spec.livenessProbe.timeoutSeconds"
        $running | Test-VmiProbeManifest -Quiet | Should -BeTrue
        $running | Remove-VmiProbe -Role Liveness -WarningAction SilentlyContinue
        $running | Test-VmiProbeManifest -Quiet | Should -BeFalse
    }

    It 'that do not exist are an error that names them' {
        { Remove-VmiProbe nobody ns0 -Role Readiness -ErrorAction Stop } | Should -Throw -ErrorId 'ObjectNotFound,*' -ExpectedMessage '*nobody*'
    }
}
