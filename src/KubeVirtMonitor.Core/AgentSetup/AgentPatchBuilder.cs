using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Checks what is asked for, and puts the parts of a patch together.</summary>
internal static class AgentPatchBuilder
{
    public static AgentPatch Build(AgentPatchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
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
            Notes = ["The patches of the KubeVirt resource are not in here: 'kubectl apply' would take out of that resource whatever was applied before. Have them put in by the installation of the patch, or written as PatchFile or KustomizePatch.", .. NotesOf(options)],
            Files = options.Components.ToDictionary(component => $"{DatadogCheck.NameOf(component)}.d/conf.yaml", component => DatadogCheck.File(component, options)),
            HelmValues = DatadogCheck.Values(options),
        };
    }

    private static string[] NotesOf(AgentPatchOptions options)
    {
        if (options.SkipTlsVerify)
            return ["Certificates are not verified: whoever can answer at a pod's address is believed, and can feed the monitoring with anything."];
        string authority = options.Tool == AgentTool.Prometheus ? "ConfigMap kubevirt-ca" : $"the file {options.TlsCaCert}, a copy of ca-bundle in ConfigMap kubevirt-ca";
        string names = options.SkipHostnameCheck ? "The name in them is not: any certificate that KubeVirt issued is believed." : "They have to carry the name of the component's service, since they carry no address.";
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
        if (options.CollectionInterval is < 1) throw Wrong($"a pause of {options.CollectionInterval} seconds between scrapes is too short", "Give at least 1 second.");
        if (options.TlsCaCert.LastIndexOf('/') < 1 || options.TlsCaCert[0] != '/' || options.TlsCaCert[^1] == '/' || options.TlsCaCert.Any(char.IsControl))
            throw Wrong($"'{TextShown.Printable(options.TlsCaCert)}' is no full path of a file in a folder", "Give the path that the file has in the agent's containers, such as /etc/kubevirt-ca/ca-bundle.");
        if (options.ClusterName is { } cluster && (cluster.Length is 0 or > 80 || cluster.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))))
            throw Wrong($"'{TextShown.Printable(cluster)}' is no name of a cluster", "Use letters, digits, dots, dashes and underscores, 80 at most.");
        foreach (string tag in options.Tags)
        {
            int colon = tag.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || colon == tag.Length - 1 || tag.Length > 200 || tag.Any(letter => char.IsControl(letter) || letter is ',' or ' ') || tag.Contains("%%", StringComparison.Ordinal))
                throw Wrong($"'{TextShown.Cut(TextShown.Printable(tag), 80)}' is no tag", "Write tags as key:value, without commas and blanks, such as env:prod.");
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
