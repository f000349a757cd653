# Two clusters in which every namespace and every machine has the same name.
BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $first = Open-Cluster "$TestDrive/first" -Handlers 1 -Vmis 3
    $second = Open-Cluster "$TestDrive/second" -Handlers 1 -Vmis 3
    if (-not $first.Missing) {
        # The contexts of the second one have names of their own, so that both files can be in KUBECONFIG.
        $text = [IO.File]::ReadAllText($second.KubeConfig) -replace '(name|cluster|user|current-context): (simulat|token|certificate|exec|rotating|monitor|viewer|nobody)', '$1: second-$2'
        [IO.File]::WriteAllText($second.KubeConfig, $text)
        $a = Connect-KubeVirt $first.KubeConfig
        $b = Connect-KubeVirt $second.KubeConfig
    }
    $machine = 'vm-00000'
    $tcp = New-VmiProbe -TcpSocket -Port 22
    # What the API servers themselves say, without this module.
    function Invoke-Api($Cluster, [string] $Path, [string] $Method = 'Get', $Body) {
        $token = [regex]::Match([IO.File]::ReadAllText($Cluster.KubeConfig), '(?m)^    token: (\S+)').Groups[1].Value
        $splat = @{ Uri = "$($Cluster.Server)$Path"; Method = $Method; Authentication = 'Bearer'; Token = (Get-Secret $token); SkipCertificateCheck = $true }
        if ($Body) { $splat += @{ Body = ($Body | ConvertTo-Json -Depth 20); ContentType = 'application/json' } }
        Invoke-RestMethod @splat
    }
    $machines = 'apis/kubevirt.io/v1/namespaces/ns0/virtualmachines'
    function Get-Probe($Cluster, [string] $Name = $machine) { (Invoke-Api $Cluster "$machines/$Name").spec.template.spec.PSObject.Properties['readinessProbe'].Value }
    # Deletes a machine and makes another of its name.
    function Reset-Machine($Cluster, [string] $Name = $machine) {
        $old = Invoke-Api $Cluster "$machines/$Name"
        $null = Invoke-Api $Cluster "$machines/$Name" Delete
        $null = Invoke-Api $Cluster $machines Post @{ apiVersion = 'kubevirt.io/v1'; kind = 'VirtualMachine'; metadata = @{ name = $Name; namespace = 'ns0' }; spec = $old.spec }
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $first
    Close-Cluster $second
}

