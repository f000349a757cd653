using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Carries the patches of a KubeVirt resource to the deployments and the daemon set, as virt-operator does: the shorter the text of a patch the earlier it is applied, whatever the
/// order in the resource. The pods of a workload whose template changes are replaced, one after the other.
/// </summary>
internal sealed class VirtOperator
{
    private static readonly (string Plural, string Kind, ComponentKind Component)[] Workloads =
        [("deployments", "Deployment", ComponentKind.Api), ("deployments", "Deployment", ComponentKind.Controller), ("daemonsets", "DaemonSet", ComponentKind.Handler)];

    private readonly PodKeeper _pods;

    private readonly ResourceStore _store;
    private readonly ResourceCollection _resources;
    private readonly Dictionary<string, JsonObject> _templates = [];
    private readonly Channel<WatchEvent> _changes;
    private readonly Task _working;

    public VirtOperator(ResourceStore store, PodKeeper pods)
    {
        _pods = pods;
        _store = store;
        _resources = store[ResourceTypes.KubeVirtGroup, "kubevirts"];
        _changes = _resources.Watch(store.Version)!.Value.Coming;
        _working = Task.Run(WorkAsync);
    }

    public async Task StopAsync()
    {
        _resources.Unwatch(_changes);
        _changes.Writer.TryComplete();
        await _working;
    }

    private async Task WorkAsync()
    {
        await foreach (WatchEvent change in _changes.Reader.ReadAllAsync())
        {
            if (change.Kind == "DELETED") continue;
            JsonObject resource = change.Object.ToJson();
            if (JsonNode.DeepEquals(resource["metadata"]?["generation"], resource["status"]?["observedGeneration"])) continue;
            JsonObject[] patches = [.. (resource["spec"]?["customizeComponents"]?["patches"] as JsonArray ?? []).OfType<JsonObject>().OrderBy(static patch => ((string?)patch["patch"] ?? "").Length)];
            List<ComponentKind> changed = [];
            try
            {
                foreach ((string plural, string kind, ComponentKind component) in Workloads)
                {
                    if (Change(plural, kind, change.Object.Namespace!, ComponentContent.App(component), patches)) changed.Add(component);
                }
            }
            catch (Exception failure) when (failure is JsonException or ApiException or InvalidOperationException)
            {
                // A patch that cannot be applied stops the rollout, and the generation stays unobserved.
                continue;
            }

            lock (_store.Gate)
            {
                if (_resources.Find(change.Object.Namespace, change.Object.Name)?.ToJson() is not { } latest) continue;
                if (latest["status"] is JsonObject status) status["observedGeneration"] = resource["metadata"]!["generation"]!.DeepClone();
                _resources.Put(ApiObject.From(_resources.Type, latest, _store.NextVersion()));
            }

            foreach (ComponentKind component in changed) await _pods.RollOutAsync(component);
        }
    }

    /// <summary>Applies the patches to a workload; says whether its template has changed.</summary>
    private bool Change(string plural, string kind, string space, string name, JsonObject[] patches)
    {
        ResourceCollection collection = _store["apps", plural];
        lock (_store.Gate)
        {
            if (collection.Find(space, name)?.ToJson() is not { } workload) return false;
            JsonNode before = workload["spec"]!["template"]!;
            if (!_templates.TryGetValue(name, out JsonObject? template)) _templates[name] = template = before.DeepClone().AsObject();
            JsonObject made = new() { ["kind"] = kind, ["spec"] = new JsonObject { ["template"] = template.DeepClone() } };
            foreach (JsonObject patch in patches.Where(patch => Matches(patch["resourceType"], kind) && Matches(patch["resourceName"], name))) made = Apply(made, patch, kind);
            JsonNode after = made["spec"]!["template"]!;
            if (JsonNode.DeepEquals(before, after)) return false;
            workload["spec"]!["template"] = after.DeepClone();
            long generation = ((long?)workload["metadata"]!["generation"] ?? 1) + 1;
            workload["metadata"]!["generation"] = generation;
            workload["status"]!["observedGeneration"] = generation;
            collection.Put(ApiObject.From(collection.Type, workload, _store.NextVersion()));
        }

        return true;
    }

    private static JsonObject Apply(JsonObject made, JsonObject patch, string kind)
    {
        JsonNode body = JsonNode.Parse((string)patch["patch"]!)!;
        switch ((string?)patch["type"])
        {
            case "json":
                return (JsonObject)JsonPatch.Apply(made, body.AsArray());
            case "merge":
                MergePatch.Apply(made, body.AsObject());
                return made;
            default:
                new StrategicPatch(kind).Apply(made, body.AsObject());
                return made;
        }
    }

    private static bool Matches(JsonNode? asked, string name) => (string?)asked is { } text && (text == "*" || text.Equals(name, StringComparison.OrdinalIgnoreCase));
}
