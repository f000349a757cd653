using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Something that happens in a cluster, written as <c>30s:restart:vm-00001:down=5s</c>, or again and again: <c>30s+60s:restart:vm-00001</c>.</summary>
/// <param name="After">When: since the start of the cluster for those of its options, from now on for others.</param>
/// <param name="Kind">What: see <see cref="Kinds"/>.</param>
/// <param name="Target">To whom: a machine as <see cref="KnownLoad.Machine"/> names it, or a pod such as <c>handler/0</c>.</param>
/// <param name="Arguments">What else is said of it.</param>
public sealed record ClusterEvent(TimeSpan After, string Kind, string Target, IReadOnlyDictionary<string, string> Arguments)
{
    private static readonly Dictionary<string, string[]?> Known = new(StringComparer.Ordinal)
    {
        ["restart"] = ["down"],
        ["migrate"] = ["to", "total", "rate", "dirty", "handover", "gap", "fails-after"],
        ["migrated"] = ["to", "handover", "gap"],
        ["silent"] = ["for"],
        ["hotplug"] = null,
        ["load"] = null,
        ["down"] = [],
        ["unready"] = [],
        ["errors"] = ["code", "rate"],
        ["leaders"] = ["count"],
        ["node"] = ["kvm", "schedulable", "cordoned", "role"],
        ["stuck"] = ["status"],
        ["machine"] = ["outdated", "evictable"],
        ["panic"] = ["times"],
        ["launchers"] = ["count"],
        ["deprecated"] = ["group", "version", "verb", "rate"],
        ["recover"] = [],
    };

    /// <summary>What can happen.</summary>
    public static IReadOnlyList<(string Name, string Description)> Kinds { get; } =
    [
        ("restart:VM", "the machine is started again: another uid and launcher pod, no series for down=5s, then counters from zero; restart:handler/0 replaces a pod"),
        ("migrate:VM", "a live migration begins: to=NODE (the next one), total=BYTES (the guest memory), rate=50MB, dirty=7MB per second; it ends when nothing remains, with dirty as much as rate never, or fails with fails-after=60s; at the end handover=none (no virt-handler tells of the machine) or both (two do) for gap=2s"),
        ("migrated:VM", "the migration that runs ends now, with handover, gap and to likewise"),
        ("silent:VM", "its virt-launcher does not answer for for=20s: virt-handler waits for two seconds at each scrape and leaves it out; it runs on"),
        ("hotplug:VM", "a disk is plugged in: disk=data1, and its load, such as read=50,read-latency=2ms"),
        ("load:VM", "the load changes, such as load:vm-00001:cpu=2,ready=0.1"),
        ("down:POD", "the pod, such as api/0, api/* or api, is gone, and the one in its place finds no node"),
        ("unready:POD", "the pod runs and is not ready, as Kubernetes and its own gauge have it"),
        ("errors:POD", "its requests to the API server fail: code=500, rate=1000 per second, beside 45 that do not"),
        ("leaders:controller", "how many pods of a component say that they lead: count=0"),
        ("node:NODE", "a node changes: kvm=no, schedulable=no, cordoned=yes, role=arbiter"),
        ("stuck:VM", "the VM, also a stopped one, has another status: status=ErrorUnschedulable"),
        ("machine:VM", "what KubeVirt says of it changes: outdated=yes, evictable=no"),
        ("panic:VM", "its guest panics, times=1 times"),
        ("launchers:NAMESPACE", "so many virt-launcher pods of a namespace have failed and stay: count=200"),
        ("deprecated:RESOURCE", "somebody asks for a deprecated API: group=kubevirt.io, version=v1alpha3, verb=GET, rate=1 per second"),
        ("recover:TARGET", "what of these was wrong with a pod, a component, a node, a VM, a namespace or a resource is over"),
    ];

    /// <summary>After which time it happens again, and so on; null = once.</summary>
    public TimeSpan? Every { get; init; }

    private string Whole => string.Create(CultureInfo.InvariantCulture, $"{After.TotalSeconds}s{(Every is { } every ? $"+{every.TotalSeconds}s" : "")}:{Kind}:{Target}");

