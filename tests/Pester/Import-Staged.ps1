<#
.SYNOPSIS
Dot-sourced in BeforeAll: imports the staged module and says where it is, in $Staged, with the repository in $Root.
#>
$Root = Split-Path (Split-Path $PSScriptRoot)
$ModuleVersion = ([xml] (Get-Content -Raw "$Root/Directory.Build.props")).SelectSingleNode('//Version').InnerText
$Staged = "$Root/out/KubeVirtMonitor/$ModuleVersion"
Import-Module "$Staged/KubeVirtMonitor.psd1" -ErrorAction Stop
