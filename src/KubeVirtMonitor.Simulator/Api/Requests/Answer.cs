using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Sends whole answers.</summary>
internal static class Answer
{
    public static Task JsonAsync(HttpContext context, JsonNode json, int status = 200, string contentType = "application/json") =>
        BytesAsync(context, JsonText.Bytes(json), status, contentType);

    public static async Task BytesAsync(HttpContext context, ReadOnlyMemory<byte> json, int status = 200, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = json.Length + 1;
        if (HttpMethods.IsHead(context.Request.Method)) return;
        await context.Response.BodyWriter.WriteAsync(json, context.RequestAborted);
        await context.Response.BodyWriter.WriteAsync("\n"u8.ToArray(), context.RequestAborted);
    }

    public static async Task TextAsync(HttpContext context, string text, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (!HttpMethods.IsHead(context.Request.Method)) await context.Response.WriteAsync(text, context.RequestAborted);
    }

    public static Task StatusAsync(HttpContext context, ApiStatus status)
    {
        if (status.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return JsonAsync(context, status.ToJson(), status.Code);
    }

    /// <summary>One object, in the form that is wanted.</summary>
    public static Task ObjectAsync(HttpContext context, ApiObject item, DateTimeOffset now, int status = 200) => MediaType.Choose(context.Request, out _) switch
    {
        MediaForm.Table => BytesAsync(context, new TableWriter(item.Type, TableWriter.Inclusion(context.Request), now).Single(item), status),
        MediaForm.Metadata => BytesAsync(context, TableWriter.Metadata(item, withKind: true), status),
        _ => BytesAsync(context, item.ToBytes(), status),
    };
}