Describe 'What comes down the pipeline' {
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else { $null = Connect-KubeVirt -Session $b }
    }

    It 'is written to in its own cluster, whatever the default is' {
        (Get-KubeVirtSession | Where-Object IsDefault).Id | Should -Be $b.Id
        Get-KubeVirtVM $machine -Session $a | Set-VmiProbe -Probe $tcp -Role Readiness -Force -WarningAction Ignore
        (Get-Probe $first).tcpSocket.port | Should -Be 22
        Get-Probe $second | Should -BeNullOrEmpty
        Get-VmiProbe $machine -VM -Session $a | Remove-VmiProbe -WarningAction Ignore
        Get-Probe $first | Should -BeNullOrEmpty
    }

    It 'is written to in each of several clusters, by -Session' {
        Set-VmiProbe $machine ns0 -Probe $tcp -Role Readiness -Session $a.Id, $b.Id -Force -WarningAction Ignore
        (Get-Probe $first).tcpSocket.port, (Get-Probe $second).tcpSocket.port | Should -Be 22, 22
        Get-KubeVirtSession | Get-KubeVirtVM $machine | Remove-VmiProbe -Role Readiness -WarningAction Ignore
        Get-Probe $first | Should -BeNullOrEmpty
        Get-Probe $second | Should -BeNullOrEmpty
    }

    It 'is read in its own cluster by <Case>' -ForEach @(
        @{ Case = 'Get-KubeVirtVmi'; Read = { Get-KubeVirtVM vm-* -Session $a | Get-KubeVirtVmi } }
        @{ Case = 'Get-KubeVirtVM'; Read = { Get-KubeVirtVmi vm-* -Session $a | Get-KubeVirtVM } }
        @{ Case = 'Test-KubeVirtHealth'; Read = { Get-KubeVirtComponent -Session $a | Test-KubeVirtHealth } }
        @{ Case = 'Test-VmiProbe'; Read = { Get-KubeVirtVmi vm-00000 -Session $a | Test-VmiProbe -TcpSocket -Port 22 } }
        @{ Case = 'Get-KubeVirtVmi of results'; Read = { Test-VmiProbe $machine -TcpSocket -Port 22 -Session $a | Get-KubeVirtVmi } }
    ) {
        $found = @(& $Read)
        $found.Count | Should -BeGreaterThan 0
        $found.Session.Id | Sort-Object -Unique | Should -Be $a.Id
    }

    It 'is an error where -Session or -Context names another cluster, and hides nothing' {
        $mixed = @(Get-KubeVirtVM $machine -Session $a, $b)
        $mixed.Session.Id | Should -Be $a.Id, $b.Id
        foreach ($splat in @{ Session = $b }, @{ Context = 'second-simulator' }) {
            $found = @($mixed | Get-KubeVirtVmi @splat -ErrorVariable failed -ErrorAction SilentlyContinue)
            $found.Session.Id | Should -Be $b.Id
            $failed.Count | Should -Be 1
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'OtherSession,*'
            "$($failed[0])" | Should -BeExactly "ns0/$machine of the pipeline is of session $($a.Id), to simulator ($("$($first.Server)".TrimEnd('/'))), which -$($splat.Keys) does not name."
        }
        $mixed | Set-VmiProbe -Session $b -Probe $tcp -Role Readiness -Force -WarningAction Ignore -ErrorAction SilentlyContinue
        Get-Probe $first | Should -BeNullOrEmpty
        (Get-Probe $second).tcpSocket.port | Should -Be 22
        Remove-VmiProbe $machine ns0 -Session $b -Role Readiness -WarningAction Ignore
        { Get-KubeVirtComponent Api -Session $a | Test-KubeVirtHealth -Session $b -ErrorAction Stop } | Should -Throw -ErrorId 'OtherSession,*'
    }

    It 'is an error where its session is closed, which says what to do and leaves the others their turn' {
        $third = Connect-KubeVirt $second.KubeConfig
        $old = Get-KubeVirtVM $machine
        $pod = Get-KubeVirtComponent Api | Select-Object -First 1
        Disconnect-KubeVirt $third.Id
        foreach ($read in { $old, (Get-KubeVirtVM $machine -Session $a) | Get-KubeVirtVmi @args }, { $old, (Get-KubeVirtVM $machine -Session $a) | Get-VmiProbe @args },
            { $pod, (Get-KubeVirtComponent Operator -Session $a) | Test-KubeVirtHealth @args }, { $pod, (Get-KubeVirtComponent Operator -Session $a) | Get-KubeVirtMetric -Name go_threads -Raw @args },
            { $old, (Get-KubeVirtVM $machine -Session $a) | Set-VmiProbe -Probe $tcp -Role Readiness -Force -WhatIf -WarningAction Ignore @args }) {
            $null = . $read -ErrorVariable failed -ErrorAction SilentlyContinue
            $failed.Count | Should -Be 1 -Because "of $read"
            $failed[0].FullyQualifiedErrorId | Should -BeLike 'SessionClosed,*'
            "$($failed[0])" | Should -BeLike "*: its session $($third.Id), to second-simulator (https://127.0.0.1:*), has been closed."
            $failed[0].ErrorDetails.RecommendedAction | Should -BeLike '*Open a new session with Connect-KubeVirt, and get the object again.'
        }
        @($pod, (Get-KubeVirtComponent Operator -Session $a) | Test-KubeVirtHealth -Quiet -ErrorAction SilentlyContinue) | Should -Be $false
    }

    It 'is a row of a file that names its cluster' {
        Get-KubeVirtVM $machine -Session $a | Select-Object Name, Namespace, Session | Export-Csv "$TestDrive/rows.csv"
        (Import-Csv "$TestDrive/rows.csv" | Get-KubeVirtVmi).Session.Id | Should -Be $a.Id
        { [pscustomobject] @{ Name = $machine; Session = 'elsewhere' } | Get-KubeVirtVmi -ErrorAction Stop } | Should -Throw -ErrorId 'SessionNotFound,*'
        { [pscustomobject] @{ Size = 3 } | Get-KubeVirtVmi -ErrorAction Stop } | Should -Throw -ErrorId 'InputInvalid,*'
    }

    It 'is a name' {
        ('vm-00000', 'vm-0000[12]' | Get-KubeVirtVM | ForEach-Object { "$($_.Session.Id) $_" }) | Should -Be "$($b.Id) ns0/vm-00000", "$($b.Id) ns1/vm-00001", "$($b.Id) ns2/vm-00002"
        { 'nobody' | Get-KubeVirtVM -ErrorAction Stop } | Should -Throw -ErrorId 'ObjectNotFound,*'
    }
}

