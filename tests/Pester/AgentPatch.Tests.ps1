BeforeAll {
    # What restarts pods asks, and nobody is there to answer.
    $ConfirmPreference = 'None'
    . $PSScriptRoot/Import-Staged.ps1
    . $PSScriptRoot/Open-Cluster.ps1
    $cluster = Open-Cluster "$TestDrive/cluster" -Handlers 2 -Vmis 2 -AgentNamespace datadog
    if (-not $cluster.Missing) {
        $null = Connect-KubeVirt -KubeConfigPath $cluster.KubeConfig
        $token = Get-AdminToken $cluster
    }
    $uri = "$($cluster.Server)apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt"

    # Asks the simulator without the module.
    function Send-Request([string] $Method = 'Get', [string] $Body) {
        $splat = @{ Uri = $uri; Method = $Method; Headers = @{ Authorization = "Bearer $token" }; SkipCertificateCheck = $true }
        if ($Body) { $splat.Body = $Body; $splat.ContentType = 'application/merge-patch+json' }
        (Invoke-WebRequest @splat).Content
    }

    function Get-Spec {
        $document = [Text.Json.JsonDocument]::Parse((Send-Request))
        $document.RootElement.GetProperty('spec').GetRawText()
    }
}

AfterAll {
    Get-KubeVirtSession | Disconnect-KubeVirt
    Close-Cluster $cluster
}

Describe 'A patch for the Datadog Agent' {
    BeforeEach {
        if ($cluster.Missing) { Set-ItResult -Skipped -Because $cluster.Missing }
    }

    It 'is made, put in, and works at every point' {
        $points = New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch | Test-KubeVirtAgentPatch -TimeoutSec 20
        $points | ForEach-Object { $_.State | Should -Be 'Passed' -Because "$_" }
        ($points.Check | Sort-Object -Unique).Count | Should -Be 9
        Test-KubeVirtAgentPatch -Quiet | Should -BeTrue
        Uninstall-KubeVirtAgentPatch | Out-Null
    }

    It 'put in twice is there once, and taken out the spec is byte for byte what it was' {
        $null = Send-Request Patch '{"spec":{"customizeComponents":{"patches":[{"patch":"{\"metadata\":{}}","type":"merge","resourceName":"virt-api","resourceType":"Deployment"}]}}}'
        $before = Get-Spec
        $patch = New-KubeVirtAgentPatch -AnnotationVersion 1 -ClusterName prod -Tag env:test -CollectionInterval 30
        ($patch | Install-KubeVirtAgentPatch).Action | Should -Be 'Installed'
        $installed = Get-Spec
        ($installed | ConvertFrom-Json).customizeComponents.patches.Count | Should -Be 4
        ($patch | Install-KubeVirtAgentPatch).Action | Should -Be 'Unchanged'
        Get-Spec | Should -BeExactly $installed
        (Uninstall-KubeVirtAgentPatch).Action | Should -Be 'Removed'
        Get-Spec | Should -BeExactly $before
        (Uninstall-KubeVirtAgentPatch).Action | Should -Be 'Unchanged'
    }

    It 'is shown as a difference by -WhatIf, and not put in' {
        # The rest of the resource is not the cmdlet's: virt-operator writes its status at any time.
        $before = Get-Spec
        $note = ((Send-Request) | ConvertFrom-Json).metadata.annotations.'kubevirtmonitor/agent-patch'
        # What -WhatIf says goes to the host, and a transcript has it.
        $null = Start-Transcript "$TestDrive/whatif.txt"
        try { New-KubeVirtAgentPatch Handler | Install-KubeVirtAgentPatch -WhatIf | Should -BeNullOrEmpty } finally { $null = Stop-Transcript }
        $said = Get-Content -Raw "$TestDrive/whatif.txt"
        $said | Should -Match '(?m)^\+ DaemonSet virt-handler \(strategic\)\r?$'
        $said | Should -Match '(?m)^\+   ad\.datadoghq\.com/virt-handler\.checks: \{"kubevirt_handler"'
        $said | Should -Match '(?m)^This restarts the pods of DaemonSet virt-handler; VMs keep running\.'
        $said | Should -Match '(?m)^\+ ClusterRoleBinding datadog-agent-kubevirt: kubevirt\.io:view to service account datadog/datadog-agent'
        Get-Spec | Should -BeExactly $before
        ((Send-Request) | ConvertFrom-Json).metadata.annotations.'kubevirtmonitor/agent-patch' | Should -Be $note
        $bindings = "$($cluster.Server)apis/rbac.authorization.k8s.io/v1/clusterrolebindings"
        ((Invoke-WebRequest $bindings -Headers @{ Authorization = "Bearer $token" } -SkipCertificateCheck).Content | ConvertFrom-Json).items.metadata.name |
            Should -Not -Contain 'datadog-agent-kubevirt'
    }

    It 'of others for the same annotation is not overruled without -Force' {
        $other = @{ spec = @{ customizeComponents = @{ patches = @(@{
            resourceType = 'DaemonSet'; resourceName = 'virt-handler'; type = 'strategic'
            patch = '{"spec":{"template":{"metadata":{"annotations":{"ad.datadoghq.com/virt-handler.checks":"{}"}}}}}'
        }) } } } | ConvertTo-Json -Depth 10
        $null = Send-Request Patch $other
        $before = Get-Spec
        $failure = { New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch -ErrorAction Stop } | Should -Throw -ErrorId 'Conflict,*' -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -BeLike '*-Force*'
        Get-Spec | Should -BeExactly $before
        (New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch -Force -WarningVariable said 3>$null).Action | Should -Be 'Installed'
        "$said" | Should -BeLike '*Overridden*virt-handler.checks*'
        Uninstall-KubeVirtAgentPatch | Out-Null
        Get-Spec | Should -BeExactly $before
    }

    It 'for an account that is not there is refused' {
        $failure = { New-KubeVirtAgentPatch -AgentServiceAccount nobody | Install-KubeVirtAgentPatch -ErrorAction Stop } | Should -Throw -ErrorId 'NotFound,*' -PassThru
        "$failure" | Should -BeLike '*no service account nobody in namespace datadog*'
    }

    It 'of a managed KubeVirt becomes the annotation of its owner' {
        $null = Send-Request Patch '{"spec":{"customizeComponents":null},"metadata":{"ownerReferences":[{"apiVersion":"hco.kubevirt.io/v1beta1","kind":"HyperConverged","name":"hco","uid":"1"}]}}'
        $before = Get-Spec
        $change = New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch -WarningVariable said 3>$null
        $change.Action | Should -Be 'Managed'
        "$said" | Should -BeLike '*kubectl patch hyperconvergeds.hco.kubevirt.io hco -n kubevirt --type merge -p $result.Document*'
        $change.Document | Should -Match '^# kubectl patch hyperconvergeds\.hco\.kubevirt\.io hco -n kubevirt --type merge --patch-file FILE\r?\n'
        $change.Document | Should -Not -Match '(?m)^(kind|spec):'
        $change.Document | Should -Match '(?m)^    kubevirt\.kubevirt\.io/jsonpatch: "\[\{\\"op\\":\\"add\\",\\"path\\":\\"/spec/customizeComponents/patches\\"'
        Get-Spec | Should -BeExactly $before
    }
}

