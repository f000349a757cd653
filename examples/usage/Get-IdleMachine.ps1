#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Writes the VMs of the open sessions that do next to nothing: candidates to be switched off.

.DESCRIPTION
A VM is idle if its processor, its disks and its network are below the limits. What is not known is not idle: a VM without a figure is left out.

.PARAMETER CpuPercent
The limit for the processor, in percent of the virtual CPUs.

.PARAMETER Iops
The limit for reads and writes together, a second.

.PARAMETER BytesPerSecond
The limit for the network, both directions together.

.PARAMETER SampleInterval
The time between the two looks, in seconds. The longer, the more certain.

.EXAMPLE
./Get-IdleMachine.ps1 -SampleInterval 300
#>
[CmdletBinding()]
param(
    [double] $CpuPercent = 2,
    [double] $Iops = 2,
    [double] $BytesPerSecond = 1KB,
    [double] $SampleInterval = 60
)

Get-KubeVirtSession | Get-KubeVirtUsage -SampleInterval $SampleInterval | Where-Object {
    $null -ne $_.CpuPercent -and $_.CpuPercent -lt $CpuPercent -and
    $null -ne $_.DiskReadIops -and $null -ne $_.DiskWriteIops -and $_.DiskReadIops + $_.DiskWriteIops -lt $Iops -and
    $null -ne $_.NetworkReceiveBytesPerSecond -and $null -ne $_.NetworkTransmitBytesPerSecond -and $_.NetworkReceiveBytesPerSecond + $_.NetworkTransmitBytesPerSecond -lt $BytesPerSecond
}
