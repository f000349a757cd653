using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor;

/// <summary>Finds the objects with probes in manifests: YAML with any number of documents, JSON, lists, and OpenShift's templates.</summary>
public static class ManifestReader
{
    /// <summary>Reads a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="yaml">Reads YAML.</param>
    /// <param name="source">The file it is from; null = none.</param>
    /// <returns>The objects of the four kinds, in the order of the text; those of other kinds are left out.</returns>
    /// <exception cref="FormatException">The text is no YAML and no JSON.</exception>
    public static IReadOnlyList<VmiManifest> Read(string text, IYamlReader yaml, string? source = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(yaml);
        List<VmiManifest> found = [];
        IReadOnlyList<JsonNode?> documents = Documents(text, yaml);
        for (int i = 0; i < documents.Count; i++) Add(documents[i], [], i);
        return found;

        void Add(JsonNode? node, IReadOnlyList<object> steps, int document)
        {
            if (VmiManifest.Of(node, null, source, document, steps) is { } manifest)
            {
                found.Add(manifest);
                return;
            }

            if (node is not JsonObject root || JsonText.Of(root["kind"]) is not { } kind) return;
            string key = kind == "Template" ? "objects" : "items";
            if (root[key] is not JsonArray items) return;
            for (int i = 0; i < items.Count; i++) Add(items[i], [.. steps, key, i], document);
        }
    }

    internal static IReadOnlyList<JsonNode?> Documents(string text, IYamlReader yaml)
    {
        string start = text.TrimStart('\uFEFF', ' ', '\t', '\r', '\n');
        if (start.StartsWith('{') || start.StartsWith('['))
        {
            try
            {
                return [JsonNode.Parse(text.TrimStart('\uFEFF'), null, new JsonDocumentOptions { MaxDepth = 100 })];
            }
            catch (JsonException)
            {
                // YAML may start with a bracket too, and its reader says where the text is wrong.
            }
        }

        return yaml.ReadAll(text);
    }
}
