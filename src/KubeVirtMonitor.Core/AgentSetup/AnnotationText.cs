using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Reads the annotations that configure checks.</summary>
internal static class AnnotationText
{
    private static readonly ComponentKind[] Components = [ComponentKind.Api, ComponentKind.Controller, ComponentKind.Handler];
    private static readonly string[] OfVersion1 = ["check_names", "init_configs", "instances"];

    /// <summary>The checks in the annotations for a component's container, as Autodiscovery reads them: <c>.checks</c> where there is one, else the three of version 1.</summary>
    /// <returns>The checks; none where there is no annotation for the container.</returns>
    /// <exception cref="FormatException">A text is no JSON, or not of the form that the Agent reads. The message names the annotation.</exception>
    public static IReadOnlyList<AnnotatedCheck> Checks(ComponentKind component, IReadOnlyDictionary<string, string> annotations)
    {
        string prefix = PrefixOf(component);
        if (annotations.TryGetValue(prefix + "checks", out string? text))
        {
            JsonObject checks = Parse(prefix + "checks", text) as JsonObject ?? throw new FormatException($"{prefix}checks is not an object");
            return [.. checks.Select(check => new AnnotatedCheck(JsonText.Of((check.Value as JsonObject)?["name"]) is { Length: > 0 } name ? name : check.Key, [.. Objects($"{prefix}checks", (check.Value as JsonObject)?["instances"])], 2))];
        }

        JsonArray?[] lists = [.. OfVersion1.Select(part => annotations.TryGetValue(prefix + part, out string? list) ? Parse(prefix + part, list) as JsonArray ?? throw new FormatException($"{prefix}{part} is not a list") : null)];
        if (lists.All(static list => list is null)) return [];
        if (Array.FindIndex(lists, static list => list is null) is >= 0 and int missing) throw new FormatException($"{prefix}{OfVersion1[missing]} is missing");
        if (lists.Any(list => list!.Count != lists[0]!.Count))
            throw new FormatException($"{string.Join(", ", OfVersion1.Select((part, i) => $"{prefix}{part} has {lists[i]!.Count}"))} entries: the Agent wants the same number in each");
        return [.. lists[0]!.Select((name, i) => new AnnotatedCheck(
            JsonText.Of(name) ?? throw new FormatException($"{prefix}check_names holds no names"),
            // A list in place of an object is several instances of one check.
            [.. Objects(prefix + "instances", lists[2]![i] is JsonArray several ? several : new JsonArray(lists[2]![i]?.DeepClone()))],
            1))];
    }

    /// <summary>What the names of the annotations for a component's container begin with.</summary>
    public static string PrefixOf(ComponentKind component) => $"{DatadogCheck.Prefix}{ComponentFacts.NameOf(component)}.";

    /// <summary>The patches that others, and not this module, have put in: of each component with annotations for the Agent, the entry that counts.</summary>
    /// <param name="entries">The list of the KubeVirt resource.</param>
    public static IEnumerable<ComponentPatch> OfOthers(IReadOnlyList<JsonNode?> entries)
    {
        foreach (ComponentKind component in Components)
        {
            string prefix = PrefixOf(component);
            ComponentPatch target = new()
            {
                Component = component,
                ResourceType = component == ComponentKind.Handler ? "DaemonSet" : "Deployment",
                ResourceName = ComponentFacts.NameOf(component),
                Annotations = new Dictionary<string, string>(),
                Patch = "",
            };
            CustomizedAnnotations after = CustomizedAnnotations.After(entries, entry => PatchConflicts.Targets(entry, target));
            string[] keys = [.. after.Values.Select(static one => one.Key).Where(key => key.StartsWith(prefix, StringComparison.Ordinal))];
            if (keys.Length == 0 || after.SetterOf(keys[0]) is not { } place || entries[place] is not JsonObject setter) continue;
            yield return target with
            {
                ResourceType = JsonText.Of(setter["resourceType"]) is "*" or null ? target.ResourceType : JsonText.Of(setter["resourceType"])!,
                Type = JsonText.Of(setter["type"]) ?? "",
                Patch = JsonText.Of(setter["patch"]) ?? "",
                Annotations = keys.ToDictionary(static key => key, key => after[key] ?? "", StringComparer.Ordinal),
            };
        }
    }

