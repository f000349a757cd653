using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Writes a patch down in the forms that other tools take.</summary>
internal static class AgentPatchText
{
    private static readonly JsonSerializerOptions Indented = new(DatadogCheck.Plain) { WriteIndented = true };

    public static string Write(AgentPatch patch, AgentPatchFormat format) => format switch
    {
        AgentPatchFormat.Yaml => Comments(patch.Notes) + Yaml(patch, [.. patch.Documents]),
        AgentPatchFormat.Json => List(patch).ToJsonString(Indented),
        AgentPatchFormat.PatchFile => PatchFile(patch),
        AgentPatchFormat.KustomizePatch => Kustomize(patch),
        AgentPatchFormat.HelmValues => Helm(patch),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    public static IReadOnlyDictionary<string, string> Configuration(AgentPatch patch) =>
        patch.Files.ToDictionary(file => file.Key, file => Yaml(patch, file.Value), StringComparer.Ordinal);

    /// <summary>A merge patch of the resource that owns KubeVirt, in the form of the texts of a patch; JSON where there is none.</summary>
    public static string OfOwner(AgentPatch? patch, string command, JsonObject document) =>
        Comments([
            $"{command} --patch-file FILE",
            "sets these annotations and touches nothing else. It holds what else was in them: make it anew when somebody has changed them.",
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
        string command = $"kubectl patch kubevirts.kubevirt.io {patch.Options.KubeVirtName} -n {patch.InstallNamespace}";
        string[] notes =
        [
            $"{command} --type json --patch-file FILE",
            "adds these to spec.customizeComponents.patches and touches nothing else. Each time it is run it adds them once more.",
            "Where the server refuses it as invalid, there is no such list yet. These two make an empty one, and change nothing where there is one:",
            command + """ --type merge -p '{"spec":{"customizeComponents":{}}}'""",
            command + """ --type json -p '[{"op":"test","path":"/spec/customizeComponents","value":{}},{"op":"add","path":"/spec/customizeComponents/patches","value":[]}]'""",
            "The ClusterRoleBinding is a resource of its own: take it from the YAML form.",
            .. patch.Notes.Skip(1),
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
                ["target"] = new JsonObject { ["group"] = "kubevirt.io", ["version"] = "v1", ["kind"] = "KubeVirt", ["name"] = patch.Options.KubeVirtName },
                ["patch"] = Yaml(patch, Additions(patch)),
            }),
        };
        string[] notes =
        [
            "The KubeVirt resource of the base has to have the list spec.customizeComponents.patches, be it empty.",
            $"The ClusterRoleBinding is a resource of its own: take it from the YAML form.",
            .. patch.Notes.Skip(1),
        ];
        return Comments(notes) + Yaml(patch, component);
    }

    private static string Helm(AgentPatch patch)
    {
        if (patch.HelmValues.Count == 0) throw None(patch, AgentPatchFormat.HelmValues);
        string[] notes = patch.Tool == AgentTool.Datadog
            ? ["In place of the patch of the KubeVirt resource, not beside it: with both, every check runs twice.", $"The chart does not grant {AgentAccess.Role}: take the ClusterRoleBinding from the YAML form.", .. patch.Notes.Skip(1)]
            : ["Name the receiver prometheus/kubevirt in a pipeline of metrics.", .. patch.Notes];
        return Comments(notes) + Yaml(patch, patch.HelmValues);
    }

    private static string Yaml(AgentPatch patch, params JsonNode[] documents) =>
        patch.Options.Yaml?.Write(documents) ?? string.Join("\n---\n", documents.Select(document => document.ToJsonString(Indented))) + "\n";

    private static string Comments(IEnumerable<string> notes)
    {
        StringBuilder text = new();
        foreach (string note in notes) text.Append("# ").Append(note).Append('\n');
        return text.ToString();
    }

    private static KubernetesException None(AgentPatch patch, AgentPatchFormat format) => new(
        KubernetesError.ArgumentInvalid,
        $"for {patch.Tool} there is nothing to write as {format}",
        "Use Yaml or Json.");
}
