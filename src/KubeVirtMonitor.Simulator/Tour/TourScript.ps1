# Runs the steps of the tour: shows each command, runs it as a user would, shows what it writes, and checks it.
param([Parameter(Mandatory)] [string] $StepFile)

$PSStyle.OutputRendering = 'PlainText'
$wrong = 0
foreach ($step in Get-Content -Raw -LiteralPath $StepFile | ConvertFrom-Json) {
    Write-Host "`n$($step.Title)`n"
    foreach ($line in $step.Command -split "`n") { Write-Host "  $($line.StartsWith(' ') ? '>>>' : 'PS>') $($line -replace '^ {4}')" }
    $last = @()
    try {
        $text = if ($step.Run) { $step.Run } else { $step.Command }
        $last = @(. ([scriptblock]::Create($text)) 2>&1)
        $shown = ($last | Out-String -Width 116).Trim("`r", "`n") -split "`r?`n"
        if ($last) { $shown | ForEach-Object { Write-Host "  $_" } }
        $worked = [bool](. ([scriptblock]::Create($step.Check)))
    }
    catch {
        Write-Host "  $_"
        $worked = $false
    }

    if (-not $worked) {
        $wrong++
        Write-Host "  This step did not work: expected $($step.Check)"
    }
}

exit $wrong
