using System.Text;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Reads protobuf messages into JSON, by tables of fields. Fields that no table has are skipped, and empty texts, which Go writes for what is not set.</summary>
internal static class ProtobufReader
{
    /// <summary>Reads a message.</summary>
    /// <exception cref="InvalidDataException">The bytes end within a field, or have a wire type that is not known.</exception>
    public static JsonObject Read(ReadOnlyMemory<byte> bytes, IReadOnlyDictionary<int, ProtobufField> fields)
    {
        JsonObject json = [];
        while (bytes.Length > 0)
        {
            ulong tag = Number(ref bytes);
            (ulong number, ReadOnlyMemory<byte> content) = Value(ref bytes, (int)(tag & 7));
            if (!fields.TryGetValue((int)(tag >> 3), out ProtobufField? field)) continue;
            if (field.Kind is ProtobufKind.TextMap or ProtobufKind.BytesMap) AddEntry(json, field, content);
            else if (field is { Kind: ProtobufKind.Text, Repeated: false } && content.Length == 0) continue;
            else if (field.Repeated) Child<JsonArray>(json, field.Name, static () => []).Add(Convert(field, number, content));
            else json[field.Name] = Convert(field, number, content);
        }

        return json;
    }

    /// <summary>The bytes of one length-delimited field, or nothing.</summary>
    public static ReadOnlyMemory<byte> Find(ReadOnlyMemory<byte> bytes, int wanted)
    {
        while (bytes.Length > 0)
        {
            ulong tag = Number(ref bytes);
            (_, ReadOnlyMemory<byte> content) = Value(ref bytes, (int)(tag & 7));
            if ((int)(tag >> 3) == wanted) return content;
        }

        return default;
    }

    private static JsonNode? Convert(ProtobufField field, ulong number, ReadOnlyMemory<byte> content) => field.Kind switch
    {
        ProtobufKind.Text => Encoding.UTF8.GetString(content.Span),
        ProtobufKind.Bytes => System.Convert.ToBase64String(content.Span),
        ProtobufKind.Number => (long)number,
        ProtobufKind.Flag => number != 0,
        _ => Read(content, field.Message!),
    };

    private static void AddEntry(JsonObject json, ProtobufField field, ReadOnlyMemory<byte> entry)
    {
        ReadOnlyMemory<byte> value = Find(entry, 2);
        Child<JsonObject>(json, field.Name, static () => [])[Encoding.UTF8.GetString(Find(entry, 1).Span)] =
            field.Kind == ProtobufKind.TextMap ? Encoding.UTF8.GetString(value.Span) : System.Convert.ToBase64String(value.Span);
    }

    private static T Child<T>(JsonObject json, string name, Func<T> make)
        where T : JsonNode
    {
        if (json[name] is T present) return present;
        T made = make();
        json[name] = made;
        return made;
    }

    private static ulong Number(ref ReadOnlyMemory<byte> bytes)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && bytes.Length > 0; shift += 7)
        {
            byte part = bytes.Span[0];
            bytes = bytes[1..];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw new InvalidDataException("A number does not end.");
    }

    private static (ulong Number, ReadOnlyMemory<byte> Content) Value(ref ReadOnlyMemory<byte> bytes, int wireType)
    {
        if (wireType == 0) return (Number(ref bytes), default);
        ulong length = wireType switch { 1 => 8, 5 => 4, 2 => Number(ref bytes), _ => throw new InvalidDataException($"Wire type {wireType} is not known.") };
        if (length > (ulong)bytes.Length) throw new InvalidDataException("A field is longer than the message.");
        ReadOnlyMemory<byte> content = bytes[..(int)length];
        bytes = bytes[(int)length..];
        return (0, content);
    }
}
