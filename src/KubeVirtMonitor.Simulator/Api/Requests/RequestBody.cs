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
    public static async Task<JsonNode> ReadAsync(HttpContext context, string? hint = null)
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
            throw ApiErrors.BadRequest($"the object provided is unrecognized (must be of type Status): couldn't get version/kind; json parse error: {failure.Message}{(hint is null ? "" : $" ({hint})")}");
        }
    }

    /// <summary>The object in a body.</summary>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context) =>
        await ReadAsync(context) as JsonObject ?? throw ApiErrors.BadRequest("the body is no object");
}
