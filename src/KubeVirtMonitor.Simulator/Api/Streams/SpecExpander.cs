using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The subresource <c>expand-spec</c> of a machine: its instance type and preference are applied to its template and taken away, as virt-api does.</summary>
internal static class SpecExpander
{
    public const string Group = "instancetype.kubevirt.io";

    /// <summary>Expands a machine. One that names neither is given back as it is.</summary>
    /// <exception cref="ApiException">What it names is not there.</exception>
    public static JsonObject Expand(ResourceStore store, ApiObject machine)
    {
        JsonObject whole = machine.ToJson();
        JsonObject spec = whole["spec"]!.AsObject();
        JsonNode? type = SpecOf(store, spec["instancetype"], "virtualmachineclusterinstancetypes", (string?)whole["status"]?["instancetypeRef"]?["controllerRevisionRef"]?["name"]);
        JsonNode? preference = SpecOf(store, spec["preference"], "virtualmachineclusterpreferences", null);
        if (type is null && preference is null) return whole;
        JsonObject domain = spec["template"]!["spec"]!["domain"]!.AsObject();
        if (type is not null) Apply(domain, type, (string?)preference?["cpu"]?["preferredCPUTopology"]);
        JsonNode? devices = preference?["devices"];
        foreach (JsonNode? disk in domain["devices"]?["disks"] as JsonArray ?? [])
        {
            if (disk?["disk"] is JsonObject target && devices?["preferredDiskBus"] is { } bus) target.TryAdd("bus", bus.DeepClone());
        }

        foreach (JsonNode? one in domain["devices"]?["interfaces"] as JsonArray ?? [])
        {
            if (one is JsonObject card && devices?["preferredInterfaceModel"] is { } model) card.TryAdd("model", model.DeepClone());
        }

        spec.Remove("instancetype");
        spec.Remove("preference");
        return whole;
    }

    // Unless a preference says otherwise, vCPUs are sockets.
    private static void Apply(JsonObject domain, JsonNode type, string? topology)
    {
        JsonNode cpus = type["cpu"]!["guest"]!;
        domain["cpu"] = topology is "cores" or "preferCores"
            ? new JsonObject { ["cores"] = cpus.DeepClone(), ["sockets"] = 1, ["threads"] = 1 }
            : new JsonObject { ["cores"] = 1, ["sockets"] = cpus.DeepClone(), ["threads"] = 1 };
        domain["memory"] = new JsonObject { ["guest"] = type["memory"]!["guest"]!.DeepClone() };
    }

    // A revision that is not of the present state is none that is kept here.
    private static JsonNode? SpecOf(ResourceStore store, JsonNode? matcher, string plural, string? revision)
    {
        if ((string?)matcher?["name"] is not { } name) return null;
        JsonObject found = store[Group, plural].Find(null, name)?.ToJson() ?? throw ApiErrors.Internal($"{plural}.{Group} \"{name}\" not found");
        if (revision?.EndsWith($"-{(string?)found["metadata"]!["uid"]}-{(long?)found["metadata"]!["generation"]}", StringComparison.Ordinal) == false)
            throw ApiErrors.Internal($"controllerrevisions.apps \"{revision}\" not found");
        return found["spec"];
    }
}
