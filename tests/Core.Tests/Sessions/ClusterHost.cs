using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

/// <summary>A simulated cluster with its API server, and sessions to it.</summary>
internal sealed class ClusterHost : IAsyncDisposable
{
    private ClusterHost(SimulatorHost host, SimulatedApiServer server)
    {
        Host = host;
        Server = server;
    }

    public SimulatorHost Host { get; }

    public SimulatedApiServer Server { get; }

    public static async Task<ClusterHost> StartAsync(int handlers = 2, int vmis = 5)
    {
        SimulatedCluster cluster = new(new ClusterOptions { Handlers = handlers, VmisPerHandler = vmis });
        SimulatorHost host = await SimulatorHost.StartAsync(cluster, new HostOptions(), TestContext.Current.CancellationToken);
        return new ClusterHost(host, await SimulatedApiServer.StartAsync(host, null, TestContext.Current.CancellationToken));
    }

    public KubernetesConnection Connection() =>
        KubernetesConnection.FromToken(Server.Uri, Server.Kubeconfig.AdminToken, new ServerOptions { CertificateAuthority = Server.Kubeconfig.AuthorityFile });

    public Task<KubeVirtSession> OpenAsync(ComponentRoute route = ComponentRoute.Direct, KubernetesConnection? connection = null) => KubeVirtSession.OpenAsync(
        new KubernetesClient(connection ?? Connection(), new KubernetesClientOptions { RetryInterval = TimeSpan.FromMilliseconds(10) }),
        new KubeVirtSessionOptions { Route = route },
        TestContext.Current.CancellationToken);

    /// <summary>A context of the simulator's kubeconfig, as a kubeconfig in JSON: no YAML is read here.</summary>
    public KubernetesConnection WithTokenFile()
    {
        string path = Path.Combine(Server.Kubeconfig.Folder, "kubeconfig.json");
        JsonObject config = new()
        {
            ["current-context"] = "rotating",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "simulated", ["cluster"] = new JsonObject { ["server"] = Server.Uri.ToString(), ["certificate-authority"] = Server.Kubeconfig.AuthorityFile } }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "rotating", ["user"] = new JsonObject { ["tokenFile"] = Server.Kubeconfig.TokenFile } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "rotating", ["context"] = new JsonObject { ["cluster"] = "simulated", ["user"] = "rotating" } }),
        };
        File.WriteAllText(path, config.ToJsonString());
        return KubeConfig.Load(new KubeConfigOptions { Path = path }).Resolve();
    }

    /// <summary>Moves every pod of KubeVirt to an address where nobody is, as pods are from outside of a cluster.</summary>
    public async Task HidePodsAsync()
    {
        using KubernetesClient client = new(Connection());
        JsonObject patch = new() { ["status"] = new JsonObject { ["podIP"] = "127.255.255.254" } };
        foreach (SimulatedEndpoint endpoint in Host.Endpoints)
        {
            await client.PatchAsync(ResourceType.Pods.PathOf(endpoint.Pod.Namespace, endpoint.Pod.Name, "status"), PatchKind.Merge, patch.DeepClone(), null, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Host.DisposeAsync();
    }
}
