namespace KubeVirtMonitor.Simulator.Api;

/// <summary>A kind of object that the API server serves, as discovery describes it.</summary>
public sealed record ResourceType
{
    /// <summary>The API group; empty = the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The version within the group.</summary>
    public string Version { get; init; } = "v1";

    /// <summary>The name in paths, such as <c>virtualmachines</c>.</summary>
    public required string Plural { get; init; }

    /// <summary>The kind, such as <c>VirtualMachine</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether its objects live in namespaces.</summary>
    public bool Namespaced { get; init; } = true;

    /// <summary>Short names that kubectl accepts.</summary>
    public IReadOnlyList<string> ShortNames { get; init; } = [];

    /// <summary>Categories such as <c>all</c>.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];

    /// <summary>
    /// Whether a CustomResourceDefinition defines it. Then lists are written with sorted keys (<c>items</c> before <c>metadata</c>), items carry
    /// their kind, and strategic merge patches are refused; as a real API server does it.
    /// </summary>
    public bool Custom { get; init; }

    /// <summary>Whether it has a <c>status</c> subresource, so that an ordinary write leaves the status alone.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether it can be read only by creating one, as a SelfSubjectAccessReview.</summary>
    public bool CreateOnly { get; init; }

    /// <summary>Field selectors beyond <c>metadata.name</c> and <c>metadata.namespace</c>.</summary>
    public IReadOnlyList<string> SelectableFields { get; init; } = [];

    /// <summary>Subresources beyond <c>status</c>: name, kind and verbs.</summary>
    public IReadOnlyList<(string Name, string Kind, string[] Verbs)> Subresources { get; init; } = [];

    /// <summary>The columns of <c>kubectl get</c> behind the name.</summary>
    public IReadOnlyList<TableColumn> Columns { get; init; } = [TableColumn.Age];

    /// <summary>The name of one object in discovery.</summary>
    public string Singular => Kind.ToLowerInvariant();

    /// <summary>The kind of its lists.</summary>
    public string ListKind => Kind + "List";

    /// <summary>Group and version as <c>apiVersion</c> has them.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The name with the group, as error messages have it: <c>virtualmachines.kubevirt.io</c>.</summary>
    public string QualifiedName => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>The verbs of discovery.</summary>
    public IReadOnlyList<string> Verbs => CreateOnly ? ["create"] : ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <inheritdoc/>
    public override string ToString() => QualifiedName;
}
