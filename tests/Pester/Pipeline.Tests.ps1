# Objects that come down a pipeline out of clusters that have changed since, are half unreadable, or are several of one name.
BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $first = Open-Cluster "$TestDrive/first" -Handlers 1 -Vmis 3
    $second = Open-Cluster "$TestDrive/second" -Handlers 2 -Vmis 3
    if (-not $first.Missing) {
        Rename-Context $second second
        $a = Connect-KubeVirt $first.KubeConfig
        $b = Connect-KubeVirt $second.KubeConfig
    }
    $machine = 'vm-00000'
    $tcp = New-VmiProbe -TcpSocket -Port 22
    # What the API server itself says, without this module.
    function Invoke-Api($Cluster, [string] $Path, [string] $Method = 'Get', $Body, [string] $Type = 'application/json') {
        $token = [regex]::Match([IO.File]::ReadAllText($Cluster.KubeConfig), '(?m)^    token: (\S+)').Groups[1].Value
        $splat = @{ Uri = "$($Cluster.Server)$Path"; Method = $Method; Authentication = 'Bearer'; Token = (Get-Secret $token); SkipCertificateCheck = $true }
        if ($Body) { $splat += @{ Body = ($Body | ConvertTo-Json -Depth 20); ContentType = $Type } }
        Invoke-RestMethod @splat
    }
    function Get-Space([string] $Name) { "ns$([int] $Name.Substring(3) % 8)" }
    function Get-Path([string] $Kind, [string] $Name) { "apis/kubevirt.io/v1/namespaces/$(Get-Space $Name)/$Kind/$Name" }
    function Update-Object($Cluster, [string] $Kind, [string] $Name, $Change) { Invoke-Api $Cluster (Get-Path $Kind $Name) Patch $Change application/merge-patch+json }
    function Get-Probe($Cluster, [string] $Name = $machine) { (Invoke-Api $Cluster (Get-Path virtualmachines $Name)).spec.template.spec.PSObject.Properties['readinessProbe'].Value }
    # Deletes a machine and makes another of its name.
    function Reset-Machine($Cluster, [string] $Name = $machine) {
        $old = Invoke-Api $Cluster (Get-Path virtualmachines $Name)
        $null = Invoke-Api $Cluster (Get-Path virtualmachines $Name) Delete
        $null = Invoke-Api $Cluster "apis/kubevirt.io/v1/namespaces/$(Get-Space $Name)/virtualmachines" Post @{ apiVersion = 'kubevirt.io/v1'; kind = 'VirtualMachine'; metadata = @{ name = $Name; namespace = (Get-Space $Name) }; spec = $old.spec }
    }
    # How many lists of a resource a command makes.
    function Measure-List($Cluster, [string] $Resource, [scriptblock] $Command) {
        $null = Invoke-Api $Cluster simulator/requests Delete
        $null = & $Command
        @((Invoke-Api $Cluster simulator/requests) | ForEach-Object { $_ } | Where-Object { $_.verb -eq 'list' -and $_.resource -eq $Resource }).Count
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $first
    Close-Cluster $second
}