Describe 'A machine that was deleted between list and write' {
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
    }

    It 'and made anew is not written to' {
        $listed = Get-KubeVirtVM $machine -Session $a
        Reset-Machine $first
        $before = Invoke-Api $first "$machines/$machine"
        $before.metadata.uid | Should -Not -Be $listed.Uid
        $failure = { $listed | Set-VmiProbe -Probe $tcp -Role Readiness -Force -ErrorAction Stop } | Should -Throw -ErrorId 'Replaced,*' -PassThru
        "$failure" | Should -BeLike "*VirtualMachine ns0/$machine is not the one that was listed: that one was deleted, and another has its name since 20*"
        $failure.ErrorDetails.RecommendedAction | Should -BeLike 'Nothing was changed. List the objects again*'
        (Invoke-Api $first "$machines/$machine").metadata.resourceVersion | Should -Be $before.metadata.resourceVersion
    }

    It 'and made anew keeps the probe that was not read from it' {
        Set-VmiProbe $machine ns0 -Probe $tcp -Role Readiness -Session $a -Force -WarningAction Ignore
        $listed = Get-VmiProbe $machine -VM -Session $a
        $listed.Uid | Should -Be (Invoke-Api $first "$machines/$machine").metadata.uid
        Reset-Machine $first
        { $listed | Remove-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'Replaced,*'
        (Get-Probe $first).tcpSocket.port | Should -Be 22
        Remove-VmiProbe $machine ns0 -Role Readiness -Session $a -WarningAction Ignore
    }

    It 'is an error that says so, and the others are written' {
        $listed = Get-KubeVirtVM -Namespace ns0 -Session $a
        $listed.Count | Should -Be 2
        $null = Invoke-Api $first "$machines/halted-00000" Delete
        $listed | Set-VmiProbe -Probe $tcp -Role Readiness -Force -WarningAction Ignore -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.FullyQualifiedErrorId | Should -Be 'NotFound,KubeVirtMonitor.Commands.SetVmiProbeCommand'
        "$($failed[0])" | Should -BeLike '*VirtualMachine ns0/halted-00000 no longer exists: it was deleted after it had been listed.'
        (Get-Probe $first).tcpSocket.port | Should -Be 22
    }
}

