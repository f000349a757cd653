@{
    RootModule = 'KubeVirtMonitor.dll'
    # Stamped with the version of Directory.Build.props when the module is staged.
    ModuleVersion = '0.0.0'
    GUID = '49046091-ba5c-4378-8cc9-0c1f13942a91'
    Author = 'KubeVirtMonitor contributors'
    Copyright = '(c) KubeVirtMonitor contributors. MIT licence.'
    Description = 'Scrapes the metrics endpoints of KubeVirt (virt-api, virt-controller, virt-handler, virt-operator) and saved scrapes, and gives them as named, typed, tagged and described metric objects.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion = '7.4'
    CmdletsToExport = @(
        'Compare-KubeVirtMetric'
        'Get-KubeVirtMetric'
        'Get-KubeVirtMetricDefinition'
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
