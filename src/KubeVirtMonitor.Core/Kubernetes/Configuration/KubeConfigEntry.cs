using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A mapping of a kubeconfig with its place, so that every error can name file and entry. Values never reach an error.</summary>
/// <param name="File">The file it stands in.</param>
/// <param name="Place">Where in the file, such as <c>users[admin].user</c>; empty for the whole file.</param>
/// <param name="Name">The name of the entry; empty for mappings without one.</param>
/// <param name="Body">The mapping.</param>
internal sealed record KubeConfigEntry(string File, string Place, string Name, JsonObject Body)
{
    /// <summary>A text; null when it is absent, null or empty, which kubectl does not tell apart either.</summary>
    public string? Text(string key) => Body[key] switch
    {
        null => null,
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>() is { Length: > 0 } text ? text : null,
        JsonValue => throw Error(key, "has to be text, and YAML reads it as a number or a truth value", "Put quotes around the value."),
        _ => throw Error(key, "has to be text", "See 'kubectl config view' for what it should look like."),
    };

    public bool Flag(string key) => Body[key] switch
    {
        null => false,
        JsonValue value when value.GetValueKind() is JsonValueKind.True or JsonValueKind.False => value.GetValue<bool>(),
        _ => throw Error(key, "has to be true or false", "Write it without quotes."),
    };

    /// <summary>What a base64 text stands for; null when it is absent.</summary>
    public byte[]? Base64(string key)
    {
        if (Text(key) is not { } text) return null;
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException exception)
        {
            string hint = text.Contains("-----BEGIN", StringComparison.Ordinal)
                ? "It holds PEM text as it is; encode it once more with base64, or name its file with the key without '-data'."
                : "Copy it again as one unbroken line.";
            throw Error(key, "is not valid base64", hint, inner: exception);
        }
    }

    /// <summary>A path, absolute: relative ones count from the folder of the kubeconfig.</summary>
    public string? FilePath(string key) => Text(key) is { } path ? Path.GetFullPath(path, Path.GetDirectoryName(File)!) : null;

    public KubeConfigEntry? Map(string key) => Body[key] switch
    {
        null => null,
        JsonObject map => new KubeConfigEntry(File, PlaceOf(key), "", map),
        _ => throw Error(key, "has to be a mapping", ""),
    };

    public IReadOnlyList<string> Texts(string key) => Body[key] switch
    {
        null => [],
        JsonArray list => list.Select((item, index) => item is JsonValue value && value.GetValueKind() == JsonValueKind.String
            ? value.GetValue<string>()
            : throw Error($"{key}[{index}]", "has to be text", "Put quotes around the value.")).ToArray(),
        _ => throw Error(key, "has to be a list of texts", ""),
    };

    public IReadOnlyList<KubeConfigEntry> Maps(string key) => Body[key] switch
    {
        null => [],
        JsonArray list => list.Select((item, index) => item is JsonObject map
            ? new KubeConfigEntry(File, PlaceOf($"{key}[{index}]"), "", map)
            : throw Error($"{key}[{index}]", "has to be a mapping", "")).ToArray(),
        _ => throw Error(key, "has to be a list", ""),
    };

    public string PlaceOf(string key) => Place.Length == 0 ? key : key.Length == 0 ? Place : $"{Place}.{key}";

    public KubernetesException Error(string key, string what, string advice, KubernetesError error = KubernetesError.ConfigurationInvalid, Exception? inner = null) =>
        new(error, $"{PlaceOf(key)} in {File} {what}", advice, inner) { File = File, Entry = PlaceOf(key) };
}
