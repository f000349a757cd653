@{
    RootModule = 'KubeVirtMonitor.dll'
    # Replaced with the version in Directory.Build.props when the module is staged.
    ModuleVersion = '0.0.0'
    GUID = '49046091-ba5c-4378-8cc9-0c1f13942a91'
    Author = 'KubeVirtMonitor contributors'
    Copyright = '(c) KubeVirtMonitor contributors. MIT licence.'
    Description = 'Monitors KubeVirt: reads the metrics of virt-api, virt-controller, virt-handler and virt-operator from a cluster, an endpoint or a saved scrape as named, typed and described objects; tests the health of the components; creates, checks and runs readiness and liveness probes of virtual machines; and sets up the Datadog Agent for KubeVirt.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion = '7.4'
    CmdletsToExport = @(
        'Compare-KubeVirtMetric'
        'Connect-KubeVirt'
        'Disconnect-KubeVirt'
        'Get-KubeVirtComponent'
        'Get-KubeVirtMetric'
        'Get-KubeVirtMetricDefinition'
        'Get-KubeVirtNode'
        'Get-KubeVirtSession'
        'Get-KubeVirtUsage'
        'Get-KubeVirtVM'
        'Get-KubeVirtVmi'
        'Get-VmiProbe'
        'Get-VmiProbeTimeline'
        'Install-KubeVirtAgentPatch'
        'Invoke-KubeVirtQuery'
        'Measure-KubeVirtMetric'
        'New-KubeVirtAgentPatch'
        'New-VmiProbe'
        'Remove-VmiProbe'
        'Set-VmiProbe'
        'Show-KubeVirtUsage'
        'Test-KubeVirtAgentPatch'
        'Test-KubeVirtAlert'
        'Test-KubeVirtHealth'
        'Test-VmiProbe'
        'Test-VmiProbeManifest'
        'Uninstall-KubeVirtAgentPatch'
        'Watch-KubeVirtMetric'
    )
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
    TypesToProcess = @('KubeVirtMonitor.Types.ps1xml')
    FormatsToProcess = @('KubeVirtMonitor.Format.ps1xml')
    PrivateData = @{
        PSData = @{
            Tags = @('KubeVirt', 'Kubernetes', 'Prometheus', 'OpenMetrics', 'Metrics', 'Monitoring', 'VirtualMachine', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            ReleaseNotes = 'See CHANGELOG.md, which is included in the module.'
        }
    }
}
