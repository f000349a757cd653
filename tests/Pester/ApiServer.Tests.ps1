# What an API server says beside its answers, and lists that it does not finish. A server of a few lines says what no simulated cluster says at will.
BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Endpoint.ps1
    $listener = Open-Listener
    $asked = [Collections.Concurrent.ConcurrentQueue[string]]::new()
    $serve = {
        param($listener, $asked)
        function Get-Machine($Name) { @{ apiVersion = 'kubevirt.io/v1'; kind = 'VirtualMachine'; metadata = @{ name = $Name; namespace = 'a'; uid = [guid]::NewGuid() }; spec = @{ running = $false; template = @{ spec = @{ domain = @{ devices = @{} } } } } } }
        try {
            while ($listener.IsListening) {
                $context = $listener.GetContext()
                $request, $response = $context.Request, $context.Response
                $asked.Enqueue("$($request.HttpMethod) $($request.RawUrl)")
                $response.ContentType = 'application/json'
                $body = switch -Regex ("$($request.HttpMethod) $($request.RawUrl)") {
                    '/version' { @{ gitVersion = 'v1.36.2' } }
                    '/kubevirts' { @{ kind = 'KubeVirtList'; items = @(@{ metadata = @{ name = 'kubevirt'; namespace = 'kubevirt' }; status = @{ observedKubeVirtVersion = 'v1.9.0' } }) } }
                    'PATCH .*/virtualmachines/' {
                        $response.AppendHeader('Warning', '299 - "spec.running is deprecated, please use spec.runStrategy instead."')
                        Get-Machine wrn
                    }
                    'GET .*/virtualmachines/' { Get-Machine wrn }
                    'continue=' { $response.StatusCode = 403; @{ kind = 'Status'; message = 'no more'; reason = 'Forbidden'; code = 403 } }
                    '/virtualmachines\?' {
                        $response.AppendHeader('Warning', '299 - "unknown field \"spec.nosuch\""')
                        @{ kind = 'VirtualMachineList'; items = @((Get-Machine one), (Get-Machine two)); metadata = @{ continue = 'more'; remainingItemCount = 7 } }
                    }
                    default { $response.StatusCode = 404; @{ kind = 'Status'; message = 'not found'; reason = 'NotFound'; code = 404 } }
                }
                $response.OutputStream.Write([Text.Encoding]::UTF8.GetBytes((ConvertTo-Json $body -Depth 9 -Compress)))
                $response.Close()
            }
        } catch { $null = $_ }
    }
    $shell = [powershell]::Create().AddScript($serve).AddArgument($listener).AddArgument($asked)
    $null = $shell.BeginInvoke()
    @"
current-context: test
contexts: [{name: test, context: {cluster: test}}]
clusters: [{name: test, cluster: {server: "$(@($listener.Prefixes)[0])"}}]
"@ | Set-Content "$TestDrive/config"
    $session = Connect-KubeVirt -KubeConfigPath "$TestDrive/config" -WarningAction Ignore
}

AfterAll {
    Disconnect-KubeVirt -Session $session
    $listener.Abort()
    $shell.Dispose()
}

Describe 'Warnings of the API server' {
    It 'shows those of a change, each once' {
        Set-VmiProbe -Name wrn -Namespace a -Role Readiness, Liveness -Probe (New-VmiProbe -TcpSocket -Port 22) -Confirm:$false -WarningVariable warnings -WarningAction SilentlyContinue
        @($asked | Where-Object { $_ -like 'PATCH*' }).Count | Should -Be 2
        @($warnings.Message) | Should -BeExactly 'spec.running is deprecated, please use spec.runStrategy instead.'
    }

    It 'shows those of a read, and beside an error' {
        $machines = Get-KubeVirtVM -Namespace a -WarningVariable warnings -WarningAction SilentlyContinue -ErrorAction SilentlyContinue
        $machines.Name | Should -Be 'one', 'two'
        $warnings.Message | Should -BeExactly 'unknown field "spec.nosuch"'
    }

    It 'leaves none for the cmdlet after it' {
        $null = Get-KubeVirtSession -WarningVariable warnings
        $warnings | Should -BeNullOrEmpty
    }
}

Describe 'Lists' {
    It 'says how much of a list came before it broke off' {
        $machines = Get-KubeVirtVM -Namespace a -ErrorVariable problem -ErrorAction SilentlyContinue -WarningAction SilentlyContinue
        $machines.Count | Should -Be 2
        $problem.Count | Should -Be 1
        "$problem" | Should -BeLike 'cannot list virtualmachines.kubevirt.io in namespace a completely: the list ended after 2 objects, and about 7 more were expected (*no more*'
        $problem[0].FullyQualifiedErrorId | Should -BeLike 'Forbidden,*'
    }

    It 'asks for no name that nothing can have' {
        $asked.Clear()
        Get-KubeVirtVM -Name 'b,1', 'Web' -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $problem.Count | Should -Be 2
        "$($problem[0])" | Should -BeLike "'b,1' is not a name that virtualmachines can have*"
        $problem[1].CategoryInfo.Category | Should -Be InvalidArgument
        Get-KubeVirtVM -Namespace 'A,B' -ErrorVariable problem -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        "$($problem[0])" | Should -BeLike "'A,B' is not a name that a namespace can have*"
        $asked.Count | Should -Be 0
    }
}
