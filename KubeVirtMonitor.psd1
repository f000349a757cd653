@{
    RootModule = 'KubeVirtMonitor.dll'
    # Stamped with the version of Directory.Build.props when the module is staged.
    ModuleVersion = '0.0.0'
    GUID = '49046091-ba5c-4378-8cc9-0c1f13942a91'
    Author = 'KubeVirtMonitor contributors'
    Copyright = '(c) KubeVirtMonitor contributors. MIT licence.'
    Description = 'Metrics, health and probes of KubeVirt: scrapes virt-api, virt-controller, virt-handler and virt-operator of a cluster, an endpoint or a saved scrape into named, typed, tagged and described objects; makes, checks and runs readiness and liveness probes of virtual machines; sets the Datadog Agent up.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion = '7.4'
    CmdletsToExport = @(
        'Compare-KubeVirtMetric'
        'Connect-KubeVirt'
        'Disconnect-KubeVirt'
        'Get-KubeVirtComponent'
        'Get-KubeVirtMetric'
        'Get-KubeVirtMetricDefinition'
        'Get-KubeVirtSession'
        'Get-KubeVirtVM'
        'Get-KubeVirtVmi'
        'Get-VmiProbe'
        'Install-KubeVirtAgentPatch'
        'New-KubeVirtAgentPatch'
        'New-VmiProbe'
        'Set-VmiProbe'
        'Test-KubeVirtAgentPatch'
        'Test-KubeVirtHealth'
        'Test-VmiProbe'
        'Uninstall-KubeVirtAgentPatch'
    )
    FunctionsToExport = @()
    VariablesToExport = @()
    AliasesToExport = @()
    FormatsToProcess = @('KubeVirtMonitor.Format.ps1xml')
    PrivateData = @{
        PSData = @{
            Tags = @('KubeVirt', 'Kubernetes', 'Prometheus', 'OpenMetrics', 'Metrics', 'Monitoring', 'VirtualMachine', 'PSEdition_Core', 'Windows', 'Linux', 'MacOS')
            ReleaseNotes = 'See CHANGELOG.md, which comes with the module.'
        }
    }
}
