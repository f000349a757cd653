using System.Collections.Specialized;
using System.Management.Automation;
using System.Text.Json;

namespace KubeVirtMonitor.Members;

/// <summary>Makes of JSON what ConvertFrom-Json makes of it, except that times stay the texts that they are.</summary>
internal static class RawObject
{
    private const int MostDepth = 100;

    /// <summary>Objects with properties, arrays, texts, numbers, flags and nulls.</summary>
    /// <param name="json">One JSON value.</param>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static object? Of(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MostDepth });
        return Of(document.RootElement);
    }

    private static object? Of(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => OfObject(value),
        JsonValueKind.Array => value.EnumerateArray().Select(Of).ToArray(),
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.TryGetInt64(out long whole) ? whole : value.TryGetDecimal(out decimal number) ? number : value.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private static object OfObject(JsonElement value)
    {
        HashSet<string> names = new(StringComparer.OrdinalIgnoreCase);
        if (value.EnumerateObject().Any(field => field.Name.Length == 0 || !names.Add(field.Name)))
        {
            // Properties have no empty names, nor names that differ in case alone; labels and annotations may.
            OrderedDictionary map = new(StringComparer.Ordinal);
            foreach (JsonProperty field in value.EnumerateObject()) map[field.Name] = Of(field.Value);
            return map;
        }

        PSObject made = new();
        foreach (JsonProperty field in value.EnumerateObject()) made.Properties.Add(new PSNoteProperty(field.Name, Of(field.Value)));
        return made;
    }
}
