using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>A simulated cluster with its API server, for clients to list.</summary>
internal sealed class SimulatedObjects : IDisposable
{
    private const int MostNodes = 100;

    private readonly SimulatorHost _host;
    private readonly SimulatedApiServer _server;

    /// <summary>Starts to serve.</summary>
    /// <param name="instances">Number of instances; of machines there are a tenth more.</param>
    /// <param name="folder">Where the kubeconfig goes.</param>
    public SimulatedObjects(int instances, string folder)
    {
        // One instance more is on no node yet.
        int running = Math.Max(1, instances - 1);
        int nodes = Enumerable.Range(1, Math.Min(MostNodes, running)).Last(count => running % count == 0);
        SimulatedCluster cluster = new(new ClusterOptions { Handlers = nodes, VmisPerHandler = running / nodes });
        _host = SimulatorHost.StartAsync(cluster, new HostOptions { PodAddresses = true, KeepScrapesFor = Timeout.InfiniteTimeSpan }).GetAwaiter().GetResult();
        _server = SimulatedApiServer.StartAsync(_host, new ApiServerOptions { Folder = folder }).GetAwaiter().GetResult();
        Described = $"{cluster.VirtualMachines.Count} machines and {cluster.VirtualMachineInstances.Count} instances on {nodes} nodes";
    }

    /// <summary>What is there.</summary>
    public string Described { get; }

    /// <summary>The path of the kubeconfig.</summary>
    public string Kubeconfig => _server.Kubeconfig.Path;

    /// <summary>Stops serving.</summary>
    public void Dispose()
    {
        _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
    }
}
