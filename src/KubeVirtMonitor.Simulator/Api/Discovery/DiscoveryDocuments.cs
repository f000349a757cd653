using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What a client asks first: which groups, versions and resources there are.</summary>
internal sealed class DiscoveryDocuments(IReadOnlyList<ResourceType> types)
{
    /// <summary>The group of KubeVirt's subresources, which virt-api itself serves.</summary>
    public const string SubresourceGroup = "subresources.kubevirt.io";

    private static readonly string[] SubresourceNames =
    [
        "expand-vm-spec",
        .. new[] { "vnc", "console", "portforward", "pause", "unpause", "freeze", "unfreeze", "softreboot", "guestosinfo", "userlist", "filesystemlist" }.Select(name => $"virtualmachineinstances/{name}"),
        .. new[] { "start", "stop", "restart", "migrate", "expand-spec" }.Select(name => $"virtualmachines/{name}"),
    ];

    /// <summary>The groups with their versions, without the core group.</summary>
    public IEnumerable<(string Group, string Version)> NamedGroups => AllGroups.Where(static group => group.Group.Length > 0);

    /// <summary>All groups with their versions.</summary>
    public IReadOnlyList<(string Group, string Version)> AllGroups { get; } = [.. types.Select(static type => (type.Group, type.Version)).Distinct(), (SubresourceGroup, "v1")];

    public static JsonObject Versions(string address) => new()
    {
        ["kind"] = "APIVersions",
        ["versions"] = new JsonArray("v1"),
        ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = address }),
    };

    public JsonObject GroupList()
    {
        JsonArray groups = [];
        foreach ((string group, string version) in NamedGroups) groups.Add((JsonNode)GroupBody(group, version, []));
        return new JsonObject { ["kind"] = "APIGroupList", ["apiVersion"] = "v1", ["groups"] = groups };
    }

    public JsonObject? Group(string group)
    {
        foreach ((string name, string version) in NamedGroups)
        {
            if (name == group) return GroupBody(name, version, new JsonObject { ["kind"] = "APIGroup", ["apiVersion"] = "v1" });
        }

        return null;
    }

    public JsonObject? Resources(string group, string version)
    {
        if (!AllGroups.Contains((group, version))) return null;
        JsonArray resources = [];
        if (group == SubresourceGroup)
        {
            foreach (string name in SubresourceNames)
                resources.Add((JsonNode)new JsonObject { ["name"] = name, ["singularName"] = "", ["namespaced"] = true, ["kind"] = "", ["verbs"] = null });
        }

        foreach (ResourceType type in Of(group, version))
        {
            JsonObject resource = new() { ["name"] = type.Plural, ["singularName"] = type.Singular, ["namespaced"] = type.Namespaced, ["kind"] = type.Kind, ["verbs"] = JsonText.Strings(type.Verbs) };
            if (type.ShortNames.Count > 0) resource["shortNames"] = JsonText.Strings(type.ShortNames);
            if (type.Categories.Count > 0) resource["categories"] = JsonText.Strings(type.Categories);
            resources.Add((JsonNode)resource);
            foreach ((string name, string kind, string[] verbs) in Subresources(type))
                resources.Add((JsonNode)new JsonObject { ["name"] = $"{type.Plural}/{name}", ["singularName"] = "", ["namespaced"] = type.Namespaced, ["kind"] = kind, ["verbs"] = JsonText.Strings(verbs) });
        }

        JsonObject list = new() { ["kind"] = "APIResourceList" };
        if (group.Length > 0) list["apiVersion"] = "v1";
        list["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}";
        list["resources"] = resources;
        return list;
    }

    /// <summary>All resources in one document: those of the core group, or those of all others.</summary>
    public JsonObject Aggregated(bool core, string version)
    {
        JsonArray items = [];
        foreach ((string group, string groupVersion) in AllGroups.Where(each => core == (each.Group.Length == 0)))
        {
            JsonArray resources = [.. Of(group, groupVersion).Select(type => (JsonNode)AggregatedResource(type))];
            JsonObject metadata = new() { ["creationTimestamp"] = null };
            if (!core) metadata["name"] = group;
            items.Add((JsonNode)new JsonObject
            {
                ["metadata"] = metadata,
                ["versions"] = new JsonArray(new JsonObject { ["version"] = groupVersion, ["resources"] = resources, ["freshness"] = "Current" }),
            });
        }

        return new JsonObject { ["kind"] = "APIGroupDiscoveryList", ["apiVersion"] = $"apidiscovery.k8s.io/{version}", ["metadata"] = new JsonObject(), ["items"] = items };
    }

    private static JsonObject AggregatedResource(ResourceType type)
    {
        JsonObject resource = new()
        {
            ["resource"] = type.Plural,
            ["responseKind"] = Kind(type.Kind, type.Group, type.Version),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = JsonText.Strings(type.Verbs),
        };
        if (type.ShortNames.Count > 0) resource["shortNames"] = JsonText.Strings(type.ShortNames);
        if (type.Categories.Count > 0) resource["categories"] = JsonText.Strings(type.Categories);
        JsonArray subresources = [];
        foreach ((string name, string kind, string[] verbs) in Subresources(type))
            subresources.Add((JsonNode)new JsonObject { ["subresource"] = name, ["responseKind"] = Kind(kind, type.Group, type.Version), ["verbs"] = JsonText.Strings(verbs) });
        if (subresources.Count > 0) resource["subresources"] = subresources;
        return resource;
    }

    private static JsonObject Kind(string kind, string group, string version) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private IEnumerable<ResourceType> Of(string group, string version) => types.Where(type => type.Group == group && type.Version == version);

    private static IEnumerable<(string Name, string Kind, string[] Verbs)> Subresources(ResourceType type) =>
        type.HasStatus ? [.. type.Subresources, ("status", type.Kind, ["get", "patch", "update"])] : type.Subresources;

    private static JsonObject GroupBody(string group, string version, JsonObject body)
    {
        JsonObject entry = new() { ["groupVersion"] = $"{group}/{version}", ["version"] = version };
        body["name"] = group;
        body["versions"] = new JsonArray(entry);
        body["preferredVersion"] = entry.DeepClone();
        return body;
    }
}
