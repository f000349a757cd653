using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Carries the patches of a KubeVirt resource to the deployments and the daemon set, as virt-operator does: the shorter the text of a patch the earlier it is applied, whatever the
/// order in the resource. All workloads get their templates at once, and their pods are replaced side by side. As pkg/virt-operator of kubevirt/kubevirt does it at v1.9.0:
/// syncInstallation in kubevirt.go, createOrRollBackSystem and processCanaryUpgrade in resource/apply, readycheck.go and client.go in util.
/// </summary>
/// <remarks>
/// The version stays the same, so the conditions are those of a deployment and not of an update: not available and progressing as long as a virt-handler is not ready. The generation
/// counts as observed as soon as all are ready once, which may be between two of them; a rollout of deployments alone, which have pods that are ready all the time, does not wait.
/// </remarks>
internal sealed class VirtOperator
{
    private static readonly (string Plural, string Kind, ComponentKind Component)[] Workloads =
        [("deployments", "Deployment", ComponentKind.Api), ("deployments", "Deployment", ComponentKind.Controller), ("daemonsets", "DaemonSet", ComponentKind.Handler)];

    private readonly PodKeeper _pods;
    private readonly TimeProvider _time;
    private readonly SimulatorHost _host;

    private readonly ResourceStore _store;
    private readonly ResourceCollection _resources;
    private readonly Dictionary<string, JsonObject> _templates = [];
    private readonly Channel<WatchEvent> _changes;
    private readonly Task _working;
    private long _refused;

