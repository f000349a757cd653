#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Makes a manifest for each kind of probe from fedora-vm.yaml: HTTP readiness with a header, TCP readiness, HTTP liveness, guest agent ping.

.PARAMETER Destination
The folder to write them to.

.EXAMPLE
./New-ProbeManifest.ps1 -Destination ./made
#>
[CmdletBinding()]
param([Parameter(Mandatory)] [string] $Destination)

$slow = @{ InitialDelaySeconds = 120; PeriodSeconds = 20; TimeoutSeconds = 10 }
$probes = [ordered] @{
    'http-readiness' = @{
        Role = 'Readiness'
        Probe = New-VmiProbe -HttpGet -Port 1500 -Path /healthz -Headers @{ 'Custom-Header' = 'Awesome' } @slow -SuccessThreshold 3 -FailureThreshold 3
    }
    'tcp-readiness' = @{ Role = 'Readiness'; Probe = New-VmiProbe -TcpSocket -Port 1500 @slow }
    'http-liveness' = @{ Role = 'Liveness'; Probe = New-VmiProbe -HttpGet -Port 1500 @slow }
    'guest-agent-ping' = @{ Role = 'Readiness'; Probe = New-VmiProbe -GuestAgentPing @slow -SuccessThreshold 3 -FailureThreshold 3 }
}

$null = New-Item $Destination -ItemType Directory -Force
foreach ($name in $probes.Keys) {
    $file = Join-Path $Destination "$name.yaml"
    Copy-Item "$PSScriptRoot/fedora-vm.yaml" $file
    $arguments = $probes[$name]
    Set-VmiProbe -LiteralPath $file @arguments -PassThru
}
