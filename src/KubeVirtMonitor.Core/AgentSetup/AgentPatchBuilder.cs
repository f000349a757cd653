using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Validates the options, and creates the parts of a patch.</summary>
internal static class AgentPatchBuilder
{
    public static AgentPatch Build(AgentPatchOptions options)
    {
        Check(options);
        options = options with { Components = [.. options.Components.Distinct().Order()] };
        return options.Tool switch
        {
            AgentTool.Prometheus => new AgentPatch(options) { Documents = PrometheusDocuments.Of(options), Notes = NotesOf(options) },
            AgentTool.OpenTelemetry => new AgentPatch(options)
            {
                Documents = OpenTelemetryDocuments.Of(options),
                Notes = NotesOf(options),
                HelmValues = OpenTelemetryDocuments.Values(options),
            },
            _ => Datadog(options),
        };
    }

    private static AgentPatch Datadog(AgentPatchOptions options)
    {
        ComponentPatch[] patches = [.. options.Components.Select(component => DatadogCheck.Patch(component, options))];
        JsonObject binding = AgentAccess.Binding(options);
        return new AgentPatch(options)
        {
            Patches = patches,
            ClusterRoleBinding = binding,
            Documents = [(JsonObject)binding.DeepClone()],
            // Of a KubeVirt resource with nothing but patches, kubectl apply would make one with nothing but patches.
            Notes = ["The patches of the KubeVirt resource are not included, because 'kubectl apply' would remove from that resource what was applied before. Install the patch, or write it in another format.", .. NotesOf(options)],
            Files = options.Components.ToDictionary(component => $"{ComponentFacts.CheckNameOf(component)}.d/conf.yaml", component => DatadogCheck.File(component, options)),
            HelmValues = DatadogCheck.Values(options),
        };
    }

    private static string[] NotesOf(AgentPatchOptions options)
    {
        if (options.SkipCertificateCheck)
            return ["Certificates are not verified: anything that responds at a pod's address is trusted, and can send false metrics."];
        string authority = options.Tool == AgentTool.Prometheus ? $"ConfigMap {ComponentFacts.AuthorityConfigMap}" : $"the file {options.CertificateAuthority}, a copy of {ComponentFacts.AuthorityKey} in ConfigMap {ComponentFacts.AuthorityConfigMap}";
        string names = options.SkipHostnameCheck ? "The name in them is not verified: any certificate that KubeVirt issued is trusted." : "They must contain the name of the component's service, because they contain no address.";
        return [$"Certificates are verified with {authority} of namespace {options.InstallNamespace}. {names}"];
    }

    private static void Check(AgentPatchOptions options)
    {
        if (options.Components.Count == 0) throw Wrong("there is no component", "Name at least one of Api, Controller, Handler.");
        if (options.Components.Contains(ComponentKind.Operator)) throw Wrong("virt-operator cannot be scraped this way: agents have no check for it", "Choose from Api, Controller, Handler.");
        Label(options.InstallNamespace, "namespace of KubeVirt");
        Label(options.AgentNamespace, "namespace of the agent");
        Subdomain(options.KubeVirtName, "name of the KubeVirt resource");
        Subdomain(options.AgentServiceAccount, "name of a service account");
        if (options.AnnotationVersion is not (1 or 2)) throw Wrong($"there is no version {options.AnnotationVersion} of the annotations", "Choose 1 or 2.");
        if (options.CollectionInterval is < 1) throw Wrong($"an interval of {options.CollectionInterval} seconds between scrapes is too short", "Give at least 1 second.");
        if (options.CertificateAuthority.LastIndexOf('/') < 1 || options.CertificateAuthority[0] != '/' || options.CertificateAuthority[^1] == '/' || options.CertificateAuthority.Any(char.IsControl))
            throw Wrong($"'{TextShown.Printable(options.CertificateAuthority)}' is not the full path of a file in a folder below /", "Give the path that the file has in the agent's containers, such as /etc/kubevirt-ca/ca-bundle.");
        if (options.ClusterName is { } cluster && (cluster.Length is 0 or > 80 || cluster.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))))
            throw Wrong($"'{TextShown.Printable(cluster)}' is not a valid name for a cluster", "Use letters, digits, dots, dashes and underscores, 80 at most.");
        foreach (string tag in options.Tags)
        {
            int colon = tag.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || colon == tag.Length - 1 || tag.Length > 200 || tag.Any(letter => char.IsControl(letter) || letter is ',' or ' ') || tag.Contains("%%", StringComparison.Ordinal))
                throw Wrong($"'{TextShown.Cut(TextShown.Printable(tag), 80)}' is not a tag", "Write tags as key:value, without commas and blanks, such as env:prod.");
        }
    }

    private static void Label(string name, string what)
    {
        if (!ResourceNames.IsLabel(name)) throw Wrong($"'{TextShown.Cut(TextShown.Printable(name), 80)}' cannot be the {what}", "Use lower-case letters, digits and dashes, 63 at most, with a letter or digit at both ends.");
    }

    private static void Subdomain(string name, string what)
    {
        if (name.Length > 253 || !name.Split('.').All(ResourceNames.IsLabel))
            throw Wrong($"'{TextShown.Cut(TextShown.Printable(name), 80)}' cannot be the {what}", "Use lower-case letters, digits, dashes and dots, with a letter or digit at both ends.");
    }

    private static KubernetesException Wrong(string what, string advice) => new(KubernetesError.ArgumentInvalid, what, advice);
}

/// <summary>Writes a patch in the formats of other tools.</summary>
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
        string command = $"kubectl patch kubevirts.kubevirt.io {patch.Options.KubeVirtName} -n {patch.InstallNamespace}";
        string[] notes =
        [
            $"{command} --type json --patch-file FILE",
            "adds these to spec.customizeComponents.patches and changes nothing else. Each time you run it, it adds them again.",
            "If the server refuses it as invalid, the list does not exist yet. These two commands create an empty list, and change nothing if it exists:",
            command + """ --type merge -p '{"spec":{"customizeComponents":{}}}'""",
            command + """ --type json -p '[{"op":"test","path":"/spec/customizeComponents","value":{}},{"op":"add","path":"/spec/customizeComponents/patches","value":[]}]'""",
            "The ClusterRoleBinding is a separate resource: use the one in the YAML form.",
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
            "The KubeVirt resource of the base must have the list spec.customizeComponents.patches, even if it is empty.",
            $"The ClusterRoleBinding is a separate resource: use the one in the YAML form.",
            .. patch.Notes.Skip(1),
        ];
        return Comments(notes) + Yaml(patch, component);
    }

    private static string Helm(AgentPatch patch)
    {
        if (patch.HelmValues.Count == 0) throw None(patch, AgentPatchFormat.HelmValues);
        string[] notes = patch.Tool == AgentTool.Datadog
            ? ["Use this instead of the patch of the KubeVirt resource, not together with it: with both, every check runs twice.", $"The chart does not grant {AgentAccess.Role}: use the ClusterRoleBinding in the YAML form.", .. patch.Notes.Skip(1)]
            : ["Add the receiver prometheus/kubevirt to a metrics pipeline.", .. patch.Notes];
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
        $"a patch for {patch.Tool} cannot be written as {format}",
        "Use Yaml or Json.");
}