Describe 'Sessions' {
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else { $null = Connect-KubeVirt -Session $b }
    }

    It 'are taken as <Case>' -ForEach @(
        @{ Case = 'objects'; Value = { $a, $b } }
        @{ Case = 'numbers'; Value = { $a.Id, $b.Id } }
        @{ Case = 'texts of numbers and objects'; Value = { "$($a.Id)", $b } }
        @{ Case = 'one of them twice'; Value = { $a, $b.Id, $a.Id } }
    ) {
        (Get-KubeVirtVM $machine -Session (& $Value)).Session.Id | Should -Be $a.Id, $b.Id
    }

    It 'with a wrong number are an error that lists the open ones' {
        $failure = { Get-KubeVirtVM -Session $a.Id, 987 } | Should -Throw -PassThru
        "$failure" | Should -BeLike "*There is no open session 987. Open are $($a.Id) (simulator), $($b.Id) (second-simulator)."
        { Get-KubeVirtVM -Session simulator } | Should -Throw '*neither a session nor the number of one. To name a context, use -Context simulator.'
    }

    It 'are piped into <_>' -ForEach 'Get-KubeVirtVM', 'Get-KubeVirtVmi', 'Get-KubeVirtComponent', 'Test-KubeVirtHealth' {
        (Get-KubeVirtSession | & $_ | Group-Object { $_.Session.Id }).Name | Should -Be "$($a.Id)", "$($b.Id)"
    }

    It 'are piped into Get-KubeVirtMetric and Compare-KubeVirtMetric, and nothing is done twice' {
        $one = @(Get-KubeVirtMetric -Component Operator -Session $a | ForEach-Object Name | Sort-Object)
        $one.Count | Should -BeGreaterThan 10
        @(Get-KubeVirtSession | Get-KubeVirtMetric -Component Operator).Count | Should -Be (2 * $one.Count)
        @(Get-KubeVirtMetric -Component Operator -Session $a, $b).Count | Should -Be (2 * $one.Count)
        @(Get-KubeVirtMetric -Component Operator -Context simulator, second-simulator).Count | Should -Be (2 * $one.Count)
        @(Get-KubeVirtComponent Operator -Session $a, $b | Get-KubeVirtMetric).Count | Should -Be (2 * $one.Count)
        $equal = @(Compare-KubeVirtMetric -Component Operator -Session $a -IncludeEqual).Count
        @(Get-KubeVirtSession | Compare-KubeVirtMetric -Component Operator -IncludeEqual).Count | Should -Be (2 * $equal)
    }

    It 'are piped into the cmdlets of probes' {
        Set-VmiProbe $machine ns0 -Probe $tcp -Role Liveness -Session $a, $b -Force -WarningAction Ignore
        (Get-KubeVirtSession | Get-VmiProbe $machine -VM -Role Liveness).Session.Id | Should -Be $a.Id, $b.Id
        (Get-KubeVirtSession | Get-VmiProbe $machine -VM -Role Liveness | Get-VmiProbe -Role Liveness).Session.Id | Should -Be $a.Id, $b.Id
        (Get-KubeVirtSession | Test-VmiProbe $machine -TcpSocket -Port 22).Session.Id | Sort-Object | Should -Be $a.Id, $b.Id
        Get-KubeVirtSession | Remove-VmiProbe $machine ns0 -Role Liveness -WarningAction Ignore
        Get-KubeVirtSession | Get-VmiProbe $machine -VM -Role Liveness | Should -BeNullOrEmpty
    }

    It 'are not taken for names of machines' {
        { Get-KubeVirtSession | Remove-VmiProbe -Namespace ns0 -Role Liveness -ErrorAction Stop } | Should -Throw -ErrorId 'InputObjectMissingMandatory,*'
    }

    It 'name server and context in what -WhatIf shows, of <Case>' -ForEach @(
        @{ Case = 'Set-VmiProbe'; Try = { Get-KubeVirtVM $machine -Session $a | Set-VmiProbe -Probe $tcp -Role Readiness -Force -WhatIf }; Shown = "*VirtualMachine ns0/vm-00000 in {0}*" }
        @{ Case = 'Remove-VmiProbe'; Try = { Set-VmiProbe $machine ns0 -Session $a -Probe $tcp -Role Readiness -Force; Remove-VmiProbe $machine ns0 -Session $a -Role Readiness -WhatIf }; Shown = "*VirtualMachine ns0/vm-00000 in {0}*" }
        @{ Case = 'Install-KubeVirtAgentPatch'; Try = { $a | Install-KubeVirtAgentPatch -Patch (New-KubeVirtAgentPatch Api -AgentNamespace ns0 -AgentServiceAccount default) -WhatIf }; Shown = "*{0}: KubeVirt kubevirt/kubevirt*" }
    ) {
        Start-Transcript "$TestDrive/whatif.txt" -UseMinimalHeader | Out-Null
        try { $null = & $Try 3>$null } finally { Stop-Transcript | Out-Null }
        $text = [IO.File]::ReadAllText("$TestDrive/whatif.txt")
        $text | Should -BeLike ($Shown -f "simulator ($("$($first.Server)".TrimEnd('/')))")
        Remove-Item "$TestDrive/whatif.txt"
    }

    It 'are changed in several clusters by the same patch' {
        $patch = New-KubeVirtAgentPatch Api -AgentNamespace ns0 -AgentServiceAccount default
        (Get-KubeVirtSession | Install-KubeVirtAgentPatch -Patch $patch -Confirm:$false).Action | Should -Be Installed, Installed
        foreach ($cluster in $first, $second) { @((Invoke-Api $cluster apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt).spec.customizeComponents.patches).Count | Should -Be 1 }
        $points = Get-KubeVirtSession | Test-KubeVirtAgentPatch
        $points.Session.Id | Sort-Object -Unique | Should -Be $a.Id, $b.Id
        @(Get-KubeVirtSession | Test-KubeVirtAgentPatch -Quiet).Count | Should -Be 2
        $changes = Uninstall-KubeVirtAgentPatch -Session $a.Id, $b.Id -Confirm:$false
        $changes.Action | Should -Be Removed, Removed
        $changes.Session.Id | Should -Be $a.Id, $b.Id
    }

    It 'that fail do not hide the others' {
        $nobody = Connect-KubeVirt $second.KubeConfig -Context second-simulator-nobody
        try {
            foreach ($read in { Get-KubeVirtVM $machine @args }, { Get-KubeVirtComponent @args }, { Test-KubeVirtHealth @args }, { Get-KubeVirtMetric -Name *.threads @args }, { Get-VmiProbe -VM @args }) {
                $found = @(. $read -Session $nobody, $a -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction Ignore)
                $failed.Count | Should -BeGreaterThan 0 -Because "of $read"
                "$($failed[0])" | Should -BeLike "Session $($nobody.Id) (second-simulator-nobody): *"
                if ("$read" -notlike '*VmiProbe*') { $found.Session.Id | Sort-Object -Unique | Should -Be $a.Id -Because "of $read" }
            }
            Test-KubeVirtHealth -Session $nobody, $a -Quiet -ErrorAction SilentlyContinue | Should -Be $false
            $env:KUBECONFIG = $first.KubeConfig
            $found = Get-KubeVirtVM $machine -Context nowhere, simulator -ErrorVariable failed -ErrorAction SilentlyContinue
            $found.Session.Id | Should -Be $a.Id
            $failed.FullyQualifiedErrorId | Should -BeLike 'EntryNotFound,*'
        } finally {
            $env:KUBECONFIG = $null
            $nobody | Disconnect-KubeVirt
        }
    }

    It 'find a name in one of several clusters, and miss it in all of them once' {
        $null = Invoke-Api $second $machines Post @{ apiVersion = 'kubevirt.io/v1'; kind = 'VirtualMachine'; metadata = @{ name = 'only-here'; namespace = 'ns0' }; spec = (Invoke-Api $second "$machines/$machine").spec }
        (Get-KubeVirtVM only-here -Session $a, $b -ErrorAction Stop).Session.Id | Should -Be $b.Id
        (Get-KubeVirtSession | Get-KubeVirtVM only-here -ErrorAction Stop).Session.Id | Should -Be $b.Id
        $null = Get-KubeVirtVM nowhere -Session $a, $b -ErrorVariable failed -ErrorAction SilentlyContinue
        "$failed" | Should -BeExactly "There is no VM 'nowhere' in any namespace of session $($a.Id) (simulator), session $($b.Id) (second-simulator)."
        $pod = (Get-KubeVirtComponent Api -Session $a)[0].Name
        (Get-KubeVirtComponent -Name $pod -Session $a, $b -ErrorAction Stop).Session.Id | Should -Contain $a.Id
        @(Get-KubeVirtComponent -Name nowhere -Session $a, $b -ErrorVariable failed -ErrorAction SilentlyContinue).Count | Should -Be 0
        $failed.Count | Should -Be 1
    }

    It 'are made the default, by number, object and pipeline, and the table shows which' {
        (Connect-KubeVirt -Session $a.Id).IsDefault | Should -BeTrue
        $b.IsDefault | Should -BeFalse
        (Get-KubeVirtVM $machine).Session.Id | Should -Be $a.Id
        (Get-KubeVirtSession).Id | Should -Be $a.Id, $b.Id
        $PSStyle.OutputRendering = 'PlainText'
        $rows = (Get-KubeVirtSession | Out-String -Width 120) -split '\r?\n' | Where-Object { $_ -match '^ *\d' }
        $rows[0] | Should -Match "^ *$($a.Id) +\* +simulator "
        $rows[1] | Should -Match "^ *$($b.Id) +second-simulator "
        $null = Get-KubeVirtSession second* | Connect-KubeVirt
        (Get-KubeVirtVM $machine).Session.Id | Should -Be $b.Id
        $third = Connect-KubeVirt $first.KubeConfig
        Disconnect-KubeVirt
        $third.IsOpen | Should -BeFalse
        $b.IsDefault | Should -BeTrue
        { Connect-KubeVirt -Session $third } | Should -Throw -ErrorId 'SessionClosed,*'
    }

    It 'are found by number and context' {
        (Get-KubeVirtSession $a.Id).Context | Should -BeExactly simulator
        (Get-KubeVirtSession -Id $b.Id, $a.Id).Id | Should -Be $a.Id, $b.Id
        (Get-KubeVirtSession second-*).Id | Should -Be $b.Id
        $failure = { Get-KubeVirtSession 987 -ErrorAction Stop } | Should -Throw -ErrorId 'SessionNotFound,*' -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -BeLike "Open are $($a.Id) (simulator), $($b.Id) (second-simulator).*"
    }

    It 'are closed by number, context, object and pipeline' {
        $opened = 1..5 | ForEach-Object { Connect-KubeVirt $second.KubeConfig }
        Disconnect-KubeVirt $opened[0].Id, $opened[1]
        $opened[2] | Disconnect-KubeVirt
        $opened[3].Id | Disconnect-KubeVirt
        Get-KubeVirtSession $opened[4].Id | Disconnect-KubeVirt
        $opened.IsOpen | Should -Be (@($false) * 5)
        (Get-KubeVirtSession).Id | Should -Be $a.Id, $b.Id
        { Disconnect-KubeVirt -Context nowhere -ErrorAction Stop } | Should -Throw -ErrorId 'SessionNotFound,*'
    }

    It 'are opened with a kubeconfig by its path, which counts from the current location, in KUBECONFIG too' {
        Push-Location "$TestDrive/first"
        $before = $env:KUBECONFIG
        try {
            $opened = @(Connect-KubeVirt ./kubeconfig)
            $opened += Connect-KubeVirt ../second/kubeconfig -Context second-simulator-viewer
            $env:KUBECONFIG = "kubeconfig$([IO.Path]::PathSeparator)../second/kubeconfig"
            $opened += Connect-KubeVirt -Context second-simulator-certificate
            $opened += Connect-KubeVirt
            $opened.Context | Should -Be simulator, second-simulator-viewer, second-simulator-certificate, simulator
            $opened.Server | Should -Be $first.Server, $second.Server, $second.Server, $first.Server
            $opened | Disconnect-KubeVirt
        } finally {
            $env:KUBECONFIG = $before
            Pop-Location
        }
        $failure = { Connect-KubeVirt second-simulator -ErrorAction Stop } | Should -Throw -ErrorId 'FileUnreadable,*' -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -BeExactly 'Check the path. To connect to a context, use Connect-KubeVirt -Context second-simulator'
    }

    It 'of another runspace are passed as objects, and their numbers mean nothing there' {
        $module = "$Staged/KubeVirtMonitor.psd1"
        $seen = 1..2 | ForEach-Object -Parallel {
            Import-Module $using:module
            $one = @($using:a, $using:b)[$_ - 1]
            $vm = $using:machine | Get-KubeVirtVM -Session $one
            $refused = try { Get-KubeVirtVM -Session $one.Id } catch { "$_" }
            $isDefault = $one.IsDefault
            $null = Connect-KubeVirt -Session $one
            [pscustomobject] @{ Of = $vm.Session.Id; Expected = $one.Id; Refused = $refused; Before = $isDefault; After = $one.IsDefault; Vmi = ($vm | Get-KubeVirtVmi).Session.Id }
        } -UseNewRunspace
        $seen.Count | Should -Be 2
        foreach ($one in $seen) {
            $one.Of | Should -Be $one.Expected
            $one.Vmi | Should -Be $one.Expected
            $one.Refused | Should -BeLike '*this runspace has none*$using:session*'
            $one.Before | Should -BeFalse
            $one.After | Should -BeTrue
        }
        $b.IsDefault | Should -BeTrue
        $a.IsDefault | Should -BeFalse
    }
}

