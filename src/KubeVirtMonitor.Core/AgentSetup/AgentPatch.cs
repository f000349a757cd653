using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor;

/// <summary>The configuration with which an agent finds and scrapes the components of KubeVirt. Its text is YAML for <c>kubectl apply</c>, or for <c>kubectl patch</c> where nothing is to be applied.</summary>
public sealed class AgentPatch
{
    internal AgentPatch(AgentPatchOptions options)
    {
        Options = options;
    }

    /// <summary>What scrapes.</summary>
    public AgentTool Tool => Options.Tool;

    /// <summary>Which of the Datadog Agent's checks scrape; null for other tools.</summary>
    public AgentCheck? Check => Tool == AgentTool.Datadog ? Options.Check : null;

    /// <summary>The components.</summary>
    public IReadOnlyList<ComponentKind> Components => Options.Components;

    /// <summary>The namespace of the agent.</summary>
    public string AgentNamespace => Options.AgentNamespace;

    /// <summary>The service account of the agent.</summary>
    public string AgentServiceAccount => Options.AgentServiceAccount;

    /// <summary>The namespace KubeVirt is installed in.</summary>
    public string InstallNamespace => Options.Space;

    /// <summary>The entries for the KubeVirt resource; empty for tools that need none.</summary>
    public IReadOnlyList<ComponentPatch> Patches { get; internal init => field = TextList.Of(value); } = TextList.Of<ComponentPatch>([]);

    /// <summary>The permission to list machines and instances; null for tools that need none.</summary>
    internal JsonObject? ClusterRoleBinding { get; init; }

    /// <summary>The documents of the text.</summary>
    internal IReadOnlyList<JsonObject> Documents { get; init; } = [];

    /// <summary>Files for the Agent's <c>conf.d</c>, by path: the same checks without a patch. Empty for other tools.</summary>
    internal IReadOnlyDictionary<string, string> AgentConfiguration => AgentPatchText.Configuration(this);

    /// <summary>What the person who applies it should know.</summary>
    public IReadOnlyList<string> Notes { get; internal init => field = TextList.Of(value); } = TextList.Of<string>([]);

    /// <summary>What whoever installs it should be told, beyond the notes.</summary>
    internal IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether it needs KubeVirt's authorities in the Agent's containers.</summary>
    internal bool Verifies => Tool == AgentTool.Datadog && Options.Check == AgentCheck.OpenMetrics && !Options.SkipCertificateCheck;

    internal AgentPatchOptions Options { get; }

    internal IReadOnlyDictionary<string, JsonObject> Files { get; init; } = new Dictionary<string, JsonObject>();

    /// <summary>The same for a cluster, whose own settings count where none were given.</summary>
    internal AgentPatch In(KubeVirtSession session)
    {
        AgentPatchOptions own = AgentPatchBuilder.For(Options, session);
        return own == Options || IsRecorded ? this : AgentPatchBuilder.Build(own);
    }

    /// <summary>Whether it is what was found in a cluster, and not what somebody wants there.</summary>
    internal bool IsRecorded { get; init; }

    /// <summary>Writes it down.</summary>
    /// <param name="format">How.</param>
    /// <exception cref="KubernetesException">The tool has nothing to say in this form.</exception>
    public string ToString(AgentPatchFormat format) => AgentPatchText.Write(this, format);

    /// <inheritdoc/>
    public override string ToString() => ToString(Documents.Count > 0 ? AgentPatchFormat.Yaml : AgentPatchFormat.PatchFile);
}

/// <summary>An entry of <c>spec.customizeComponents.patches</c> of the KubeVirt resource: annotations for the pods of one component.</summary>
public sealed record ComponentPatch
{
    /// <summary>The component.</summary>
    public required ComponentKind Component { get; init; }

    /// <summary><c>Deployment</c> or <c>DaemonSet</c>.</summary>
    public required string ResourceType { get; init; }

    /// <summary>The name of the deployment or daemon set, such as <c>virt-api</c>.</summary>
    public required string ResourceName { get; init; }

    /// <summary>How the patch is to be understood: <c>strategic</c>.</summary>
    public string Type { get; init; } = "strategic";

    /// <summary>The annotations.</summary>
    public required IReadOnlyDictionary<string, string> Annotations { get; init; }

    /// <summary>The patch, a JSON text.</summary>
    public required string Patch { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{ResourceType} {ResourceName}";

    internal JsonObject ToJson() => new()
    {
        ["patch"] = Patch,
        ["resourceName"] = ResourceName,
        ["resourceType"] = ResourceType,
        ["type"] = Type,
    };
}

/// <summary>How the parts of an <see cref="AgentPatch"/> are written down. None of the texts takes anything out of a resource of others, whichever kubectl command it is given to.</summary>
public enum AgentPatchFormat
{
    /// <summary>Documents for <c>kubectl apply</c>: those of the Datadog Agent go without the KubeVirt resource.</summary>
    Yaml,

    /// <summary>The same as a List.</summary>
    Json,

    /// <summary>A kustomize Component that adds the patches to those of the KubeVirt resource.</summary>
    KustomizePatch,

    /// <summary>Values for the Helm chart of the agent. For the Datadog Agent: the mount of KubeVirt's authorities; with the KubeVirt checks, these as files, without a patch.</summary>
    HelmValues,

    /// <summary>A JSON patch that adds the patches to those of the KubeVirt resource, for <c>kubectl patch --type json --patch-file</c>.</summary>
    PatchFile,

    /// <summary>The same as HelmValues for the DatadogAgent resource of the Datadog Operator.</summary>
    DatadogAgent,

    /// <summary>The mount of KubeVirt's authorities for an Agent without chart or operator: a patch for <c>kubectl patch daemonset --patch-file</c>.</summary>
    DaemonSetPatch,
}
