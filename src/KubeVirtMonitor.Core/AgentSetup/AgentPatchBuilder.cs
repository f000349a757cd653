using System.Text.Json.Nodes;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Validates the options, and creates the parts of a patch.</summary>
internal static class AgentPatchBuilder
{
    public static AgentPatch Build(AgentPatchOptions options)
    {
        Check(options);
        options = options with { Components = [.. options.Components.Distinct().Order()] };
        string[] warnings = WarningsOf(options);
        string[] notes = NotesOf(options, warnings);
        if (options.Tool != AgentTool.Datadog)
            return new AgentPatch(options) { Documents = options.Tool == AgentTool.Prometheus ? PrometheusDocuments.Of(options) : OpenTelemetryDocuments.Of(options), Notes = notes, Warnings = warnings };
        // The check of virt-api alone asks the API server.
        JsonObject? binding = options.Components.Contains(ComponentKind.Api) ? AgentAccess.Binding(options) : null;
        return new AgentPatch(options)
        {
            Patches = [.. options.Components.Select(component => DatadogCheck.Patch(component, options))],
            ClusterRoleBinding = binding,
            Documents = binding is null ? [] : [(JsonObject)binding.DeepClone()],
            Notes = notes,
            Warnings = warnings,
            Files = DatadogCheck.Files(options),
        };
    }

    /// <summary>The options with what a cluster says of itself.</summary>
    public static AgentPatchOptions For(AgentPatchOptions options, KubeVirtSession session) => options with
    {
        ClusterNamespace = session.InstallNamespace,
        ClusterKubeVirtName = session.Installation.Name.Length > 0 ? session.Installation.Name : options.ClusterKubeVirtName,
        IsManaged = session.Installation.IsManaged,
        KubeVirtVersion = KubeVirtVersion.TryParse(session.KubeVirtVersion, out KubeVirtVersion version) ? version : null,
    };

    // What is not as it should be, or not as one would believe.
    private static string[] WarningsOf(AgentPatchOptions options)
    {
        const string Unverified = "anything that responds at a pod's address is trusted, and can send false metrics.";
        string[] open = options.SkipCertificateCheck ? [$"Certificates are not verified: {Unverified}"] : [];
        if (options.Tool != AgentTool.Datadog) return open;
        IEnumerable<string> units = options.Components.Select(component => Thousandfold(component, options.KubeVirtVersion)).OfType<string>();
        return options.Check == AgentCheck.KubeVirt
            ? [$"The checks of the guides cannot verify KubeVirt's certificates: {Unverified}", .. options.Components.Select(component => Missing(component, options.KubeVirtVersion)).OfType<string>(), .. units]
            : [.. units, .. open];
    }

    private static string[] NotesOf(AgentPatchOptions options, string[] warnings)
    {
        bool isOfDatadog = options.Tool == AgentTool.Datadog;
        if (isOfDatadog && options.Check == AgentCheck.KubeVirt) return warnings;
        string authority = options.Tool switch
        {
            AgentTool.Datadog => $"the authorities in {options.AuthorityPath}, where the Agent has to mount ConfigMap {AgentAuthority.Name} of its namespace, which installing the patch creates and renews",
            AgentTool.Prometheus => $"ConfigMap {ComponentFacts.AuthorityConfigMap} of namespace {options.Space}",
            _ => $"the file {options.AuthorityPath}, a copy of {ComponentFacts.AuthorityKey} in ConfigMap {ComponentFacts.AuthorityConfigMap} of namespace {options.Space}",
        };
        return
        [
            .. isOfDatadog ? [$"The metrics are those of the Agent's {DatadogCheck.General} check, which Datadog counts as custom metrics."] : Array.Empty<string>(),
            .. warnings,
            .. options.SkipCertificateCheck ? Array.Empty<string>() : [$"Certificates are verified with {authority}. They must contain the name of the component's service, because they contain no address."],
        ];
    }

    // Of a version that is not known, what the newest one lacks.
    private static string? Missing(ComponentKind component, KubeVirtVersion? version)
    {
        IReadOnlyList<MetricDefinition> names = AgentArrival.NeverSent(component, version);
        return names.Count == 0 ? null : $"With KubeVirt {version ?? MetricCatalog.KnownVersions[^1]}, {ComponentFacts.CheckNameOf(component)} does not send {string.Join(", ", names)}.";
    }

    private static string? Thousandfold(ComponentKind component, KubeVirtVersion? version)
    {
        IReadOnlyList<MetricDefinition> names = AgentArrival.InAnotherUnit(component, version);
        return names.Count == 0 ? null : $"KubeVirt {version} exports {string.Join(" and ", names)} in milliseconds, and the Agent cannot divide: in Datadog, they are a thousand times too large.";
    }

    private static void Check(AgentPatchOptions options)
    {
        if (options.Components.Count == 0) throw Wrong("there is no component", "Name at least one of Api, Controller, Handler.");
        if (options.Components.Contains(ComponentKind.Operator)) throw Wrong("virt-operator cannot be scraped this way: agents have no check for it", "Choose from Api, Controller, Handler.");
        if (options.Tool == AgentTool.Datadog && options.Check == AgentCheck.KubeVirt) CheckOwn(options);
        Label(options.Space, "namespace of KubeVirt");
        Label(options.AgentNamespace, "namespace of the agent");
        Subdomain(options.KubeVirtName ?? options.ClusterKubeVirtName, "name of the KubeVirt resource");
        Subdomain(options.AgentServiceAccount, "name of a service account");
        if (options.AnnotationVersion is not (1 or 2)) throw Wrong($"there is no version {options.AnnotationVersion} of the annotations", "Choose 1 or 2.");
        if (options.CollectionInterval is < 1) throw Wrong($"an interval of {options.CollectionInterval} seconds between scrapes is too short", "Give at least 1 second.");
        string path = options.AuthorityPath;
        bool isDirectory = options.Tool == AgentTool.Datadog;
        if (path.LastIndexOf('/') < (isDirectory ? 0 : 1) || path[0] != '/' || path[^1] == '/' || path.Any(char.IsControl))
            throw Wrong($"'{TextShown.Printable(path)}' is not the full path of a {(isDirectory ? "directory" : "file in a folder")} below /", $"Give the path that it has in the agent's containers, such as {(options with { CertificateAuthority = null }).AuthorityPath}.");
        if (options.ClusterName is { } cluster && (cluster.Length is 0 or > 80 || cluster.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '.' or '_'))))
            throw Wrong($"'{TextShown.Printable(cluster)}' is not a valid name for a cluster", "Use letters, digits, dots, dashes and underscores, 80 at most.");
        foreach (string tag in options.Tags)
        {
            int colon = tag.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || colon == tag.Length - 1 || tag.Length > 200 || tag.Any(letter => char.IsControl(letter) || letter is ',' or ' ') || tag.Contains("%%", StringComparison.Ordinal))
                throw Wrong($"'{TextShown.Cut(TextShown.Printable(tag), 80)}' is not a tag", "Write tags as key:value, without commas and blanks, such as env:prod.");
        }
    }

    // What does not reach the scraper of these checks would be believed to work.
    private static void CheckOwn(AgentPatchOptions options)
    {
        const string Advice = "Leave it out, or use the check OpenMetrics.";
        if (options.CertificateAuthority is not null) throw Wrong("the checks of the guides cannot verify with an authority: they hand nothing but tls_verify to their scraper", Advice);
        if (options.Tags.Count > 0 || options.ClusterName is not null) throw Wrong("tags have no effect with the checks of the guides: they do not hand them to their scraper", Advice);
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
