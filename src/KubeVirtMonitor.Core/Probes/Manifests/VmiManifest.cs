using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Probes;

/// <summary>An object that describes a virtual machine instance: a VirtualMachineInstance, or a kind with a template of one.</summary>
internal sealed class VmiManifest
{
    private VmiManifest(JsonObject root, ManifestKind kind)
    {
        Root = root;
        ManifestKind = kind;
        InstanceSpec = kind.SpecSteps.Aggregate((JsonNode?)root, (node, step) => (node as JsonObject)?[step]) as JsonObject;
        JsonObject? meta = root["metadata"] as JsonObject;
        Name = JsonText.Of(meta?["name"]) ?? JsonText.Of(meta?["generateName"]);
        Namespace = JsonText.Of(meta?["namespace"]);
        Uid = JsonText.Of(meta?["uid"]);
        MachineUid = kind == ManifestKind.Machine ? Uid
            : JsonText.Of((meta?["ownerReferences"] as JsonArray ?? []).OfType<JsonObject>().FirstOrDefault(static owner => JsonText.Is(owner["controller"], true) && JsonText.Of(owner["kind"]) == ManifestKind.Machine.Name)?["uid"]);
    }

    /// <summary>The kind: <c>VirtualMachine</c>, <c>VirtualMachineInstance</c>, <c>VirtualMachineInstanceReplicaSet</c> or <c>VirtualMachinePool</c>.</summary>
    public string Kind => ManifestKind.Name;

    /// <summary>The name, or else <c>metadata.generateName</c>; null when it has neither.</summary>
    public string? Name { get; }

    /// <summary>The namespace; null when it names none.</summary>
    public string? Namespace { get; }

    /// <summary>The unique id; null when it has none, as in most files.</summary>
    public string? Uid { get; }

    /// <summary>The unique id of the VirtualMachine that it is, or is an instance of; null when it is of none, or does not say.</summary>
    public string? MachineUid { get; }

    /// <summary>The file it was read from; null for an object of a cluster.</summary>
    public string? Source { get; init; }

    /// <summary>The session that read it; null for an object of a file or text.</summary>
    public KubeVirtSession? Session { get; init; }

    /// <summary>The whole object.</summary>
    public JsonObject Root { get; }

    /// <summary>The instance's spec, where probes are; null when the object has none.</summary>
    public JsonObject? InstanceSpec { get; }

    /// <summary>The path of the instance's spec, such as <c>spec.template.spec</c>.</summary>
    public string SpecPath => string.Join('.', ManifestKind.SpecSteps);

    internal ManifestKind ManifestKind { get; }

    /// <summary>Which document of the text it is in, from 0.</summary>
    internal int Document { get; init; }

    /// <summary>The way from the document's root to the object: keys, and indices of lists.</summary>
    internal IReadOnlyList<object> Steps { get; init; } = [];

    /// <summary>Whether it is an object of an OpenShift template.</summary>
    internal bool IsOfTemplate => Steps is ["objects", ..];

    /// <summary>Takes an object for what its kind says.</summary>
    /// <param name="kind">Its kind, where the object does not say, as items of lists don't.</param>
    /// <param name="source">The file it is from.</param>
    /// <param name="session">The session that read it.</param>
    /// <returns>Null for anything else than the four kinds.</returns>
    public static VmiManifest? Of(JsonNode? node, string? kind = null, string? source = null, KubeVirtSession? session = null) => Of(node, kind, source, 0, [], session);

    /// <summary>Reads a probe.</summary>
    /// <returns>Null when there is none.</returns>
    /// <exception cref="FormatException">There is one that is not well-formed.</exception>
    public VmiProbe? GetProbe(ProbeRole role)
    {
        if (InstanceSpec?[ProbeFields.Of(role)] is not { } node) return null;
        try
        {
            return ProbeReader.Read(node, this, role);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{SpecPath}.{ProbeFields.Of(role)}{exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {(Namespace is null ? "" : Namespace + "/")}{Name}";

    internal static VmiManifest? Of(JsonNode? node, string? kind, string? source, int document, IReadOnlyList<object> steps, KubeVirtSession? session = null) =>
        node is JsonObject root && ManifestKind.Find(JsonText.Of(root["kind"]) ?? kind, JsonText.Of(root["apiVersion"])) is { } found
            ? new VmiManifest(root, found) { Source = source, Document = document, Steps = steps, Session = session }
            : null;
}

/// <summary>What is in the text of manifests: the VMs, and everything that was not checked, so that it can be reported.</summary>
internal sealed class ManifestContent
{
    /// <summary>The objects of the four kinds, in the order of the text.</summary>
    public IReadOnlyList<VmiManifest> Machines { get; init; } = [];

    /// <summary>The documents that cannot be read; a machine may be in them.</summary>
    public IReadOnlyList<YamlFormatException> Defects { get; init; } = [];

    /// <summary>What is wrong in documents that can be read, such as a key that a mapping has twice.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The documents and objects of other kinds, such as <c>ConfigMap settings (line 1)</c>.</summary>
    public IReadOnlyList<string> Others { get; init; } = [];

    /// <summary>Probes in objects of KubeVirt that have none, such as instance types.</summary>
    public IReadOnlyList<ProbeFinding> Findings { get; init; } = [];

    /// <summary>What of the text has no probe that could be looked at: all of it, or some of its machines.</summary>
    /// <param name="roles">The probes that were asked for; null = either.</param>
    /// <returns>Sentences without a full stop; none when each machine has a probe.</returns>
    public IEnumerable<string> Unchecked(IReadOnlyCollection<ProbeRole>? roles = null)
    {
        if (Machines.Count == 0)
        {
            if (Defects.Count > 0) yield break;
            string others = Others.Count == 0 ? "only blank lines and comments" : string.Join(", ", Others.Take(5)) + (Others.Count > 5 ? $" and {Others.Count - 5} more" : "");
            yield return $"there is no VirtualMachine, VirtualMachineInstance, VirtualMachineInstanceReplicaSet or VirtualMachinePool in it, but {others}: nothing was checked";
            yield break;
        }

        string[] without = [.. Machines.Where(machine => !HasProbe(machine, roles)).Select(machine => machine.ToString())];
        if (without.Length == 0) yield break;
        string what = string.Join(" or ", Enum.GetValues<ProbeRole>().Where(role => roles?.Contains(role) != false).Select(ProbeFields.Of));
        yield return $"{string.Join(", ", without)}: no {what} at {string.Join(" or ", Machines.Where(machine => !HasProbe(machine, roles)).Select(machine => machine.SpecPath).Distinct())}, so no probe was checked";
    }

    /// <summary>Whether an object has a probe where KubeVirt reads it.</summary>
    /// <param name="roles">Which; null = either.</param>
    public static bool HasProbe(VmiManifest machine, IReadOnlyCollection<ProbeRole>? roles = null) =>
        (roles ?? Enum.GetValues<ProbeRole>()).Any(one => machine.InstanceSpec?[ProbeFields.Of(one)] is not null);
}
