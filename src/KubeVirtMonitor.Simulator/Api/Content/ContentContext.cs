using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What the objects of the API server are made from.</summary>
/// <param name="Host">The cluster and the endpoints of its pods.</param>
/// <param name="Options">The options of the API server.</param>
/// <param name="Store">Where the objects go.</param>
internal sealed record ContentContext(SimulatorHost Host, ApiServerOptions Options, ResourceStore Store)
{
    /// <summary>OpenShift's route to its monitoring; null = there is none.</summary>
    public OpenShiftRoute? Route { get; init; }

    public SimulatedCluster Cluster => Host.Cluster;

    /// <summary>The install namespace.</summary>
    public string Space => Cluster.Options.Namespace;

    public string Tag => Cluster.Release.Tag;

    /// <summary>When the cluster was installed, a day before the simulation began.</summary>
    public DateTimeOffset Installed => Cluster.StartTime.AddDays(-1);

    /// <summary>The present moment of the cluster's clock.</summary>
    public DateTimeOffset Now => Cluster.Options.TimeProvider.GetUtcNow();

    public Guid Uid(string kind, string name) => StableId.Uid(Cluster.Options.Seed, "api/" + kind, name);

    public ApiObject Make(ResourceType type, string? space, string name, IReadOnlyDictionary<string, string>? labels, Func<JsonObject> build) =>
        new(type, space, name, labels, Store.NextVersion(), _ => build());

    /// <summary>An object of the install namespace, or of the cluster, from its body without metadata.</summary>
    public ApiObject Make(ResourceType type, string? space, string name, JsonObject body, IReadOnlyDictionary<string, string>? labels = null) =>
        Make(type, space, name, labels, () =>
        {
            JsonObject whole = new() { ["metadata"] = Meta.Of(name, type.Namespaced ? space : null, Uid(type.QualifiedName, $"{space}/{name}"), Installed, labels) };
            if (type.Group == "apps") whole["metadata"]!["generation"] = 1;
            foreach ((string key, JsonNode? value) in body) whole[key] = value?.DeepClone();
            return whole;
        });
}