    public VirtOperator(ResourceStore store, PodKeeper pods, TimeProvider time, SimulatorHost host)
    {
        _host = host;
        _pods = pods;
        _time = time;
        _store = store;
        _resources = store[ResourceTypes.KubeVirtGroup, "kubevirts"];
        _changes = _resources.Watch(store.Version)!.Value.Coming;
        foreach ((_, _, ComponentKind component) in Workloads) _ = pods.Revision(component);
        pods.Told = Settle;
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
            if (change.Kind != "DELETED") Sync(change.Object.Namespace!, change.Object.Name);
        }
    }

    private void Sync(string space, string name)
    {
        List<ComponentKind> changed = [];
        lock (_store.Gate)
        {
            // A second resource has no status: it is ignored.
            if (_resources.Find(space, name)?.ToJson() is not { } resource || resource["status"] is null) return;
            long generation = (long?)resource["metadata"]?["generation"] ?? 1;
            if (generation == (long?)resource["status"]?["observedGeneration"] || generation == _refused || Synced(resource)) return;
            JsonObject[] patches = [.. (resource["spec"]?["customizeComponents"]?["patches"] as JsonArray ?? []).OfType<JsonObject>().OrderBy(static patch => Encoding.UTF8.GetByteCount((string?)patch["patch"] ?? ""))];
            try
            {
                (string Plural, JsonObject Workload, JsonObject Template, ComponentKind Component)[] made = [.. Workloads.Select(each => Make(each, space, patches)).OfType<(string, JsonObject, JsonObject, ComponentKind)>()];
                string hash = StableId.Uid(0, "customizer", new JsonArray([.. patches.Select(static patch => patch.DeepClone())]).ToJsonString()).ToString("N");
                Say(resource, "Deploying");
                foreach ((string plural, JsonObject workload, JsonObject template, ComponentKind component) in made)
                {
                    if (Change(_store["apps", plural], workload, template, generation, hash)) changed.Add(component);
                }

                RenewAuthority(space);
            }
            catch (Exception failure) when (failure is JsonException or ApiException or InvalidOperationException or FormatException)
            {
                // Nothing is rolled out, and the generation stays unobserved, until there is another one.
                _refused = generation;
                Say(resource, failure.Message);
                return;
            }
        }

        foreach (ComponentKind component in changed) _pods.RollOut(component);
        if (!changed.Contains(ComponentKind.Handler)) Settle();
    }

    /// <summary>
    /// Makes another authority beside those there are. virt-operator 1.9.0 does so after every change of its resource: for a new generation it writes its Secret without the annotation of
    /// its duration, and takes that for another duration when it looks again (createOrUpdateCertificateSecret in resource/apply/core.go).
    /// </summary>
    private void RenewAuthority(string space)
    {
        _host.RenewAuthority();
        ResourceCollection maps = _store["", "configmaps"];
        if (maps.Find(space, "kubevirt-ca")?.ToJson() is not { } map) return;
        map["data"]!["ca-bundle"] = (string?)map["data"]!["ca-bundle"] + _host.CertificateAuthority.Pem;
        maps.Put(ApiObject.From(maps.Type, map, _store.NextVersion()));
    }

    /// <summary>Whether the workloads have been written for the generation of a resource.</summary>
    private bool Synced(JsonObject resource) => Workloads
        .Select(each => _store["apps", each.Plural].Find((string?)resource["metadata"]!["namespace"], ComponentContent.App(each.Component))?.ToJson()["metadata"])
        .All(metadata => metadata is null || (string?)metadata["annotations"]?["kubevirt.io/generation"] == resource["metadata"]!["generation"]!.ToString());

    /// <summary>Tells the state of the components in the resource that they are of.</summary>
    private void Settle()
    {
        lock (_store.Gate)
        {
            foreach (ApiObject present in _resources.List().ToArray())
            {
                JsonObject resource = present.ToJson();
                long generation = (long?)resource["metadata"]?["generation"] ?? 1;
                bool known = generation == (long?)resource["status"]?["observedGeneration"];
                if (resource["status"] is null || generation == _refused || (!known && !Synced(resource))) continue;
                bool ready = Workloads.All(each => IsReady(_store["apps", each.Plural].Find(present.Namespace, ComponentContent.App(each.Component))?.ToJson(), each.Kind));
                Say(resource, ready ? "" : "Deploying");
            }
        }
    }

    private static bool IsReady(JsonObject? workload, string kind) => workload is null || (kind == "DaemonSet"
        ? (int?)workload["status"]?["numberReady"] == (int?)workload["status"]?["desiredNumberScheduled"]
        : (int?)workload["status"]?["readyReplicas"] > 0);

    /// <summary>Writes the conditions: nothing to say means that all is ready, "Deploying" that it is not, and anything else why it cannot be.</summary>
    private void Say(JsonObject resource, string what)
    {
        if (resource["status"] is not JsonObject status) return;
        (string available, string progressing, string degraded, string reason, string message) = what switch
        {
            "" => ("True", "False", "False", "AllComponentsReady", "All components are ready."),
            "Deploying" => ("False", "True", "False", "DeploymentInProgress", $"Deploying version {status["targetKubeVirtVersion"]} with registry registry.example/kubevirt"),
            _ => ("False", "False", "True", "DeploymentFailed", $"An error occurred during deployment: {what}"),
        };
        bool failed = reason == "DeploymentFailed";
        string before = status.ToJsonString();
        Set("Synchronized", failed ? "False" : null, reason, message);
        Set("Available", available, reason, message);
        Set("Progressing", progressing, reason, message);
        Set("Degraded", degraded, reason, message);
        if (what.Length == 0) status["observedGeneration"] = resource["metadata"]!["generation"]?.DeepClone();
        if (status.ToJsonString() == before) return;
        _resources.Put(ApiObject.From(_resources.Type, resource, _store.NextVersion()));

        void Set(string type, string? state, string why, string text)
        {
            JsonArray conditions = status["conditions"] as JsonArray ?? [];
            JsonObject? present = conditions.OfType<JsonObject>().FirstOrDefault(one => (string?)one["type"] == type);
            if (state is null)
            {
                if (present is not null) conditions.Remove(present);
                return;
            }

            if (present is not null && (string?)present["status"] == state && (string?)present["reason"] == why && (string?)present["message"] == text) return;
            string now = Meta.Time(_time.GetUtcNow());
            JsonObject made = new() { ["lastProbeTime"] = now, ["lastTransitionTime"] = now, ["message"] = text, ["reason"] = why, ["status"] = state, ["type"] = type };
            if (present is null) conditions.Add((JsonNode)made);
            else conditions[conditions.IndexOf(present)] = made;
        }
    }

    /// <summary>Applies the patches to a workload; null when there is none.</summary>
    private (string Plural, JsonObject Workload, JsonObject Template, ComponentKind Component)? Make((string Plural, string Kind, ComponentKind Component) each, string space, JsonObject[] patches)
    {
        string name = ComponentContent.App(each.Component);
        if (_store["apps", each.Plural].Find(space, name)?.ToJson() is not { } workload) return null;
        if (!_templates.TryGetValue(name, out JsonObject? template)) _templates[name] = template = workload["spec"]!["template"]!.DeepClone().AsObject();
        JsonObject made = new() { ["kind"] = each.Kind, ["spec"] = new JsonObject { ["template"] = template.DeepClone() } };
        foreach (JsonObject patch in patches.Where(patch => Matches(patch["resourceType"], each.Kind) && Matches(patch["resourceName"], name))) made = Apply(made, patch, each.Kind);
        return (each.Plural, workload, made["spec"]!["template"]!.AsObject(), each.Component);
    }

    /// <summary>Writes a workload; says whether its template has changed.</summary>
    private bool Change(ResourceCollection collection, JsonObject workload, JsonObject template, long generation, string hash)
    {
        JsonObject metadata = workload["metadata"]!.AsObject();
        if (metadata["annotations"] is not JsonObject annotations) metadata["annotations"] = annotations = [];
        annotations["kubevirt.io/customizer-identifier"] = hash;
        annotations["kubevirt.io/generation"] = generation.ToString(System.Globalization.CultureInfo.InvariantCulture);
        bool changed = !JsonNode.DeepEquals(workload["spec"]!["template"], template);
        if (changed)
        {
            workload["spec"]!["template"] = template.DeepClone();
            metadata["generation"] = ((long?)metadata["generation"] ?? 1) + 1;
        }

        collection.Put(ApiObject.From(collection.Type, workload, _store.NextVersion()));
        return changed;
    }

    private static JsonObject Apply(JsonObject made, JsonObject patch, string kind)
    {
        JsonNode body = JsonNode.Parse((string)patch["patch"]!)!;
        switch ((string?)patch["type"])
        {
            case "json":
                return JsonPatch.Apply(made, body.AsArray());
            case "merge":
                MergePatch.Apply(made, body.AsObject());
                return made;
            case "strategic":
                new StrategicPatch(kind).Apply(made, body.AsObject());
                return made;
            default:
                throw new FormatException("PatchType is not supported");
        }
    }

    private static bool Matches(JsonNode? asked, string name) => (string?)asked is { } text && (text == "*" || text.Equals(name, StringComparison.OrdinalIgnoreCase));
}