Describe 'An object that cannot be read' {
    BeforeAll { if (-not $first.Missing) { $null = Update-Object $first virtualmachineinstances vm-00001 @{ status = @{ phase = @{ not = 'a text' } } } } }
    AfterAll { if (-not $first.Missing) { $null = Update-Object $first virtualmachineinstances vm-00001 @{ status = @{ phase = 'Running' } } } }
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else { $null = Connect-KubeVirt -Session $a }
    }

    It 'is an error of its own, and the others are <Case>' -ForEach @(
        @{ Case = 'scraped'; Read = { Get-KubeVirtMetric *.memory_resident_bytes -Vmi vm-* @args }; Of = 'Vmi' }
        @{ Case = 'probed'; Read = { Test-VmiProbe vm-* -TcpSocket -Port 22 @args }; Of = 'Name' }
    ) {
        $found = @(. $Read -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction Ignore)
        $found.$Of | Should -Contain 'vm-00000'
        $found.$Of | Should -Contain 'vm-00002'
        $failed.Count | Should -Be 1
        "$($failed[0])" | Should -BeLike '*VirtualMachineInstance ns1/vm-00001: status.phase is not a text*'
    }

    It 'is an error of its own, and the probes of the others are set' {
        $null = Invoke-Api $first simulator/faults Post @{ kind = 'MalformedItems'; verb = 'list'; resource = 'virtualmachines' }
        try { Set-VmiProbe vm-* ns0 -Probe $tcp -Role Readiness -Force -WarningAction Ignore -ErrorVariable failed -ErrorAction SilentlyContinue } finally { $null = Invoke-Api $first simulator/faults Delete }
        (Get-Probe $first).tcpSocket.port | Should -Be 22
        $failed.Count | Should -BeGreaterThan 0
        Remove-VmiProbe $machine ns0 -Role Readiness -WarningAction Ignore
    }
}

Describe 'A probe that was read from an instance' {
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else { $null = Connect-KubeVirt -Session $a }
    }

    It 'is removed from its machine, and not from another one of the name' {
        Set-VmiProbe $machine ns0 -Probe $tcp -Role Readiness -Force -WarningAction Ignore
        $null = Invoke-Api $first simulator/guests/ns0/$machine Put @{ probes = @{ readiness = @{ tcpSocket = @{ port = 22 } } } }
        $read = Get-VmiProbe $machine -Role Readiness
        $read.ObjectKind | Should -Be 'VirtualMachineInstance'
        $read | Remove-VmiProbe -WarningAction Ignore
        Get-Probe $first | Should -BeNullOrEmpty
        Set-VmiProbe $machine ns0 -Probe $tcp -Role Readiness -Force -WarningAction Ignore
        Reset-Machine $first
        { $read | Remove-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'Replaced,*'
        (Get-Probe $first).tcpSocket.port | Should -Be 22
        Remove-VmiProbe $machine ns0 -Role Readiness -WarningAction Ignore
    }

    It 'of no machine is refused' {
        $spec = (Invoke-Api $first (Get-Path virtualmachineinstances $machine)).spec
        $spec | Add-Member readinessProbe @{ tcpSocket = @{ port = 22 } } -Force
        $null = Invoke-Api $first apis/kubevirt.io/v1/namespaces/ns2/virtualmachineinstances Post @{ apiVersion = 'kubevirt.io/v1'; kind = 'VirtualMachineInstance'; metadata = @{ name = 'alone'; namespace = 'ns2' }; spec = $spec }
        { Get-VmiProbe alone -Role Readiness | Remove-VmiProbe -ErrorAction Stop } | Should -Throw '*VirtualMachineInstance ns2/alone belongs to no VirtualMachine*' -ErrorId 'ProbeWithoutMachine,*'
    }

    It 'that is text is of no cluster' {
        Set-VmiProbe $machine ns0 -Probe $tcp -Role Readiness -Force -WarningAction Ignore
        $text = Get-KubeVirtVM $machine | ForEach-Object GetJson
        { $text | Get-VmiProbe | Remove-VmiProbe -ErrorAction Stop } | Should -Throw -ErrorId 'ProbeWithoutPlace,*'
        (Get-Probe $first).tcpSocket.port | Should -Be 22
        Remove-VmiProbe $machine ns0 -Role Readiness -WarningAction Ignore
    }
}

