using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Keeps the KubeVirt resource of a cluster as the HyperConverged resource wants it: its spec is made again from that resource and the JSON patch in its annotation, and what others
/// write into it is put back. As kubevirt/hyperconverged-cluster-operator does it at release-1.19, which brings KubeVirt 1.9: NewKubeVirt and UpdateCR in
/// controllers/handlers/kubevirt.go, ApplyPatchToSpec in controllers/operands/operand.go, conditions in controllers/hyperconverged/hyperconverged_controller.go.
/// </summary>
internal sealed class HyperConvergedOperator
{
    public const string Group = "hco.kubevirt.io";
    public const string Plural = "hyperconvergeds";
    public const string Name = "kubevirt-hyperconverged";
    public const string KubeVirtName = "kubevirt-" + Name;
    public const string Annotation = "kubevirt.kubevirt.io/jsonpatch";

    private const string Manager = "hyperconverged-cluster-operator";
    private const string Version = "1.19.0";

    private static readonly KubeVirtWebhooks KubeVirt = new();

    private readonly ResourceStore _store;
    private readonly TimeProvider _time;
    private readonly ResourceCollection[] _watched;
    private readonly Channel<WatchEvent>[] _changes;
    private readonly Task _working;

    public HyperConvergedOperator(ResourceStore store, TimeProvider time)
    {
        _store = store;
        _time = time;
        _watched = [store[Group, Plural], store[ResourceTypes.KubeVirtGroup, "kubevirts"]];
        _changes = [.. _watched.Select(collection => collection.Watch(store.Version)!.Value.Coming)];
        foreach (ApiObject present in _watched[0].List()) Reconcile(present.Namespace!);
        _working = Task.WhenAll(_changes.Select(changes => Task.Run(() => WorkAsync(changes))));
    }

    public async Task StopAsync()
    {
        foreach ((ResourceCollection collection, Channel<WatchEvent> changes) in _watched.Zip(_changes))
        {
            collection.Unwatch(changes);
            changes.Writer.TryComplete();
        }

        await _working;
    }

    /// <summary>What an installation begins with, as its own manifest (deploy/hco.cr.yaml) and the defaults of the definition have it, in version v1beta1.</summary>
    public static JsonObject Defaults() => JsonNode.Parse(
        """
        {"certConfig":{"ca":{"duration":"48h0m0s","renewBefore":"24h0m0s"},"server":{"duration":"24h0m0s","renewBefore":"12h0m0s"}},"featureGates":{"downwardMetrics":false,"persistentReservation":false},
        "infra":{},"liveMigrationConfig":{"allowAutoConverge":false,"allowPostCopy":false,"completionTimeoutPerGiB":150,"parallelMigrationsPerCluster":5,"parallelOutboundMigrationsPerNode":2,"progressTimeout":150},
        "uninstallStrategy":"BlockUninstallIfWorkloadsExist","workloadUpdateStrategy":{"batchEvictionInterval":"1m0s","batchEvictionSize":10,"workloadUpdateMethods":["LiveMigrate"]},"workloads":{}}
        """)!.AsObject();

    /// <summary>The labels of what the operator makes.</summary>
    public static Dictionary<string, string> Labels() => new(StringComparer.Ordinal)
    {
        ["app"] = Name,
        ["app.kubernetes.io/component"] = "compute",
        ["app.kubernetes.io/managed-by"] = "hco-operator",
        ["app.kubernetes.io/part-of"] = "hyperconverged-cluster",
        ["app.kubernetes.io/version"] = Version,
    };

    /// <summary>The spec of KubeVirt that a HyperConverged resource asks for.</summary>
    /// <exception cref="FormatException">Its annotation is no JSON patch, or one that does not apply; in the words of the operator.</exception>
    public static JsonObject SpecOf(JsonObject hyperConverged)
    {
        JsonNode? asked = hyperConverged["spec"];
        JsonArray gates = ["CPUManager", "DataVolumes", "DownwardMetrics", "ExpandDisks", "HostDevices", "HotplugVolumes", "LiveMigration", "Snapshot", "WithHostModelCPU"];
        if ((bool?)asked?["featureGates"]?["downwardMetrics"] != true) gates.RemoveAt(2);
        JsonObject spec = new()
        {
            ["certificateRotateStrategy"] = new JsonObject { ["selfSigned"] = asked?["certConfig"]?.DeepClone() ?? new JsonObject() },
            ["configuration"] = new JsonObject
            {
                ["developerConfiguration"] = new JsonObject { ["featureGates"] = gates },
                ["migrations"] = asked?["liveMigrationConfig"]?.DeepClone() ?? new JsonObject(),
            },
            ["customizeComponents"] = new JsonObject(),
            ["productComponent"] = "compute",
            ["productName"] = "hyperconverged-cluster",
            ["productVersion"] = Version,
            ["serviceMonitorNamespace"] = (string?)hyperConverged["metadata"]?["namespace"],
            ["uninstallStrategy"] = (string?)asked?["uninstallStrategy"] ?? "BlockUninstallIfWorkloadsExist",
            ["workloadUpdateStrategy"] = asked?["workloadUpdateStrategy"]?.DeepClone() ?? new JsonObject(),
        };
        foreach (string place in new[] { "infra", "workloads" })
        {
            if (asked?[place] is JsonObject { Count: > 0 } placement) spec[place] = placement.DeepClone();
        }

        if (hyperConverged["metadata"]?["annotations"]?[Annotation] is not { } annotation) return spec;
        try
        {
            return Patched(spec, (string)annotation!);
        }
        catch (FormatException failure)
        {
            throw new FormatException($"invalid jsonPatch in the {Annotation} annotation: {failure.Message}", failure);
        }
    }

