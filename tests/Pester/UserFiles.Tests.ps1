BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 1 -Vmis 1
    $elsewhere = New-Item -ItemType Directory "$TestDrive/elsewhere"

    # Runs a script in a runspace of its own, stops it, and gives the seconds that the stop took.
    function Measure-Stop([string] $Script) {
        $shell = [powershell]::Create()
        try {
            $null = $shell.AddScript("Import-Module '$Staged/KubeVirtMonitor.psd1'; 'ready'; $Script")
            $output = [Management.Automation.PSDataCollection[psobject]]::new()
            $running = $shell.BeginInvoke([Management.Automation.PSDataCollection[psobject]]::new(), $output)
            while (-not $output.Count -and -not $running.IsCompleted) { Start-Sleep -Milliseconds 50 }
            # Long enough for the read to begin.
            Start-Sleep -Seconds 1
            $running.IsCompleted | Should -BeFalse -Because "it waits: $($shell.Streams.Error.ReadAll())"
            $watch = [Diagnostics.Stopwatch]::StartNew()
            $shell.Stop()
            $watch.Elapsed.TotalSeconds
        } finally {
            $shell.Dispose()
        }
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'Files of the user' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
        Push-Location $elsewhere
        $before = $env:KUBECONFIG
    }

    AfterEach {
        $env:KUBECONFIG = $before
        Pop-Location
    }

    It 'reads a KUBECONFIG that counts from $PWD, which is not the folder of the process' {
        $env:KUBECONFIG = '../cluster/kubeconfig'
        (Connect-KubeVirt -ErrorAction Stop).Context | Should -Be 'simulator'
        $env:KUBECONFIG = "$([IO.Path]::PathSeparator) $([IO.Path]::PathSeparator)../cluster/kubeconfig"
        (Connect-KubeVirt -ErrorAction Stop).Context | Should -Be 'simulator'
    }

    It 'completes contexts of a KUBECONFIG that counts from $PWD' {
        $env:KUBECONFIG = '../cluster/kubeconfig'
        Get-KubeVirtSession | Disconnect-KubeVirt
        $line = 'Connect-KubeVirt -Context sim'
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'simulator'
    }

    It 'runs a credential plugin in $PWD' {
        if ($IsWindows) { Set-ItResult -Skipped -Because 'the plugin is a shell script'; return }
        $text = [IO.File]::ReadAllText($cluster.KubeConfig)
        $token = Get-AdminToken $cluster
        $answer = @{ apiVersion = 'client.authentication.k8s.io/v1'; kind = 'ExecCredential'; status = @{ token = $token } } | ConvertTo-Json -Compress
        [IO.File]::WriteAllText("$TestDrive/plugin.sh", "pwd > where; echo '$answer'")
        $exec = 'exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: sh, args: [../plugin.sh]}'
        [IO.File]::WriteAllText("$TestDrive/plugin", $text.Replace("    token: $token", "    $exec"))
        Connect-KubeVirt -KubeConfigPath ../plugin -ErrorAction Stop | Should -Not -BeNullOrEmpty
        (Get-Item (Get-Content -Raw "$elsewhere/where").Trim()).FullName | Should -Be $elsewhere.FullName
    }

    It 'can be stopped while <what> is a pipe that nobody writes to' -ForEach @(
        @{ What = 'the kubeconfig'; Script = 'Connect-KubeVirt -KubeConfigPath ''{0}''' }
        @{ What = 'the authority of a server'; Script = 'Connect-KubeVirt -Server https://127.0.0.1:1 -Token (ConvertTo-SecureString -AsPlainText -Force x) -CertificateAuthority ''{0}''' }
        @{ What = 'a manifest'; Script = 'Test-VmiProbeManifest -Path ''{0}''' }
        @{ What = 'a manifest whose probes are read'; Script = 'Get-VmiProbe -Path ''{0}''' }
        @{ What = 'the conf.yaml of an Agent'; Script = 'Get-KubeVirtMetric -AgentConfig ''{0}''' }
        @{ What = 'the authority of an endpoint'; Script = 'Get-KubeVirtMetric -Uri https://127.0.0.1:1 -CertificateAuthority ''{0}''' }
        @{ What = 'a scrape'; Script = 'Get-KubeVirtMetric -Path ''{0}''' }
        @{ What = 'a scrape that is compared'; Script = 'Compare-KubeVirtMetric -Path ''{0}''' }
    ) {
        if (-not (Get-Command mkfifo -ErrorAction Ignore)) { Set-ItResult -Skipped -Because 'mkfifo is not installed'; return }
        $pipe = "$TestDrive/pipe-$([guid]::NewGuid())"
        mkfifo $pipe
        Measure-Stop ($Script -f $pipe) | Should -BeLessThan 2
        # The read that was left behind ends. Opened for both, a pipe waits for nobody.
        [IO.FileStream]::new($pipe, 'Open', 'ReadWrite').Dispose()
    }
}
