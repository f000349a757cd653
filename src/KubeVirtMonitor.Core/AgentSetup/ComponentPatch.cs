using System.Text.Json.Nodes;

namespace KubeVirtMonitor;

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
