using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Turns the answer to a request that was refused into an error.</summary>
internal static class StatusReader
{
    private const int MostBody = 256 * 1024;

    // A role that the API server makes itself, and waits for after its start, is missing.
    private static readonly Regex BuiltInRole = new(@"clusterrole\.rbac\.authorization\.k8s\.io ""(cluster-admin|system:discovery|system:basic-user|system:public-info-viewer)"" not found");

    public static async Task<KubernetesException> ReadAsync(HttpResponseMessage response, ApiRequest request, ApiTransport transport, CancellationToken cancellationToken)
    {
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        using AnswerReader reader = new(transport, stream, cancellationToken);
        byte[] body = await reader.ReadStartAsync(MostBody).ConfigureAwait(false);
        KubernetesStatus? status = Parse(body);
        string text = status is not null ? "" : Encoding.UTF8.GetString(body);
        return StatusErrors.Describe(response, status, text, request, transport.Connection, transport.Foreign, IsStarting(response, status));
    }

    /// <summary>
    /// Whether an API server refuses because it has not read its own roles and flow schemas yet. For some hundred milliseconds after its start it
    /// refuses everybody, administrators too: first with an empty flow schema, then with the names of roles that every cluster has.
    /// </summary>
    private static bool IsStarting(HttpResponseMessage response, KubernetesStatus? status) =>
        response.StatusCode == HttpStatusCode.Forbidden
        && status is not null
        && ((response.Headers.NonValidated.TryGetValues("X-Kubernetes-Pf-Flowschema-Uid", out HeaderStringValues schema) && schema.All(string.IsNullOrWhiteSpace))
            || BuiltInRole.IsMatch(status.Message));

    /// <summary>Reads a Status object; null when the text is none.</summary>
    /// <param name="json">The text.</param>
    /// <param name="isBare">Whether it comes without its kind, as kubelet writes how a command ended.</param>
    public static KubernetesStatus? Parse(ReadOnlyMemory<byte> json, bool isBare = false)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            return document.RootElement is { ValueKind: JsonValueKind.Object } root && (isBare ? Text(root, "status").Length > 0 : Text(root, "kind") == "Status") ? Parse(root) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static KubernetesStatus Parse(JsonElement root)
    {
        JsonElement details = Map(root, "details");
        return new KubernetesStatus
        {
            Code = Number(root, "code") ?? 0,
            IsSuccess = Text(root, "status") == "Success",
            Reason = Text(root, "reason"),
            Message = Text(root, "message"),
            Kind = Text(details, "kind"),
            Group = Text(details, "group"),
            Name = Text(details, "name"),
            RetryAfter = Number(details, "retryAfterSeconds") is > 0 and int seconds ? TimeSpan.FromSeconds(seconds) : null,
            Continue = Text(Map(root, "metadata"), "continue") is { Length: > 0 } token ? token : null,
            Causes = details.ValueKind == JsonValueKind.Object && details.TryGetProperty("causes", out JsonElement causes) && causes.ValueKind == JsonValueKind.Array
                ? causes.EnumerateArray().Where(cause => cause.ValueKind == JsonValueKind.Object).Select(cause => new KubernetesStatusCause(Text(cause, "reason"), Text(cause, "field"), Text(cause, "message"))).ToArray()
                : [],
        };
    }

    private static JsonElement Map(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Object ? value : default;

    private static string Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static int? Number(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int number) ? number : null;
}
