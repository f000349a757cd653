using System.Globalization;
using System.Text.Json;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Reads objects of the API, in which every field may be missing.</summary>
internal static class JsonRead
{
    /// <summary>What stands at the end of a path of names; undefined where the path ends early.</summary>
    public static JsonElement At(JsonElement from, params string[] path)
    {
        foreach (string name in path)
        {
            if (from.ValueKind != JsonValueKind.Object || !from.TryGetProperty(name, out from)) return default;
        }

        return from;
    }

    public static string? Text(JsonElement from, params string[] path) => At(from, path) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static int? Number(JsonElement from, params string[] path) =>
        At(from, path) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int value) ? value : null;

    public static bool? Flag(JsonElement from, params string[] path) => At(from, path).ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null };

    public static DateTimeOffset? Time(JsonElement from, params string[] path) =>
        DateTimeOffset.TryParse(Text(from, path), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time) ? time : null;

    /// <summary>The items of an array; none where there is no array.</summary>
    public static IEnumerable<JsonElement> Items(JsonElement from, params string[] path) =>
        At(from, path) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>The fields of an object; none where there is no object.</summary>
    public static IEnumerable<JsonProperty> Fields(JsonElement from, params string[] path) =>
        At(from, path) is { ValueKind: JsonValueKind.Object } map ? map.EnumerateObject() : [];

    /// <summary>A condition by its type; null when it is not there.</summary>
    public static InstanceCondition? Condition(JsonElement status, string type)
    {
        foreach (JsonElement one in Items(status, "conditions"))
        {
            if (Text(one, "type") != type) continue;
            return new InstanceCondition(Text(one, "status") switch { "True" => true, "False" => false, _ => null }, Text(one, "reason"), Text(one, "message"));
        }

        return null;
    }
}