    private static JsonObject Patched(JsonObject spec, string annotation)
    {
        JsonNode?[] steps = [.. StepsOf(annotation)];
        foreach (JsonNode? step in steps)
        {
            if (Text(step?["path"]) is not { } path) throw new FormatException("operation missing path field: missing value");
            if (!path.StartsWith("/spec/", StringComparison.Ordinal)) throw new FormatException("can only modify spec fields");
        }

        JsonObject whole = new() { ["spec"] = spec };
        foreach (JsonNode? step in steps)
        {
            string path = (string)step!["path"]!;
            try
            {
                whole = JsonPatch.Apply(whole, new JsonArray(step.DeepClone()));
            }
            catch (ApiException)
            {
                throw new FormatException(Text(step["op"]) switch
                {
                    "test" => $"testing value {path} failed: test failed",
                    "replace" => $"replace operation does not apply: doc is missing key: {path}: missing value",
                    string operation => $"{operation} operation does not apply: doc is missing path: \"{path}\": missing value",
                    null => "operation missing op field: missing value",
                });
            }
        }

        // The result is read into KubeVirt's own types: unknown fields are lost, and wrong types are an error.
        ResourceType type = ResourceTypes.All.First(static each => each.Kind == "KubeVirt");
        _ = KubeVirtSchema.Prune(type, whole);
        if (KubeVirtSchema.Violations(type, whole).FirstOrDefault(static violation => violation.Kind == "type") is { } wrong) throw new FormatException($"json: cannot unmarshal into Go struct field {wrong.Path}");
        JsonObject made = whole["spec"]!.AsObject();
        whole.Remove("spec");
        return made;
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static JsonArray StepsOf(string annotation)
    {
        try
        {
            return JsonNode.Parse(annotation) switch
            {
                JsonArray steps when steps.All(static step => step is JsonObject) => steps,
                null => [],
                _ => throw new FormatException("json: cannot unmarshal into Go value of type jsonpatch.Patch"),
            };
        }
        catch (JsonException)
        {
            throw new FormatException(annotation.Length == 0 ? "unexpected end of JSON input" : $"invalid character '{annotation.TrimStart().FirstOrDefault()}' looking for beginning of value");
        }
    }

    private async Task WorkAsync(Channel<WatchEvent> changes)
    {
        await foreach (WatchEvent change in changes.Reader.ReadAllAsync()) Reconcile(change.Object.Namespace!);
    }

    private void Reconcile(string space)
    {
        lock (_store.Gate)
        {
            if (_watched[0].Find(space, Name)?.ToJson() is not { } hyperConverged) return;
            string? failure = null;
            try
            {
                failure = Keep(hyperConverged, SpecOf(hyperConverged), space);
            }
            catch (FormatException wrong)
            {
                failure = wrong.Message;
            }

            JsonObject status = StatusOf(hyperConverged, failure, _watched[1].Find(space, KubeVirtName)?.ToJson()["status"]);
            if (JsonNode.DeepEquals(status, hyperConverged["status"])) return;
            hyperConverged["status"] = status;
            _watched[0].Put(ApiObject.From(_watched[0].Type, hyperConverged, _store.NextVersion()));
        }
    }

    /// <summary>Makes the KubeVirt resource what it has to be; says what the API server refuses it for.</summary>
    private string? Keep(JsonObject hyperConverged, JsonObject spec, string space)
    {
        ResourceType type = _watched[1].Type;
        JsonObject? before = _watched[1].Find(space, KubeVirtName)?.ToJson();
        bool labelled = Labels().All(label => (string?)before?["metadata"]?["labels"]?[label.Key] == label.Value);
        if (before is not null && labelled && JsonNode.DeepEquals(before["spec"], spec)) return null;
        string now = Meta.Time(_time.GetUtcNow());
        JsonObject after = before?.DeepClone().AsObject() ?? new JsonObject { ["apiVersion"] = type.ApiVersion, ["kind"] = type.Kind, ["metadata"] = Meta.Of(KubeVirtName, space, Guid.NewGuid(), _time.GetUtcNow()) };
        JsonObject metadata = after["metadata"]!.AsObject();
        JsonObject labels = metadata["labels"]?.DeepClone().AsObject() ?? [];
        foreach ((string key, string value) in Labels()) labels[key] = value;
        metadata["labels"] = labels;
        metadata["ownerReferences"] ??= new JsonArray(Meta.Owner($"{Group}/{_watched[0].Type.Version}", "HyperConverged", Name, Guid.Parse((string)hyperConverged["metadata"]!["uid"]!)));
        if (!JsonNode.DeepEquals(before?["spec"], spec)) metadata["generation"] = ((long?)metadata["generation"] ?? 0) + 1;
        after["spec"] = spec;
        if (KubeVirt.Review(new AdmissionRequest(before is null ? "create" : "update", type, null, after, before, new ApiUser("system:serviceaccount:" + space + ":" + Manager, []), false)) is { } refused) return refused.Message;
        FieldOwnership.Changed(metadata, before, after, (Manager, null), type, now);
        _watched[1].Put(ApiObject.From(type, after, _store.NextVersion()));
        return null;
    }

    private JsonObject StatusOf(JsonObject hyperConverged, string? failure, JsonNode? kubeVirt)
    {
        const string Completed = "ReconcileCompleted";
        const string CompletedMessage = "Reconcile completed successfully";
        Dictionary<string, (string Status, string Reason, string Message)> conditions = new(StringComparer.Ordinal);
        if (failure is null)
        {
            JsonNode? Said(string type) => (kubeVirt?["conditions"] as JsonArray)?.FirstOrDefault(one => (string?)one?["type"] == type);
            conditions["ReconcileComplete"] = ("True", Completed, CompletedMessage);
            if (Said("Available") is not { } available || (string?)available["status"] == "False")
                conditions["Available"] = ("False", "KubeVirtNotAvailable", $"KubeVirt is not available: {(string?)Said("Available")?["message"] ?? "missing \"Available\" condition"}");
            if ((string?)Said("Progressing")?["status"] == "True")
                conditions["Progressing"] = conditions["Upgradeable"] = ("True", "KubeVirtProgressing", $"KubeVirt is progressing: {(string?)Said("Progressing")!["message"]}");
            if ((string?)Said("Degraded")?["status"] == "True") conditions["Degraded"] = ("True", "KubeVirtDegraded", $"KubeVirt is degraded: {(string?)Said("Degraded")!["message"]}");
            bool degraded = conditions.ContainsKey("Degraded");
            if (conditions.TryGetValue("Upgradeable", out var progressing)) conditions["Upgradeable"] = progressing with { Status = "False" };
            conditions.TryAdd("Available", degraded ? ("False", "HCODegraded", "HCO is not available due to degraded components") : ("True", Completed, CompletedMessage));
            conditions.TryAdd("Progressing", ("False", Completed, CompletedMessage));
            conditions.TryAdd("Degraded", ("False", Completed, CompletedMessage));
            conditions.TryAdd("Upgradeable", degraded ? ("False", "HCODegraded", "HCO is not Upgradeable due to degraded components") : ("True", Completed, CompletedMessage));
        }
        else
        {
            conditions["ReconcileComplete"] = ("False", "ReconcileFailed", $"Error while reconciling: {failure}");
            foreach (string type in new[] { "Available", "Progressing", "Degraded", "Upgradeable" }) conditions[type] = ("Unknown", "StatusUnknown", "Unknown Status");
        }

        if (IsTainted(hyperConverged)) conditions["TaintedConfiguration"] = ("True", "UnsupportedFeatureAnnotation", "Unsupported feature was activated via an HCO annotation");
        long generation = (long?)hyperConverged["metadata"]!["generation"] ?? 1;
        JsonArray list = [];
        foreach ((string type, (string status, string reason, string message)) in conditions.OrderBy(static one => Array.IndexOf(["ReconcileComplete", "Available", "Progressing", "Degraded", "Upgradeable", "TaintedConfiguration"], one.Key)))
        {
            JsonNode? old = (hyperConverged["status"]?["conditions"] as JsonArray)?.FirstOrDefault(one => (string?)one?["type"] == type && (string?)one["status"] == status);
            list.Add((JsonNode)new JsonObject
            {
                ["lastTransitionTime"] = (string?)old?["lastTransitionTime"] ?? Meta.Time(_time.GetUtcNow()),
                ["message"] = message,
                ["observedGeneration"] = generation,
                ["reason"] = reason,
                ["status"] = status,
                ["type"] = type,
            });
        }

        bool wrong = conditions["Available"].Status != "True" || conditions["Degraded"].Status == "True";
        return new JsonObject
        {
            ["conditions"] = list,
            ["infrastructureHighlyAvailable"] = true,
            ["observedGeneration"] = generation,
            ["systemHealthStatus"] = wrong ? "error" : failure is not null || conditions["Progressing"].Status == "True" ? "warning" : "healthy",
            ["versions"] = new JsonArray(new JsonObject { ["name"] = "operator", ["version"] = Version }),
        };
    }

    /// <summary>Whether the annotation holds steps, be it that they do not apply; one that is no patch at all does not count.</summary>
    private static bool IsTainted(JsonObject hyperConverged)
    {
        try
        {
            return hyperConverged["metadata"]?["annotations"]?[Annotation] is { } annotation && StepsOf((string)annotation!).Count > 0;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
