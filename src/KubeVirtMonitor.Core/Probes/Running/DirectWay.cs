using System.Net;
using System.Net.Sockets;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Straight to an address.</summary>
internal sealed class DirectWay(string address) : IInstanceWay
{
    public ProbeRoute Route => ProbeRoute.Direct;

    /// <summary>Whether somebody has taken a connection there.</summary>
    public bool HasLed { get; private set; }

    public async Task<Stream> ConnectAsync(string? host, int port, CancellationToken cancellationToken)
    {
        string name = host ?? address;
        Socket socket = IPAddress.TryParse(name, out IPAddress? parsed)
            ? new Socket(parsed.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            if (parsed is not null) await socket.ConnectAsync(new IPEndPoint(parsed, port), cancellationToken).ConfigureAwait(false);
            else await socket.ConnectAsync(name, port, cancellationToken).ConfigureAwait(false);
            HasLed = true;
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException($"dial tcp {HostText.WithPort(name, port)}: {Reason(exception)}", exception);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Reason(SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.ConnectionRefused => "connection refused",
        SocketError.NetworkUnreachable => "network is unreachable",
        SocketError.HostUnreachable => "no route to host",
        SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain => "no such host",
        SocketError.TimedOut => "connection timed out",
        _ => exception.SocketErrorCode.ToString(),
    };
}