Describe 'A closed session in the pipeline' {
    BeforeEach { if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing } }

    It 'leaves the others their turn with <Case>' -ForEach @(
        @{ Case = 'Get-KubeVirtComponent'; Read = { $closed, $b | Get-KubeVirtComponent Api @args } }
        @{ Case = 'Get-KubeVirtVM'; Read = { $closed, $b | Get-KubeVirtVM $machine @args } }
        @{ Case = 'Get-KubeVirtNode'; Read = { $closed, $b | Get-KubeVirtNode @args } }
        @{ Case = 'Test-KubeVirtHealth'; Read = { $closed, $b | Test-KubeVirtHealth Operator @args } }
        @{ Case = 'Get-KubeVirtMetric'; Read = { $closed, $b | Get-KubeVirtMetric go_threads -Raw -Component Operator @args } }
        @{ Case = 'Uninstall-KubeVirtAgentPatch'; Read = { $closed, $b | Uninstall-KubeVirtAgentPatch -Confirm:$false @args } }
        @{ Case = 'Set-VmiProbe'; Read = { $closed, $b | Set-VmiProbe $machine ns0 -Probe $tcp -Role Liveness -Force -PassThru -WarningAction Ignore @args } }
        @{ Case = 'Remove-VmiProbe'; Read = { $closed, $b | Remove-VmiProbe $machine ns0 -Role Liveness -WarningAction Ignore @args; Get-KubeVirtVM $machine -Session $b } }
    ) {
        $closed = Connect-KubeVirt $second.KubeConfig
        $closed | Disconnect-KubeVirt
        $found = @(. $Read -ErrorVariable failed -ErrorAction SilentlyContinue)
        $found.Count | Should -BeGreaterThan 0
        $found.Session.Id | Sort-Object -Unique | Should -Be $b.Id
        $failed.FullyQualifiedErrorId | Should -BeLike 'SessionClosed,*'
    }

    It 'ends a command that is given it, and makes -Quiet false' {
        $closed = Connect-KubeVirt $second.KubeConfig
        $closed | Disconnect-KubeVirt
        { Get-KubeVirtComponent -Session $closed -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'SessionClosed,*'
        { Get-KubeVirtMetric -Session $closed -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'SessionClosed,*'
        $closed, $b | Test-KubeVirtHealth Operator -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
    }
}

Describe 'Probes that are run' {
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else { $null = Connect-KubeVirt -Session $a }
    }

    It 'in several clusters are watched in all of them' {
        $found = @(Test-VmiProbe $machine -TcpSocket -Port 22 -PeriodSeconds 1 -Watch -Session $a, $b | Select-Object -First 6)
        @($found.Session.Id | Sort-Object -Unique) | Should -Be $a.Id, $b.Id
        # Neither waits for the end of the other.
        $found = @(Test-VmiProbe $machine -TcpSocket -Port 22 -PeriodSeconds 1 -Count 3 -Session $a, $b)
        $found.Count | Should -Be 6
        @($found[0..3].Session.Id | Sort-Object -Unique) | Should -Be $a.Id, $b.Id
    }

    It 'run once on the machine of many samples, and not on samples of none' {
        $samples = @(Get-KubeVirtMetric -Vmi $machine) + @(Get-KubeVirtMetric go_threads -Raw -Component Operator)
        $samples.Count | Should -BeGreaterThan 10
        $found = @($samples | Test-VmiProbe -TcpSocket -Port 22 -ErrorAction Stop)
        $found.Name | Should -BeExactly $machine
        @($samples | Test-VmiProbe -Probe $tcp, (New-VmiProbe -TcpSocket -Port 23)).Definition | Sort-Object | Should -Be 'tcpSocket :22', 'tcpSocket :23'
        # The rows of a file say the same: what has no Vmi is of no machine, and its Name is that of the metric.
        $rows = $samples | ConvertTo-Csv | ConvertFrom-Csv
        @($rows | Test-VmiProbe -TcpSocket -Port 22 -ErrorAction Stop).Name | Should -BeExactly $machine
        @($rows | Get-KubeVirtVmi -ErrorAction Stop).Name | Should -BeExactly $machine
        @($rows | Get-KubeVirtMetric *.memory_resident_bytes -ErrorAction Stop).Vmi | Should -BeExactly $machine
        # What is the same machine in another cluster is another one.
        @(Get-KubeVirtVmi $machine -Session $a, $b | Test-VmiProbe -TcpSocket -Port 22).Count | Should -Be 2
    }
}

