# The live screen in a real terminal: tmux is the terminal, and says what is on it.
BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $missing = if (-not (Get-Command tmux -ErrorAction Ignore)) { 'There is no tmux on the PATH.' }
    $cluster = if (-not $missing) { Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 12 }
    if ($cluster.Missing) { $missing = $cluster.Missing }
    $socket = "kubevirtmonitor-$PID"
    function Invoke-Tmux { tmux -L $socket -f /dev/null -u @args }
    function Get-Screen { @(Invoke-Tmux capture-pane -p -t pwsh) }
    function Send-Key { Invoke-Tmux send-keys -t pwsh @args }
    # Waits until something is on the screen, and gives the screen.
    function Wait-Screen([string] $Pattern, [int] $Seconds = 30) {
        for ($end = [datetime]::UtcNow.AddSeconds($Seconds); [datetime]::UtcNow -lt $end; Start-Sleep -Milliseconds 50) {
            $screen = Get-Screen
            if (($screen -join "`n") -match $Pattern) { return $screen }
        }
        throw "'$Pattern' did not come within $Seconds seconds:`n$($screen -join "`n")"
    }
    # A PowerShell in a terminal, connected, with a mark on its screen.
    function Open-Terminal([string[]] $Environment = @('LANG=C.UTF-8', 'LC_ALL=C.UTF-8')) {
        Set-Content "$TestDrive/start.ps1" "Import-Module '$Staged/KubeVirtMonitor.psd1'; `$null = Connect-KubeVirt '$($cluster.KubeConfig)'; function prompt { '> ' }; 'before the screen'"
        $null = Invoke-Tmux new-session -d -x 80 -y 24 -s pwsh 'env' @Environment @PowerShell '-NoLogo' '-NoProfile' '-NoExit' '-File' "$TestDrive/start.ps1"
        $null = Wait-Screen '(?m)^before the screen\n> *$'
    }
    function Close-Terminal { Invoke-Tmux kill-session -t pwsh 2>$null }
    # The values of a column, as the header has it.
    function Get-Column([string[]] $Screen, [string] $Header) {
        $end = $Screen[2].IndexOf($Header) + $Header.Length
        foreach ($line in $Screen[3..($Screen.Count - 3)]) { if ($line.Length -ge $end) { ($line.Substring(0, $end) -split ' ')[-1] } }
    }
}

AfterAll {
    if ($cluster) { Close-Cluster $cluster }
    if (-not $missing) { Invoke-Tmux kill-server 2>$null }
}

