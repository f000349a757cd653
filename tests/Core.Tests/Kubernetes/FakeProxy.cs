using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>A proxy on loopback: HTTP CONNECT, or SOCKS 5.</summary>
internal sealed class FakeProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Func<NetworkStream, FakeProxy, Task<(string Host, int Port)?>> _greet;
    private readonly CancellationTokenSource _ended = new();

    private FakeProxy(Func<NetworkStream, FakeProxy, Task<(string Host, int Port)?>> greet)
    {
        _greet = greet;
        _listener.Start();
        _ = RunAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>What clients said before the tunnel was there.</summary>
    public List<string> Said { get; } = [];

    public static FakeProxy Http(string answer) => new(async (stream, proxy) =>
    {
        StringBuilder head = new();
        byte[] one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(one) == 1) head.Append((char)one[0]);
        proxy.Said.Add(head.ToString());
        await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
        string[] target = head.ToString().Split(' ')[1].Split(':');
        return answer.Contains(" 200 ", StringComparison.Ordinal) ? (target[0], int.Parse(target[1], System.Globalization.CultureInfo.InvariantCulture)) : null;
    });

    public static FakeProxy Socks(string? password, byte reply = 0) => new(async (stream, proxy) =>
    {
        byte[] head = await ReadAsync(stream, 2);
        byte[] methods = await ReadAsync(stream, head[1]);
        proxy.Said.Add(Convert.ToHexString(methods));
        byte method = password is null ? (byte)0 : methods.Contains((byte)2) ? (byte)2 : (byte)255;
        await stream.WriteAsync(new byte[] { 5, method });
        if (method == 255) return null;
        if (method == 2)
        {
            byte[] name = await ReadAsync(stream, (await ReadAsync(stream, 2))[1]);
            byte[] secret = await ReadAsync(stream, (await ReadAsync(stream, 1))[0]);
            proxy.Said.Add(Encoding.UTF8.GetString(name) + ":" + Encoding.UTF8.GetString(secret));
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

    public void Dispose()
    {
        _ended.Cancel();
        _listener.Stop();
        _ended.Dispose();
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, int count)
    {
        byte[] bytes = new byte[count];
        await stream.ReadExactlyAsync(bytes);
        return bytes;
    }

    private async Task RunAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ended.Token));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                NetworkStream stream = client.GetStream();
                if (await _greet(stream, this) is not { } target) return;
                using TcpClient server = new();
                await server.ConnectAsync(target.Host, target.Port);
                await Task.WhenAny(stream.CopyToAsync(server.GetStream(), _ended.Token), server.GetStream().CopyToAsync(stream, _ended.Token));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // The client hangs up.
            }
        }
    }
}