Describe 'A sample of a machine that has a pattern for a name' {
    BeforeAll {
        $text = "kubevirt_vmi_memory_resident_bytes{namespace=`"ns0`",name=`"*`",node=`"*`"} 1`n"
        $strange = Get-KubeVirtMetric -InputObject $text -Component Handler
    }
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else { $null = Connect-KubeVirt -Session $a }
    }

    It 'is of no machine of <Case>' -ForEach @(
        @{ Case = 'Get-KubeVirtVmi'; Read = { $strange | Get-KubeVirtVmi @args } }
        @{ Case = 'Get-KubeVirtVM'; Read = { $strange | Get-KubeVirtVM @args } }
        @{ Case = 'Get-VmiProbe'; Read = { $strange | Get-VmiProbe @args } }
        @{ Case = 'Test-VmiProbe'; Read = { $strange | Test-VmiProbe -TcpSocket -Port 22 @args } }
        @{ Case = 'Get-KubeVirtMetric'; Read = { $strange | Get-KubeVirtMetric @args } }
        @{ Case = 'Get-KubeVirtMetric -Vmi'; Read = { Get-KubeVirtMetric -Vmi $strange @args } }
        @{ Case = 'Get-KubeVirtNode'; Read = { $strange | Get-KubeVirtNode @args } }
    ) {
        $strange.Vmi | Should -BeExactly '*'
        $found = @(. $Read -ErrorVariable failed -ErrorAction SilentlyContinue -WarningAction Ignore)
        $found.Count | Should -Be 0
        $failed.Count | Should -Be 1
        "$($failed[0])" | Should -BeLike "There is no *'[*]' in *"
    }

    It 'is text where it is a row' {
        @([pscustomobject] @{ Name = '*'; Namespace = 'ns0' } | Get-KubeVirtVmi).Name | Should -BeExactly $machine
        @([pscustomobject] @{ Name = 'vm-*'; Namespace = 'ns0' } | Test-VmiProbe -TcpSocket -Port 22).Name | Should -BeExactly $machine
    }
}

Describe 'A node of one of several clusters' {
    BeforeEach { if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing } }

    It 'is found there, and is missed only where none has it' {
        (Get-KubeVirtNode node02 -Session $a, $b -ErrorAction Stop).Session.Id | Should -Be $b.Id
        (Get-KubeVirtSession | Get-KubeVirtNode node02 -ErrorAction Stop).Session.Id | Should -Be $b.Id
        ('node02' | Get-KubeVirtNode -Session $a, $b -ErrorAction Stop).Session.Id | Should -Be $b.Id
        @(Get-KubeVirtNode node02, node03 -Session $a, $b -ErrorVariable failed -ErrorAction SilentlyContinue).Count | Should -Be 1
        "$failed" | Should -BeExactly "There is no node 'node03' in session $($a.Id) (simulator), session $($b.Id) (second). The nearest names are node01, node02."
    }
}

Describe 'A pod of KubeVirt that cannot be read' {
    BeforeEach {
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing }
        else {
            $null = Connect-KubeVirt -Session $a
            $null = Invoke-Api $first simulator/faults Post @{ kind = 'MalformedItems'; verb = 'list'; resource = 'pods' }
        }
    }
    AfterEach { if (-not $first.Missing) { $null = Invoke-Api $first simulator/faults Delete } }

    It 'makes -Quiet false' {
        Test-KubeVirtHealth -Quiet -ErrorAction SilentlyContinue | Should -BeFalse
        @(Test-KubeVirtHealth -ErrorAction SilentlyContinue).Healthy | Should -Not -Contain $false
    }

    It 'is missed by its name only where that is its name' {
        # Its error says more words than its name.
        $null = Get-KubeVirtComponent -Name list, bad-labels -ErrorVariable failed -ErrorAction SilentlyContinue
        @($failed | Where-Object FullyQualifiedErrorId -Like 'ObjectNotFound,*').TargetObject | Should -BeExactly list
    }
}

