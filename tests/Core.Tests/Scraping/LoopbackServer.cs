using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace KubeVirtMonitor.Tests.Scraping;

/// <summary>A small HTTP/1.1 server on loopback, which answers as it is told and remembers what it was asked.</summary>
internal sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<ReceivedRequest, Reply> _respond;
    private readonly ServerTls? _tls;
    private readonly Task _accepting;
    private int _connections;
    private int _open;
    private int _active;

    public LoopbackServer(Func<ReceivedRequest, Reply> respond, ServerTls? tls = null)
    {
        _respond = respond;
        _tls = tls;
        _listener.Start(512);
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

    public ConcurrentQueue<string> ServerNames { get; } = new();

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that are open.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>The most requests that were answered at the same time.</summary>
    public int MostActive { get; private set; }

    public static LoopbackServer Text(string body, ServerTls? tls = null) => new(_ => Reply.Text(body), tls);

    public Uri Uri(string path = "/metrics", string host = "127.0.0.1") => new($"{(_tls is null ? "http" : "https")}://{host}:{Port}{path}");

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await _listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            Interlocked.Increment(ref _connections);
            _ = ServeAsync(client);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        Interlocked.Increment(ref _open);
        try
        {
            using (client)
            {
                client.NoDelay = true;
                Stream stream = client.GetStream();
                if (_tls is not null) stream = await _tls.AuthenticateAsync(stream, ServerNames, _stop.Token);
                await using (stream)
                {
                    while (await ReadRequestAsync(stream) is { } request)
                    {
                        Requests.Enqueue(request);
                        int active = Interlocked.Increment(ref _active);
                        lock (_listener) MostActive = Math.Max(MostActive, active);
                        try
                        {
                            if (!await _respond(request).WriteAsync(client, stream, _stop.Token)) return;
                        }
                        finally
                        {
                            Interlocked.Decrement(ref _active);
                        }
                    }
                }
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
        {
            // A client that goes away is what many tests are about.
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private async Task<ReceivedRequest?> ReadRequestAsync(Stream stream)
    {
        StringBuilder text = new();
        byte[] one = new byte[4096];
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(one, _stop.Token);
            if (count == 0) return null;
            text.Append(Encoding.Latin1.GetString(one, 0, count));
        }

        return ReceivedRequest.Parse(text.ToString(), (stream as SslStream)?.RemoteCertificate?.Subject);
    }
}
