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
        ($points.Check | Sort-Object -Unique).Count | Should -Be 11
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
        $said | Should -Match '(?m)^\+   ad\.datadoghq\.com/virt-handler\.checks: \{"openmetrics".*"metrics":"\(\d+ families\)"'
        $said | Should -Match '(?m)^This restarts the pods of DaemonSet virt-handler \(virt-handler-\w+, virt-handler-\w+\); VMs keep running\.'
        $said | Should -Match '(?m)^\+ ConfigMap datadog-agent-kubevirt-ca: '
        $said | Should -Not -Match 'ClusterRoleBinding' -Because 'the check of virt-handler does not ask the API server'
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

Describe 'An Agent that does not mount the authorities yet, as in a new cluster' {
    BeforeAll {
        $kubectl = (Get-Command kubectl -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
        $fresh = Open-Cluster "$TestDrive/fresh" -Handlers 2 -Vmis 2 -AgentNamespace datadog -Agent @()
        if (-not $fresh.Missing) { $own = Connect-KubeVirt -KubeConfigPath $fresh.KubeConfig }
    }

    AfterAll {
        if ($own) { Disconnect-KubeVirt -Session $own }
        Close-Cluster $fresh
    }

    It 'is told what to mount, fails by name until it does, and passes afterwards' {
        if ($fresh.Missing) { Set-ItResult -Skipped -Because $fresh.Missing; return }
        if (-not $kubectl) { Set-ItResult -Skipped -Because 'kubectl is not installed.'; return }
        $spec = & $kubectl --kubeconfig $fresh.KubeConfig get kubevirt kubevirt -n kubevirt -o 'jsonpath={.spec}'
        $patch = New-KubeVirtAgentPatch -Session $own
        $change = $patch | Install-KubeVirtAgentPatch -Session $own -WarningVariable said 3>$null
        $change.Action | Should -Be 'Installed'
        "$said" | Should -BeLike '2 of 2 pods of the Agent have nothing mounted at /etc/kubevirt-ca.*DaemonSetPatch*'
        # Until the patch is rolled out, and each Agent has run its checks.
        for ($i = 0; $i -lt 60; $i++) {
            $points = Test-KubeVirtAgentPatch -Session $own
            $metrics = @($points | Where-Object Check -EQ Metrics)
            if (-not ($points | Where-Object { $_.Check -eq 'Rollout' -and $_.State -ne 'Passed' }) -and -not ($metrics.Message -match 'not run')) { break }
            Start-Sleep 1
        }
        $well = @($points | Where-Object Check -In Patch, Operator, Rollout, Annotation, Endpoint, ServiceAccount, Access, Authority)
        @($well.Check | Sort-Object -Unique).Count | Should -Be 8
        $well | ForEach-Object { $_.State | Should -Be 'Passed' -Because "$_" }
        $mounts = @($points | Where-Object Check -EQ Mount)
        $mounts.Count | Should -Be 2
        $mounts.State | Select-Object -Unique | Should -Be 'Failed'
        $general = @($metrics | Where-Object Message -Match ': openmetrics')
        $general.Count | Should -Be 6 -Because 'there are two pods of each component'
        $general | ForEach-Object {
            $_.State | Should -Be 'Failed' -Because "$_"
            $_.Message | Should -Match 'CERTIFICATE_VERIFY_FAILED'
        }
        # The machines come from the API server, with its own authority.
        $counts = @($metrics | Where-Object Message -Match ': kubevirt_api')
        $counts.Count | Should -Be 2
        $counts | ForEach-Object { $_.State | Should -Be 'Passed' -Because "$_" }
        Test-KubeVirtAgentPatch -Session $own -Quiet | Should -BeFalse

        Set-Content "$TestDrive/mount.yaml" $patch.ToString('DaemonSetPatch')
        & $kubectl --kubeconfig $fresh.KubeConfig patch daemonset datadog-agent -n datadog --patch-file "$TestDrive/mount.yaml" | Should -BeLike '*patched'
        $points = Test-KubeVirtAgentPatch -Session $own -TimeoutSec 120
        $points | Where-Object State -NE Passed | Should -BeNullOrEmpty
        @($points | Where-Object { $_.Check -eq 'Metrics' -and $_.Message -match ': openmetrics' -and $_.State -eq 'Passed' }).Count | Should -Be 6 -Because 'two pods of each component are scraped'
        ($patch | Install-KubeVirtAgentPatch -Session $own -WarningVariable said).Action | Should -Be 'Unchanged'
        $said | Should -BeNullOrEmpty
        $change = Uninstall-KubeVirtAgentPatch -Session $own
        $change.Action | Should -Be 'Removed'
        & $kubectl --kubeconfig $fresh.KubeConfig get kubevirt kubevirt -n kubevirt -o 'jsonpath={.spec}' | Should -BeExactly $spec
        & $kubectl --kubeconfig $fresh.KubeConfig get configmaps -n datadog -o name | Should -Not -Contain 'configmap/datadog-agent-kubevirt-ca'
    }
}

Describe 'The authorities of KubeVirt in the namespace of the Agent' {
    BeforeAll {
        $kubectl = (Get-Command kubectl -CommandType Application -ErrorAction Ignore | Select-Object -First 1).Source
        $other = Open-Cluster "$TestDrive/authorities" -Handlers 1 -Vmis 1 -AgentNamespace datadog
    }

    AfterAll { Close-Cluster $other }

    It 'are renewed by the job of the example, whose account may do nothing else' {
        if ($other.Missing) { Set-ItResult -Skipped -Because $other.Missing; return }
        if (-not $kubectl) { Set-ItResult -Skipped -Because 'kubectl is not installed.'; return }
        $example = "$Root/examples/agent/renew-authorities.yaml"
        # The simulator runs no jobs.
        ((Get-Content -Raw $example) -split '(?m)^---\r?$' -notmatch '(?m)^kind: CronJob') -join "`n---`n" | & $kubectl --kubeconfig $other.KubeConfig apply --validate=false -f - | Out-Null
        $LASTEXITCODE | Should -Be 0
        $account = "$TestDrive/account"
        Copy-Item $other.KubeConfig $account
        $user = & $kubectl --kubeconfig $account config view --minify -o 'jsonpath={.contexts[0].context.user}'
        & $kubectl --kubeconfig $account config set "users.$user.act-as" system:serviceaccount:datadog:kubevirt-authorities | Out-Null
        Get-Content -Raw $account | Should -Match "(?m)^    as: system:serviceaccount:datadog:kubevirt-authorities"
        $script = ((Get-Content -Raw $example) -split 'command:')[-1] -split '- \|\r?\n' | Select-Object -Last 1
        # In a pod the session would find the server and the token by itself.
        $script = $script -replace '-InCluster', '-KubeConfigPath $account'
        $script | Should -BeLike '*-KubeConfigPath $account*'
        $renew = [scriptblock]::Create($script)
        (& $renew 3>$null).Action | Should -Be 'Installed'
        (& $renew 3>$null).Action | Should -Be 'Unchanged'
        $map = & $kubectl --kubeconfig $other.KubeConfig get configmap datadog-agent-kubevirt-ca -n datadog -o json | ConvertFrom-Json
        $map.data.PSObject.Properties.Name | Should -Match '^[0-9a-f]{8}\.0$'
        (& $kubectl --kubeconfig $other.KubeConfig auth can-i patch kubevirts.kubevirt.io -n kubevirt --as system:serviceaccount:datadog:kubevirt-authorities 2>$null) | Should -Be 'no'
        (& $kubectl --kubeconfig $other.KubeConfig auth can-i get configmaps/other -n kubevirt --as system:serviceaccount:datadog:kubevirt-authorities 2>$null) | Should -Be 'no'
    }
}

Describe 'The test of a setup whose metrics do not arrive' {
    BeforeAll {
        # The Agents have nothing mounted, and the same nodes have a second one.
        $faulty = Open-Cluster "$TestDrive/faulty" -Handlers 1 -Vmis 1 -AgentNamespace datadog -Agent '--second-agent', 'monitoring'
        if (-not $faulty.Missing) {
            $session = Connect-KubeVirt -KubeConfigPath $faulty.KubeConfig
            $points = New-KubeVirtAgentPatch | Install-KubeVirtAgentPatch -Session $session -Confirm:$false -WarningAction Ignore | Test-KubeVirtAgentPatch -TimeoutSec 15
        }
    }

    AfterAll { Close-Cluster $faulty }

    BeforeEach {
        if ($faulty.Missing) { Set-ItResult -Skipped -Because $faulty.Missing }
    }

    It 'shows the mount that is missing, and what writes it' {
        $mount, $other = $points | Where-Object Check -EQ Mount
        $mount.State | Should -Be 'Failed'
        # What the other Agent on the node lacks does not fail the setup of this one.
        $other.State | Should -Be 'Warning'
        $other.Target | Should -Match '^monitoring/datadog-agent-'
        $mount.Message | Should -Be "Container agent has nothing mounted at /etc/kubevirt-ca, where the annotations expect KubeVirt's authorities."
        $mount.Advice | Should -BeLike '*New-KubeVirtAgentPatch -As HelmValues, DatadogAgent or DaemonSetPatch writes it*'
    }

    It 'fails for each pod with the last error of its check' {
        $failed = $points | Where-Object { $_.Check -eq 'Metrics' -and $_.Message -match 'openmetrics' }
        $failed.Count | Should -Be 5 -Because 'there are two pods of virt-api and virt-controller each, and a virt-handler'
        $failed | ForEach-Object {
            $_.State | Should -Be 'Failed'
            $_.Message | Should -Match '^datadog-agent-\w+: openmetrics 7\.0\.1 fails: .*certificate verify failed: unable to get local issuer certificate.* Last run \d+ s ago, last success never\.$'
        }
        Test-KubeVirtAgentPatch -Session $session -Quiet | Should -BeFalse
    }

    It 'names both Agents' {
        ($points | Where-Object { $_.Check -eq 'Agent' -and $_.State -eq 'Warning' }).Message |
            Should -BeLike 'The same nodes have 2 Agents, DaemonSet datadog/datadog-agent and DaemonSet monitoring/datadog-agent: *'
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
        ($points.Check | Sort-Object -Unique).Count | Should -Be 11
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
    It 'is for the cluster of the session, unless a namespace is given' {
        $cnv = Open-Cluster "$TestDrive/cnv" -Handlers 1 -Vmis 1 -AgentNamespace datadog -Namespace openshift-cnv
        if ($cnv.Missing) { Set-ItResult -Skipped -Because $cnv.Missing; return }
        try {
            $own = Connect-KubeVirt -KubeConfigPath $cnv.KubeConfig
            (New-KubeVirtAgentPatch).InstallNamespace | Should -Be 'openshift-cnv'
            (New-KubeVirtAgentPatch -Session $own.Id).InstallNamespace | Should -Be 'openshift-cnv'
            New-KubeVirtAgentPatch -For Prometheus -As Yaml | Should -Match '(?m)^ +serverName: virt-api\.openshift-cnv\.svc\r?$'
            (New-KubeVirtAgentPatch -InstallNamespace kubevirt).InstallNamespace | Should -Be 'kubevirt'
            { New-KubeVirtAgentPatch -InstallNamespace kubevirt | Install-KubeVirtAgentPatch -Session $own -ErrorAction Stop } | Should -Throw -ErrorId 'ArgumentInvalid,*'
        }
        finally {
            Disconnect-KubeVirt -Session $own
            Close-Cluster $cnv
        }
    }

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
        @{ Id = 'ArgumentInvalid'; Splat = @{ SkipCertificateCheck = $true; As = 'DaemonSetPatch'; WarningAction = 'Ignore' } }
        @{ Id = 'ParameterHasNoEffect'; Splat = @{ Check = 'KubeVirt'; CertificateAuthority = '/etc/x' } }
        @{ Id = 'ParameterHasNoEffect'; Splat = @{ Check = 'KubeVirt'; Tag = @{ env = 'test' } } }
        @{ Id = 'ParameterHasNoEffect'; Splat = @{ Check = 'KubeVirt'; ClusterName = 'prod' } }
        @{ Id = 'ParameterHasNoEffect'; Splat = @{ Check = 'KubeVirt'; For = 'Prometheus' } }
    ) {
        $failure = { New-KubeVirtAgentPatch @Splat -ErrorAction Stop } | Should -Throw -ErrorId "$Id,*" -PassThru
        $failure.ErrorDetails.RecommendedAction | Should -Not -BeNullOrEmpty
    }
}
