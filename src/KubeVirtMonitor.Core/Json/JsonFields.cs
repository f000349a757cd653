using System.Collections.ObjectModel;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Json;

/// <summary>Reads the fields of a Kubernetes object. What is missing or null is absent; what has the wrong type is an error that names the field.</summary>
internal static class JsonFields
{
    public static ReadOnlyDictionary<string, string> NoMap => TextMap.Empty;

    /// <summary>Steps into an object. False when it is absent.</summary>
    [MethodImpl(HotPath.Compile)]
    public static bool EnterObject(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Object, field, "an object") && reader.EnterObject();

    /// <summary>Steps into an array. False when it is absent.</summary>
    [MethodImpl(HotPath.Compile)]
    public static bool EnterArray(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Array, field, "an array") && reader.EnterArray();

    /// <summary>Steps into the next item, which has to be an object. False at the end of the array.</summary>
    [MethodImpl(HotPath.Compile)]
    public static bool NextObject(ref JsonCursor reader, string field)
    {
        while (reader.NextItem())
        {
            if (Is(ref reader, JsonValueKind.Object, field, "an array of objects")) return reader.EnterObject();
        }

        return false;
    }

    /// <summary>Goes to a field of the object and stands before its value; those before it are passed over. False at the end of the object.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Find(ref JsonCursor reader, ReadOnlySpan<byte> name)
    {
        while (reader.NextField(out ReadOnlySpan<byte> key))
        {
            if (key.SequenceEqual(name)) return true;
            reader.Skip();
        }

        return false;
    }

    /// <summary>A text; null when it is absent.</summary>
    [MethodImpl(HotPath.Compile)]
    public static string? Text(ref JsonCursor reader, string field, string expected = "a text") =>
        Is(ref reader, JsonValueKind.String, field, expected) ? reader.ReadText() : null;

    /// <inheritdoc cref="Text(ref JsonCursor, string, string)"/>
    /// <param name="texts">Shares equal texts; null = it is made anew.</param>
    [MethodImpl(HotPath.Compile)]
    public static string? Text(ref JsonCursor reader, string field, TextPool? texts, string expected = "a text") =>
        Is(ref reader, JsonValueKind.String, field, expected) ? reader.ReadText(texts) : null;

    /// <summary>A text somewhere in a document; null when it, or an object on the way to it, is absent.</summary>
    /// <param name="json">The document as UTF-8.</param>
    /// <param name="path">The names on the way to it.</param>
    /// <exception cref="FormatException">Something on the way has the wrong type.</exception>
    public static string? TextAt(ReadOnlySpan<byte> json, params string[] path) => Find(json, path, out JsonCursor reader) ? Text(ref reader, string.Join('.', path)) : null;

    /// <summary>A whole number somewhere in a document.</summary>
    /// <inheritdoc cref="TextAt"/>
    public static long? IntegerAt(ReadOnlySpan<byte> json, params string[] path) => Find(json, path, out JsonCursor reader) ? Integer(ref reader, string.Join('.', path)) : null;

    /// <summary>A time somewhere in a document.</summary>
    /// <inheritdoc cref="TextAt"/>
    public static DateTimeOffset? TimeAt(ReadOnlySpan<byte> json, params string[] path) => Find(json, path, out JsonCursor reader) ? Time(ref reader, string.Join('.', path)) : null;

    /// <summary>A truth value; null when it is absent.</summary>
    public static bool? Flag(ref JsonCursor reader, string field)
    {
        if (reader.Kind == JsonValueKind.Null) reader.Skip();
        else return reader.ReadFlag() ?? throw Wrong(field, "true or false");
        return null;
    }

    /// <summary>A whole number; null when it is absent.</summary>
    [MethodImpl(HotPath.Compile)]
    public static long? Integer(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.Number, field, "a whole number") ? reader.ReadNumber() ?? throw Wrong(field, "a whole number") : null;

    /// <summary>The number of a port; null when it is absent.</summary>
    public static int? Port(ref JsonCursor reader, string field) => Integer(ref reader, field) switch
    {
        null => null,
        > 0 and <= ushort.MaxValue and var port => (int)port,
        _ => throw Wrong(field, "a port number"),
    };

    /// <summary>A time; null when it is absent.</summary>
    [MethodImpl(HotPath.Compile)]
    public static DateTimeOffset? Time(ref JsonCursor reader, string field) =>
        Is(ref reader, JsonValueKind.String, field, "a time") ? reader.ReadTime() ?? throw Wrong(field, "a time") : null;

    /// <summary>Texts by name, such as labels; empty when absent.</summary>
    /// <param name="texts">Shares equal texts; null = each is made anew.</param>
    [MethodImpl(HotPath.Compile)]
    public static ReadOnlyDictionary<string, string> Map(ref JsonCursor reader, string field, TextPool? texts = null)
    {
        if (!EnterObject(ref reader, field)) return NoMap;
        TextMap.Builder map = default;
        while (reader.NextField(out ReadOnlySpan<byte> raw))
        {
            string key = texts?.Get(raw) ?? Encoding.UTF8.GetString(raw);
            map.Add(key, (reader.Kind == JsonValueKind.String ? reader.ReadText(texts) : Text(ref reader, $"{field}['{key}']")) ?? "");
        }

        return map.Build();
    }

    /// <summary>Reason and message of a state in one line; empty where there is neither.</summary>
    public static string Joined(string? reason, string? message) =>
        string.IsNullOrEmpty(reason) ? message ?? "" : string.IsNullOrEmpty(message) ? reason : $"{reason}: {message}";

    public static FormatException Wrong(string field, string expected) => new($"{field} is not {expected}");

    private static bool Find(ReadOnlySpan<byte> json, string[] path, out JsonCursor reader)
    {
        reader = new JsonCursor(json);
        for (int depth = 0; depth < path.Length; depth++)
        {
            if (!EnterObject(ref reader, depth == 0 ? "the object" : string.Join('.', path[..depth])) || !Find(ref reader, Encoding.UTF8.GetBytes(path[depth]))) return false;
        }

        return true;
    }

    [MethodImpl(HotPath.Compile)]
    private static bool Is(ref JsonCursor reader, JsonValueKind kind, string field, string expected)
    {
        JsonValueKind found = reader.Kind;
        if (found == kind) return true;
        if (found != JsonValueKind.Null) throw Wrong(field, expected);
        reader.Skip();
        return false;
    }
}
