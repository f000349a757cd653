using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Writes a patch in the formats of other tools. Only what stands for itself is a resource: whatever belongs into a resource of others is a patch or a fragment, which kubectl apply refuses.</summary>
internal static class AgentPatchText
{
    /// <summary>What is missing in the documents for kubectl apply.</summary>
    // Of a KubeVirt resource with nothing but patches, kubectl apply would make one with nothing but patches. A server-side apply would do so too, with a
    // field manager of its own as well: kubectl hands over to it what was applied before.
    public const string NotIncluded = "The patches of the KubeVirt resource are not included, because 'kubectl apply' would remove from that resource what was applied before. Install the patch, or write it in another format.";

    private static readonly JsonSerializerOptions Indented = new(DatadogCheck.Plain) { WriteIndented = true };

    public static string Write(AgentPatch patch, AgentPatchFormat format) => format switch
    {
        AgentPatchFormat.Yaml or AgentPatchFormat.Json when patch.Documents.Count == 0 => throw None(patch, format),
        AgentPatchFormat.Yaml => Comments([.. patch.Patches.Count > 0 ? [NotIncluded] : Array.Empty<string>(), .. patch.Notes]) + Yaml(patch, [.. patch.Documents]),
        AgentPatchFormat.Json => List(patch).ToJsonString(Indented),
        AgentPatchFormat.PatchFile => PatchFile(patch),
        AgentPatchFormat.KustomizePatch => Kustomize(patch),
        AgentPatchFormat.HelmValues => Helm(patch),
        AgentPatchFormat.DatadogAgent => Operator(patch),
        AgentPatchFormat.DaemonSetPatch => DaemonSet(patch),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    public static IReadOnlyDictionary<string, string> Configuration(AgentPatch patch) =>
        patch.Files.ToDictionary(file => file.Key, file => Yaml(patch, file.Value), StringComparer.Ordinal);

    /// <summary>A merge patch of the resource that owns KubeVirt, in the form of the texts of a patch; JSON where there is none.</summary>
    public static string OfOwner(AgentPatch? patch, string command, JsonObject document) =>
        Comments([
            $"{command} --patch-file FILE",
            "sets these annotations and changes nothing else. It includes their other content: create it again if somebody changes them.",
        ]) + (patch is null ? document.ToJsonString(Indented) : Yaml(patch, document));

    private static JsonObject List(AgentPatch patch) => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "List",
        ["items"] = new JsonArray([.. patch.Documents.Select(document => document.DeepClone())]),
    };

    // A merge would replace the list of others; an addition to a list that is not there fails, and says so.
    private static JsonArray Additions(AgentPatch patch) =>
        [.. patch.Patches.Select(one => new JsonObject { ["op"] = "add", ["path"] = "/spec/customizeComponents/patches/-", ["value"] = one.ToJson() })];

    private static string PatchFile(AgentPatch patch)
    {
        if (patch.Patches.Count == 0) throw None(patch, AgentPatchFormat.PatchFile);
        string command = $"kubectl patch kubevirts.kubevirt.io {NameOf(patch)} -n {patch.InstallNamespace}";
        string[] notes =
        [
            $"{command} --type json --patch-file FILE",
            "adds these to spec.customizeComponents.patches and changes nothing else. Each time you run it, it adds them again.",
            "If the server refuses it as invalid, the list does not exist yet. These two commands create an empty list, and change nothing if it exists:",
            command + """ --type merge -p '{"spec":{"customizeComponents":{}}}'""",
            command + """ --type json -p '[{"op":"test","path":"/spec/customizeComponents/patches","value":null},{"op":"add","path":"/spec/customizeComponents/patches","value":[]}]'""",
            .. Beside(patch),
            .. patch.Notes,
        ];
        return Comments(notes) + Yaml(patch, Additions(patch));
    }

    private static string Kustomize(AgentPatch patch)
    {
        if (patch.Patches.Count == 0) throw None(patch, AgentPatchFormat.KustomizePatch);
        JsonObject component = new()
        {
            ["apiVersion"] = "kustomize.config.k8s.io/v1alpha1",
            ["kind"] = "Component",
            ["patches"] = new JsonArray(new JsonObject
            {
                ["target"] = new JsonObject { ["group"] = "kubevirt.io", ["version"] = "v1", ["kind"] = "KubeVirt", ["name"] = NameOf(patch) },
                ["patch"] = Yaml(patch, Additions(patch)),
            }),
        };
        return Comments(["The KubeVirt resource of the base must have the list spec.customizeComponents.patches, even if it is empty.", .. Beside(patch), .. patch.Notes]) + Yaml(patch, component);
    }

    private static string NameOf(AgentPatch patch) => patch.Options.KubeVirtName ?? patch.Options.ClusterKubeVirtName;

    private static string[] Beside(AgentPatch patch) =>
    [
        .. patch.Options.IsManaged ? [$"KubeVirt {patch.InstallNamespace}/{NameOf(patch)} is managed by a HyperConverged resource, whose operator undoes what others change: install the patch instead, which writes a patch for that resource."] : Array.Empty<string>(),
        .. patch.ClusterRoleBinding is null ? Array.Empty<string>() : ["The ClusterRoleBinding is a separate resource: use the one in the YAML form."],
        .. patch.Verifies ? [$"virt-operator makes another certificate authority after each change of its resource: renew ConfigMap {AgentAuthority.Name} of the Agent afterwards."] : Array.Empty<string>(),
    ];

