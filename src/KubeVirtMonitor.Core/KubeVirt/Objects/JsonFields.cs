using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Reads the fields of a Kubernetes object. What is missing or null is absent; what has the wrong type is an error that names the field.</summary>
internal static class JsonFields
{
    public static ReadOnlyDictionary<string, string> NoMap { get; } = new(new Dictionary<string, string>());

    /// <summary>Steps into an object. False when it is absent.</summary>
    public static bool EnterObject(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Object, field, "an object") && reader.EnterObject();

    /// <summary>Steps into an array. False when it is absent.</summary>
    public static bool EnterArray(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Array, field, "an array") && reader.EnterArray();

    /// <summary>Steps into the next item, which has to be an object. False at the end of the array.</summary>
    public static bool NextObject(ref JsonCursor reader, string field)
    {
        while (reader.NextItem())
        {
            if (Is(ref reader, JsonValueKind.Object, field, "an array of objects")) return reader.EnterObject();
        }

        return false;
    }

    /// <summary>A text; null when it is absent.</summary>
    public static string? Text(ref JsonCursor reader, string field, string expected = "a text") =>
        Is(ref reader, JsonValueKind.String, field, expected) ? reader.ReadText() : null;

    /// <summary>A truth value; null when it is absent.</summary>
    public static bool? Flag(ref JsonCursor reader, string field)
    {
        if (reader.Kind == JsonValueKind.Null) reader.Skip();
        else return reader.ReadFlag() ?? throw Wrong(field, "true or false");
        return null;
    }

    /// <summary>A whole number; null when it is absent.</summary>
    public static long? Whole(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Number, field, "a whole number") ? reader.ReadNumber() ?? throw Wrong(field, "a whole number") : null;

    /// <summary>A time; null when it is absent.</summary>
    public static DateTimeOffset? Time(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.String, field, "a time") ? reader.ReadTime() ?? throw Wrong(field, "a time") : null;

    /// <summary>Texts by name, such as labels; empty when absent.</summary>
    public static ReadOnlyDictionary<string, string> Map(ref JsonCursor reader, string field)
    {
        if (!EnterObject(ref reader, field)) return NoMap;
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        while (reader.NextField(out ReadOnlySpan<byte> raw))
        {
            string key = Encoding.UTF8.GetString(raw);
            map[key] = Text(ref reader, $"{field}['{key}']") ?? "";
        }

        return map.Count == 0 ? NoMap : new(map);
    }

    public static FormatException Wrong(string field, string expected) => new($"{field} is not {expected}");

    private static bool Is(ref JsonCursor reader, JsonValueKind kind, string field, string expected)
    {
        JsonValueKind found = reader.Kind;
        if (found == kind) return true;
        if (found != JsonValueKind.Null) throw Wrong(field, expected);
        reader.Skip();
        return false;
    }
}
