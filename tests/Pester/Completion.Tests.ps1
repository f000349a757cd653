BeforeAll {
    . $PSScriptRoot/Import-Staged.ps1

    function Get-Completion([string] $Line) { (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches }
}

Describe 'Completion' {
    It 'completes names with the unit in the tooltip' {
        $found = Get-Completion 'Get-KubeVirtMetric ./x.prom -Name kubevirt_handler.vmi.memory_res'
        $found.CompletionText | Should -Be 'kubevirt_handler.vmi.memory_resident_bytes'
        $found.ToolTip | Should -BeLike '*byte*Gauge*'
    }

    It 'completes raw names' {
        (Get-Completion 'Get-KubeVirtMetric ./x.prom -Name kubevirt_vmi_memory_res').CompletionText | Should -Be 'kubevirt_vmi_memory_resident_bytes'
    }

    It 'takes wildcards' {
        (Get-Completion 'Get-KubeVirtMetricDefinition *handler*open_fds').CompletionText | Should -Be 'kubevirt_handler.process.open_fds'
    }

    It 'keeps to -Component' {
        (Get-Completion 'Get-KubeVirtMetric ./x.prom -Component Operator -Name *.open_f').CompletionText | Should -Be 'kubevirt_operator.process.open_fds'
        @(Get-Completion 'Get-KubeVirtMetric ./x.prom -Name *.open_f').Count | Should -Be 4
    }

    It 'completes names that are not wanted, components and versions' {
        (Get-Completion 'Get-KubeVirtMetric ./x.prom -ExcludeName kubevirt_api.process.open').CompletionText | Should -Be 'kubevirt_api.process.open_fds'
        (Get-Completion 'Compare-KubeVirtMetric ./x.prom -Component H').CompletionText | Should -Be 'Handler'
        (Get-Completion 'Get-KubeVirtMetric ./x.prom -KubeVirtVersion 1.').CompletionText | Should -Be (0..9 | ForEach-Object { "1.$_" })
    }
}
