using System.Net;
using System.Net.Sockets;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>Addresses for instances that listen: one each, of 127.128.0.0/9, from a random place so that clusters in several processes keep out of each other's way.</summary>
internal sealed class GuestAddresses
{
    private const int PerBlock = 250;

    private readonly int _first = Random.Shared.Next(0, 0x7000);

    /// <summary>The address of an instance.</summary>
    public IPAddress this[int ordinal]
    {
        get
        {
            int block = _first + (ordinal / PerBlock);
            return new IPAddress([127, (byte)(128 + ((block >> 8) & 127)), (byte)block, (byte)(1 + (ordinal % PerBlock))]);
        }
    }

    /// <summary>Listens on a port of the instance's address; where that cannot be had, on any port of 127.0.0.1, which only the tunnel leads to.</summary>
    public (Socket Socket, bool IsOwnAddress) Listen(int ordinal, int port)
    {
        try
        {
            return (Listen(new IPEndPoint(this[ordinal], port)), true);
        }
        catch (SocketException failure) when (failure.SocketErrorCode is SocketError.AccessDenied or SocketError.AddressNotAvailable)
        {
            return (Listen(new IPEndPoint(IPAddress.Loopback, 0)), false);
        }
    }

    private static Socket Listen(IPEndPoint at)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(at);
            socket.Listen();
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
