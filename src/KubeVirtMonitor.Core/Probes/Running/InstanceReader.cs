using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Reads a VirtualMachineInstance of <c>kubevirt.io/v1</c>.</summary>
internal static class InstanceReader
{
    /// <summary>Reads one of a list.</summary>
    public static ProbeInstance Read(ReadOnlySpan<byte> json)
    {
        Utf8JsonReader reader = new(json);
        return Read(JsonElement.ParseValue(ref reader));
    }

    /// <summary>Reads one.</summary>
    /// <exception cref="FormatException">It has no name, or a probe that is not well-formed.</exception>
    public static ProbeInstance Read(JsonElement vmi)
    {
        string name = JsonRead.Text(vmi, "metadata", "name") ?? throw new FormatException("the VirtualMachineInstance has no name");
        string space = JsonRead.Text(vmi, "metadata", "namespace") ?? "";
        JsonElement status = JsonRead.At(vmi, "status");
        InstanceCondition? paused = JsonRead.Condition(status, "Paused");
        return new ProbeInstance
        {
            Name = name,
            Namespace = space,
            Uid = JsonRead.Text(vmi, "metadata", "uid"),
            Phase = JsonRead.Text(status, "phase"),
            Node = JsonRead.Text(status, "nodeName"),
            Started = JsonRead.Items(status, "phaseTransitionTimestamps")
                .Where(static each => JsonRead.Text(each, "phase") == "Running")
                .Select(static each => JsonRead.Time(each, "phaseTransitionTimestamp"))
                .LastOrDefault(),
            Address = JsonRead.Items(status, "interfaces").Select(static each => JsonRead.Text(each, "ipAddress")).FirstOrDefault(static each => !string.IsNullOrEmpty(each)),
            Ready = JsonRead.Condition(status, "Ready"),
            AgentConnected = JsonRead.Condition(status, "AgentConnected"),
            Paused = paused is { IsTrue: true } ? paused : null,
            IsMigrating = JsonRead.Text(status, "migrationState", "startTimestamp") is not null && JsonRead.Text(status, "migrationState", "endTimestamp") is null,
            IsFrozen = JsonRead.Text(status, "fsFreezeStatus") == "frozen",
            ProbesArePaused = IsTrue(JsonRead.Text(vmi, "metadata", "annotations", "kubevirt.io/pause-guest-agent-probes")),
            Ports = Ports(vmi),
            ActivePods = JsonRead.Fields(status, "activePods").ToDictionary(static pod => pod.Name, static pod => pod.Value.ValueKind == JsonValueKind.String ? pod.Value.GetString() : null),
            Probes = ProbesOf(vmi),
        };
    }

    // The first of a name counts, as in the list of the container's ports.
    private static Dictionary<string, int> Ports(JsonElement vmi)
    {
        Dictionary<string, int> ports = new(StringComparer.Ordinal);
        foreach (JsonElement one in JsonRead.Items(vmi, "spec", "domain", "devices", "interfaces"))
        {
            foreach (JsonElement port in JsonRead.Items(one, "ports"))
            {
                if (JsonRead.Text(port, "name") is { Length: > 0 } name && JsonRead.Number(port, "port") is { } number) ports.TryAdd(name, number);
            }
        }

        return ports;
    }

    private static VmiProbe[] ProbesOf(JsonElement vmi)
    {
        if (VmiManifest.Of(JsonObject.Create(vmi), "VirtualMachineInstance") is not { } manifest) return [];
        return [.. Enum.GetValues<ProbeRole>().Select(manifest.GetProbe).OfType<VmiProbe>()];
    }

    // strconv.ParseBool
    private static bool IsTrue(string? text) => text is "1" or "t" or "T" or "TRUE" or "true" or "True";
}
