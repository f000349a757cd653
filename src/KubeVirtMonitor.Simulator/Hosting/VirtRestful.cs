using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator;

/// <summary>The web framework of KubeVirt's components (go-restful): JSON with an indentation of one space, and refusals as bare text.</summary>
internal static class VirtRestful
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>JSON as the framework writes it.</summary>
    public static string Text(JsonNode json) => json.ToJsonString(Indented);

    /// <summary>Whether a route serves what a request accepts. A route without media types serves <c>*/*</c> only: asking for JSON alone is asking for too much.</summary>
    public static bool Accepts(HttpRequest request, bool json = false)
    {
        if (request.Headers.Accept.Count == 0) return true;
        foreach (string part in request.Headers.Accept.ToString().Split(','))
        {
            string type = part.Split(';')[0].Trim();
            if (type == "*/*" || (json && type is "application/json" or "application/*")) return true;
        }

        return false;
    }

    public static Task SendAsync(HttpContext context, JsonNode json, int status = StatusCodes.Status200OK) => SendAsync(context, Text(json), status);

    public static Task SendAsync(HttpContext context, string json, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return WriteAsync(context, json);
    }

    public static Task NotFoundAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status404NotFound, "404: Page Not Found");

    public static Task NotAllowedAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "405: Method Not Allowed");

    public static Task NotAcceptableAsync(HttpContext context, string representations = "") =>
        RefuseAsync(context, StatusCodes.Status406NotAcceptable, "406: Not Acceptable\n\nAvailable representations: " + representations);

    /// <summary>Bare text.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return WriteAsync(context, text);
    }

    private static Task WriteAsync(HttpContext context, string text)
    {
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(text);
        context.Response.Headers.ContentLength = bytes.Length;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : context.Response.Body.WriteAsync(bytes, context.RequestAborted).AsTask();
    }
}
