using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;

namespace KubeVirtMonitor;

/// <summary>What lets an agent find and scrape the components of KubeVirt. Its text is YAML that <c>kubectl apply</c> takes.</summary>
public sealed class AgentPatch
{
    internal AgentPatch(AgentPatchOptions options)
    {
        Options = options;
    }

    /// <summary>What scrapes.</summary>
    public AgentTool Tool => Options.Tool;

    /// <summary>The components.</summary>
    public IReadOnlyList<ComponentKind> Components => Options.Components;

    /// <summary>The namespace of the agent.</summary>
    public string AgentNamespace => Options.AgentNamespace;

    /// <summary>The service account of the agent.</summary>
    public string AgentServiceAccount => Options.AgentServiceAccount;

    /// <summary>The namespace KubeVirt is installed in.</summary>
    public string InstallNamespace => Options.InstallNamespace;

    /// <summary>The entries for the KubeVirt resource; empty for tools that need none.</summary>
    public IReadOnlyList<ComponentPatch> Patches { get; internal init; } = [];

    /// <summary>The permission to list machines and instances; null for tools that need none.</summary>
    public JsonObject? ClusterRoleBinding { get; internal init; }

    /// <summary>The documents of the text.</summary>
    public IReadOnlyList<JsonObject> Documents { get; internal init; } = [];

    /// <summary>Files for the Agent's <c>conf.d</c>, by path: the same checks without a patch. Empty for other tools.</summary>
    public IReadOnlyDictionary<string, string> AgentConfiguration => AgentPatchText.Configuration(this);

    /// <summary>What the person who applies it should know.</summary>
    public IReadOnlyList<string> Notes { get; internal init; } = [];

    internal AgentPatchOptions Options { get; }

    internal IReadOnlyDictionary<string, JsonObject> Files { get; init; } = new Dictionary<string, JsonObject>();

    internal JsonObject HelmValues { get; init; } = [];

    /// <summary>Makes one.</summary>
    /// <param name="options">What it is to say.</param>
    /// <exception cref="KubernetesException">A name, tag or path cannot be used.</exception>
    public static AgentPatch Create(AgentPatchOptions options) => AgentPatchBuilder.Build(options);

    /// <summary>Writes it down.</summary>
    /// <param name="format">How.</param>
    /// <exception cref="KubernetesException">The tool has nothing to say in this form.</exception>
    public string ToString(AgentPatchFormat format) => AgentPatchText.Write(this, format);

    /// <inheritdoc/>
    public override string ToString() => ToString(AgentPatchFormat.Yaml);
}
