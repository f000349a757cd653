using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Reads the bodies of requests.</summary>
internal static class RequestBody
{
    private const int MostBytes = 3 * 1024 * 1024;

    /// <summary>The JSON of a body, also of one in protobuf.</summary>
    /// <exception cref="ApiException">400: it is no JSON; 413: it is larger than 3 MiB.</exception>
    public static async Task<JsonNode> ReadAsync(HttpContext context, string kind = "Status")
    {
        using MemoryStream body = new();
        byte[] buffer = new byte[16 * 1024];
        int count;
        while ((count = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            body.Write(buffer, 0, count);
            if (body.Length > MostBytes) throw new ApiException(new ApiStatus(413, "RequestEntityTooLarge", $"Request entity too large: limit is {MostBytes}"));
        }

        if (MediaType.ContentType(context.Request) == ProtobufObjects.MediaType) return ProtobufObjects.Read(body.ToArray());
        try
        {
            return JsonNode.Parse(body.ToArray()) ?? throw ApiErrors.BadRequest("the body is null");
        }
        catch (JsonException failure)
        {
            throw ApiErrors.BadRequest($"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {Reason(body.ToArray(), failure)}");
        }
    }

    /// <summary>Why a text is no JSON, in Go's words, with its beginning.</summary>
    private static string Reason(byte[] body, JsonException failure)
    {
        const int Shown = 64;
        string text = System.Text.Encoding.UTF8.GetString(body);
        string shown = text.Length > Shown ? text[..Shown] + " ..." : text;
        int at = (int)(failure.BytePositionInLine ?? 0);
        if (failure.LineNumber > 0 || at >= body.Length) return $"unexpected end of JSON input ({shown})";
        bool key = text[..at].TrimEnd().EndsWith('{');
        return $"invalid character '{(char)body[at]}' looking for beginning of {(key ? "object key string" : "value")} ({shown})";
    }

    /// <summary>The object in a body.</summary>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context, string kind = "Status") =>
        await ReadAsync(context, kind) as JsonObject ?? throw ApiErrors.BadRequest("the body is not an object");
}
