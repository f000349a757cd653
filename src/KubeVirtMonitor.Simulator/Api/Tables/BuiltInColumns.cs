using System.Globalization;
using System.Text.Json;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The columns of built-in resources, as a real API server prints them.</summary>
internal static class BuiltInColumns
{
    private const string None = "<none>";

    public static TableColumn Data { get; } = Number("Data", static item => Count(item, "data") + Count(item, "binaryData"));

    public static TableColumn Secrets { get; } = Number("Secrets", static item => Count(item, "secrets"));

    public static TableColumn CreatedAt { get; } = TableColumn.Of("Created At", "metadata.creationTimestamp");

    public static IReadOnlyList<TableColumn> Nodes { get; } =
    [
        new("Status", "string", 0, static (item, _) => CellValues.Condition(item, "Ready") == "True" ? "Ready" : "NotReady"),
        new("Roles", "string", 0, static (item, _) => Roles(item)),
        TableColumn.Age,
        TableColumn.Of("Version", "status.nodeInfo.kubeletVersion"),
        new("Internal-IP", "string", 1, static (item, _) => Address(item, "InternalIP")),
        new("External-IP", "string", 1, static (item, _) => Address(item, "ExternalIP")),
        TableColumn.Of("OS-Image", "status.nodeInfo.osImage", 1),
        TableColumn.Of("Kernel-Version", "status.nodeInfo.kernelVersion", 1),
        TableColumn.Of("Container-Runtime", "status.nodeInfo.containerRuntimeVersion", 1),
    ];

    public static IReadOnlyList<TableColumn> Pods { get; } =
    [
        new("Ready", "string", 0, static (item, _) => Ready(item)),
        TableColumn.Of("Status", "status.phase"),
        new("Restarts", "string", 0, static (item, _) => Text(CellValues.Items(item, "status.containerStatuses").Sum(status => CellValues.Number(status, "restartCount")))),
        TableColumn.Age,
        OrNone("IP", "status.podIP"),
        OrNone("Node", "spec.nodeName"),
        OrNone("Nominated Node", "status.nominatedNodeName"),
        new("Readiness Gates", "string", 1, static (item, _) => Gates(item)),
    ];

    public static IReadOnlyList<TableColumn> Services { get; } =
    [
        TableColumn.Of("Type", "spec.type"),
        TableColumn.Of("Cluster-IP", "spec.clusterIP"),
        new("External-IP", "string", 0, static (_, _) => None),
        new("Port(s)", "string", 0, static (item, _) => Join(CellValues.Items(item, "spec.ports").Select(port => $"{CellValues.Text(port, "port")}/{CellValues.Text(port, "protocol")}"))),
        TableColumn.Age,
        new("Selector", "string", 1, static (item, _) => Map(item, "spec.selector")),
    ];

    public static IReadOnlyList<TableColumn> Endpoints { get; } = [new("Endpoints", "string", 0, static (item, _) => Subsets(item)), TableColumn.Age];

    public static IReadOnlyList<TableColumn> EndpointSlices { get; } =
    [
        TableColumn.Of("AddressType", "addressType"),
        new("Ports", "string", 0, static (item, _) => Join(CellValues.Items(item, "ports").Select(port => CellValues.Text(port, "port")))),
        new("Endpoints", "string", 0, static (item, _) => Join(CellValues.Items(item, "endpoints").Select(endpoint => CellValues.Text(endpoint, "addresses.0")))),
        TableColumn.Age,
    ];

    public static IReadOnlyList<TableColumn> Events { get; } =
    [
        new("Last Seen", "string", 0, static (item, now) => Since(item, "lastTimestamp", now)),
        TableColumn.Of("Type", "type"),
        TableColumn.Of("Reason", "reason"),
        new("Object", "string", 0, static (item, _) => $"{CellValues.Text(item, "involvedObject.kind")?.ToLowerInvariant()}/{CellValues.Text(item, "involvedObject.name")}"),
        TableColumn.Of("Subobject", "involvedObject.fieldPath", 1),
        TableColumn.Of("Source", "source.component", 1),
        TableColumn.Of("Message", "message"),
        new("First Seen", "string", 1, static (item, now) => Since(item, "firstTimestamp", now)),
        new("Count", "string", 1, static (item, _) => CellValues.Text(item, "count")),
        TableColumn.Of("Name", "metadata.name", 1),
    ];

    public static IReadOnlyList<TableColumn> Deployments { get; } =
    [
        new("Ready", "string", 0, static (item, _) => string.Create(CultureInfo.InvariantCulture, $"{CellValues.Number(item, "status.readyReplicas")}/{CellValues.Number(item, "spec.replicas")}")),
        Number("Up-to-date", static item => CellValues.Number(item, "status.updatedReplicas")),
        Number("Available", static item => CellValues.Number(item, "status.availableReplicas")),
        TableColumn.Age,
        .. Template(),
    ];

