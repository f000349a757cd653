using System.Globalization;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>Whether kubelet can reach the guest through the pod's network.</summary>
internal static class NetworkRules
{
    public static void Apply(ProbeCheck check)
    {
        foreach ((string handler, JsonObject target) in check.NetworkHandlers())
        {
            if (!PodNetwork.IsAttached(check.Spec, check.Manifest.ManifestKind)) check.Add(RuleTable.NoPodNetwork, "." + handler, $"{handler} needs the pod network, but it is not attached{(check.Manifest.ManifestKind.IsCompleted ? "" : $"; KubeVirt adds none to a {check.Manifest.Kind}")}");
            else if (JsonText.Of(target["host"]) is null or "") Forwarding(check, handler, target["port"]);
        }
    }

    private static void Forwarding(ProbeCheck check, string handler, JsonNode? port)
    {
        if (PodNetwork.Interface(check.Spec) is not { } one || one["masquerade"] is null) return;
        JsonObject[] open = [.. PodNetwork.Ports(one)];
        if (open.Length == 0 || open.Any(declared => Placeholder.Is(declared["port"])) || Number(check.Spec, port) is not { } wanted) return;
        if (open.Any(declared => IsTcp(declared) && JsonText.Integer(declared["port"]) == wanted)) return;
        string shown = string.Join(", ", open.Select(declared => $"{declared["port"]}/{JsonText.Of(declared["protocol"]) ?? "TCP"}"));
        check.Add(RuleTable.ClosedPort, $".{handler}.port", $"interface '{JsonText.Of(one["name"])}' forwards {shown}, but the probe connects to {wanted}/TCP");
    }

    private static int? Number(JsonObject spec, JsonNode? port) => JsonText.Integer(port) ?? (JsonText.Of(port) is { } name
        ? PodNetwork.Interfaces(spec).SelectMany(PodNetwork.Ports).Where(declared => JsonText.Of(declared["name"]) == name).Select(declared => JsonText.Integer(declared["port"])).FirstOrDefault()
        : null);

    private static bool IsTcp(JsonObject declared) => JsonText.Of(declared["protocol"]) is null or "" or "TCP";
}

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

/// <summary>Ports and schemes of HTTP and TCP probes.</summary>
internal static class PortRules
{
    public static void Apply(ProbeCheck check)
    {
        foreach ((string handler, JsonObject target) in check.NetworkHandlers())
        {
            Port(check, $".{handler}.port", target["port"]);
            if (JsonText.Of(target["host"]) is { Length: > 0 } host)
                check.Add(RuleTable.OtherHost, $".{handler}.host", $"the probe connects to the host '{host}' and not to the VMI");
            if (handler == ProbeFields.HttpGet && JsonText.Of(target["scheme"]) is { } scheme and not ("HTTP" or "HTTPS"))
                check.Add(RuleTable.BadScheme, $".{handler}.scheme", $"the scheme is '{scheme}'", check.Manifest.ManifestKind == ManifestKind.Pool ? RuleTable.MachinesRejected : null);
        }
    }

    /// <summary>Whether Kubernetes takes a text as the name of a port.</summary>
    public static bool IsName(string text) =>
        text.Length is >= 1 and <= 15
        && text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && text.Any(char.IsAsciiLetterLower)
        && !text.StartsWith('-') && !text.EndsWith('-')
        && !text.Contains("--", StringComparison.Ordinal);

    private static void Port(ProbeCheck check, string path, JsonNode? port)
    {
        if (port is null)
        {
            check.Add(RuleTable.Missing, path, "the port is missing", null, "Add the port: a number, or the name of a port of an interface.");
        }
        else if (JsonText.Integer(port) is { } number)
        {
            if (number is < 1 or > 65535) check.Add(RuleTable.BadPort, path, $"{number} is not a port");
        }
        else if (JsonText.Of(port) is not { } name)
        {
            check.Add(RuleTable.WrongType, path, "the port is neither an integer nor a name");
        }
        else if (!IsName(name))
        {
            check.Add(RuleTable.BadPort, path, $"'{name}' is not a valid name for a port", null, int.TryParse(name, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) ? $"Write {name} without quotes." : null);
        }
        else if (!PodNetwork.Interfaces(check.Spec).Any(one => PodNetwork.Ports(one).Any(declared => JsonText.Of(declared["name"]) == name || Placeholder.Is(declared["name"]))))
        {
            check.Add(RuleTable.UnknownPortName, path, $"no interface has a port named '{name}'");
        }
    }
}