Describe 'The live screen' {
    BeforeAll {
        if (-not $missing) {
            Open-Terminal
            Send-Key 'Show-KubeVirtUsage -SampleInterval 5; ''after the screen''' Enter
        }
    }
    AfterAll { if (-not $missing) { Close-Terminal } }
    BeforeEach { if ($missing) { Set-ItResult -Skipped -Because $missing } }

    It 'shows the machines before there are rates' {
        $screen = Wait-Screen 'no rates before the second look'
        $screen[0] | Should -Match '^CPU by VM  simulator, KubeVirt v1\.9\.0 +\d\d:\d\d:\d\d$'
        $screen[2] | Should -Match '^NAMESPACE NAME +NODE +▼CPU% +USED'
        Get-Column $screen '▼CPU%' | Should -Be (@('-') * 19)
    }

    It 'shows the busiest first with the second look' {
        $screen = Wait-Screen 'over 5\.\d s'
        $values = [double[]] (Get-Column $screen '▼CPU%')
        $values.Count | Should -Be 19
        $values | Should -Be ($values | Sort-Object -Descending)
        $screen[1] | Should -Match '^24 VMs on 2 nodes'
        $screen.Count | Should -Be 24
    }

    It 'is sorted by the next column' {
        Send-Key '>'
        $screen = Wait-Screen '▼USED'
        $values = [double[]] (Get-Column $screen '▼USED')
        $values | Should -Be ($values | Sort-Object -Descending)
    }

    It 'shows nodes, and their sums' {
        Send-Key N
        $screen = Wait-Screen 'CPU by node'
        $screen[3..4] -replace ' .*' | Sort-Object | Should -Be 'node01', 'node02'
        $screen[5] | Should -BeNullOrEmpty
        Send-Key v
        $null = Wait-Screen 'CPU by VM'
    }

    It 'filters by what is typed' {
        Send-Key / 'vm-0000?'
        $null = Wait-Screen 'Filter: vm-0000\?_'
        Send-Key Enter
        $screen = Wait-Screen '10 of \d+ like "vm-0000\?"'
        @($screen -match '^ns\d .*vm-0000\d').Count | Should -Be 10
        Send-Key Escape
        $null = Wait-Screen '(?m)^\d+ VMs on'
    }

    It 'uses a larger window, and a smaller one again' {
        Invoke-Tmux resize-window -t pwsh -x 160 -y 50
        $screen = Wait-Screen 'QUEUE'
        $screen.Count | Should -Be 50
        $screen[2] | Should -Match 'LOAD +VCPU +QUEUE +USER +SYS'
        $screen[49] | Should -Match 'h help  q quit'
        Invoke-Tmux resize-window -t pwsh -x 20 -y 5
        $null = Wait-Screen '(?m)\AToo small: 20x5\.$'
        Invoke-Tmux resize-window -t pwsh -x 80 -y 24
        $screen = Wait-Screen 'h help  q quit'
        $screen.Count | Should -Be 24
        @($screen | Where-Object Length -GT 80) | Should -BeNullOrEmpty
    }

    It 'shows problems without disturbing the screen' {
        $token = Get-AdminToken $cluster
        $splat = @{ Uri = "$($cluster.Server)simulator/pods/handler/1"; Method = 'Put'; Authentication = 'Bearer'; Token = (Get-Secret $token); SkipCertificateCheck = $true }
        $null = Invoke-RestMethod @splat -Body '{"fault":"status:500"}' -ContentType application/json
        $screen = Wait-Screen '1 problem \(p\)'
        $screen[22] | Should -Match '^! virt-handler-\w+ .*'
        # Its VMs are still there, with their last figures and the time that those are of.
        $screen[1] | Should -Match '^1 problem \(p\)  24 VMs on 2 nodes  1[0-4] as of \d\d:\d\d:\d\d  over \d\.\d s'
        @($screen -match '^ns\d +\*vm-\d+ node02 +\d+\.\d .* \d\d:\d\d:\d\d$').Count | Should -BeGreaterThan 5
        $screen -match '^ns\d +\*vm-\d+ node01' | Should -BeNullOrEmpty
        $screen[0] | Should -Match '^CPU by VM'
        # It lasts, and so it is a problem of the next look as well.
        $time = ($screen[0] -split ' ')[-1]
        $next = Wait-Screen "(?m)\A.* (?!$time)\d\d:\d\d:\d\d$"
        $next[1] | Should -Match '^1 problem \(p\)'
        Send-Key p
        $screen = Wait-Screen '(?s)answered\s+500'
        $screen[2] | Should -Match '^! since \d\d:\d\d:\d\d: virt-handler-'
        Send-Key p
        $null = Wait-Screen 'h help  q quit'
        $null = Invoke-RestMethod @splat -Body '{"fault":null}' -ContentType application/json
        $screen = Wait-Screen '(?m)^24 VMs on 2 nodes  over'
        $screen -match '\*vm-' | Should -BeNullOrEmpty
    }

    # virt-handler leaves out a VM whose launcher hangs, and one that has ended as well: only the API server knows which is which.
    It 'keeps a VM that virt-handler is silent about, and not one that has ended' {
        $splat = @{ Uri = "$($cluster.Server)simulator/events"; Method = 'Post'; Authentication = 'Bearer'; Token = (Get-Secret (Get-AdminToken $cluster)); SkipCertificateCheck = $true; ContentType = 'application/json' }
        $null = Invoke-RestMethod @splat -Body '{"event":"silent:vm-00001:for=60m"}'
        $null = Invoke-RestMethod @splat -Body '{"event":"restart:vm-00002:down=60m"}'
        $screen = Wait-Screen '(?m)^1 problem \(p\)  23 VMs on 2 nodes  1 as of '
        @($screen -match '\*vm-00001 node01 ').Count | Should -Be 1
        $screen[22] | Should -Match '^! simulator: virt-handler serves nothing of ns\d/vm-00001 on node01\.'
        $screen -match 'vm-00002 ' | Should -BeNullOrEmpty
    }

    It 'leaves the terminal as it was, and says then what went wrong' {
        Send-Key q
        $screen = Wait-Screen '(?m)^after the screen$' 2
        ($screen -join "`n") | Should -Match '(?s)\Abefore the screen\n> Show-KubeVirtUsage[^\n]*\n.*after the screen'
        ($screen -join "`n") | Should -Not -Match 'CPU by VM|▼'
        @($screen -match '^Show-KubeVirtUsage: ').Count | Should -Be 1
        # Keys are shown again, the cursor too.
        Send-Key 'stty -a | Select-String icanon; ''typed''' Enter
        $screen = Wait-Screen '(?m)^typed$'
        ($screen -join "`n") | Should -Match '(?<!-)icanon .*(?<!-)echo '
        Invoke-Tmux display-message -p -t pwsh '#{cursor_flag} #{alternate_on}' | Should -Be '1 0'
    }

    It 'ends with Ctrl+C at once, as its script does' {
        Send-Key 'Clear-Host; Show-KubeVirtUsage; ''not reached''' Enter
        $null = Wait-Screen 'CPU by VM'
        Send-Key C-c
        $screen = Wait-Screen '(?m)\A> Show-KubeVirtUsage|^> *$' 2
        ($screen -join "`n") | Should -Not -Match 'CPU by VM|(?m)^not reached$'
        Invoke-Tmux display-message -p -t pwsh '#{cursor_flag} #{alternate_on}' | Should -Be '1 0'
    }

    It 'loads its library into a context of its own' {
        Send-Key '[AppDomain]::CurrentDomain.GetAssemblies() | Where-Object { $_.GetName().Name -like ''Spectre*'' } | ForEach-Object { ''{0} in {1}'' -f $_.GetName().Name, [Runtime.Loader.AssemblyLoadContext]::GetLoadContext($_).Name }' Enter
        $null = Wait-Screen '(?m)^Spectre\.Console in KubeVirtMonitor\.Dependencies$'
    }
}

