namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What listens within the cluster.</summary>
public interface IPodNetwork
{
    /// <summary>Connects to a port of a pod.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    Task<Stream> ConnectPodAsync(string space, string pod, int port, CancellationToken cancellation);

    /// <summary>Connects to a port of a machine instance.</summary>
    /// <exception cref="IOException">Nothing listens there.</exception>
    Task<Stream> ConnectInstanceAsync(string space, string instance, int port, CancellationToken cancellation);
}
