using System.Globalization;
using System.Net;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Asks an HTTP proxy for a tunnel (RFC 9110, CONNECT).</summary>
internal static class HttpTunnel
{
    private const int MostHead = 16 * 1024;

    /// <summary>After it returns, the stream leads to the host.</summary>
    public static async Task OpenAsync(Stream stream, string host, int port, Uri proxy, CancellationToken cancellationToken)
    {
        string name = host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;
        StringBuilder request = new();
        request.Append(CultureInfo.InvariantCulture, $"CONNECT {name}:{port} HTTP/1.1\r\nHost: {name}:{port}\r\n");
        if (ProxyServer.CredentialOf(proxy) is NetworkCredential credential)
            request.Append("Proxy-Authorization: Basic ").Append(Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credential.UserName}:{credential.Password}"))).Append("\r\n");
        request.Append("\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request.ToString()), cancellationToken).ConfigureAwait(false);
        string status = await ReadStatusAsync(stream, proxy, cancellationToken).ConfigureAwait(false);
        string[] parts = status.Split(' ', 3);
        if (parts.Length < 2 || !parts[0].StartsWith("HTTP/1.", StringComparison.Ordinal)) throw Error(proxy, "sent a response that is not HTTP", "Check the address of the proxy.");
        if (parts[1] is ['2', ..]) return;
        throw parts[1] == "407"
            ? Error(proxy, "requires a user name and password", "Add them to the proxy's address.")
            : Error(proxy, $"refused a tunnel to {name}:{port} ({new ForeignText(Secrets.OfAddress(proxy)).Line(status, 100)})", "Check that it may reach the API server, or exclude the API server with NO_PROXY.");
    }

    // One byte at a time: what follows the head belongs to the TLS handshake, and a tunnel is opened once per connection.
    private static async Task<string> ReadStatusAsync(Stream stream, Uri proxy, CancellationToken cancellationToken)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (head.Length < MostHead)
        {
            if (await stream.ReadAsync(one, cancellationToken).ConfigureAwait(false) == 0) throw Error(proxy, "closed the connection", "Check the address of the proxy.");
            head.Append((char)one[0]);
            if (one[0] == '\n' && head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal)) return head.ToString().Split("\r\n", 2)[0];
        }

        throw Error(proxy, "sent a response that is not HTTP", "Check the address of the proxy.");
    }

    private static KubernetesException Error(Uri proxy, string what, string advice) =>
        new(KubernetesError.ConnectionFailed, $"the proxy {ProxyServer.WithoutUserInfo(proxy)} {what}", advice);
}
