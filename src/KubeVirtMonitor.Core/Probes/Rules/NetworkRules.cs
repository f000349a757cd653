using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Probes;

/// <summary>Whether kubelet can reach the guest through the pod's network.</summary>
internal static class NetworkRules
{
    public static void Apply(ProbeCheck check)
    {
        foreach ((string handler, JsonObject target) in check.NetworkHandlers())
        {
            if (!PodNetwork.IsAttached(check.Spec, check.Manifest.ManifestKind)) check.Add(RuleTable.NoPodNetwork, "." + handler, $"{handler} goes through the pod network, and none is attached{(check.Manifest.ManifestKind.IsCompleted ? "" : $"; KubeVirt adds none to a {check.Manifest.Kind}")}");
            else if (JsonText.Of(target["host"]) is null or "") Forwarding(check, handler, target["port"]);
        }
    }

    private static void Forwarding(ProbeCheck check, string handler, JsonNode? port)
    {
        if (PodNetwork.Interface(check.Spec) is not { } one || one["masquerade"] is null) return;
        JsonObject[] open = [.. PodNetwork.Ports(one)];
        if (open.Length == 0 || open.Any(declared => Placeholder.Is(declared["port"])) || Number(check.Spec, port) is not { } wanted) return;
        if (open.Any(declared => IsTcp(declared) && JsonText.Whole(declared["port"]) == wanted)) return;
        string shown = string.Join(", ", open.Select(declared => $"{declared["port"]}/{JsonText.Of(declared["protocol"]) ?? "TCP"}"));
        check.Add(RuleTable.ClosedPort, $".{handler}.port", $"interface '{JsonText.Of(one["name"])}' forwards {shown}, and the probe asks {wanted}/TCP");
    }

    private static int? Number(JsonObject spec, JsonNode? port) => JsonText.Whole(port) ?? (JsonText.Of(port) is { } name
        ? PodNetwork.Interfaces(spec).SelectMany(PodNetwork.Ports).Where(declared => JsonText.Of(declared["name"]) == name).Select(declared => JsonText.Whole(declared["port"])).FirstOrDefault()
        : null);

    private static bool IsTcp(JsonObject declared) => JsonText.Of(declared["protocol"]) is null or "" or "TCP";
}