    private static string Helm(AgentPatch patch)
    {
        switch (patch.Tool)
        {
            case AgentTool.OpenTelemetry:
                return Comments(["Add the receiver prometheus/kubevirt to a metrics pipeline.", .. patch.Notes]) + Yaml(patch, OpenTelemetryDocuments.Values(patch.Options));
            case AgentTool.Datadog when patch.Check == AgentCheck.KubeVirt:
                return Comments([.. InPlaceOfThePatch(patch), .. patch.Notes]) + Yaml(patch, new JsonObject { ["datadog"] = new JsonObject { ["confd"] = Files(patch) } });
            case AgentTool.Datadog when patch.Verifies:
                (JsonArray volumes, JsonArray mounts) = AgentAuthority.Mount(patch.Options.AuthorityPath);
                return Comments(["Add these to the lists of your values: Helm replaces a list of one file by that of the next.", .. Together(patch), .. patch.Notes]) + Yaml(patch, new JsonObject { ["agents"] = new JsonObject { ["volumes"] = volumes, ["volumeMounts"] = mounts } });
            default:
                throw None(patch, AgentPatchFormat.HelmValues);
        }
    }

    // Without kind and name it is no resource: of one with these parts alone, kubectl apply would make an Agent with these parts alone.
    private static string Operator(AgentPatch patch)
    {
        if (patch.Tool != AgentTool.Datadog || (patch.Check == AgentCheck.OpenMetrics && !patch.Verifies)) throw None(patch, AgentPatchFormat.DatadogAgent);
        const string How = "Add this to your DatadogAgent resource, beside what its lists have already. A merge patch would replace the lists.";
        JsonObject agent;
        string[] notes;
        if (patch.Check == AgentCheck.KubeVirt)
        {
            agent = new JsonObject { ["extraConfd"] = new JsonObject { ["configDataMap"] = Files(patch) } };
            notes = InPlaceOfThePatch(patch);
        }
        else
        {
            (JsonArray volumes, JsonArray mounts) = AgentAuthority.Mount(patch.Options.AuthorityPath);
            agent = new JsonObject { ["volumes"] = volumes, ["containers"] = new JsonObject { ["agent"] = new JsonObject { ["volumeMounts"] = mounts } } };
            notes = Together(patch);
        }

        return Comments([How, .. notes, .. patch.Notes]) + Yaml(patch, new JsonObject { ["spec"] = new JsonObject { ["override"] = new JsonObject { ["nodeAgent"] = agent } } });
    }

    private static string DaemonSet(AgentPatch patch)
    {
        if (!patch.Verifies) throw None(patch, AgentPatchFormat.DaemonSetPatch);
        (JsonArray volumes, JsonArray mounts) = AgentAuthority.Mount(patch.Options.AuthorityPath);
        JsonObject pod = new() { ["volumes"] = volumes, ["containers"] = new JsonArray(new JsonObject { ["name"] = "agent", ["volumeMounts"] = mounts }) };
        string[] notes =
        [
            $"kubectl patch daemonset NAME -n {patch.AgentNamespace} --patch-file FILE",
            "adds the volume and the mount, and changes nothing else. The Agent's pods restart.",
            "A chart or an operator that owns the DaemonSet undoes it: use HelmValues or DatadogAgent then.",
            .. Together(patch),
            .. patch.Notes,
        ];
        return Comments(notes) + Yaml(patch, new JsonObject { ["spec"] = new JsonObject { ["template"] = new JsonObject { ["spec"] = pod } } });
    }

    private static string[] Together(AgentPatch patch) => ["This belongs to the patch of the KubeVirt resource, whose checks find KubeVirt's authorities there."];

    private static string[] InPlaceOfThePatch(AgentPatch patch) =>
    [
        "Use this instead of the patch of the KubeVirt resource, not together with it: with both, every check runs twice.",
        .. patch.ClusterRoleBinding is null ? Array.Empty<string>() : [$"It does not grant {AgentAccess.Role}: use the ClusterRoleBinding in the YAML form."],
    ];

    // Both the chart and the operator take files of conf.d by their names.
    private static JsonObject Files(AgentPatch patch)
    {
        JsonObject files = [];
        foreach ((string path, string text) in Configuration(patch)) files[path.Replace(".d/conf.yaml", ".yaml", StringComparison.Ordinal)] = text;
        return files;
    }

    private static string Yaml(AgentPatch patch, params JsonNode[] documents) =>
        documents.Length == 0 ? "" : patch.Options.Yaml?.Write(documents) ?? string.Join("\n---\n", documents.Select(document => document.ToJsonString(Indented))) + "\n";

    private static string Comments(IEnumerable<string> notes)
    {
        StringBuilder text = new();
        foreach (string note in notes) text.Append("# ").Append(note).Append('\n');
        return text.ToString();
    }

    private static KubernetesException None(AgentPatch patch, AgentPatchFormat format) => new(
        KubernetesError.ArgumentInvalid,
        patch.Tool == AgentTool.Datadog ? $"{format} has nothing to say for this patch: {(format is AgentPatchFormat.Yaml or AgentPatchFormat.Json ? "without virt-api it needs no permission" : "nothing is mounted")}" : $"a patch for {patch.Tool} cannot be written as {format}",
        patch.Tool == AgentTool.OpenTelemetry ? "Use Yaml, Json or HelmValues." : patch.Tool == AgentTool.Prometheus ? "Use Yaml or Json." : "Install the patch, or use PatchFile or KustomizePatch.");
}
