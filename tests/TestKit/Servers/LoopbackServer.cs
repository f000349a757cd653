using System.Collections.Concurrent;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace KubeVirtMonitor.TestKit;

/// <summary>A small HTTP/1.1 server on loopback, which answers as it is told, however badly, and remembers what it was asked.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly TcpServer _server;
    private readonly Func<ReceivedRequest, Reply> _respond;
    private readonly ServerTls? _tls;
    private int _connections;
    private int _open;
    private int _active;

    public LoopbackServer(Func<ReceivedRequest, Reply> respond, ServerTls? tls = null)
    {
        _respond = respond;
        _tls = tls;
        _server = new TcpServer(ServeAsync);
    }

    public int Port => _server.Port;

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

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task ServeAsync(TcpClient client, CancellationToken stop)
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _open);
        try
        {
            await using Stream stream = _tls is null ? client.GetStream() : await _tls.AuthenticateAsync(client.GetStream(), ServerNames, stop);
            while (await ReadRequestAsync(stream, stop) is { } request)
            {
                Requests.Enqueue(request);
                int active = Interlocked.Increment(ref _active);
                lock (_server) MostActive = Math.Max(MostActive, active);
                try
                {
                    if (!await _respond(request).WriteAsync(client, stream, stop)) return;
                }
                finally
                {
                    Interlocked.Decrement(ref _active);
                }
            }
        }
        finally
        {
            Interlocked.Decrement(ref _open);
        }
    }

    private static async Task<ReceivedRequest?> ReadRequestAsync(Stream stream, CancellationToken stop)
    {
        StringBuilder text = new();
        byte[] piece = new byte[4096];
        while (!text.ToString().Contains("\r\n\r\n", StringComparison.Ordinal))
        {
            int count = await stream.ReadAsync(piece, stop);
            if (count == 0) return null;
            text.Append(Encoding.Latin1.GetString(piece, 0, count));
        }

        string all = text.ToString();
        ReceivedRequest request = ReceivedRequest.Parse(all, (stream as SslStream)?.RemoteCertificate?.Subject);
        StringBuilder body = new(all[(all.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
        while (body.Length < request.Length)
        {
            int count = await stream.ReadAsync(piece, stop);
            if (count == 0) return null;
            body.Append(Encoding.Latin1.GetString(piece, 0, count));
        }

        return request with { Body = body.ToString() };
    }
}
