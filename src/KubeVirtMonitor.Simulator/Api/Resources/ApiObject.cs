using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// One object at one version, immutable. Its JSON is made when it is first read and then kept, so that a list of 10,000 objects is copied, not written again.
/// </summary>
public sealed class ApiObject
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();

    private Func<ApiObject, JsonObject>? _build;
    private byte[]? _body;

    /// <summary>An object whose JSON is built on demand.</summary>
    /// <param name="type">What it is.</param>
    /// <param name="space">Its namespace, or null.</param>
    /// <param name="name">Its name.</param>
    /// <param name="labels">Its labels, for selectors.</param>
    /// <param name="version">Its resource version.</param>
    /// <param name="build">Builds the JSON, without <c>apiVersion</c>, <c>kind</c> and <c>metadata.resourceVersion</c>.</param>
    public ApiObject(ResourceType type, string? space, string name, IReadOnlyDictionary<string, string>? labels, long version, Func<ApiObject, JsonObject> build)
    {
        ArgumentNullException.ThrowIfNull(type);
        Type = type;
        Namespace = type.Namespaced ? space : null;
        Name = name;
        Labels = labels ?? NoLabels;
        Version = version;
        _build = build;
        Key = Namespace is null ? name : $"{Namespace}/{name}";
    }

    /// <summary>What it is.</summary>
    public ResourceType Type { get; }

    /// <summary>Its namespace, or null.</summary>
    public string? Namespace { get; }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Its resource version.</summary>
    public long Version { get; }

    /// <summary>Namespace and name; lists are in the ordinal order of it, as in etcd.</summary>
    public string Key { get; }

    /// <summary>
    /// The JSON as it stands in a list: a custom resource with its <c>apiVersion</c> and <c>kind</c>, a built-in one without them.
    /// </summary>
    public ReadOnlyMemory<byte> Body => Volatile.Read(ref _body) ?? Render();

    /// <summary>An object out of JSON that was sent. Labels and names are read from it.</summary>
    public static ApiObject From(ResourceType type, JsonObject json, long version)
    {
        ArgumentNullException.ThrowIfNull(json);
        JsonObject metadata = json["metadata"] as JsonObject ?? throw new ArgumentException("The object has no metadata.", nameof(json));
        Dictionary<string, string> labels = new(StringComparer.Ordinal);
        if (metadata["labels"] is JsonObject sent)
        {
            foreach ((string key, JsonNode? value) in sent) labels[key] = value?.ToString() ?? "";
        }

        ApiObject made = new(type, (string?)metadata["namespace"], (string)metadata["name"]!, labels, version, _ => (JsonObject)json.DeepClone());
        _ = made.Body;
        return made;
    }

    /// <summary>The whole object, with <c>apiVersion</c> and <c>kind</c>, as a tree of its own.</summary>
    public JsonObject ToJson()
    {
        JsonObject body = (JsonObject)JsonNode.Parse(Body.Span)!;
        if (Type.Custom) return body;
        JsonObject whole = new() { ["kind"] = Type.Kind, ["apiVersion"] = Type.ApiVersion };
        Move(body, whole);
        return whole;
    }

    /// <summary>The whole object as JSON text, with <c>apiVersion</c> and <c>kind</c>.</summary>
    public byte[] ToBytes()
    {
        if (Type.Custom) return Body.ToArray();
        byte[] head = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["kind"] = Type.Kind, ["apiVersion"] = Type.ApiVersion });
        byte[] whole = new byte[head.Length + Body.Length - 1];
        head.CopyTo(whole, 0);
        whole[head.Length - 1] = (byte)',';
        Body.Span[1..].CopyTo(whole.AsSpan(head.Length));
        return whole;
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Type.QualifiedName} {Key}";

    private byte[] Render()
    {
        // Two requests may render at once; whoever comes late finds the text of the other.
        if (Volatile.Read(ref _build) is not { } build) return Volatile.Read(ref _body)!;
        JsonObject built = build(this);
        JsonObject body = [];
        if (Type.Custom)
        {
            body["apiVersion"] = Type.ApiVersion;
            body["kind"] = Type.Kind;
        }

        ((JsonObject)built["metadata"]!)["resourceVersion"] = Version.ToString(System.Globalization.CultureInfo.InvariantCulture);
        built.Remove("apiVersion");
        built.Remove("kind");
        Move(built, body);
        byte[] rendered = JsonSerializer.SerializeToUtf8Bytes(body, JsonText.Options);

        // The tree is no longer needed once it is text.
        Volatile.Write(ref _body, rendered);
        Volatile.Write(ref _build, null);
        return rendered;
    }

    private static void Move(JsonObject from, JsonObject to)
    {
        foreach ((string key, JsonNode? value) in from.ToArray())
        {
            from.Remove(key);
            to[key] = value;
        }
    }
}
