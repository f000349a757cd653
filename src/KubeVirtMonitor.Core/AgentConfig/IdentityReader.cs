using System.Net;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Reads headers, tokens and passwords.</summary>
internal static class IdentityReader
{
    /// <summary>Reads them.</summary>
    /// <exception cref="ScrapeException">They cannot be used, or contradict each other.</exception>
    public static Identity Read(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        IReadOnlyList<KeyValuePair<string, string>> extra = options.Texts("extra_headers");
        List<KeyValuePair<string, string>> headers =
        [
            .. options.Texts("headers").Where(header => !extra.Any(other => string.Equals(other.Key, header.Key, StringComparison.OrdinalIgnoreCase))),
            .. extra,
        ];
        NetworkCredential? credential = Credential(scope);
        Identity identity = new() { Headers = headers, Credential = credential };
        if (TokenReader.Read(scope) is not { } token) return identity;
        if (credential is not null) throw options.Bad("auth_token", "username and password are there as well, and a request carries one of them", "Take out one of the two.");
        headers.RemoveAll(header => string.Equals(header.Key, token.Header, StringComparison.OrdinalIgnoreCase));
        if (token.IsBearer) return identity with { Token = token.Token };
        headers.Add(new(token.Header, token.Value));
        return identity with { Secrets = [token.Token, token.Value] };
    }

    private static NetworkCredential? Credential(InstanceScope scope)
    {
        OptionReader options = scope.Options;
        string? user = options.Text("username");
        string? password = options.Text("password");
        if (options.Text("auth_type") is { } type && type != "basic")
        {
            string name = type is "digest" or "ntlm" or "kerberos" or "aws" ? $"auth_type: {type}" : "auth_type";
            scope.Warn($"{name} is not applied: in the Agent it would authenticate in that way; nothing is sent. Use basic with username and password, auth_token or a client certificate.");
            return null;
        }

        if (user is not null && password is not null) return new NetworkCredential(user, password);
        if (user is not null || password is not null) scope.Warn("username and password are only sent together, in the Agent as here. Write both.");
        return null;
    }
}

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
