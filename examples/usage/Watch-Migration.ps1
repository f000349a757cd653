#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Follows the live migration of a VM to its end, with a progress bar, as vSphere shows a vMotion.

.DESCRIPTION
Writes what it saw at the end: the node before and after, how long it watched, and the highest number of bytes that were left. A migration that does not converge is a
warning, once: it will not end before the VM changes less memory, or KubeVirt slows it down or gives up.

.PARAMETER Vmi
The VM.

.PARAMETER SampleInterval
The time between two looks, in seconds.

.PARAMETER MaxSamples
The most looks, for a migration that never ends.

.EXAMPLE
./Watch-Migration.ps1 -Vmi shop/web-1
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory)] [string] $Vmi,
    [double] $SampleInterval = 5,
    [int] $MaxSamples = 720
)

$first = $last = $null
$most = 0.0
$ended = 0
$warned = $false
# KubeVirt measures a migration every 5 seconds, so a short interval is right here.
Get-KubeVirtUsage $Vmi -SampleInterval $SampleInterval -MaxSamples $MaxSamples -WarningAction Ignore | ForEach-Object {
    $last = $_
    if ($null -ne $_.MigrationRemaining) {
        if (-not $first) { $first = $_ }
        $ended = 0
        $most = [math]::Max($most, $_.MigrationRemaining)
        if ($_.MigrationConverges -eq $false -and -not $warned) {
            Write-Warning "$Vmi changes its memory at least as fast as it is moved: the migration does not converge."
            $warned = $true
        }
        $progress = @{ Activity = "Migration of $Vmi from $($first.Node)"; Status = '{0:n0} MiB left, {1:n0} MiB/s' -f ($_.MigrationRemaining / 1MB), ($_.MigrationBytesPerSecond / 1MB) }
        if ($null -ne $_.MigrationPercent) { $progress.PercentComplete = [int] $_.MigrationPercent }
        if ($null -ne $_.MigrationSecondsLeft) { $progress.SecondsRemaining = [int] $_.MigrationSecondsLeft }
        Write-Progress @progress
    } elseif ($first) { $ended++ }
    # Its metrics end with it; for a look or two it may still be on the node that it leaves.
    if ($first -and ($_.Node -ne $first.Node -or $ended -ge 3)) {
        Write-Progress -Activity "Migration of $Vmi from $($first.Node)" -Completed
        [pscustomobject] @{
            Vmi = "$($_.Namespace)/$($_.Vmi)"
            From = $first.Node
            To = $_.Node
            Moved = $_.Node -ne $first.Node
            Seconds = [int] ($_.Timestamp - $first.Timestamp).TotalSeconds
            MostRemaining = $most
        }
    }
} | Select-Object -First 1 -OutVariable seen
if ($seen) { return }
if (-not $last) { Write-Warning "$Vmi does not run." }
elseif (-not $first) { Write-Warning "$Vmi did not migrate while it was watched." }
else { Write-Warning "$Vmi still migrates after $MaxSamples looks." }
