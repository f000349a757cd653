using System.Net;
using System.Text.Json;

namespace KubeVirtMonitor.TestKit;

/// <summary>An answer of the API server.</summary>
public sealed record ApiReply(HttpStatusCode Code, string Text, TimeSpan? RetryAfter, string? ContentType)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string[] Names => [.. Json.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("metadata").GetProperty("name").GetString()!)];

    public string Message => Json.GetProperty("message").GetString()!;

    public string Reason => Json.GetProperty("reason").GetString()!;

    /// <summary>The value at a path such as <c>metadata.labels.app</c>, as text; a tilde stands for a dot within a name.</summary>
    public string? At(string path)
    {
        JsonElement at = Json;
        foreach (string part in path.Split('.'))
        {
            if (at.ValueKind == JsonValueKind.Array) at = at[int.Parse(part, System.Globalization.CultureInfo.InvariantCulture)];
            else if (!at.TryGetProperty(part.Replace('~', '.'), out at)) return null;
        }

        return at.ToString();
    }
}
