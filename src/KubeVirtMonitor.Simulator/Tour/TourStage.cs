using KubeVirtMonitor.Simulator.Api;
using Microsoft.Extensions.Time.Testing;

namespace KubeVirtMonitor.Simulator;

/// <summary>What the tour is played on: a cluster of KubeVirt 1.9 with one faulty endpoint and an API server, and a folder with a scrape of KubeVirt 1.2.</summary>
internal sealed class TourStage : IAsyncDisposable
{
    private TourStage(SimulatorHost host, SimulatedApiServer server, DirectoryInfo folder)
    {
        Host = host;
        Server = server;
        Folder = folder.FullName;
    }

    public SimulatorHost Host { get; }

    public SimulatedApiServer Server { get; }

    /// <summary>A temporary folder that goes with the stage; the tour's working directory.</summary>
    public string Folder { get; }

    /// <summary>Three virt-handlers, of which the last shows a certificate that has expired.</summary>
    public IReadOnlyList<SimulatedEndpoint> Handlers => [.. Host.Endpoints.Where(endpoint => endpoint.Pod.Component == ComponentKind.Handler)];

    public static string AuthorityFile => "kubevirt-ca.pem";

    public static string OldScrapeFile => "virt-handler-1.2.prom";

    public static async Task<TourStage> StartAsync(CancellationToken cancellation)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("kubevirt-tour-");
        try
        {
            ClusterOptions old = new() { Version = SimulatedRelease.V1Dot2.Version, Handlers = 1, TimeProvider = new FakeTimeProvider(GenerateCommand.Beginning) };
            SimulatedCluster cluster = new(old);
            await using (FileStream file = File.Create(Path.Combine(folder.FullName, OldScrapeFile))) cluster.BeginScrape(cluster.PodsOf(ComponentKind.Handler).First()).WriteAll(file);
            HostOptions options = new()
            {
                CertificateAuthorityFile = Path.Combine(folder.FullName, AuthorityFile),
                Faults = new Dictionary<string, Fault> { ["handler/2"] = new(FaultKind.Expired) },
            };
            SimulatorHost host = await SimulatorHost.StartAsync(new SimulatedCluster(new ClusterOptions { Handlers = 3 }), options, cancellation);
            SimulatedApiServer server = await SimulatedApiServer.StartAsync(host, new ApiServerOptions { Folder = folder.FullName }, cancellation);
            return new TourStage(host, server, folder);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Host.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }
}
