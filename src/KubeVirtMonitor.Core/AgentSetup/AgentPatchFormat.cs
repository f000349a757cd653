namespace KubeVirtMonitor;

/// <summary>How the parts of an <see cref="AgentPatch"/> are written down.</summary>
public enum AgentPatchFormat
{
    /// <summary>Documents for <c>kubectl apply</c>, which takes nothing out of what is there: those of the Datadog Agent go without the KubeVirt resource.</summary>
    Yaml,

    /// <summary>The same as a List.</summary>
    Json,

    /// <summary>A kustomize Component that adds the patches to those of the KubeVirt resource.</summary>
    KustomizePatch,

    /// <summary>Values for the Helm chart of the agent, which then configures the checks itself, without a patch.</summary>
    HelmValues,

    /// <summary>A JSON patch that adds the patches to those of the KubeVirt resource, for <c>kubectl patch --type json --patch-file</c>.</summary>
    PatchFile,
}
