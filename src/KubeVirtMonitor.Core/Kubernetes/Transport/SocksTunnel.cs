using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Asks a SOCKS 5 proxy for a tunnel (RFC 1928, RFC 1929). The proxy resolves the host's name.</summary>
internal static class SocksTunnel
{
    private const byte Version = 5;

    private const byte NoAuthentication = 0;

    private const byte UserPassword = 2;

    /// <summary>After it returns, the stream leads to the host.</summary>
    public static async Task OpenAsync(Stream stream, string host, int port, Uri proxy, CancellationToken cancellationToken)
    {
        NetworkCredential? credential = ProxyServer.CredentialOf(proxy);
        byte[] hello = credential is null ? [Version, 1, NoAuthentication] : [Version, 2, NoAuthentication, UserPassword];
        await stream.WriteAsync(hello, cancellationToken).ConfigureAwait(false);
        byte[] answer = await ReadAsync(stream, 2, proxy, cancellationToken).ConfigureAwait(false);
        if (answer[0] != Version) throw Error(proxy, "does not speak SOCKS 5", "Check its address, or use http:// if it is an HTTP proxy.");
        if (answer[1] == UserPassword && credential is not null) await LogInAsync(stream, credential, proxy, cancellationToken).ConfigureAwait(false);
        else if (answer[1] != NoAuthentication) throw Error(proxy, "requires an authentication method that is not supported", "Add the user name and password to the proxy's address.");
        await stream.WriteAsync(Request(host, port), cancellationToken).ConfigureAwait(false);
        byte[] head = await ReadAsync(stream, 4, proxy, cancellationToken).ConfigureAwait(false);
        if (head[1] != 0) throw Error(proxy, $"refused a tunnel to {host}:{port} ({Reason(head[1])})", "Check that it may reach the API server.");
        int rest = head[3] switch
        {
            1 => 4,
            4 => 16,
            _ => (await ReadAsync(stream, 1, proxy, cancellationToken).ConfigureAwait(false))[0],
        };
        await ReadAsync(stream, rest + 2, proxy, cancellationToken).ConfigureAwait(false);
    }

    private static async Task LogInAsync(Stream stream, NetworkCredential credential, Uri proxy, CancellationToken cancellationToken)
    {
        byte[] name = Encoding.UTF8.GetBytes(credential.UserName);
        byte[] password = Encoding.UTF8.GetBytes(credential.Password);
        if (name.Length > 255 || password.Length > 255) throw Error(proxy, "accepts user names and passwords of at most 255 bytes", "");
        byte[] request = [1, (byte)name.Length, .. name, (byte)password.Length, .. password];
        await stream.WriteAsync(request, cancellationToken).ConfigureAwait(false);
        byte[] answer = await ReadAsync(stream, 2, proxy, cancellationToken).ConfigureAwait(false);
        if (answer[1] != 0) throw Error(proxy, "refused the user name and password", "Correct them in the proxy's address.");
    }

    private static byte[] Request(string host, int port)
    {
        byte[] tail = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(tail, (ushort)port);
        string bare = host.Trim('[', ']');
        if (IPAddress.TryParse(bare, out IPAddress? address))
        {
            byte[] bytes = address.GetAddressBytes();
            return [Version, 1, 0, (byte)(bytes.Length == 4 ? 1 : 4), .. bytes, .. tail];
        }

        byte[] name = Encoding.ASCII.GetBytes(bare);
        return [Version, 1, 0, 3, (byte)name.Length, .. name, .. tail];
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int count, Uri proxy, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[count];
        try
        {
            await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        }
        catch (EndOfStreamException)
        {
            throw Error(proxy, "closed the connection", "Check its address.");
        }

        return bytes;
    }

    private static string Reason(byte code) => code switch
    {
        2 => "not allowed",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        _ => $"code {code}",
    };

    private static KubernetesException Error(Uri proxy, string what, string advice) =>
        new(KubernetesError.ConnectionFailed, $"the proxy {ProxyServer.WithoutUserInfo(proxy)} {what}", advice);
}
