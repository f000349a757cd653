namespace KubeVirtMonitor.Simulator.Api;

/// <summary>What listens within the cluster.</summary>
public interface IPodNetwork
{
    /// <summary>Connects to a port of a pod.</summary>
    /// <param name="space">Its namespace.</param>
    /// <param name="pod">Its name.</param>
    /// <param name="port">The port.</param>
    /// <param name="address">Its address, for the words of a failure.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="IOException">Nothing listens there; said as Go says it.</exception>
    Task<Stream> ConnectPodAsync(string space, string pod, int port, string address, CancellationToken cancellation);

    /// <summary>Connects to a port of a machine instance.</summary>
    /// <param name="space">Its namespace.</param>
    /// <param name="instance">Its name.</param>
    /// <param name="port">The port.</param>
    /// <param name="address">Its address, for the words of a failure.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <exception cref="IOException">Nothing listens there; said as Go says it.</exception>
    Task<Stream> ConnectInstanceAsync(string space, string instance, int port, string address, CancellationToken cancellation);
}
