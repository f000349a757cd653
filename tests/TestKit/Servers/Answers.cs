using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.TestKit;

/// <summary>What API servers answer.</summary>
public static class Answers
{
    public static Task JsonAsync(this HttpContext context, string json, int status = 200)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    public static Task StatusAsync(this HttpContext context, int code, string reason, string message, string extra = "") =>
        context.JsonAsync($$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":{{System.Text.Json.JsonSerializer.Serialize(message)}},"reason":"{{reason}}"{{extra}},"code":{{code}}}""", code);

    public static string Pod(int number, string extra = "") =>
        """{"apiVersion":"v1","kind":"Pod","metadata":{"managedFields":[{"fieldsV1":{"f:uid":{}}}],"name":"pod-NUMBER","namespace":"a","ownerReferences":[{"uid":"11111111-0000-0000-0000-000000000000"}],"uid":"UID"}EXTRA}"""
            .Replace("NUMBER", $"{number}", StringComparison.Ordinal)
            .Replace("UID", Uid(number), StringComparison.Ordinal)
            .Replace("EXTRA", extra, StringComparison.Ordinal);

    public static string Uid(int number) => new Guid(number, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).ToString();

    /// <summary>A list as custom resources are listed: metadata behind the items.</summary>
    public static string List(IEnumerable<string> items, string? token = null) =>
        $$$"""{"apiVersion":"v1","items":[{{{string.Join(',', items)}}}],"kind":"PodList","metadata":{"continue":"{{{token}}}","resourceVersion":"7"}}""" + "\n";
}
