using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>One kubeconfig file: its named entries, not yet judged, since a defect in an entry that nobody uses hurts nobody.</summary>
internal sealed class KubeConfigFile
{
    /// <summary>The largest file that is read, in bytes. Kubeconfigs of hundreds of clusters stay below it.</summary>
    public const long MaximumSize = 4 * 1024 * 1024;

    private KubeConfigFile(string path, JsonObject root)
    {
        Path = path;
        CurrentContext = new KubeConfigEntry(path, "", "", root).Text("current-context");
        Clusters = Entries(path, root, "clusters", "cluster");
        Users = Entries(path, root, "users", "user");
        Contexts = Entries(path, root, "contexts", "context");
    }

    public string Path { get; }

    public string? CurrentContext { get; }

    public IReadOnlyList<KubeConfigEntry> Clusters { get; }

    public IReadOnlyList<KubeConfigEntry> Users { get; }

    public IReadOnlyList<KubeConfigEntry> Contexts { get; }

    public static KubeConfigFile Read(string path, IYamlReader? yaml)
    {
        string text = ConfigFiles.ReadText(path, "kubeconfig", MaximumSize);
        JsonObject root = Parse(path, text, yaml) switch
        {
            null => [],
            JsonObject map => map,
            _ => throw Invalid(path, "it is no kubeconfig: a mapping with apiVersion, clusters, users and contexts is expected"),
        };
        CheckVersion(path, root);
        return new KubeConfigFile(path, root);
    }

    private static JsonNode? Parse(string path, string text, IYamlReader? yaml)
    {
        bool looksLikeJson = text.AsSpan().TrimStart() is ['{', ..];
        if (looksLikeJson && TryParseJson(path, text, out JsonNode? json)) return json;
        if (looksLikeJson && IsConcatenated(text))
            throw Invalid(path, "it holds several JSON documents; a kubeconfig is one", advice: "Give each a file of its own, and name them all in KUBECONFIG.");
        if (yaml is null)
            throw Invalid(path, looksLikeJson ? "it is not valid JSON" : "it is not JSON, and no YAML reader is at hand");
        try
        {
            // A "---" at the end, or two in a row, makes documents with nothing in them.
            JsonNode[] documents = [.. yaml.ReadAll(text).OfType<JsonNode>()];
            if (documents.Length > 1) throw Invalid(path, $"it holds {documents.Length} YAML documents, of which kubectl reads the first alone", advice: "Give each a file of its own, and name them all in KUBECONFIG.");
            return documents is [var only] ? only : null;
        }
        catch (YamlFormatException exception)
        {
            throw Invalid(path, exception.Message, exception);
        }
    }

    // What starts with a brace may still be YAML in flow style.
    private static bool TryParseJson(string path, string text, out JsonNode? node)
    {
        try
        {
            node = JsonNode.Parse(text);
            Materialise(node);
            return true;
        }
        catch (JsonException)
        {
            node = null;
            return false;
        }
        catch (ArgumentException exception)
        {
            throw Invalid(path, "a key appears twice in one JSON object", exception);
        }
    }

    // One whole object, and then another.
    private static bool IsConcatenated(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Utf8JsonReader reader = new(bytes);
        try
        {
            reader.Read();
            reader.Skip();
            return bytes.AsSpan((int)reader.BytesConsumed).TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
        }
        catch (JsonException)
        {
            return false;
        }
    }

    // JSON nodes are built lazily, and only then notice keys that appear twice.
    private static void Materialise(JsonNode? node)
    {
        if (node is JsonObject map)
        {
            foreach ((_, JsonNode? value) in map) Materialise(value);
        }
        else if (node is JsonArray list)
        {
            foreach (JsonNode? item in list) Materialise(item);
        }
    }

    private static void CheckVersion(string path, JsonObject root)
    {
        KubeConfigEntry entry = new(path, "", "", root);
        if (entry.Text("kind") is { } kind && kind != "Config")
            throw Invalid(path, $"its kind is '{Shown(kind)}', not 'Config': it is no kubeconfig");
        if (entry.Text("apiVersion") is { } version && version is not ("v1" or "/v1"))
            throw Invalid(path, $"its apiVersion is '{Shown(version)}'; only 'v1' is known");
    }

    private static List<KubeConfigEntry> Entries(string path, JsonObject root, string list, string inner)
    {
        if (root[list] is not { } node) return [];
        if (node is not JsonArray array) throw Invalid(path, $"'{list}' has to be a list");
        List<KubeConfigEntry> entries = new(array.Count);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int i = 0; i < array.Count; i++)
        {
            if (array[i] is not JsonObject item) throw Invalid(path, $"'{list}[{i}]' has to be a mapping with name and {inner}");
            string name = new KubeConfigEntry(path, $"{list}[{i}]", "", item).Text("name") ?? "";
            if (!names.Add(name))
                throw Invalid(path, name.Length == 0 ? $"two entries of '{list}' have no name" : $"the name '{Shown(name)}' appears twice in '{list}'", advice: "Rename or remove one of the two.");
            JsonObject body = item[inner] switch
            {
                null => [],
                JsonObject map => map,
                _ => throw Invalid(path, $"'{list}[{Shown(name)}].{inner}' has to be a mapping"),
            };
            entries.Add(new KubeConfigEntry(path, $"{list}[{Shown(name)}].{inner}", name, body));
        }

        return entries;
    }

    private static string Shown(string text) => text.Length <= 80 ? text : text[..80] + "...";

    private static KubernetesException Invalid(string path, string what, Exception? inner = null, string advice = "Check it with 'kubectl config view'.") =>
        new(KubernetesError.ConfigurationInvalid, $"the kubeconfig {path} cannot be used: {what}", advice, inner) { File = path, Setting = Setting.KubeConfig };
}
