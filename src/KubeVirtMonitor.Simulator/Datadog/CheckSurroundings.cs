using System.Net;
using System.Net.Sockets;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>Where a check runs: in a version of the Agent, in a container with its files, beside the pods of a cluster.</summary>
/// <param name="Agent">The version.</param>
/// <param name="Files">The files.</param>
/// <param name="Services">The cluster.</param>
/// <param name="Account">The service account of the Agent.</param>
/// <param name="Target">The namespace, the name and the address of the pod that the instance is for.</param>
internal sealed record CheckSurroundings(AgentRelease Agent, ContainerFiles Files, ApiServices Services, ApiUser Account, (string Namespace, string Name, string Address) Target)
{
    /// <summary>Connects as a pod of the cluster does.</summary>
    /// <exception cref="IOException">Nobody listens there.</exception>
    public async Task<Stream> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        if (host == Target.Address) return await Services.Network.ConnectPodAsync(Target.Namespace, Target.Name, port, host, cancellation);
        ApiObject? pod = Services.Store["", "pods"].List().FirstOrDefault(one => (string?)one.ToJson()["status"]?["podIP"] == host);
        if (pod is not null) return await Services.Network.ConnectPodAsync(pod.Namespace!, pod.Name, port, host, cancellation);
        if (!IPAddress.TryParse(host, out IPAddress? address) || !IPAddress.IsLoopback(address)) throw new IOException(IPAddress.TryParse(host, out _) ? $"no route to {host}" : $"no such host {host}");
        Socket socket = new(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, port, cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (SocketException failure)
        {
            socket.Dispose();
            throw new IOException("connection refused", failure);
        }
    }
}

/// <summary>A version of the Agent, and what depends on it.</summary>
/// <param name="Version">Such as <c>7.71.0</c>.</param>
internal sealed record AgentRelease(string Version)
{
    private static readonly (int Minor, string KubeVirt, string OpenMetrics)[] Wheels =
        [(70, "2.0.1", "7.0.1"), (69, "2.0.0", "7.0.0"), (63, "1.1.0", "6.1.0"), (61, "1.0.1", "6.0.0"), (59, "1.0.0", "6.0.0"), (58, "", "5.0.0"), (55, "", "4.2.2"), (52, "", "4.2.0"), (0, "", "2.2.2")];

    private readonly int _minor = System.Version.TryParse(Version, out Version? read) && read.Major == 7 ? read.Minor : throw new ArgumentException($"'{Version}' is not a version of the Agent. Write it like 7.71.0.");

    /// <summary>Whether it reads annotations of version 2, <c>.checks</c>.</summary>
    public bool ReadsChecks => _minor >= 36;

    /// <summary>Whether its base (37.16 or later) has one TLS context for an instance.</summary>
    public bool HasSharedContext => _minor >= 69;

    /// <summary>Whether failures are JSON without blanks, as since base 37.0.</summary>
    public bool WritesCompactly => _minor >= 58;

    /// <summary>Whether <c>configcheck</c> knows <c>--json</c>: datadog-agent#42352, opened at the end of October 2025; the release is not known for sure.</summary>
    public bool WritesConfigCheck => _minor >= 74;

    /// <summary>The version of the wheel of a check; null = it has none.</summary>
    public string? Wheel(string check)
    {
        (int Minor, string KubeVirt, string OpenMetrics) wheel = Wheels.First(one => _minor >= one.Minor);
        string found = check switch { "openmetrics" => wheel.OpenMetrics, "kubevirt_api" or "kubevirt_controller" or "kubevirt_handler" => wheel.KubeVirt, _ => "" };
        return found.Length == 0 ? null : found;
    }
}