    public static IReadOnlyList<TableColumn> DaemonSets { get; } =
    [
        Number("Desired", static item => CellValues.Number(item, "status.desiredNumberScheduled")),
        Number("Current", static item => CellValues.Number(item, "status.currentNumberScheduled")),
        Number("Ready", static item => CellValues.Number(item, "status.numberReady")),
        Number("Up-to-date", static item => CellValues.Number(item, "status.updatedNumberScheduled")),
        Number("Available", static item => CellValues.Number(item, "status.numberAvailable")),
        new("Node Selector", "string", 0, static (item, _) => Map(item, "spec.template.spec.nodeSelector")),
        TableColumn.Age,
        .. Template(),
    ];

    public static IReadOnlyList<TableColumn> Bindings { get; } =
    [
        new("Role", "string", 0, static (item, _) => $"{CellValues.Text(item, "roleRef.kind")}/{CellValues.Text(item, "roleRef.name")}"),
        TableColumn.Age,
        new("Users", "string", 1, static (item, _) => Subjects(item, "User")),
        new("Groups", "string", 1, static (item, _) => Subjects(item, "Group")),
        new("ServiceAccounts", "string", 1, static (item, _) => Subjects(item, "ServiceAccount")),
    ];

    private static TableColumn Number(string name, Func<JsonElement, long> value) => new(name, "integer", 0, (item, _) => value(item));

    private static TableColumn OrNone(string name, string path) => new(name, "string", 1, (item, _) => CellValues.Text(item, path) ?? None);

    private static IEnumerable<TableColumn> Template() =>
    [
        new("Containers", "string", 1, static (item, _) => Join(CellValues.Items(item, "spec.template.spec.containers").Select(each => CellValues.Text(each, "name")))),
        new("Images", "string", 1, static (item, _) => Join(CellValues.Items(item, "spec.template.spec.containers").Select(each => CellValues.Text(each, "image")))),
        new("Selector", "string", 1, static (item, _) => Map(item, "spec.selector.matchLabels")),
    ];

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Join(IEnumerable<string?> values) => string.Join(',', values) is { Length: > 0 } joined ? joined : None;

    private static long Count(JsonElement item, string path) => CellValues.At(item, path) switch
    {
        { ValueKind: JsonValueKind.Object } map => map.EnumerateObject().Count(),
        { ValueKind: JsonValueKind.Array } list => list.GetArrayLength(),
        _ => 0,
    };

    private static string Map(JsonElement item, string path) =>
        CellValues.At(item, path) is { ValueKind: JsonValueKind.Object } map ? Join(map.EnumerateObject().Select(pair => $"{pair.Name}={pair.Value}")) : None;

    private static string Ready(JsonElement item)
    {
        // Init containers that go on beside the others count like these.
        int lasting = CellValues.Items(item, "spec.initContainers").Count(container => CellValues.Text(container, "restartPolicy") == "Always");
        int ready = CellValues.Items(item, "status.containerStatuses").Concat(CellValues.Items(item, "status.initContainerStatuses")).Count(status => CellValues.Text(status, "ready") == "True");
        return string.Create(CultureInfo.InvariantCulture, $"{ready}/{CellValues.Items(item, "spec.containers").Count() + lasting}");
    }

    private static string Gates(JsonElement item)
    {
        List<string> gates = CellValues.Items(item, "spec.readinessGates").Select(gate => CellValues.Text(gate, "conditionType") ?? "").ToList();
        if (gates.Count == 0) return None;
        return string.Create(CultureInfo.InvariantCulture, $"{gates.Count(gate => CellValues.Condition(item, gate) == "True")}/{gates.Count}");
    }

    private static string Roles(JsonElement item)
    {
        const string Prefix = "node-role.kubernetes.io/";
        return CellValues.At(item, "metadata.labels") is not { } labels
            ? None
            : Join(labels.EnumerateObject().Where(label => label.Name.StartsWith(Prefix, StringComparison.Ordinal)).Select(label => label.Name[Prefix.Length..]));
    }

    private static string Address(JsonElement item, string type) =>
        CellValues.Items(item, "status.addresses").Where(address => CellValues.Text(address, "type") == type).Select(address => CellValues.Text(address, "address")).FirstOrDefault() ?? None;

    private static string Subjects(JsonElement item, string kind) => string.Join(
        ", ",
        CellValues.Items(item, "subjects").Where(subject => CellValues.Text(subject, "kind") == kind)
            .Select(subject => kind == "ServiceAccount" ? $"{CellValues.Text(subject, "namespace")}/{CellValues.Text(subject, "name")}" : CellValues.Text(subject, "name")));

    private static string Since(JsonElement item, string path, DateTimeOffset now) =>
        CellValues.At(item, path) is { } time && time.TryGetDateTimeOffset(out DateTimeOffset then) ? CellValues.Duration(now - then) : "<unknown>";

    private static string Subsets(JsonElement item)
    {
        List<string> all = [];
        foreach (JsonElement subset in CellValues.Items(item, "subsets"))
        {
            foreach (JsonElement address in CellValues.Items(subset, "addresses"))
            {
                all.AddRange(CellValues.Items(subset, "ports").Select(port => $"{CellValues.Text(address, "ip")}:{CellValues.Text(port, "port")}"));
            }
        }

        return all.Count <= 3 ? Join(all) : string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', all.Take(3))} + {all.Count - 3} more...");
    }
}
