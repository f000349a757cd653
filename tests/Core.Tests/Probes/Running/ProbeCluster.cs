using System.Text.Json.Nodes;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Simulator.Guests;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>A simulated cluster whose instances are probed.</summary>
internal sealed class ProbeCluster : IAsyncDisposable
{
    private readonly ApiCluster _cluster;

    private ProbeCluster(ApiCluster cluster, KubeVirtSession session)
    {
        _cluster = cluster;
        Session = session;
    }

    public KubeVirtSession Session { get; }

    public GuestFleet Guests => _cluster.Server.Guests;

    public ApiCluster Cluster => _cluster;

    public static async Task<ProbeCluster> StartAsync(int handlers = 1, int vmis = 3)
    {
        ApiCluster cluster = await ApiCluster.StartAsync(handlers: handlers, vmis: vmis);
        return new ProbeCluster(cluster, await cluster.OpenAsync());
    }

    /// <summary>The guest of an instance by its number.</summary>
    public SimulatedGuest Guest(int ordinal) => Guests[$"ns{ordinal % 5}", $"vm-{ordinal:00000}"];

    /// <summary>Runs a probe once.</summary>
    public async Task<ProbeResult> RunAsync(SimulatedGuest guest, VmiProbe probe, ProbeRoute route = ProbeRoute.Auto, bool includeCluster = false) =>
        (await ItemsAsync(guest, [probe], new ProbeRunOptions { Route = route, IncludeCluster = includeCluster })).Single() is var item && item.Error is { } error ? throw error : item.Result!;

    /// <summary>Runs probes, those of the spec where none are given.</summary>
    public Task<ProbeRunItem[]> ItemsAsync(SimulatedGuest guest, IReadOnlyList<VmiProbe>? probes, ProbeRunOptions options) => Task.Run(() =>
    {
        using ProbePool pool = new(Session, options, TestContext.Current.CancellationToken);
        pool.Add(new ProbeRunTarget { Namespace = guest.Vmi.Namespace, Name = guest.Vmi.Name, Probes = probes });
        return pool.Complete().ToArray();
    });

    public static JsonObject Json(string json) => (JsonObject)JsonNode.Parse(json)!;

    public async ValueTask DisposeAsync()
    {
        Session.Dispose();
        await _cluster.DisposeAsync();
    }
}
