using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace KubeVirtMonitor.Tests.Scraping;

/// <summary>A proxy that knows CONNECT and nothing else.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly string? _authorization;
    private readonly Task _accepting;

    public ConnectProxy(string? authorization = null)
    {
        _authorization = authorization;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public ConcurrentQueue<string> Requests { get; } = new();

    public Uri Uri(string user = "") => new($"http://{user}127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                NetworkStream near = client.GetStream();
                while (true)
                {
                    byte[] buffer = new byte[4096];
                    int count = await near.ReadAsync(buffer, _stop.Token);
                    if (count == 0) return;
                    string text = Encoding.ASCII.GetString(buffer, 0, count);
                    if (_authorization is null || text.Contains($"Proxy-Authorization: {_authorization}", StringComparison.Ordinal))
                    {
                        Requests.Enqueue(text);
                        await TunnelAsync(near, text.Split(' ')[1]);
                        return;
                    }

                    await near.WriteAsync("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"\r\nContent-Length: 0\r\n\r\n"u8.ToArray(), _stop.Token);
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // A side went away.
        }
    }

    private async Task TunnelAsync(NetworkStream near, string address)
    {
        using TcpClient server = new();
        await server.ConnectAsync(IPEndPoint.Parse(address), _stop.Token);
        NetworkStream far = server.GetStream();
        await near.WriteAsync("HTTP/1.1 200 OK\r\n\r\n"u8.ToArray(), _stop.Token);
        await Task.WhenAny(near.CopyToAsync(far, _stop.Token), far.CopyToAsync(near, _stop.Token));
    }
}
