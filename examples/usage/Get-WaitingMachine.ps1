#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Writes the VMs of the open sessions whose virtual CPUs wait for a CPU of their node: CPU ready, as vSphere calls it.

.PARAMETER Percent
The part of the time, in percent, from which on a VM is written: 5 is noticeable, 10 is bad.

.PARAMETER SampleInterval
The time between the two looks, in seconds.

.EXAMPLE
./Get-WaitingMachine.ps1 -Percent 5
#>
[CmdletBinding()]
param(
    [double] $Percent = 5,
    [double] $SampleInterval = 20
)

Get-KubeVirtSession | Get-KubeVirtUsage -SampleInterval $SampleInterval -Sort CpuReadyMaxPercent |
    Where-Object CpuReadyMaxPercent -GT $Percent
