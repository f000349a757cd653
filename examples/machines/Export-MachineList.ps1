#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Writes the machines of one or more clusters to a file for a spreadsheet, for a job of each night.

.DESCRIPTION
A cluster that cannot be reached is an error, and the machines of the others are in the file. What it writes is the file.

.PARAMETER Context
The contexts of the kubeconfig. The column Cluster names the one that a machine is of.

.PARAMETER Destination
The folder to write to.

.EXAMPLE
./Export-MachineList.ps1 -Context prod, test -Destination ./lists
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string[]] $Context,
    [string] $Destination = '.'
)

$sessions = @(Connect-KubeVirt -Context $Context)
if (-not $sessions) { return }
try {
    $null = New-Item $Destination -ItemType Directory -Force
    $file = Join-Path $Destination "machines-$(Get-Date -Format yyyy-MM-dd).csv"
    $sessions | Get-KubeVirtVM | Export-Csv -LiteralPath $file
    Get-Item -LiteralPath $file
} finally {
    $sessions | Disconnect-KubeVirt
}
