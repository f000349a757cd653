#Requires -Version 7.4
#Requires -Modules KubeVirtMonitor
<#
.SYNOPSIS
Tests the alerts of a cluster, and ends with exit code 1 if any fires: for a runbook, a pipeline or a cron job.

.DESCRIPTION
The exit codes are 0 if no alert fires, 1 if one does, 2 if the cluster cannot be reached, and 3 if nothing could be evaluated. What fires is written to the output, what could not be told is a
warning.

.EXAMPLE
pwsh ./Test-Cluster.ps1 -KubeConfigPath ~/.kube/config -Context production; $LASTEXITCODE

.EXAMPLE
pwsh ./Test-Cluster.ps1 -Severity Critical -HoldSeconds 0

Also fails for what holds now, for how long that may be.
#>
[CmdletBinding()]
param(
    [string] $KubeConfigPath,
    [string] $Context,
    [string[]] $Rule = '*',
    [ValidateSet('Critical', 'Warning', 'Info')] [string[]] $Severity = ('Critical', 'Warning'),
    # For how long a condition has to hold, in place of the times of KubeVirt's alerts.
    [double] $HoldSeconds = -1,
    # The time between two looks, in seconds; 0 = one look, which is quicker and tells nothing of rates.
    [double] $SampleInterval = 0
)
$connection = @{}
if ($KubeConfigPath) { $connection.KubeConfigPath = $KubeConfigPath }
if ($Context) { $connection.Context = $Context }
try {
    $session = Connect-KubeVirt @connection -ErrorAction Stop
}
catch {
    [Console]::Error.WriteLine("$_")
    exit 2
}
$thresholds = if ($HoldSeconds -ge 0) { @{ '*.HoldSeconds' = $HoldSeconds } } else { @{} }
$results = Test-KubeVirtAlert $Rule -Severity $Severity -Threshold $thresholds -SampleInterval $SampleInterval -Session $session
$firing = @($results | Where-Object State -EQ Firing)
$firing | Format-Table Name, Severity, Subject, Evidence, Runbook -Wrap | Out-String -Width 160
foreach ($unknown in $results | Where-Object State -EQ Unknown) { Write-Warning "$($unknown.Name): $($unknown.Missing)" }
Disconnect-KubeVirt $session
if (-not ($results | Where-Object State -NE Unknown)) { exit 3 }
exit [int] ($firing.Count -gt 0)
