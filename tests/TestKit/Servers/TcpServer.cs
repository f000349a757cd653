using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace KubeVirtMonitor.TestKit;

/// <summary>A listener on the loopback interface, on a port that the system chooses, which serves each connection as it is told.</summary>
public sealed class TcpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<TcpClient, CancellationToken, Task> _serve;
    private readonly Task _accepting;

    /// <summary>Starts it. A connection ends when <paramref name="serve"/> does; that a client goes away is no error.</summary>
    public TcpServer(Func<TcpClient, CancellationToken, Task> serve)
    {
        _serve = serve;
        _listener.Start(512);
        EndPoint = (IPEndPoint)_listener.LocalEndpoint;
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint { get; }

    public int Port => EndPoint.Port;

    /// <summary>A port that nobody listens on.</summary>
    public static int FreePort()
    {
        using TcpListener free = new(IPAddress.Loopback, 0);
        free.Start();
        return ((IPEndPoint)free.LocalEndpoint).Port;
    }

    /// <summary>Takes connections and says nothing.</summary>
    public static TcpServer Silent() => new((_, stop) => Task.Delay(Timeout.Infinite, stop));

    /// <summary>Sends back what it receives.</summary>
    public static TcpServer Echo() => new((client, stop) => client.GetStream().CopyToAsync(client.GetStream(), stop));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested) _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // The test is over; between two connections it is the listener who says so.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                client.NoDelay = true;
                await _serve(client, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException or ObjectDisposedException or AuthenticationException)
        {
            // A side that goes away is what many tests are about.
        }
    }
}
