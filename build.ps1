#Requires -Version 7.4
<#
.SYNOPSIS
Builds, tests, shows, checks and packs the module. Needs the .NET SDK and nothing from a gallery.

.DESCRIPTION
Tasks run in the order they are given, and the first that fails ends the script with a non-zero exit code.

Build    builds everything; the module is staged under out/KubeVirtMonitor/VERSION/
Test     runs every test, as "dotnet test" does
Tour     shows the module at work on a simulated cluster
Analyze  runs PSScriptAnalyzer over the scripts, where it is installed
Help     checks the help of the staged module as Get-Help shows it
Package  packs the staged module as out/KubeVirtMonitor.VERSION.nupkg
Clean    removes everything that the other tasks make

.EXAMPLE
./build.ps1 -Task Build, Test, Package
#>
[CmdletBinding()]
param(
    [Parameter(Position = 0)]
    [ArgumentCompletions('Build', 'Test', 'Tour', 'Analyze', 'Help', 'Package', 'Clean')]
    [string[]] $Task = 'Build'
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'
$PSNativeCommandUseErrorActionPreference = $false

$Root = $PSScriptRoot
$ModuleName = 'KubeVirtMonitor'
$Version = ([xml] (Get-Content -Raw "$Root/Directory.Build.props")).SelectSingleNode('//Version').InnerText
$Staged = "$Root/out/$ModuleName/$Version"

function Invoke-DotNet {
    # dotnet looks for its projects and global.json from where it stands.
    Push-Location $Root
    try {
        & dotnet @args
        if ($LASTEXITCODE) { throw "'dotnet $args' ended with exit code $LASTEXITCODE." }
    } finally {
        Pop-Location
    }
}

function Invoke-Pwsh([scriptblock] $Script, [object[]] $Arguments) {
    # A process of its own: assemblies loaded here could neither be rebuilt nor unloaded.
    # Where PowerShell runs as a .NET tool, the process is dotnet.
    $shell = @([Environment]::ProcessPath; if ((Split-Path ([Environment]::ProcessPath) -LeafBase) -eq 'dotnet') { "$PSHOME/pwsh.dll" })
    & $shell[0] @($shell | Select-Object -Skip 1) -NoLogo -NoProfile -NonInteractive -Command $Script -args $Arguments
}

function Assert-Staged {
    if (-not (Test-Path "$Staged/$ModuleName.psd1")) { Invoke-Build }
}

function Get-ScriptFile {
    # The manifest is looked at where the files are that it names.
    Get-Item "$Staged/$ModuleName.psd1"
    Get-ChildItem $Root -Recurse -File -Include *.ps1, *.psm1, *.psd1 -Exclude "$ModuleName.psd1" |
        Where-Object { [IO.Path]::GetRelativePath($Root, $_.FullName) -notmatch '(^|[\\/])(bin|obj|out)[\\/]' }
}

function Invoke-Build { Invoke-DotNet build Module.sln }

function Invoke-Test { Invoke-DotNet test Module.sln }

function Invoke-Tour { Invoke-DotNet run --project src/KubeVirtMonitor.Simulator -- tour }

function Invoke-Clean {
    $made = @(Get-ChildItem "$Root/src", "$Root/tests" -Recurse -Directory -Include bin, obj, TestResults, BenchmarkDotNet.Artifacts)
    $made += @(Get-ChildItem $Root -Directory | Where-Object Name -In out, TestResults, BenchmarkDotNet.Artifacts)
    $made | Where-Object { Test-Path $_ } | Remove-Item -Recurse -Force
}

function Invoke-Analyze {
    if (-not (Get-Module PSScriptAnalyzer -ListAvailable)) {
        Write-Host 'Analyze: skipped, PSScriptAnalyzer is not installed. The C# analysers run in every build.'
        return
    }
    Assert-Staged
    $files = @(Get-ScriptFile)
    $settings = Import-PowerShellDataFile "$Root/PSScriptAnalyzerSettings.psd1"
    $findings = @(
        foreach ($file in $files) {
            $finding = Invoke-ScriptAnalyzer -Path $file.FullName -Settings $settings
            # The blocks of a Pester file share variables in a way that the rule doesn't follow.
            $finding | Where-Object { $file.Name -notlike '*.Tests.ps1' -or $_.RuleName -ne 'PSUseDeclaredVarsMoreThanAssignments' }
        }
    )
    if ($findings) {
        $findings | ForEach-Object { Write-Host "$($_.ScriptPath):$($_.Line): $($_.RuleName): $($_.Message)" }
        throw "PSScriptAnalyzer has $($findings.Count) findings."
    }
    Write-Host "Analyze: $($files.Count) scripts, no findings."
}

function Invoke-Help {
    Assert-Staged
    $gaps = @(Invoke-Pwsh -Arguments $Staged, $ModuleName -Script {
            param($staged, $moduleName)
            Import-Module "$staged/$moduleName.psd1"
            foreach ($command in Get-Command -Module $moduleName) {
                $help = Get-Help $command.Name -Full
                # Without help of its own, Get-Help makes one up whose synopsis is the syntax.
                if ($help.PSObject.TypeNames -notcontains 'MamlCommandHelpInfo' -or -not "$($help.Synopsis)".Trim()) {
                    "$($command.Name): no help"
                    continue
                }
                if (-not "$($help.description.Text)".Trim()) { "$($command.Name): no description" }
                if (-not $help.examples.example) { "$($command.Name): no example" }
                $documented = @{}
                foreach ($parameter in $help.parameters.parameter) { $documented[$parameter.name] = "$($parameter.description.Text)".Trim() }
                $own = $command.Parameters.Keys |
                    Where-Object { $_ -notin [Management.Automation.Cmdlet]::CommonParameters + [Management.Automation.Cmdlet]::OptionalCommonParameters }
                foreach ($name in $own) { if (-not $documented[$name]) { "$($command.Name): -$name has no description" } }
                foreach ($name in $documented.Keys) { if ($name -notin $own) { "$($command.Name): -$name is described and does not exist" } }
            }
        })
    if ($LASTEXITCODE) { throw "The staged module could not be looked at." }
    if ($gaps) { throw "The help has $($gaps.Count) gaps:`n$($gaps -join "`n")" }
    Write-Host 'Help: every cmdlet has a synopsis, a description, an example, and a description of every parameter.'
}

function Invoke-Package {
    Assert-Staged
    $package = "$Root/out/$ModuleName.$Version.nupkg"
    Remove-Item $package -ErrorAction Ignore
    Compress-PSResource -Path $Staged -DestinationPath "$Root/out"
    Write-Host "Package: $package"
}

# Started as "pwsh build.ps1 -Task Build,Test", the list comes in one piece.
$names = @($Task -split ',' | ForEach-Object Trim | Where-Object { $_ })
$known = 'Build', 'Test', 'Tour', 'Analyze', 'Help', 'Package', 'Clean'
if ($unknown = $names | Where-Object { $_ -notin $known }) {
    Write-Host "There is no task '$($unknown -join "', '")'. The tasks are $($known -join ', ')." -ForegroundColor Red
    exit 2
}
try {
    foreach ($name in $names) { & "Invoke-$name" }
} catch {
    Write-Host "$name failed: $_" -ForegroundColor Red
    exit 1
}
exit 0