    /// <summary>An entry of the KubeVirt resource as a patch; null for one that this module cannot have written.</summary>
    public static ComponentPatch? PatchOf(JsonObject entry)
    {
        try
        {
            string text = (string)entry["patch"]!;
            string name = (string)entry["resourceName"]!;
            ComponentKind? component = Components.Where(kind => ComponentFacts.NameOf(kind) == name).Cast<ComponentKind?>().FirstOrDefault();
            if (component is null || SetBy(entry) is not { } annotations) return null;
            return new ComponentPatch
            {
                Component = component.Value,
                ResourceType = (string)entry["resourceType"]!,
                ResourceName = name,
                Type = (string)entry["type"]!,
                Patch = text,
                Annotations = annotations.ToDictionary(one => one.Key, one => (string?)one.Value ?? ""),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentNullException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The annotations that an entry of the KubeVirt resource gives to pods by a merge; null where it gives none.</summary>
    public static JsonObject? SetBy(JsonNode? entry) => JsonText.At(JsonText.ObjectOf(JsonText.Of(entry?["patch"]) ?? ""), CustomizedAnnotations.Path) as JsonObject;

    private static JsonNode? Parse(string key, string value)
    {
        try
        {
            return JsonText.Parse(value);
        }
        catch (JsonException exception)
        {
            throw new FormatException($"{key} is not JSON: {ForeignText.OfStranger.Line(exception.Message)}", exception);
        }
    }

    private static IEnumerable<JsonObject> Objects(string key, JsonNode? node) => node is JsonArray list && list.All(one => one is JsonObject)
        ? list.Select(one => (JsonObject)one!)
        : throw new FormatException($"{key} holds no list of instances");
}

/// <summary>A check that the annotations of a pod name.</summary>
/// <param name="Name">The check, such as <c>openmetrics</c>.</param>
/// <param name="Instances">Its instances.</param>
/// <param name="Version">The version of the annotations.</param>
internal sealed record AnnotatedCheck(string Name, IReadOnlyList<JsonObject> Instances, int Version)
{
    // What a check of a component can send that does not come from its scrape.
    private static readonly string[] Unscraped = ["can_connect", "vm.count", "vmi.count"];

    // The options that become part of an instance's id, the first that is set.
    private static readonly string[] Naming = ["name", "namespace"];

    /// <summary>Whether it is one of the three checks for KubeVirt.</summary>
    public bool IsOfKubeVirt => Name.StartsWith("kubevirt_", StringComparison.Ordinal);

    /// <summary>Whether an instance of a check for KubeVirt sends nothing of what it scrapes, by its patterns: only its health, and the counts that the API server gives.</summary>
    public bool IsLimited(JsonObject instance) =>
        IsOfKubeVirt && JsonText.At(instance, "metric_patterns", "include") is JsonArray { Count: > 0 } patterns
        && patterns.All(pattern => JsonText.Of(pattern) is { } text && Unscraped.Any(name => IsOnly(text, name)));

    /// <summary>How many of the instances differ: Agents run equal ones once.</summary>
    public int DistinctInstances => Instances.Where((instance, i) => !Instances.Take(i).Any(other => JsonNode.DeepEquals(instance, other))).Count();

    /// <summary>Whether an id can be one that an Agent gives to one of the instances: <c>NAME:HASH</c>, or <c>NAME:INSTANCE:HASH</c> with the instance's name, else its namespace.</summary>
    public bool MayHaveId(string id)
    {
        if (!id.StartsWith(Name + ":", StringComparison.Ordinal)) return false;
        string rest = id[(Name.Length + 1)..];
        return Instances.Any(instance => Naming.Select(option => JsonText.Of(instance[option])).FirstOrDefault(static text => text?.Length > 0) is { } own
            ? own.Contains("%%", StringComparison.Ordinal) || rest.StartsWith(own + ":", StringComparison.Ordinal)
            : !rest.Contains(':', StringComparison.Ordinal));
    }

    /// <summary>The options of an instance that do not reach its scrape.</summary>
    public IReadOnlyList<string> WithoutEffect(JsonObject instance) =>
        IsOfKubeVirt ? [.. instance.Select(static one => one.Key).Where(static key => AgentOptions.Find(key) is { ReachesKubeVirtScrape: false }).Order(StringComparer.Ordinal)] : [];

    // A regular expression that is searched for in the whole name: with the name in it, no scraped metric has it.
    private static bool IsOnly(string pattern, string name)
    {
        string bare = pattern.TrimStart('^').TrimEnd('$').Replace("\\.", ".", StringComparison.Ordinal);
        return bare == name || bare.EndsWith("." + name, StringComparison.Ordinal);
    }
}

/// <summary>What an instance of a check says about TLS, as the check understands it.</summary>
/// <param name="Verifies">Whether certificates are verified.</param>
/// <param name="ExpectedName">The name a certificate has to carry; null = any.</param>
/// <param name="Authority">The path of the authorities, a file or a directory; null = those of the Agent's image.</param>
/// <param name="Flaw">Why it cannot work with a component of KubeVirt; null = it can.</param>
/// <param name="Advice">What to do about that.</param>
/// <param name="Setting">The setting of the patch that this hangs on.</param>
internal sealed record TlsStatement(bool Verifies, string? ExpectedName, string? Authority = null, string? Flaw = null, string Advice = "", Setting? Setting = null)
{
    /// <summary>
    /// Reads it. Options may be texts. The generic check verifies unless tls_verify is off and no tls_ca_cert is set, and does so with the name of the host whatever
    /// tls_validate_hostname says; in those for KubeVirt an unset tls_verify is off.
    /// </summary>
    /// <param name="check">The check.</param>
    /// <param name="instance">Its instance.</param>
    /// <param name="component">The pod.</param>
    /// <param name="isScrape">Whether it is about the scrape; else it is about the request for the health.</param>
    public static TlsStatement Of(AnnotatedCheck check, JsonObject instance, KubeVirtComponent component, bool isScrape = true)
    {
        if (check.IsOfKubeVirt)
        {
            if (!IsOn(instance["tls_verify"], whenUnset: false)) return new(false, null);
            if (isScrape)
                return new(true, null, null, $"tls_verify is on, and check {ForeignText.OfStranger.Line(check.Name, 80)} hands nothing else of TLS to its scraper: the authorities of the Agent's image are used, which do not include KubeVirt's.", "Use the check openmetrics, which can verify, or turn tls_verify off.", KubeVirtMonitor.Setting.InstalledPatch);
        }
        else if (!Verifying(instance))
        {
            return new(false, null);
        }

        if (PathOf(instance) is not { } authority)
            return new(true, null, null, "tls_verify is on and tls_ca_cert is not set: the Agent trusts the authorities of its image, which do not include KubeVirt's.", "Set tls_ca_cert.", KubeVirtMonitor.Setting.AgentAuthority);
        if (!IsOn(instance["tls_use_host_header"], whenUnset: false)) return new(true, component.PodIP, authority);
        // Those of extra_headers are added to those of headers.
        JsonObject?[] headers = [instance["extra_headers"] as JsonObject, instance["headers"] as JsonObject];
        if (headers.Select(static map => JsonText.Of(map?["Host"])).OfType<string>().FirstOrDefault() is { } host) return new(true, NameIn(host), authority);
        return headers.Any(static map => map?.Any(static one => one.Key.Equals("Host", StringComparison.OrdinalIgnoreCase)) == true)
            ? new(true, null, authority, "tls_use_host_header is on, but the Agent only knows the header under the name Host, with a capital H.", "Write Host.", KubeVirtMonitor.Setting.InstalledPatch)
            : new(true, component.PodIP, authority);
    }

    /// <summary>The path of the authorities that an instance verifies its scrape with; null where it does not verify, or not with authorities of its own.</summary>
    public static string? AuthorityOf(AnnotatedCheck check, JsonObject instance) => check.IsOfKubeVirt || !Verifying(instance) ? null : PathOf(instance);

    // With a port or without, and an address of IPv6 in brackets.
    private static string NameIn(string host) => host.StartsWith('[') ? host[1..].Split(']')[0] : host.Split(':')[0];

    private static bool Verifying(JsonObject instance) => IsOn(instance["tls_verify"], whenUnset: true) || PathOf(instance) is not null;

    private static string? PathOf(JsonObject instance) => JsonText.Of(instance["tls_ca_cert"])?.TrimEnd('/') is { Length: > 0 } path ? path : null;

    private static bool IsOn(JsonNode? option, bool whenUnset) => option is null ? whenUnset
        : JsonText.Of(option) is { } text ? text.ToUpperInvariant() is "TRUE" or "YES" or "ON" or "1" or "Y"
        : option is JsonValue value ? !JsonText.Is(value, expected: false) && JsonText.Integer(value) != 0
        : option is JsonObject { Count: > 0 } or JsonArray { Count: > 0 };
}
