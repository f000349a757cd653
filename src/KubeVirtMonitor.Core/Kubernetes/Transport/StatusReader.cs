using System.Text;
using System.Text.Json;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Turns the answer to a request that was refused into an error.</summary>
internal static class StatusReader
{
    private const int MostBody = 256 * 1024;

    public static async Task<KubernetesException> ReadAsync(HttpResponseMessage response, ApiRequest request, ApiTransport transport, CancellationToken cancellationToken)
    {
        byte[]? body = null;
        try
        {
            using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            using AnswerReader reader = new(transport, stream, cancellationToken);
            body = await reader.ReadAllAsync(MostBody).ConfigureAwait(false);
        }
        catch (KubernetesException)
        {
            // The status line has arrived, and says enough.
        }

        KubernetesStatus? status = body is null ? null : Parse(body);
        string text = body is null || status is not null ? "" : Encoding.UTF8.GetString(body);
        return StatusErrors.Describe((int)response.StatusCode, status, text, request, transport.Connection);
    }

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
