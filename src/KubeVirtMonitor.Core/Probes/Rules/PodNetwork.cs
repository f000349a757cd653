using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Networks and interfaces of an instance, as they are once KubeVirt's mutating webhook has added the default network.</summary>
internal static class PodNetwork
{
    public static IEnumerable<JsonObject> Interfaces(JsonObject spec) => Objects(Devices(spec)?["interfaces"]);

    public static IEnumerable<JsonObject> Ports(JsonObject one) => Objects(one["ports"]);

    /// <summary>
    /// Whether the pod network is attached, or will be: of machines and instances the webhook adds it where neither networks nor interfaces are given,
    /// unless told not to; replica sets and pools have to name it.
    /// </summary>
    public static bool IsAttached(JsonObject spec, ManifestKind kind)
    {
        if (Placeholder.Is(spec["networks"]) || Placeholder.Is(DevicesNode(spec)) || Placeholder.Is(spec["domain"])) return true;
        bool isDefault = kind.IsCompleted && spec["networks"] is not JsonArray { Count: > 0 } && Devices(spec)?["interfaces"] is not JsonArray { Count: > 0 };
        return isDefault ? !JsonText.Is(Devices(spec)?["autoattachPodInterface"], false) : Networks(spec).Any();
    }

    /// <summary>The interface of the pod network; null when there is none, or the default one.</summary>
    public static JsonObject? Interface(JsonObject spec) => Networks(spec)
        .Select(network => Interfaces(spec).FirstOrDefault(one => JsonText.Of(one["name"]) is { } name && name == JsonText.Of(network["name"])))
        .FirstOrDefault(one => one is not null);

    private static IEnumerable<JsonObject> Networks(JsonObject spec) => Objects(spec["networks"]).Where(network => network["pod"] is JsonObject);

    private static JsonNode? DevicesNode(JsonObject spec) => (spec["domain"] as JsonObject)?["devices"];

    private static JsonObject? Devices(JsonObject spec) => DevicesNode(spec) as JsonObject;

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => list is JsonArray array ? array.OfType<JsonObject>() : [];
}
