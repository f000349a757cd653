#Requires -Version 7.4
#Requires -Modules Microsoft.PowerShell.PlatyPS
<#
.SYNOPSIS
Makes en-US/KubeVirtMonitor.dll-Help.xml from the pages in docs/cmdlets.

.DESCRIPTION
The pages are the source. Run this after changing one, and build again to stage the help. It needs PlatyPS 1.0 or later, which nothing else does.
#>
[CmdletBinding()]
param()

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$root = Split-Path $PSScriptRoot
$made = Join-Path ([IO.Path]::GetTempPath()) "help-$([guid]::NewGuid().ToString('N'))"
try {
    $pages = Get-ChildItem "$PSScriptRoot/cmdlets/*.md" | Sort-Object Name | Import-MarkdownCommandHelp
    $null = $pages | Export-MamlCommandHelp -OutputFolder $made -Force
    $xml = Get-ChildItem $made -Recurse -Filter KubeVirtMonitor.dll-Help.xml
    $text = [IO.File]::ReadAllText($xml.FullName).ReplaceLineEndings("`n").TrimEnd() + "`n"
    # The code of an example belongs where Get-Help looks for it, and what remains is shown as plain text.
    $text = $text -replace '\s*<maml:para>\x80</maml:para>|\s*<maml:para>&#x80;</maml:para>', ''
    $example = '(?s)<maml:introduction>\s*<maml:para>```powershell\n(.*?)\n```</maml:para>(.*?)</maml:introduction>\s*<dev:code />\s*<dev:remarks />'
    $text = $text -replace $example, ('<dev:code>$1</dev:code>' + "`n        " + '<dev:remarks>$2</dev:remarks>')
    $text = $text -replace '`([^`\n]+)`', '$1'
    $text = $text -replace '(?s)\s*<maml:navigationLink>\s*<maml:linkText>Online Version</maml:linkText>.*?</maml:navigationLink>', ''
    $text = $text -replace '<maml:uri>[\w-]+\.md</maml:uri>', '<maml:uri />'
    [IO.File]::WriteAllText("$root/en-US/KubeVirtMonitor.dll-Help.xml", $text)
} finally {
    Remove-Item $made -Recurse -ErrorAction Ignore
}
