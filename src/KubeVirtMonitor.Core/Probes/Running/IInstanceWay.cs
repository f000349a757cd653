namespace KubeVirtMonitor.Probes.Running;

/// <summary>A way to the ports of an instance.</summary>
internal interface IInstanceWay
{
    /// <summary>Direct or PortForward.</summary>
    ProbeRoute Route { get; }

    /// <summary>Connects to a port.</summary>
    /// <param name="host">The host that the probe names; null = the instance.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="IOException">Nobody listens there, or nobody can be reached.</exception>
    /// <exception cref="KubernetesException">The API server refuses the way as such.</exception>
    Task<Stream> ConnectAsync(string? host, int port, CancellationToken cancellationToken);
}
