using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Probes;

/// <summary>
/// Finds the objects with probes in manifests: YAML with any number of documents, JSON, lists, and OpenShift's templates, whose parameters are put in as
/// <c>oc process</c> does.
/// </summary>
internal static class ManifestReader
{
    private static readonly Regex Braces = new(@"(?<!\$)(\{\{[-~]?\s*(?<helm>/\*|\.|\$|(include|template|define|end|if|else|with|range|toYaml|tpl|required|default|lookup|block|printf|quote)\b)?|\{%)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture);

    /// <summary>Reads a text document by document; one that cannot be read hides none of the others.</summary>
    /// <param name="yaml">Reads YAML.</param>
    /// <param name="source">The file it is from; null = none.</param>
    public static ManifestContent ReadContent(string text, IYamlReader yaml, string? source = null)
    {
        List<VmiManifest> found = [];
        List<YamlFormatException> defects = [];
        List<string> warnings = [];
        List<string> others = [];
        List<ProbeFinding> findings = [];
        IReadOnlyList<YamlDocument> documents = Documents(text, yaml);
        for (int i = 0; i < documents.Count; i++)
        {
            YamlDocument document = documents[i];
            warnings.AddRange(document.Repeated.Select(error => $"{error.Message}; kubectl takes the last one, other readers refuse the document"));
            if (document.Error is { } defect) defects.Add(Explain(defect, document, text));
            else if (document.Root is { } root) Add(root, [], i, document.Line);
        }

        return new ManifestContent { Machines = found, Defects = defects, Warnings = warnings, Others = others, Findings = findings };

        void Add(JsonNode node, IReadOnlyList<object> steps, int document, int line)
        {
            if (VmiManifest.Of(node, null, source, document, steps) is { } manifest)
            {
                found.Add(manifest);
                return;
            }

            JsonObject? root = node as JsonObject;
            string? kind = JsonText.Of(root?["kind"]);
            string key = kind == "Template" ? "objects" : "items";
            if (kind is not null && root![key] is JsonArray items)
            {
                Dictionary<string, string> parameters = key == "objects" ? Parameters(root) : [];
                if (key == "objects") warnings.AddRange(WithoutValue(root, parameters, items.ToJsonString()));
                for (int i = 0; i < items.Count; i++)
                {
                    JsonNode? item = parameters.Count > 0 ? Placeholder.Fill(items[i]?.DeepClone(), parameters) : items[i];
                    if (item is not null) Add(item, [.. steps, key, i], document, line);
                }

                return;
            }

            string name = JsonText.Of((root?["metadata"] as JsonObject)?["name"]) is { } text ? $" {text}" : "";
            others.Add($"{kind ?? (root is null ? "a text or list without a kind" : "an object without a kind")}{name} (line {line})");
            if (root is not null && (kind is null || JsonText.Of(root["apiVersion"])?.Split('/')[0].EndsWith("kubevirt.io", StringComparison.Ordinal) == true))
                findings.AddRange(PlacementRules.Find(root, kind ?? "object without a kind", source));
        }
    }

    internal static IReadOnlyList<YamlDocument> Documents(string text, IYamlReader yaml)
    {
        string start = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (start.StartsWith('{') || start.StartsWith('['))
        {
            try
            {
                return [new YamlDocument { Line = 1, Start = 0, End = text.Length, Root = JsonText.Parse(text.TrimStart('\uFEFF'), isStrict: true) }];
            }
            catch (Exception exception) when (exception is JsonException or FormatException)
            {
                // YAML may start with a bracket too; its reader takes several objects in a row, and a key that comes twice, and says where the text is wrong.
            }
        }

        return yaml.ReadEach(text);
    }

    private static Dictionary<string, string> Parameters(JsonObject template)
    {
        Dictionary<string, string> values = new(StringComparer.Ordinal);
        foreach (JsonObject parameter in (template["parameters"] as JsonArray ?? []).OfType<JsonObject>())
        {
            if (JsonText.Of(parameter["name"]) is not { } name) continue;
            string text = parameter["value"] is JsonValue value ? JsonText.Of(value) ?? value.ToJsonString() : "";
            // One without a value may be generated or asked for, and has none here. Any other is empty, for oc process too.
            bool isOpen = text.Length == 0 && (JsonText.Of(parameter["generate"]) is { Length: > 0 } || parameter["required"] is JsonValue required && required.TryGetValue(out bool must) && must);
            if (!isOpen) values[name] = text;
        }

        return values;
    }

    private static IEnumerable<string> WithoutValue(JsonObject template, Dictionary<string, string> values, string objects) =>
        from parameter in (template["parameters"] as JsonArray ?? []).OfType<JsonObject>()
        let name = JsonText.Of(parameter["name"])
        where name is not null && !values.ContainsKey(name) && (objects.Contains($"${{{name}}}", StringComparison.Ordinal) || objects.Contains($"${{{{{name}}}}}", StringComparison.Ordinal))
        select $"the parameter {name} of the template has no value, and is not replaced: oc process {(JsonText.Of(parameter["generate"]) is { Length: > 0 } ? "makes one up" : "asks for one")}";

    // What a template engine is still to make a manifest of is rarely YAML, and the reader's complaint would lead astray.
    private static YamlFormatException Explain(YamlFormatException defect, YamlDocument document, string text)
    {
        Match braces = Braces.Match(text[..document.End], document.Start);
        if (!braces.Success) return defect;
        ReadOnlySpan<char> before = text.AsSpan(0, braces.Index);
        int line = before.Count('\n') + 1;
        int column = braces.Index - before.LastIndexOf('\n');
        return braces.Groups["helm"].Success
            ? new YamlFormatException("this is a Helm template and not a manifest; render it first (helm template …) and check the output", line, column, defect)
            : line > defect.Line ? defect
            : new YamlFormatException("this is a template ({{ }} or {% %}), and not a manifest; render it first with its own tool, and check the output", line, column, defect);
    }
}
