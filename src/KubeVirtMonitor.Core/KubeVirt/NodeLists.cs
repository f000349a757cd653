using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Nodes with the instances on them.</summary>
internal static class NodeLists
{
    private const string NodeLabel = "kubevirt.io/nodeName";

    // One question for each of a few nodes is cheaper than all instances of the cluster.
    private const int MostSelected = 20;

    /// <summary>Nodes in the order of the server, with what runs on them.</summary>
    /// <exception cref="KubernetesException">Nodes may not be listed.</exception>
    public static async Task<IReadOnlyList<KubeVirtNode>> ReadAsync(KubeVirtSession session, NodeQuery query, CancellationToken cancellationToken)
    {
        List<KubeVirtNode> nodes = [];
        // A name that no node can have is not asked for, and is not found.
        HashSet<string>? wanted = query.Names is null ? null : [.. query.Names.Where(ResourceNames.IsSubdomain)];
        string?[] names = wanted is null || wanted.Count > MostSelected ? [null] : [.. wanted];
        foreach (string? name in names)
        {
            ListOptions options = new() { Name = name, LabelSelector = query.LabelSelector, BadItem = query.BadItem };
            JsonProjection<KubeVirtNode> project = ObjectLists.Named("Node", json => NodeProjection.Read(json, session));
            await foreach (KubeVirtNode node in session.Client.ListAsync(ResourceType.Nodes, project, options, cancellationToken).ConfigureAwait(false))
            {
                if (wanted?.Contains(node.Name) != false) nodes.Add(node);
                session.Seen.Add(SeenKind.Node, "", node.Name);
            }
        }

        if (nodes.Count == 0) return nodes;
        try
        {
            bool isWhole = query.Names is null && query.LabelSelector is null;
            Dictionary<string, Load> loads = await LoadsAsync(session, isWhole ? null : [.. nodes.Select(static node => node.Name)], query.BadItem, cancellationToken).ConfigureAwait(false);
            return [.. nodes.Select(node => With(node, loads.GetValueOrDefault(node.Name)))];
        }
        catch (KubernetesException exception) when (query.BadItem is not null)
        {
            query.BadItem(exception);
            return nodes;
        }
    }

    /// <summary>The label selector that has the API server list the instances of a node alone, as KubeVirt's own controllers do; null where it cannot, and the caller has to choose.</summary>
    /// <param name="node">The name of the node, exactly.</param>
    public static string? SelectorOf(string node) =>
        // A label holds at most 63 characters, and the name of a node up to 253.
        ResourceNames.IsSubdomain(node) && node.Length <= 63 ? $"{NodeLabel}={node}" : null;

    private static async Task<Dictionary<string, Load>> LoadsAsync(KubeVirtSession session, string[]? nodes, Action<KubernetesException>? badItem, CancellationToken cancellationToken)
    {
        string? selector = nodes is { Length: <= MostSelected } && nodes.All(static node => SelectorOf(node) is not null) ? $"{NodeLabel} in ({string.Join(',', nodes)})" : null;
        Dictionary<string, Load> loads = new(StringComparer.Ordinal);
        ListOptions options = new() { LabelSelector = selector, BadItem = badItem };
        await foreach (KubeVirtVmi vmi in ObjectLists.InstancesAsync(session, options, cancellationToken).ConfigureAwait(false))
        {
            if (vmi.Node is not { } node || vmi.Phase is "Succeeded" or "Failed") continue;
            Load load = loads.GetValueOrDefault(node);
            loads[node] = new Load(load.Machines + 1, load.VCpus + (vmi.VCpus ?? 0), load.Memory + (vmi.Memory ?? 0));
        }

        return loads;
    }

    private static KubeVirtNode With(KubeVirtNode node, Load load) => node with { Machines = load.Machines, VCpus = load.VCpus, GuestMemory = load.Memory };

    private readonly record struct Load(int Machines, long VCpus, long Memory);
}

/// <summary>Which nodes to list.</summary>
internal sealed record NodeQuery
{
    /// <summary>The names; null = all nodes.</summary>
    public IReadOnlyCollection<string>? Names { get; init; }

    /// <summary>Labels that the nodes have to carry; null = any.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Told of nodes, and of instances on them, that cannot be read, and of instances that may not be listed. Nodes are listed all the same.</summary>
    public Action<KubernetesException>? BadItem { get; init; }
}

/// <summary>Reads a Node.</summary>
internal static class NodeProjection
{
    private const string Schedulable = "kubevirt.io/schedulable";
    private const string Kvm = "devices.kubevirt.io/kvm";