# A failure must not look like calm.
Describe 'A cluster that is gone' {
    It 'stays on the screen as it was last seen' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        $other = Open-Cluster "$TestDrive/other" -Handlers 1 -Vmis 2
        $name = $cluster.KubeConfig
        $cluster.KubeConfig = $other.KubeConfig
        try {
            Open-Terminal
            Send-Key 'Show-KubeVirtUsage -SampleInterval 5; ''after the screen''' Enter
            $before = Wait-Screen '(?m)^\d+ VMs on 1 node  over 5'
            $null = $before[1] -match '^(?<vms>\d+) VMs'
            $count = $Matches.vms
            Close-Cluster $other
            $isClosed = $true
            $screen = Wait-Screen "(?m)^1 problem \(p\)  $count VMs on 1 node  all as of \d\d:\d\d:\d\d  next in"
            @($screen -match '^ns\d +\*vm-\d+ ').Count | Should -Be $count
            $screen[22] | Should -Match '^! https://127\.0\.0\.1:\d+ cannot be reached'
            # Another look later it is still so, since the same time.
            Send-Key p
            $since = (Wait-Screen '(?m)^! since \d\d:\d\d:\d\d: https:')[2]
            $time = ($screen[0] -split ' ')[-1]
            (Wait-Screen "(?m)\A.* (?!$time)\d\d:\d\d:\d\d$")[2] | Should -Be $since
            Send-Key p q
            $null = Wait-Screen '(?m)^after the screen$' 5
        } finally {
            $cluster.KubeConfig = $name
            Close-Terminal
            if (-not $isClosed) { Close-Cluster $other }
        }
    }
}

