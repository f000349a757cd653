<#
.SYNOPSIS
Runs every *.Tests.ps1 beside it and writes what came out, as JSON, to a file.

.DESCRIPTION
"dotnet test" calls this through PesterTests.cs, which gives each Pester test as a test of its own.
The JSON says under "Where" in which versions of PowerShell, .NET and Pester.
#>
param(
    [Parameter(Mandatory)] [string] $OutputPath,
    [Parameter(Mandatory)] [string] $PesterPath,
    [string] $Path = $PSScriptRoot
)

$ErrorActionPreference = 'Stop'

function Get-Reason([object[]] $ErrorRecord) {
    $lines = foreach ($record in $ErrorRecord | Where-Object { $_ }) {
        $record.Exception.Message
        # Where in the tests, without the way through Pester to there.
        $record.ScriptStackTrace -split '\r?\n' | Where-Object { $_ -notmatch '[\\/]Pester\.(ScriptScope\.ps1|psm1): line|Invoke-PesterTests\.ps1: line' }
    }
    $lines -join "`n"
}

if ($PSVersionTable.PSVersion -lt [version] '7.4') { throw "PowerShell is $($PSVersionTable.PSVersion), and the module needs 7.4 or later." }
Import-Module "$PesterPath/Pester.psd1"

$configuration = New-PesterConfiguration
$configuration.Run.Path = $Path
$configuration.Run.PassThru = $true
$configuration.Output.Verbosity = 'None'
$configuration.Output.RenderMode = 'Plaintext'
$run = Invoke-Pester -Configuration $configuration

$tests = @(
    foreach ($test in $run.Tests) {
        $records = @($test.ErrorRecord)
        for ($block = $test.Block; $block; $block = $block.Parent) { $records += $block.ErrorRecord }
        $reason = Get-Reason $records
        @{ Name = $test.ExpandedPath; Result = "$($test.Result)"; Message = $reason }
    }
    # A file that can't be read and a block whose set-up or clean-up fails may have no test to tell of it.
    foreach ($block in $run.FailedBlocks) {
        @{ Name = "$($block.ExpandedPath) (block)"; Result = 'Failed'; Message = Get-Reason $block.ErrorRecord }
    }
    foreach ($container in $run.FailedContainers) {
        @{ Name = "$($container.Item) (file)"; Result = 'Failed'; Message = Get-Reason $container.ErrorRecord }
    }
)
if (-not $tests) { throw "No test in $Path." }
$where = "Pester $((Get-Module Pester).Version) in PowerShell $($PSVersionTable.PSVersion) on $([Runtime.InteropServices.RuntimeInformation]::FrameworkDescription)"
ConvertTo-Json -Depth 4 -InputObject @{ Where = $where; Tests = $tests } | Set-Content -LiteralPath $OutputPath -Encoding utf8NoBOM
