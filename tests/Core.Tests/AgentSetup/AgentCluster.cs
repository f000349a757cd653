using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Datadog;
using KubeVirtMonitor.Yaml;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>A simulated cluster with a Datadog Agent, a session to it, and its KubeVirt resource.</summary>
internal sealed class AgentCluster : IAsyncDisposable
{
    public const string Path = "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt";

    private AgentCluster(ApiCluster api, KubeVirtSession session, RacingRule rule)
    {
        Api = api;
        Rule = rule;
        Session = session;
    }

    public ApiCluster Api { get; }

    public KubeVirtSession Session { get; }

    public RacingRule Rule { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one.</summary>
    /// <param name="route">The way to the pods.</param>
    /// <param name="hyperConverged">Whether the HyperConverged operator keeps KubeVirt.</param>
    /// <param name="podStep">How long a pod that is replaced stays in each phase; null = as usual.</param>
    /// <param name="agent">The Agents; null = they mount KubeVirt's authorities, and nothing is wrong with them.</param>
    public static async Task<AgentCluster> StartAsync(ComponentRoute route = ComponentRoute.Direct, bool hyperConverged = false, TimeSpan? podStep = null, AgentOptions? agent = null)
    {
        RacingRule rule = new();
        ApiServerOptions options = new() { AgentNamespace = "datadog", Agent = agent ?? new AgentOptions { MountsAuthority = true }, Admission = [rule], HyperConverged = hyperConverged };
        ApiCluster api = await ApiCluster.StartAsync(podStep is { } step ? options with { PodStep = step } : options);
        return new AgentCluster(api, await api.OpenAsync(route), rule);
    }

    public static AgentPatch Patch(AgentPatchOptions? options = null) => AgentPatchBuilder.Build((options ?? new AgentPatchOptions()) with { Yaml = new YamlWriter() });

    public Task<AgentPatchChange> InstallAsync(AgentPatch patch, bool force = false, bool isTrial = false) => new AgentPatchInstaller(Session, isTrial, patience: TimeSpan.FromSeconds(6)).InstallAsync(patch, force, Cancellation);

    public Task<AgentPatchChange> UninstallAsync(AgentPatch? patch = null) => new AgentPatchInstaller(Session).UninstallAsync(patch, Cancellation);

    /// <summary>Tests until nothing fails, or for a few seconds.</summary>
    public async Task<IReadOnlyList<AgentPatchStatus>> TestAsync(AgentPatch? patch = null, bool untilPassed = true)
    {
        for (int i = 0; ; i++)
        {
            IReadOnlyList<AgentPatchStatus> found = await new AgentPatchTester(Session, patch, TimeSpan.FromSeconds(10)).WaitAsync(TimeSpan.Zero, Cancellation);
            if (i == 50 || !untilPassed || found.All(point => point.State != AgentPatchState.Failed)) return found;
            await Task.Delay(100, Cancellation);
        }
    }

    /// <summary>Tests until a point is as it is wanted, or for a few seconds.</summary>
    public async Task<IReadOnlyList<AgentPatchStatus>> TestUntilAsync(Func<AgentPatchStatus, bool> isWanted, AgentPatch? patch = null)
    {
        for (int i = 0; ; i++)
        {
            IReadOnlyList<AgentPatchStatus> found = await TestAsync(patch, untilPassed: false);
            if (i == 50 || found.Any(isWanted)) return found;
            await Task.Delay(100, Cancellation);
        }
    }

    /// <summary>Waits until virt-operator has seen the last change of the resource.</summary>
    public async Task SettleAsync()
    {
        for (int i = 0; i < 100; i++)
        {
            JsonElement resource = (await Api.GetAsync(Path)).Json;
            if (resource.GetProperty("metadata").GetProperty("generation").GetInt64() == resource.GetProperty("status").GetProperty("observedGeneration").GetInt64()) return;
            await Task.Delay(50, Cancellation);
        }

        Assert.Fail("virt-operator has not seen the change.");
    }

    /// <summary>The text of the spec, as the server has it.</summary>
    public async Task<string> SpecAsync() => (await Api.GetAsync(Path)).Json.GetProperty("spec").GetRawText();

    /// <summary>Puts something into the resource, as somebody else would.</summary>
    public async Task ChangeAsync(JsonNode patch)
    {
        ApiReply reply = await Api.PatchAsync(Path, "merge-patch+json", patch.ToJsonString());
        Assert.Equal(System.Net.HttpStatusCode.OK, reply.Code);
    }

    public async ValueTask DisposeAsync()
    {
        Session.Dispose();
        await Api.DisposeAsync();
    }
}
