using System.Net;
using System.Net.Sockets;

namespace KubeVirtMonitor.Simulator;

/// <summary>Addresses for pods: a free block of 127.64.0.0/10, one address for each pod, all with port 8443.</summary>
internal static class PodAddressBlock
{
    private const int PodPort = 8443;
    private const int PodsPerBlock = 250;
    private const int Attempts = 8;

    /// <summary>Gives each endpoint an address and the port, or none when no free block can be found.</summary>
    public static void Assign(IReadOnlyList<SimulatedEndpoint> endpoints)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            // A random place, so that clusters in several processes keep out of each other's way.
            int block = Random.Shared.Next(0, 0x3F00);
            IPAddress[] addresses = [.. endpoints.Select((_, index) => Address(block + (index / PodsPerBlock), 1 + (index % PodsPerBlock)))];
            if (!addresses.All(IsFree)) continue;
            for (int i = 0; i < endpoints.Count; i++)
            {
                endpoints[i].Address = addresses[i];
                endpoints[i].Port = PodPort;
            }

            return;
        }
    }

    /// <summary>A free address near one that has been given up, which is none of those that are in use.</summary>
    public static IPAddress Next(IPAddress last, IReadOnlyCollection<IPAddress> used)
    {
        byte[] bytes = last.GetAddressBytes();
        for (int i = 0; i < PodsPerBlock; i++)
        {
            bytes[3] = (byte)(1 + (bytes[3] % PodsPerBlock));
            IPAddress next = new(bytes);
            if (!used.Contains(next) && IsFree(next)) return next;
        }

        return last;
    }

    private static IPAddress Address(int block, int host) => new([127, (byte)(64 + ((block >> 8) & 63)), (byte)block, (byte)host]);

    private static bool IsFree(IPAddress address)
    {
        using Socket probe = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(address, PodPort));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
