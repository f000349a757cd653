using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>
/// A port that a guest listens on. Whoever only connects has probed TCP; whoever sends a request is answered over HTTP. Paths ask for more than
/// <see cref="Answer"/> says: <c>/status/503</c>, <c>/delay/2s</c>, <c>/redirect/PATH-OR-ADDRESS</c>, <c>/size/20000</c>, <c>/reset</c>.
/// </summary>
public sealed class GuestListener : IDisposable
{
    private readonly Socket _socket;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _closing = new();
    private long _connections;

    internal GuestListener(Socket socket, int port, X509Certificate2? certificate)
    {
        _socket = socket;
        _certificate = certificate;
        Port = port;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _ = AcceptAsync(_closing.Token);
    }

    /// <summary>The port within the guest.</summary>
    public int Port { get; }

    /// <summary>Where it really listens.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>How it answers.</summary>
    public GuestAnswer Answer { get; set; } = new();

    /// <summary>How many connections there were.</summary>
    public long Connections => Interlocked.Read(ref _connections);

    /// <summary>The requests, in their order.</summary>
    public ConcurrentQueue<GuestRequest> Requests { get; } = new();

    /// <inheritdoc/>
    public void Dispose()
    {
        _closing.Cancel();
        _socket.Dispose();
        _closing.Dispose();
    }

    private async Task AcceptAsync(CancellationToken closing)
    {
        try
        {
            while (true)
            {
                Socket client = await _socket.AcceptAsync(closing);
                Interlocked.Increment(ref _connections);
                _ = ServeAsync(client, closing);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The port is closed.
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken closing)
    {
        using (client)
        {
            try
            {
                await using Stream stream = await StreamAsync(client, closing);
                using StreamReader reader = new(stream, Encoding.Latin1, leaveOpen: true);
                if (await ReadAsync(reader, closing) is not { } request) return;
                Requests.Enqueue(request);
                if (Answer.Resets || request.Path == "/reset")
                {
                    client.LingerState = new LingerOption(true, 0);
                    client.Close();
                    return;
                }

                await stream.WriteAsync(await AnswerAsync(request, closing), closing);
                await stream.FlushAsync(closing);
                if (stream is SslStream secure) await secure.ShutdownAsync();
                client.Shutdown(SocketShutdown.Send);
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ObjectDisposedException or System.Security.Authentication.AuthenticationException)
            {
                // The other side has gone, as a TCP probe does.
            }
        }
    }

    private async Task<Stream> StreamAsync(Socket client, CancellationToken closing)
    {
        NetworkStream plain = new(client, ownsSocket: false);
        if (_certificate is null) return plain;
        SslStream secure = new(plain);
        await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, closing);
        return secure;
    }

    private static async Task<GuestRequest?> ReadAsync(StreamReader reader, CancellationToken closing)
    {
        string? first = await reader.ReadLineAsync(closing);
        if (string.IsNullOrEmpty(first)) return null;
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await reader.ReadLineAsync(closing) is { Length: > 0 } line)
        {
            string[] parts = line.Split(':', 2);
            headers[parts[0]] = parts.Length > 1 ? parts[1].Trim() : "";
        }

        return new GuestRequest(first.Split(' ') is [_, string path, ..] ? path : "/", headers);
    }

    private async Task<byte[]> AnswerAsync(GuestRequest request, CancellationToken closing)
    {
        (int status, string body, TimeSpan delay, string? location) = (Answer.Status, Answer.Body, Answer.Delay, Answer.Location);
        string[] parts = request.Path.Split('/', 3);
        string rest = parts.Length > 2 ? Uri.UnescapeDataString(parts[2]) : "";
        switch (parts[1])
        {
            case "status" when int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted):
                status = wanted;
                break;
            case "delay":
                delay = FaultSyntax.ParseDuration(rest);
                break;
            case "size" when int.TryParse(rest, NumberStyles.None, CultureInfo.InvariantCulture, out int size):
                body = new string('x', size);
                break;
            case "redirect":
                location = rest;
                break;
        }

        if (location is not null) status = 302;
        if (Answer.Headers.Any(wanted => request.Headers.GetValueOrDefault(wanted.Key) != wanted.Value)) status = 403;
        await Task.Delay(delay, closing);
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} Simulated\r\nContent-Type: text/plain\r\nConnection: close\r\n");
        if (location is not null) head.Append(CultureInfo.InvariantCulture, $"Location: {location}\r\n");
        bool hasBody = status is not (204 or 304);
        if (hasBody) head.Append(CultureInfo.InvariantCulture, $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n");
        return Encoding.UTF8.GetBytes($"{head}\r\n{(hasBody ? body : "")}");
    }
}
