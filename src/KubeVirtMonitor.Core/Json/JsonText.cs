using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Json;

/// <summary>JSON as nodes that can be changed: the one way into them, and their values where they are of the type that is asked for.</summary>
internal static class JsonText
{
    private const int MostDepth = 100;

    /// <summary>Reads a text as the API server does: of a key that comes twice, the last counts.</summary>
    /// <param name="json">UTF-8.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static JsonNode? Parse(ReadOnlySpan<byte> json) => Parse(json, isStrict: false);

    /// <inheritdoc cref="Parse(ReadOnlySpan{byte})"/>
    /// <param name="json">The text.</param>
    /// <param name="isStrict">Whether a key that comes twice is an error.</param>
    /// <exception cref="FormatException">A key comes twice, and must not.</exception>
    public static JsonNode? Parse(string json, bool isStrict = false) => Parse(Encoding.UTF8.GetBytes(json), isStrict);

    /// <summary>An object; null where the text is no JSON, or that of something else.</summary>
    /// <param name="json">The text.</param>
    public static JsonObject? ObjectOf(string json) => ObjectOf(Encoding.UTF8.GetBytes(json));

    /// <inheritdoc cref="ObjectOf(string)"/>
    public static JsonObject? ObjectOf(ReadOnlySpan<byte> json)
    {
        try
        {
            return Parse(json) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What stands at the end of a path of names; null where something on the way is missing, or no object.</summary>
    public static JsonNode? At(JsonNode? node, params IEnumerable<string> path) => path.Aggregate(node, static (inner, name) => (inner as JsonObject)?[name]);

    /// <summary>The text of a string; null for anything else.</summary>
    public static string? Of(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    /// <summary>The value of a whole number that fits 32 bits; null for anything else. 3.0 and 1e1 are whole, as the API server takes them.</summary>
    public static int? Integer(JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.Number
        && double.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out double number)
        && number == Math.Floor(number) && number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : null;

    /// <summary>Whether it is the truth value.</summary>
    public static bool Is(JsonNode? node, bool expected) => node is JsonValue value && value.TryGetValue(out bool flag) && flag == expected;

    private static JsonNode? Parse(ReadOnlySpan<byte> json, bool isStrict)
    {
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = MostDepth });
        using JsonDocument document = JsonDocument.ParseValue(ref reader);
        // Throws when something follows.
        reader.Read();
        try
        {
            return NodeOf(document.RootElement, isStrict);
        }
        catch (InvalidOperationException exception)
        {
            throw new JsonException("A text holds half of a character.", exception);
        }
    }

    // The nodes of the framework are made when they are first looked at, and only then fail over a key that comes twice.
    private static JsonNode? NodeOf(JsonElement json, bool isStrict)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                JsonObject map = [];
                foreach (JsonProperty field in json.EnumerateObject())
                {
                    if (isStrict && map.ContainsKey(field.Name)) throw new FormatException("a key comes twice in one object");
                    map[field.Name] = NodeOf(field.Value, isStrict);
                }

                return map;
            case JsonValueKind.Array:
                return new JsonArray([.. json.EnumerateArray().Select(item => NodeOf(item, isStrict))]);
            case JsonValueKind.String:
                return JsonValue.Create(json.GetString());
            case JsonValueKind.Number:
                return JsonValue.Create(json.Clone());
            default:
                return json.ValueKind == JsonValueKind.Null ? null : JsonValue.Create(json.GetBoolean());
        }
    }
}