    // Each is True when something is wrong.
    private static readonly string[] Pressures = ["MemoryPressure", "DiskPressure", "PIDPressure", "NetworkUnavailable"];

    /// <summary>Reads one node.</summary>
    /// <param name="json">The object as UTF-8.</param>
    /// <param name="session">The session that read it.</param>
    /// <exception cref="FormatException">There is no name.</exception>
    /// <exception cref="System.Text.Json.JsonException">The text is not JSON.</exception>
    public static KubeVirtNode Read(ReadOnlySpan<byte> json, KubeVirtSession? session = null)
    {
        ObjectMeta meta = ObjectMeta.Read(json, withAnnotations: true);
        JsonNode? whole = JsonText.Parse(json);
        JsonNode? info = JsonText.At(whole, "status", "nodeInfo");
        IReadOnlyList<KubeVirtCondition> conditions = MachineParts.ConditionsOf(JsonText.At(whole, "status"));
        bool isCordoned = JsonText.Is(JsonText.At(whole, "spec", "unschedulable"), true);
        KubeVirtCondition? ready = conditions.FirstOrDefault(static condition => condition.Type == "Ready");
        string? label = meta.Labels.GetValueOrDefault(Schedulable);
        return new KubeVirtNode
        {
            Name = meta.Name,
            Uid = meta.Uid,
            Created = meta.Created,
            Labels = meta.Labels,
            Session = session,
            Ready = ready?.Status == "True",
            Cordoned = isCordoned,
            Schedulable = label == "true" && !isCordoned,
            Problem = Problems.OneLine(ProblemOf(ready, conditions, isCordoned, label)),
            KvmDevices = Quantity.Bytes(Quantity.Of(Amount(whole, "allocatable", Kvm))),
            Cpus = (double?)Quantity.Of(Amount(whole, "allocatable", "cpu")),
            CpuCapacity = (double?)Quantity.Of(Amount(whole, "capacity", "cpu")),
            Memory = Quantity.Bytes(Quantity.Of(Amount(whole, "allocatable", "memory"))),
            MemoryCapacity = Quantity.Bytes(Quantity.Of(Amount(whole, "capacity", "memory"))),
            CpuManager = (meta.Labels.GetValueOrDefault("kubevirt.io/cpumanager") ?? meta.Labels.GetValueOrDefault("cpumanager")) == "true",
            HandlerHeartbeat = DateTimeOffset.TryParse(
                meta.Annotations?.GetValueOrDefault("kubevirt.io/heartbeat"), System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out DateTimeOffset beat) ? beat : null,
            InternalIP = MachineParts.Items(JsonText.At(whole, "status"), "addresses").Where(static one => MachineParts.Text(one, "type") == "InternalIP").Select(static one => MachineParts.Text(one, "address")).FirstOrDefault(),
            KubeletVersion = MachineParts.Text(info, "kubeletVersion"),
            KernelVersion = MachineParts.Text(info, "kernelVersion"),
            OSImage = MachineParts.Text(info, "osImage"),
            Architecture = MachineParts.Text(info, "architecture"),
            Conditions = conditions,
            Taints = new TextList<string>([.. MachineParts.Items(JsonText.At(whole, "spec"), "taints").Select(TaintOf)]),
        };
    }

    private static JsonNode? Amount(JsonNode? node, string kind, string resource) => JsonText.At(node, "status", kind, resource);

    private static string TaintOf(JsonNode taint)
    {
        string? value = MachineParts.Text(taint, "value");
        return $"{MachineParts.Text(taint, "key")}{(value is null ? "" : $"={value}")}:{MachineParts.Text(taint, "effect")}";
    }

    private static string? ProblemOf(KubeVirtCondition? ready, IReadOnlyList<KubeVirtCondition> conditions, bool isCordoned, string? schedulable)
    {
        if (ready?.Status != "True") return ready is null ? "It has no condition Ready" : $"Not Ready{Because(ready)}";
        if (conditions.FirstOrDefault(static condition => Pressures.Contains(condition.Type) && condition.Status == "True") is { } pressure) return $"{pressure.Type}{Because(pressure)}";
        if (isCordoned) return "Cordoned";
        return schedulable switch
        {
            "true" => null,
            null => "It has no label kubevirt.io/schedulable: virt-handler does not run on it, or never did",
            _ => "KubeVirt places no machines on it (label kubevirt.io/schedulable): virt-handler does not answer",
        };
    }

    private static string Because(KubeVirtCondition condition) => JsonFields.Joined(condition.Reason, condition.Message) is { Length: > 0 } why ? $": {why}" : "";
}
