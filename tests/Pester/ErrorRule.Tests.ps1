<#
The rule for errors, for every cmdlet that asks a cluster: what the outside world is the reason of is an error of one input, with which -ErrorAction and
-ErrorVariable have their say; what the call itself is the reason of ends the command.
#>
BeforeDiscovery {
    $commands = @(
        @{ Command = 'Get-KubeVirtComponent' }
        @{ Command = 'Get-KubeVirtVM' }
        @{ Command = 'Get-KubeVirtVmi' }
        @{ Command = 'Get-VmiProbe' }
        @{ Command = 'Get-KubeVirtMetric' }
        @{ Command = 'Compare-KubeVirtMetric' }
        @{ Command = 'Test-KubeVirtHealth' }
        @{ Command = 'Test-VmiProbe'; Splat = @{ Name = 'a'; Namespace = 'b' } }
        @{ Command = 'Remove-VmiProbe'; Splat = @{ Name = 'a'; Namespace = 'b'; Role = 'Readiness' } }
        @{ Command = 'Install-KubeVirtAgentPatch'; IsPatch = $true }
        @{ Command = 'Uninstall-KubeVirtAgentPatch' }
        @{ Command = 'Test-KubeVirtAgentPatch' }
    )
}

BeforeAll {
    # What restarts pods asks, and nobody is there to answer.
    $ConfirmPreference = 'None'
    . $PSScriptRoot/Import-Staged.ps1
    Get-KubeVirtSession | Disconnect-KubeVirt

    # Nobody listens at port 1.
    $text = @'
apiVersion: v1
kind: Config
current-context: dead
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
users: [{name: u, user: {token: abc}}, {name: none, user: {exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never}}}]
contexts: [{name: dead, context: {cluster: c, user: u}}, {name: plugin, context: {cluster: c, user: none}}]
'@
    Set-Content "$TestDrive/config" $text
    Set-Content "$TestDrive/broken" 'clusters: ['
    $before = $env:KUBECONFIG
    $env:KUBECONFIG = "$TestDrive/config"

    # What comes of a command that is told to keep silent: whether it ended all the same, and what it wrote.
    function Invoke-Silent([string] $Command, $Splat) {
        try { $written = & $Command @Splat -ErrorAction SilentlyContinue -ErrorVariable errors } catch { return [pscustomobject] @{ Ended = $true; Errors = @($_); Written = $null } }
        [pscustomobject] @{ Ended = $false; Errors = @($errors); Written = $written }
    }

    function Join-Splat($Own, $IsPatch, $More) {
        $splat = @{} + $More
        foreach ($name in $(if ($Own) { $Own.Keys })) { $splat[$name] = $Own[$name] }
        if ($IsPatch) { $splat.Patch = New-KubeVirtAgentPatch }
        $splat
    }
}

AfterAll { $env:KUBECONFIG = $before }

Describe '<Command>' -ForEach $commands {
    It 'goes on when the cluster of <Context> <Why>' -ForEach @(
        @{ Context = 'dead'; Why = 'cannot be reached'; Id = 'ConnectionFailed' }
        @{ Context = 'nosuch'; Why = 'is in no kubeconfig'; Id = 'EntryNotFound' }
        @{ Context = 'plugin'; Why = 'has no credential'; Id = 'PluginFailed' }
    ) {
        $found = Invoke-Silent $Command (Join-Splat $Splat $IsPatch @{ Context = $Context })
        $found.Ended | Should -BeFalse
        $found.Errors.FullyQualifiedErrorId | Should -BeLike "$Id,*"
        $found.Errors.Count | Should -Be 1
        $found.Written | Should -BeNullOrEmpty
    }

    It 'goes on when the kubeconfig cannot be read' {
        $env:KUBECONFIG = "$TestDrive/broken"
        try { $found = Invoke-Silent $Command (Join-Splat $Splat $IsPatch @{ Context = 'dead' }) } finally { $env:KUBECONFIG = "$TestDrive/config" }
        $found.Ended | Should -BeFalse
        $found.Errors.FullyQualifiedErrorId | Should -BeLike 'ConfigurationInvalid,*'
    }

    It 'ends with -ErrorAction Stop' {
        $splat = Join-Splat $Splat $IsPatch @{ Context = 'dead' }
        { & $Command @splat -ErrorAction Stop } | Should -Throw -ErrorId 'ConnectionFailed,*'
    }

    It 'ends without a session, as there is nothing to ask' {
        $found = Invoke-Silent $Command (Join-Splat $Splat $IsPatch @{})
        $found.Ended | Should -BeTrue
        $found.Errors.FullyQualifiedErrorId | Should -BeLike 'NoSession,*'
    }
}

Describe 'Connect-KubeVirt' {
    It 'goes on when <Why>' -ForEach @(
        @{ Why = 'the cluster cannot be reached'; Splat = @{}; Id = 'ConnectionFailed' }
        @{ Why = 'there is no such context'; Splat = @{ Context = 'nosuch' }; Id = 'EntryNotFound' }
        @{ Why = 'there is no such kubeconfig'; Splat = @{ KubeConfigPath = '/no/such' }; Id = 'FileUnreadable' }
    ) {
        $found = Invoke-Silent Connect-KubeVirt $Splat
        $found.Ended | Should -BeFalse
        $found.Errors.FullyQualifiedErrorId | Should -BeLike "$Id,*"
    }
}

Describe 'Whoever asks only whether all is well' {
    It 'is told no by <Command> when the cluster cannot be reached' -ForEach @(
        @{ Command = 'Test-KubeVirtHealth'; Splat = @{} }
        @{ Command = 'Test-KubeVirtAgentPatch'; Splat = @{} }
        @{ Command = 'Test-VmiProbe'; Splat = @{ Name = 'a'; Namespace = 'b' } }
    ) {
        $found = Invoke-Silent $Command ($Splat + @{ Context = 'dead'; Quiet = $true })
        $found.Written | Should -BeExactly $false
        $found.Errors.Count | Should -Be 1
    }
}

Describe 'One input that fails' {
    It 'leaves the others their turn' {
        $found = $null
        $null = New-KubeVirtAgentPatch Api | ForEach-Object { $_; $_ } | Install-KubeVirtAgentPatch -Context dead -ErrorAction SilentlyContinue -ErrorVariable found
        $found.Count | Should -Be 2
    }
}