    /// <summary>Reads a text such as <c>30s:restart:vm-00001</c>; without a time it happens at once.</summary>
    /// <exception cref="FormatException">It cannot be read; the message says what can be written.</exception>
    public static ClusterEvent Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split(':', 4);
        TimeSpan after = TimeSpan.Zero;
        TimeSpan? every = null;
        if (!Known.ContainsKey(parts[0]) && parts.Length > 1 && parts[0].Length > 0 && char.IsAsciiDigit(parts[0][0]))
        {
            string[] times = parts[0].Split('+', 2);
            after = FaultSyntax.ParseDuration(times[0]);
            if (times.Length > 1) every = FaultSyntax.ParseDuration(times[1]);
            if (every < TimeSpan.FromMilliseconds(1)) throw new FormatException($"'{text}' happens all the time. Write after which time it happens again, like 30s+60s:restart:vm-00001.");
            parts = parts[1..];
        }
        else
        {
            parts = text.Split(':', 3);
        }

        if (!Known.TryGetValue(parts[0], out string[]? allowed)) throw new FormatException($"'{text}': '{parts[0]}' cannot happen. Write it like 30s:restart:vm-00001. What can happen: {string.Join("; ", Kinds.Select(static kind => $"{kind.Name} ({kind.Description})"))}.");
        if (parts.Length < 2 || parts[1].Length == 0) throw new FormatException($"'{text}' says to no machine what happens. Write it like 30s:{parts[0]}:vm-00001.");
        Dictionary<string, string> arguments = new(StringComparer.Ordinal);
        foreach (string pair in parts.Length > 2 ? parts[2].Split(',', StringSplitOptions.TrimEntries) : [])
        {
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = equals > 0 ? pair[..equals] : throw new FormatException($"'{text}': '{pair}' is not written like name=value.");
            if (allowed is not null && !allowed.Contains(name)) throw new FormatException($"'{text}': {parts[0]} does not know '{name}'. It knows: {string.Join(", ", allowed)}.");
            if (!arguments.TryAdd(name, pair[(equals + 1)..])) throw new FormatException($"'{text}': '{name}' is given twice.");
        }

        ClusterEvent read = new(after, parts[0], parts[1], arguments) { Every = every };
        read.Check();
        return read;
    }

    /// <inheritdoc/>
    public override string ToString() => Arguments.Count == 0 ? Whole : $"{Whole}:{string.Join(',', Arguments.Select(static pair => $"{pair.Key}={pair.Value}"))}";

    internal TimeSpan Time(string name, TimeSpan byDefault) => Arguments.TryGetValue(name, out string? text) ? FaultSyntax.ParseDuration(text) : byDefault;

    internal decimal Size(string name, decimal byDefault) => Arguments.TryGetValue(name, out string? text) ? MachineLoad.Size(text) : byDefault;

    internal int Number(string name, int byDefault) => !Arguments.TryGetValue(name, out string? text) ? byDefault
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number
        : throw new FormatException($"'{this}': {name} is a whole number.");

    internal bool Flag(string name, bool byDefault) => Arguments.GetValueOrDefault(name) switch
    {
        null => byDefault,
        "yes" => true,
        "no" => false,
        _ => throw new FormatException($"'{this}': {name} is yes or no."),
    };

    /// <summary>The load that it says, of the machine or of a disk.</summary>
    internal MachineLoad Load(string? disk = null)
    {
        IEnumerable<string> pairs = Arguments.Where(static pair => pair.Key != "disk").Select(pair => $"{(disk is null ? "" : disk + ".")}{pair.Key}={pair.Value}");
        return pairs.Any() ? MachineLoad.Parse(string.Join(',', pairs)) : MachineLoad.None;
    }

    /// <summary>Whether both virt-handlers tell of a machine for a while when it is moved, or none.</summary>
    internal bool Both => Arguments.GetValueOrDefault("handover") == "both";

    private void Check()
    {
        foreach (string time in new[] { "down", "gap", "fails-after", "for" }) Time(time, default);
        foreach (string size in Kind is "migrate" ? ["total", "rate", "dirty"] : Array.Empty<string>()) Size(size, 0);
        if (Arguments.GetValueOrDefault("handover") is not (null or "none" or "both")) throw new FormatException($"'{this}': handover is none or both.");
        if (Kind is "load" && Load().IsNone) throw new FormatException($"'{this}' says no load. Write it like load:vm-00001:cpu=2.");
        foreach (string number in new[] { "count", "times" }) Number(number, 0);
        if (Kind is "errors" or "deprecated") Number("rate", 0);
        foreach (string flag in new[] { "kvm", "schedulable", "cordoned", "outdated", "evictable" }) Flag(flag, false);
        if (Kind is "hotplug") Load(Arguments.GetValueOrDefault("disk", "data1"));
    }
}
