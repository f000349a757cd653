#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Writes the VMs of the open sessions that use the most processor time.

.PARAMETER Count
How many VMs.

.PARAMETER SampleInterval
The time between the two looks, in seconds.

.EXAMPLE
./Get-BusyMachine.ps1 -Count 10
#>
[CmdletBinding()]
param(
    [int] $Count = 10,
    [double] $SampleInterval = 15
)

Get-KubeVirtSession | Get-KubeVirtUsage -SampleInterval $SampleInterval -Sort CpuUsed -Top $Count
