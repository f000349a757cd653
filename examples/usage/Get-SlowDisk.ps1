#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Writes the drives of the VMs of the open sessions whose reads or writes take long.

.PARAMETER Milliseconds
The mean time of a read or a write from which on a drive is slow: 10 is slow for a spinning disk, 2 for flash, 25 is bad for any.

.PARAMETER SampleInterval
The time between the two looks, in seconds.

.EXAMPLE
./Get-SlowDisk.ps1 -Milliseconds 25
#>
[CmdletBinding()]
param(
    [double] $Milliseconds = 10,
    [double] $SampleInterval = 15
)

Get-KubeVirtSession | Get-KubeVirtUsage -SampleInterval $SampleInterval -Detail Drive |
    Where-Object { $_.ReadLatencyMs -gt $Milliseconds -or $_.WriteLatencyMs -gt $Milliseconds } |
    Sort-Object { [math]::Max([double] $_.ReadLatencyMs, [double] $_.WriteLatencyMs) } -Descending