Describe 'A patch where the HyperConverged operator keeps KubeVirt' {
    BeforeAll {
        $managed = Open-Cluster "$TestDrive/managed" -Handlers 1 -Vmis 1 -AgentNamespace datadog -HyperConverged
        $kubectl = (Get-Command kubectl -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
        if (-not $managed.Missing) { $session = Connect-KubeVirt -KubeConfigPath $managed.KubeConfig }
    }

    AfterAll { Close-Cluster $managed }

    It 'goes over the annotation by kubectl patch, works at every point, and goes again' {
        if ($managed.Missing) { Set-ItResult -Skipped -Because $managed.Missing; return }
        if (-not $kubectl) { Set-ItResult -Skipped -Because 'kubectl is not installed.'; return }
        $owner = 'hyperconvergeds.hco.kubevirt.io/kubevirt-hyperconverged'
        $splat = @{ Session = $session; WarningAction = 'SilentlyContinue' }
        $spec = & $kubectl --kubeconfig $managed.KubeConfig get $owner -n kubevirt -o 'jsonpath={.spec}'
        $spec | Should -Match '^\{.*\}$'
        $change = New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch @splat
        $change.Action | Should -Be 'Managed'
        & $kubectl --kubeconfig $managed.KubeConfig patch $owner -n kubevirt --type merge -p $change.Document | Should -BeLike '*patched'
        for ($i = 0; $i -lt 100 -and ($again = New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch @splat).Action -eq 'Managed'; $i++) { Start-Sleep -Milliseconds 100 }
        $again.Action | Should -Be 'Installed' -Because 'the ClusterRoleBinding is left to do'
        $points = Test-KubeVirtAgentPatch -Session $session -TimeoutSec 60
        $points | ForEach-Object { $_.State | Should -Be 'Passed' -Because "$_" }
        ($points.Check | Sort-Object -Unique).Count | Should -Be 9
        $change = Uninstall-KubeVirtAgentPatch @splat
        $change.Action | Should -Be 'Managed'
        & $kubectl --kubeconfig $managed.KubeConfig patch $owner -n kubevirt --type merge -p $change.Document | Should -BeLike '*patched'
        for ($i = 0; $i -lt 100 -and ($again = Uninstall-KubeVirtAgentPatch @splat).Action -eq 'Managed'; $i++) { Start-Sleep -Milliseconds 100 }
        $again.Action | Should -Be 'Removed'
        & $kubectl --kubeconfig $managed.KubeConfig get $owner -n kubevirt -o 'jsonpath={.spec}' | Should -BeExactly $spec
        & $kubectl --kubeconfig $managed.KubeConfig get $owner -n kubevirt -o 'jsonpath={.metadata.annotations}' | Should -BeNullOrEmpty
    }
}

Describe 'The text of a patch' {
    It 'has verified TLS, and says so where it is turned off' {
        New-KubeVirtAgentPatch -As PatchFile | Should -Match '\\"tls_verify\\\\\\":true'
        $text = New-KubeVirtAgentPatch -SkipCertificateCheck -As PatchFile -WarningVariable said 3>$null
        $text | Should -Match '(?m)^# Certificates are not verified'
        $text | Should -Match 'tls_verify\\\\\\":false'
        "$said" | Should -BeLike 'Certificates are not verified*'
    }

    It 'is JSON with -As Json' {
        (New-KubeVirtAgentPatch -As Json -WarningVariable said 3>$null | ConvertFrom-Json).items.kind | Should -Be 'ClusterRoleBinding'
        "$said" | Should -BeLike 'The patches of the KubeVirt resource are not included*'
    }

    It 'is refused with <Id> for <Splat.Keys>' -ForEach @(
        @{ Id = 'ArgumentInvalid'; Splat = @{ AgentNamespace = 'Not_A_Label' } }
        @{ Id = 'ArgumentInvalid'; Splat = @{ Tag = 'x' } }
        @{ Id = 'ArgumentInvalid'; Splat = @{ Component = 'Operator' } }
        @{ Id = 'ArgumentInvalid'; Splat = @{ For = 'Prometheus'; As = 'HelmValues' } }
    ) {
        $failure = { New-KubeVirtAgentPatch @Splat -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*" -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}
