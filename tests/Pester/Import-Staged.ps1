<#
.SYNOPSIS
Dot-sourced in BeforeAll: imports the staged module and says where it is, in $Staged, with the repository in $Root, and how to start
another PowerShell like this one, in $PowerShell.
#>
$Root = Split-Path (Split-Path $PSScriptRoot)
$ModuleVersion = ([xml] (Get-Content -Raw "$Root/Directory.Build.props")).SelectSingleNode('//Version').InnerText
$Staged = "$Root/out/KubeVirtMonitor/$ModuleVersion"
Import-Module "$Staged/KubeVirtMonitor.psd1" -ErrorAction Stop
# Where PowerShell runs as a .NET tool or package, the process is dotnet.
$PowerShell = @([Environment]::ProcessPath; if ((Split-Path ([Environment]::ProcessPath) -LeafBase) -eq 'dotnet') { "$PSHOME/pwsh.dll" })
