using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KubeVirtMonitor.TestKit;

/// <summary>A proxy on loopback: HTTP CONNECT, or SOCKS 5.</summary>
public sealed class ProxyServer : IAsyncDisposable
{
    private readonly Func<NetworkStream, ProxyServer, Task<(string Host, int Port)?>> _greet;
    private readonly TcpServer _server;

    private ProxyServer(Func<NetworkStream, ProxyServer, Task<(string Host, int Port)?>> greet)
    {
        _greet = greet;
        _server = new TcpServer(ServeAsync);
    }

    public int Port => _server.Port;

    /// <summary>What clients said before each tunnel was there.</summary>
    public ConcurrentQueue<string> Said { get; } = [];

    /// <summary>Answers each CONNECT alike, and opens the tunnel where the answer says 200.</summary>
    public static ProxyServer Http(string answer = "HTTP/1.1 200 OK\r\n\r\n") => new(async (stream, proxy) =>
    {
        string head = await ReadHeadAsync(stream);
        proxy.Said.Enqueue(head);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        return answer.Contains(" 200 ", StringComparison.Ordinal) ? Target(head) : null;
    });

    /// <summary>Opens tunnels for those alone who send this Proxy-Authorization, and asks the others for it on the same connection.</summary>
    public static ProxyServer HttpFor(string authorization) => new(async (stream, proxy) =>
    {
        while (true)
        {
            string head = await ReadHeadAsync(stream);
            if (head.Contains($"Proxy-Authorization: {authorization}\r\n", StringComparison.Ordinal))
            {
                proxy.Said.Enqueue(head);
                await stream.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray());
                return Target(head);
            }

            await stream.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
        }
    });

    public static ProxyServer Socks(string? password, byte reply = 0) => new(async (stream, proxy) =>
    {
        byte[] head = await ReadAsync(stream, 2);
        byte[] methods = await ReadAsync(stream, head[1]);
        proxy.Said.Enqueue(Convert.ToHexString(methods));
        byte method = password is null ? (byte)0 : methods.Contains((byte)2) ? (byte)2 : (byte)255;
        await stream.WriteAsync(new byte[] { 5, method });
        if (method == 255) return null;
        if (method == 2)
        {
            byte[] name = await ReadAsync(stream, (await ReadAsync(stream, 2))[1]);
            byte[] secret = await ReadAsync(stream, (await ReadAsync(stream, 1))[0]);
            proxy.Said.Enqueue(Encoding.UTF8.GetString(name) + ":" + Encoding.UTF8.GetString(secret));
            bool isRight = Encoding.UTF8.GetString(secret) == password;
            await stream.WriteAsync(new byte[] { 1, isRight ? (byte)0 : (byte)1 });
            if (!isRight) return null;
        }

        byte[] request = await ReadAsync(stream, 4);
        string host = request[3] == 1 ? new IPAddress(await ReadAsync(stream, 4)).ToString() : Encoding.ASCII.GetString(await ReadAsync(stream, (await ReadAsync(stream, 1))[0]));
        byte[] port = await ReadAsync(stream, 2);
        await stream.WriteAsync(new byte[] { 5, reply, 0, 1, 0, 0, 0, 0, 0, 0 });
        return reply == 0 ? (host, (port[0] << 8) | port[1]) : null;
    });

    public Uri Uri(string user = "") => new($"http://{user}127.0.0.1:{Port}/");

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private static (string Host, int Port) Target(string head)
    {
        string[] address = head.Split(' ')[1].Split(':');
        return (address[0], int.Parse(address[1], CultureInfo.InvariantCulture));
    }

    private static async Task<string> ReadHeadAsync(NetworkStream stream)
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0) throw new EndOfStreamException();
            head.Append((char)one[0]);
        }

        return head.ToString();
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        NetworkStream near = client.GetStream();
        if (await _greet(near, this) is not { } target) return;
        using TcpClient server = new();
        await server.ConnectAsync(target.Host, target.Port, stop);
        NetworkStream far = server.GetStream();
        await Task.WhenAny(near.CopyToAsync(far, stop), far.CopyToAsync(near, stop));
    }
}
