BeforeDiscovery {
    # The examples as the help itself has them.
    $text = [IO.File]::ReadAllText("$PSScriptRoot/../../en-US/KubeVirtMonitor.dll-Help.xml")
    $names = @{ command = 'http://schemas.microsoft.com/maml/dev/command/2004/10'; dev = 'http://schemas.microsoft.com/maml/dev/2004/10'; maml = 'http://schemas.microsoft.com/maml/2004/10' }
    $examples = foreach ($command in Select-Xml -Content $text -XPath //command:command -Namespace $names) {
        $name = (Select-Xml -Xml $command.Node -XPath command:details/command:name -Namespace $names).Node.InnerText
        foreach ($example in Select-Xml -Xml $command.Node -XPath command:examples/command:example -Namespace $names) {
            @{
                Command = $name
                Title = (Select-Xml -Xml $example.Node -XPath maml:title -Namespace $names).Node.InnerText.Trim(' -'.ToCharArray())
                Code = (Select-Xml -Xml $example.Node -XPath dev:code -Namespace $names).Node.InnerText
            }
        }
    }
    $pages = Get-ChildItem "$PSScriptRoot/../../docs/cmdlets/*.md" | ForEach-Object { @{ Page = $_.BaseName; Path = $_.FullName } }
}

BeforeAll {
    # What restarts pods asks, and nobody is there to answer.
    $ConfirmPreference = 'None'
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    # What examples connect to without naming it.
    $cluster = Open-Cluster "$TestDrive/cluster" -EveryKind -AgentNamespace datadog
    $kubeConfig = $env:KUBECONFIG
    $env:KUBECONFIG = $cluster.KubeConfig
    # Runspaces of their own find the module where users have it installed.
    $modulePath = $env:PSModulePath
    $env:PSModulePath = "$Root/out$([IO.Path]::PathSeparator)$modulePath"
}

AfterAll {
    $env:KUBECONFIG = $kubeConfig
    $env:PSModulePath = $modulePath
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'Help' {
    It 'has three examples or more for <_>' -ForEach ($examples.Command | Sort-Object -Unique) {
        @((Get-Help $_ -Full).examples.example).Count | Should -BeGreaterOrEqual 3
    }

    It 'runs <Command>, <Title>' -ForEach $examples {
        if ($Code -match 'https://|-InCluster' -or $Command -eq 'Show-KubeVirtUsage') {
            # It would need the endpoints that it names, a pod, or a terminal, so only its parameters are checked.
            $errors = $tokens = $null
            $ast = [Management.Automation.Language.Parser]::ParseInput($Code, [ref] $tokens, [ref] $errors)
            $errors | Should -BeNullOrEmpty
            $call = $ast.Find({ $args[0] -is [Management.Automation.Language.CommandAst] -and $args[0].GetCommandName() -eq $Command }, $true)
            foreach ($parameter in $call.CommandElements | Where-Object { $_ -is [Management.Automation.Language.CommandParameterAst] }) {
                (Get-Command $Command).Parameters.Keys | Should -Contain $parameter.ParameterName
            }
            return
        }
        Copy-Item $Root/tests/Fixtures/virt-*.prom $TestDrive
        Copy-Item $Root/tests/Fixtures/usage-*.prom $TestDrive
        Copy-Item $Root/examples/probes/fedora-vm.yaml $TestDrive/vm.yaml
        # Examples that check a manifest check one with a probe.
        if ($Command -in 'Test-VmiProbeManifest', 'Remove-VmiProbe') { New-VmiProbe -GuestAgentPing | Set-VmiProbe -Path $TestDrive/vm.yaml -Role Readiness }
        Get-KubeVirtSession | Disconnect-KubeVirt
        if ($cluster.Missing -and $Code -notmatch '\.prom|Definition|\.yaml|^New-VmiProbe|Timeline') { Set-ItResult -Skipped -Because $cluster.Missing; return }
        if (-not $cluster.Missing) { $null = Connect-KubeVirt }
        # Its examples test what has been put in.
        if ($Command -eq 'Test-KubeVirtAgentPatch') { $null = New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch }
        # What the examples before it have put in is still being rolled out.
        if ($Command -in 'Test-KubeVirtHealth', 'Watch-KubeVirtMetric') { for ($i = 0; $i -lt 100 -and -not (Test-KubeVirtHealth -Quiet -WarningAction Ignore -ErrorAction Ignore); $i++) { Start-Sleep -Milliseconds 200 } }
        Push-Location $TestDrive
        try {
            $output = & ([scriptblock]::Create("`$ErrorActionPreference = 'Stop'; $Code"))
            @($output).Count | Should -BeGreaterThan 0
        } finally {
            Pop-Location
        }
    }

    It 'has an about topic' {
        (Get-Help about_KubeVirtMonitor | Out-String) | Should -BeLike '*Get-KubeVirtMetric*'
    }

    It 'comes from the page of <Page>' -ForEach $pages {
        $markdown = [IO.File]::ReadAllText($Path)
        $help = Get-Help $Page -Full
        $markdown | Should -Not -Match '\{\{'
        ($markdown -replace '`', '') -replace '\s+', ' ' | Should -BeLike "*$([WildcardPattern]::Escape(($help.Synopsis -replace '\s+', ' ').Trim()))*"
        foreach ($parameter in $help.parameters.parameter) {
            $description = "$($parameter.description.Text)" -replace '\s+', ' '
            ($markdown -replace '`', '') -replace '\s+', ' ' | Should -BeLike "*$([WildcardPattern]::Escape($description.Trim()))*" -Because "docs/Update-Help.ps1 makes the help from the pages (-$($parameter.name))"
        }
    }
}
