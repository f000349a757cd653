using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Machines of every kind that a real cluster has, in the namespace <c>kinds</c>, and nodes of every kind: with and without instance type, with dedicated CPUs, hot-plugged,
/// paused, unschedulable, stopped, failed; cordoned, lost, without KVM. One file, in the shapes of real objects. They have no metrics.
/// </summary>
internal static class KindsContent
{
    private static readonly JsonObject Kinds = Read();

    /// <summary>Adds the objects of a resource.</summary>
    public static IEnumerable<ApiObject> Of(ContentContext context, ResourceType type) => context.Options.EveryKind
        ? (Kinds[type.Plural] as JsonArray ?? []).Select(item => ApiObject.From(type, item!.DeepClone().AsObject(), context.Store.NextVersion()))
        : [];

    private static JsonObject Read()
    {
        using Stream stream = typeof(KindsContent).Assembly.GetManifestResourceStream("Kinds.json")!;
        return JsonNode.Parse(stream)!.AsObject();
    }
}
