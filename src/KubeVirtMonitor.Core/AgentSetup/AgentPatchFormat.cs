namespace KubeVirtMonitor;

/// <summary>How the parts of an <see cref="AgentPatch"/> are written down.</summary>
public enum AgentPatchFormat
{
    /// <summary>Documents that <c>kubectl apply</c> takes.</summary>
    Yaml,

    /// <summary>A List that <c>kubectl apply</c> takes.</summary>
    Json,

    /// <summary>A kustomize Component that adds the patches to those of the KubeVirt resource.</summary>
    KustomizePatch,

    /// <summary>Values for the Helm chart of the agent, which then configures the checks itself, without a patch.</summary>
    HelmValues,
}