Describe 'Instance types' {
    BeforeAll {
        $kinds = Open-Cluster "$TestDrive/kinds" -Handlers 20 -Vmis 1 -EveryKind
        if (-not $kinds.Missing) { $c = Connect-KubeVirt $kinds.KubeConfig }
    }
    AfterAll {
        if ($c) { $c | Disconnect-KubeVirt }
        Close-Cluster $kinds
    }
    BeforeEach {
        if ($kinds.Missing) { Set-ItResult -Skipped -Because $kinds.Missing }
        else { $null = Connect-KubeVirt -Session $c }
    }

    It 'are listed once for many names' {
        Measure-List $kinds virtualmachineclusterinstancetypes { Get-KubeVirtVM typed, typed-cores, typed-stopped kinds } | Should -Be 1
        Measure-List $kinds virtualmachineclusterinstancetypes { 'typed', 'typed-cores', 'typed-stopped' | Get-KubeVirtVM } | Should -Be 1
        Measure-List $kinds virtualmachineclusterinstancetypes { Get-KubeVirtVM vm-* ns0 } | Should -Be 0
        Measure-List $kinds virtualmachineclusterinstancetypes { Get-KubeVirtMetric kubevirt_api.vm.count } | Should -Be 0
    }

    It 'that cannot be read leave the VMs without a size, and say so once' {
        $whole = @(Get-KubeVirtVM -Namespace kinds)
        $null = Invoke-Api $kinds simulator/faults Post @{ kind = 'Status'; statusCode = 500; resource = 'virtualmachineclusterinstancetypes' }
        try { $found = @(Get-KubeVirtVM -Namespace kinds -WarningVariable warned -WarningAction SilentlyContinue -ErrorAction Stop) } finally { $null = Invoke-Api $kinds simulator/faults Delete }
        $found.Name | Should -Be $whole.Name
        ($whole | Where-Object Name -EQ typed).VCpus | Should -Be 3
        ($found | Where-Object Name -EQ typed).VCpus | Should -BeNullOrEmpty
        ($found | Where-Object Name -EQ plain).VCpus | Should -Be 2
        $warned.Count | Should -Be 1
        "$warned" | Should -BeLike '*without the vCPUs and the memory of their instance types*'
    }

    It 'that are gone are the reason why there are no details of the size' {
        $lost = Get-KubeVirtVM lost-type
        $lost.CpuDetail, $lost.MemoryDetail | Should -Be $null, $null
        $lost.NotExpanded | Should -BeLike '*deleted-type*not found*'
        { $lost.Disks } | Should -Not -Throw
    }

    It 'take no part in nodes, whose instances are one list beyond a handful' {
        $nodes = @(Get-KubeVirtNode)
        $nodes.Count | Should -BeGreaterThan 19
        $expected = @(Get-KubeVirtVmi | Where-Object Node -In $nodes.Name).Count
        @($nodes | Get-KubeVirtVmi).Count | Should -Be $expected
        Measure-List $kinds virtualmachineinstances { $nodes | Get-KubeVirtVmi } | Should -BeLessOrEqual 17
        @($nodes | Get-KubeVirtVmi).Node | Sort-Object -Unique | Should -Be @($nodes | Where-Object Machines | ForEach-Object Name | Sort-Object -Unique)
    }
}

Describe 'A probe of parameters' {
    It 'is refused for a port that there is none of, and has the scheme in capitals, in either cmdlet' {
        { New-VmiProbe -TcpSocket -Port 70000 } | Should -Throw -ErrorId 'PortInvalid,*'
        (New-VmiProbe -HttpGet -Port 443 -Scheme https).Scheme | Should -BeExactly HTTPS
        if ($first.Missing) { Set-ItResult -Skipped -Because $first.Missing; return }
        { Test-VmiProbe $machine -TcpSocket -Port 70000 -Session $a } | Should -Throw -ErrorId 'PortInvalid,*'
        (Test-VmiProbe $machine -HttpGet -Port 443 -Scheme https -Session $a).Definition | Should -BeExactly 'httpGet https :443/'
    }
}