Describe 'Without colours and Unicode' {
    BeforeAll {
        if (-not $missing) {
            Open-Terminal 'LANG=C', 'LC_ALL=C', 'NO_COLOR=1'
            Send-Key 'Show-KubeVirtUsage -SampleInterval 5 -Sort CpuReadyPercent' Enter
        }
    }
    AfterAll { if (-not $missing) { Close-Terminal } }

    It 'thresholds are marked, and bars are ASCII' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        $screen = Wait-Screen 'over 5\.\d s'
        $screen[2] | Should -Match 'vRDY%'
        ($screen -join '') | Should -Not -Match '[^\x20-\x7e]'
        ($screen -join "`n") | Should -Match ' \d\d\.\d!!'
        Invoke-Tmux capture-pane -p -e -t pwsh | Should -Not -Match '\e\[(\d+;)*(3[0-8]|9[0-7])m'
        Send-Key q
    }
}

Describe 'Without a terminal' {
    It 'the screen is refused where the output is redirected' {
        $seen = & $PowerShell[0] @($PowerShell | Select-Object -Skip 1) -NoProfile -Command "Import-Module '$Staged/KubeVirtMonitor.psd1'; try { Show-KubeVirtUsage -Uri http://127.0.0.1:9/metrics } catch { `$_.FullyQualifiedErrorId; `$_.ErrorDetails.RecommendedAction }"
        $seen[0] | Should -Be 'NoTerminal,KubeVirtMonitor.Commands.ShowKubeVirtUsageCommand'
        $seen[1] | Should -BeLike '*Get-KubeVirtUsage -Continuous*'
    }

    It 'the screen is refused in <Case>' -ForEach @(
        @{ Case = 'a parallel loop'; Run = { 1 | ForEach-Object -Parallel { Import-Module "$using:Staged/KubeVirtMonitor.psd1"; try { Show-KubeVirtUsage -Uri http://127.0.0.1:9/metrics } catch { "$($_.FullyQualifiedErrorId) $_" } } } }
        @{ Case = 'a thread job'; Run = { Start-ThreadJob { Import-Module "$using:Staged/KubeVirtMonitor.psd1"; try { Show-KubeVirtUsage -Uri http://127.0.0.1:9/metrics } catch { "$($_.FullyQualifiedErrorId) $_" } } | Receive-Job -Wait -AutoRemoveJob } }
    ) {
        & $Run | Should -BeLike 'NoTerminal,*no terminal of its own*'
    }

    It 'a column that there is not is refused with the nearest' {
        if ($missing) { Set-ItResult -Skipped -Because $missing; return }
        Open-Terminal
        try {
            Send-Key 'try { Show-KubeVirtUsage -Sort CpuReadyPercnt } catch { $_.FullyQualifiedErrorId; "$_" }' Enter
            $null = Wait-Screen '(?s)PropertyNotFound,KubeVirtMonitor.*The nearest name is CpuReady'
            Send-Key 'Clear-Host; try { Show-KubeVirtUsage -Topic Memory -Sort cpureadypercent } catch { $_.FullyQualifiedErrorId; "$_" }' Enter
            $null = Wait-Screen '(?s)ColumnOfOtherTopic,KubeVirtMonitor.*The topic Memory has no column cpureadypercent to sort by; Cpu has it\.'
            # A name that is not there is said where its row would be.
            Send-Key 'Clear-Host; Show-KubeVirtUsage vm-nope -SampleInterval 5' Enter
            $screen = Wait-Screen '(?m)^1 problem \(p\)  0 VMs'
            $screen[3] | Should -Match "^! since \d\d:\d\d:\d\d: .*vm-nope"
            $time = ($screen[0] -split ' ')[-1]
            (Wait-Screen "(?m)\A.* (?!$time)\d\d:\d\d:\d\d$")[3] | Should -Be $screen[3]
            Send-Key q
        } finally { Close-Terminal }
    }
}
