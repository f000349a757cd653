using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Finds out who sends a request: by bearer token, basic authentication, client certificate, or a token among WebSocket protocols.</summary>
internal sealed partial class Authenticator(ApiCertificates certificates, TokenIssuer tokens)
{
    private const string ProtocolPrefix = "base64url.bearer.authorization.k8s.io.";

    /// <summary>User names with their passwords, for basic authentication; real API servers dropped it in 1.19, proxies in front of them have it.</summary>
    public Dictionary<string, string> Passwords { get; } = new(StringComparer.Ordinal);

    /// <summary>Who it is; anonymous when nothing is shown.</summary>
    /// <exception cref="ApiException">401: what is shown is wrong or has expired.</exception>
    public ApiUser Authenticate(HttpContext context)
    {
        string? header = context.Request.Headers.Authorization;
        if (header is { Length: > 0 })
        {
            ApiUser? user = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? tokens.UserOf(header[7..].Trim())
                : header.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) ? Basic(header[6..].Trim())
                : null;
            return user ?? throw ApiErrors.Unauthorized();
        }

        foreach (string protocol in context.WebSockets.WebSocketRequestedProtocols)
        {
            if (!protocol.StartsWith(ProtocolPrefix, StringComparison.Ordinal)) continue;
            string token = Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(protocol.AsSpan(ProtocolPrefix.Length)));
            return tokens.UserOf(token) ?? throw ApiErrors.Unauthorized();
        }

        if (context.Connection.ClientCertificate is not { } certificate) return ApiUser.Anonymous;
        return certificates.Issued(certificate) ? UserOf(certificate) : throw ApiErrors.Unauthorized();
    }

    /// <summary>The common name of a certificate is the user, its organizations are the groups.</summary>
    private static ApiUser UserOf(X509Certificate2 certificate) => new(
        certificate.GetNameInfo(X509NameType.SimpleName, false),
        [.. Organization().Matches(certificate.Subject).Select(match => match.Groups[1].Value)]);

    private ApiUser? Basic(string credential)
    {
        Span<byte> bytes = new byte[credential.Length];
        if (!Convert.TryFromBase64String(credential, bytes, out int count)) return null;
        string[] parts = Encoding.UTF8.GetString(bytes[..count]).Split(':', 2);
        return parts.Length == 2 && Passwords.TryGetValue(parts[0], out string? password) && password == parts[1] ? new ApiUser(parts[0]) : null;
    }

    [GeneratedRegex(@"(?:^|, )O=""?([^,""]+)")]
    private static partial Regex Organization();
}
