using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Writes objects as the table that <c>kubectl get</c> prints.</summary>
internal sealed class TableWriter(ResourceType type, string inclusion, DateTimeOffset now)
{
    /// <summary>What a row says of its object: <c>None</c>, <c>Metadata</c> or <c>Object</c>.</summary>
    public static string Inclusion(HttpRequest request) => request.Query["includeObject"].ToString() switch
    {
        "None" => "None",
        "Object" => "Object",
        _ => "Metadata",
    };

    /// <summary>Everything before the first row.</summary>
    public byte[] Head(JsonObject metadata)
    {
        JsonArray columns = [Column("Name", "string", "name", 0)];
        foreach (TableColumn column in type.Columns) columns.Add((JsonNode)Column(column.Name, column.Type, "", column.Priority));
        byte[] whole = JsonText.Bytes(new JsonObject
        {
            ["kind"] = "Table",
            ["apiVersion"] = "meta.k8s.io/v1",
            ["metadata"] = metadata,
            ["columnDefinitions"] = columns,
            ["rows"] = new JsonArray(),
        });
        return whole[..^2];
    }

    /// <summary>The row of an object.</summary>
    public ReadOnlyMemory<byte> Row(ApiObject item)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using JsonDocument document = JsonDocument.Parse(item.Body);
        using Utf8JsonWriter writer = new(buffer, JsonText.Writer);
        writer.WriteStartObject();
        writer.WriteStartArray("cells");
        writer.WriteStringValue(item.Name);
        foreach (TableColumn column in type.Columns) WriteCell(writer, column.Cell(document.RootElement, now));
        writer.WriteEndArray();
        if (inclusion != "None")
        {
            writer.WritePropertyName("object");
            writer.WriteRawValue(inclusion == "Object" ? item.ToBytes() : Metadata(item, withKind: true).Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>A table of one row.</summary>
    public byte[] Single(ApiObject item)
    {
        byte[] head = Head(new JsonObject { ["resourceVersion"] = item.Version.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        return [.. head, .. Row(item).Span, .. "]}"u8];
    }

    /// <summary>The metadata of an object, as PartialObjectMetadata.</summary>
    public static ReadOnlyMemory<byte> Metadata(ApiObject item, bool withKind)
    {
        ArrayBufferWriter<byte> buffer = new(1024);
        using JsonDocument document = JsonDocument.Parse(item.Body);
        using Utf8JsonWriter writer = new(buffer, JsonText.Writer);
        writer.WriteStartObject();
        if (withKind)
        {
            writer.WriteString("kind", "PartialObjectMetadata");
            writer.WriteString("apiVersion", "meta.k8s.io/v1");
        }

        writer.WritePropertyName("metadata");
        document.RootElement.GetProperty("metadata").WriteTo(writer);
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }

    private static JsonObject Column(string name, string type, string format, int priority) =>
        new() { ["name"] = name, ["type"] = type, ["format"] = format, ["description"] = $"{name} of the object.", ["priority"] = priority };

    private static void WriteCell(Utf8JsonWriter writer, object? cell)
    {
        switch (cell)
        {
            case null:
                writer.WriteNullValue();
                break;
            case long number:
                writer.WriteNumberValue(number);
                break;
            default:
                writer.WriteStringValue(cell.ToString());
                break;
        }
    }
}