Describe 'Two clusters whose contexts have the same name' {
    BeforeAll {
        if (-not $first.Missing) {
            [IO.File]::WriteAllText("$TestDrive/same", ([IO.File]::ReadAllText($second.KubeConfig) -replace 'second-'))
            $same = Connect-KubeVirt "$TestDrive/same"
        }
    }

    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
    }

    AfterAll {
        if (-not $first.Missing) { Disconnect-KubeVirt -Session $same }
    }

    It 'are told apart by their addresses' {
        "$a" | Should -BeExactly "simulator ($($first.Server.Authority))"
        "$same" | Should -BeExactly "simulator ($($second.Server.Authority))"
        (Get-KubeVirtVM $machine -Session $a, $same).Cluster | Should -Be "simulator ($($first.Server.Authority))", "simulator ($($second.Server.Authority))"
    }

    It 'are the clusters of the rows of a file' {
        $rows = Get-KubeVirtVM $machine -Session $a, $same | ConvertTo-Csv | ConvertFrom-Csv
        ($rows | Get-KubeVirtVM).Session.Id | Should -Be $a.Id, $same.Id
        # A file of before they were told apart, or of the day on which the other one came first, does not say which is meant.
        $rows[0].Cluster = 'simulator'
        { $rows[0] | Get-KubeVirtVM -ErrorAction Stop } | Should -Throw -ErrorId 'SessionAmbiguous,*'
        ($rows[1] | Get-KubeVirtVmi | Get-KubeVirtMetric *.memory_resident_bytes).Session.Id | Should -Be $same.Id
    }
}
