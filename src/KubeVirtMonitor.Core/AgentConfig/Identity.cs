using System.Net;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>How requests of an instance show who asks.</summary>
internal sealed record Identity
{
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public string? Token { get; init; }

    public NetworkCredential? Credential { get; init; }

    /// <summary>Tokens in headers of other names.</summary>
    public IReadOnlyList<string> Secrets { get; init; } = [];

    public bool HasSecret => Token is not null || Credential is not null || Secrets.Count > 0 || Header("Authorization") is not null || Header("Cookie") is not null;

    /// <summary>The value of a header that is sent; null where it is not.</summary>
    public string? Header(string name) => Headers.Where(header => string.Equals(header.Key, name, StringComparison.OrdinalIgnoreCase)).Select(header => header.Value).FirstOrDefault();
}
