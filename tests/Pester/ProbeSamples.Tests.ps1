BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster"
    if (-not $cluster.Missing) {
        $token = Get-Secret (Get-AdminToken $cluster)
        $null = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
    }

    function Set-Guest([hashtable] $Change) {
        $uri = '{0}simulator/guests/ns0/vm-00000' -f $cluster.Server
        Invoke-RestMethod -Method Put -Uri $uri -Body (ConvertTo-Json $Change -Depth 9) -ContentType application/json -Authentication Bearer -Token $token -SkipCertificateCheck
    }

    $made = "$TestDrive/made"
    $null = & "$Root/examples/probes/New-ProbeManifest.ps1" -Destination $made
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'The samples of the guide' {
    BeforeEach { if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing } }

    It '<Sample> is accepted by the rules, and run to the right verdict' -ForEach @(
        @{ Sample = 'http-readiness'; Well = @{ ports = @{ '1500' = @{ headers = @{ 'Custom-Header' = 'Awesome' } } } }; Broken = @{ ports = @{ '1500' = @{ headers = @{ 'Custom-Header' = 'Other' } } } } }
        @{ Sample = 'tcp-readiness'; Well = @{ ports = @{ '1500' = @{} } }; Broken = @{ ports = @{ '1500' = $null } } }
        @{ Sample = 'http-liveness'; Well = @{ ports = @{ '1500' = @{} } }; Broken = @{ ports = @{ '1500' = @{ status = 500 } } } }
        @{ Sample = 'guest-agent-ping'; Well = @{ agent = 'Answering' }; Broken = @{ agent = 'Absent' } }
    ) {
        Test-VmiProbeManifest -Path "$made/$Sample.yaml" | Where-Object Severity -EQ Error | Should -BeNullOrEmpty

        $probe = Get-VmiProbe -Path "$made/$Sample.yaml"
        Set-Guest $Well
        $result = Test-VmiProbe -Name vm-00000 -Namespace ns0 -Probe $probe
        $result.Kind, $result.Success | Should -Be $probe.Kind, $true
        Set-Guest $Broken
        (Test-VmiProbe -Name vm-00000 -Namespace ns0 -Probe $probe).Success | Should -BeFalse
    }
}
