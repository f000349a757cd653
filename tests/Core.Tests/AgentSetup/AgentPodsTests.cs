using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Tests.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>Which pods are Agents: those of the account that is asked about, and others by the labels of the Operator and of the chart.</summary>
public sealed class AgentPodsTests
{
    private const string Own = """{"metadata":{"name":"own","namespace":"datadog","ownerReferences":[{"controller":true,"kind":"DaemonSet","name":"dd"}]},"spec":{"nodeName":"n1","serviceAccountName":"dd-agent","containers":[{"name":"agent"}]}}""";
    private const string Cluster = """{"metadata":{"name":"cluster","namespace":"datadog","labels":{"agent.datadoghq.com/component":"cluster-agent"}},"spec":{"nodeName":"n1","serviceAccountName":"dd-agent","containers":[{"name":"cluster-agent"}]}}""";
    private const string Runner = """{"metadata":{"name":"runner","namespace":"datadog","labels":{"app":"dd-clusterchecks"}},"spec":{"nodeName":"n1","serviceAccountName":"dd-agent","containers":[{"name":"agent"}]}}""";
    // A pod that somebody runs with the Agent's account.
    private const string Tool = """{"metadata":{"name":"tool","namespace":"datadog"},"spec":{"nodeName":"n3","serviceAccountName":"dd-agent","containers":[{"name":"shell"}]}}""";
    private const string Other = """{"metadata":{"name":"other","namespace":"monitoring","labels":{"app.kubernetes.io/component":"agent"}},"spec":{"nodeName":"n1","serviceAccountName":"x","containers":[{"name":"agent","image":"registry.example/datadog/agent:7"}]}}""";
    private const string Single = """{"metadata":{"name":"single","namespace":"apm","labels":{"agent.datadoghq.com/component":"agent"}},"spec":{"nodeName":"n2","serviceAccountName":"x","containers":[{"name":"unprivileged-single-agent"}]}}""";
    private const string Foreign = """{"metadata":{"name":"jaeger","namespace":"tracing","labels":{"app.kubernetes.io/component":"agent"}},"spec":{"nodeName":"n1","serviceAccountName":"jaeger","containers":[{"name":"agent","image":"registry.example/jaeger/agent:1"}]}}""";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EachIsWhatItsLabelsSay()
    {
        await using FakeCluster cluster = Of();
        AgentPods found = await AgentPods.FindAsync(cluster.Client(), "datadog", "dd-agent", Cancellation);
        Assert.Equal(["own"], found.Agents.Select(static pod => pod.Name));
        Assert.Equal(["cluster"], found.ClusterAgents.Select(static pod => pod.Name));
        Assert.Equal(["other", "single"], found.Others.Select(static pod => pod.Name).Order(StringComparer.Ordinal));
        Assert.Equal(["own", "other"], found.On("n1").Select(static pod => pod.Name));
        Assert.Null(found.Obstacle);
        Assert.Equal(("agent", "unprivileged-single-agent"), (AgentPods.ContainerOf(found.Agents[0]), AgentPods.ContainerOf(found.Others.Single(static pod => pod.Name == "single"))));
        AgentPatchStatus[] points = [.. AgentPodChecks.Of(found, AgentCluster.Patch(new AgentPatchOptions { AgentServiceAccount = "dd-agent" }))];
        // The one on another node is no double.
        Assert.Equal("The same nodes have 2 Agents, DaemonSet datadog/dd and service account monitoring/x: each runs the checks of the annotations, so that metrics are sent more than once.", points[1].Message);
    }

    [Fact]
    public async Task WithoutAnAccountTheFirstIsTaken()
    {
        await using FakeCluster cluster = Of();
        cluster.Answers["/api/v1/namespaces/apm/pods"] = static _ => FakeCluster.List("Pod", Single);
        AgentPods found = await AgentPods.FindAsync(cluster.Client(), null, null, Cancellation);
        Assert.Equal(("single", "other"), (Assert.Single(found.Agents).Name, Assert.Single(found.Others).Name));
    }

    [Fact]
    public async Task WhoMayNotListAllPodsIsToldThatASecondAgentWouldNotBeSeen()
    {
        await using FakeCluster cluster = Of();
        cluster.Answers["/api/v1/pods"] = static _ => FakeCluster.Forbidden("list", "pods", "", "at the cluster scope");
        AgentPods found = await AgentPods.FindAsync(cluster.Client(), "datadog", "dd-agent", Cancellation);
        Assert.Equal(["own"], found.Agents.Select(static pod => pod.Name));
        AgentPatchStatus point = AgentPodChecks.Of(found, AgentCluster.Patch(new AgentPatchOptions { AgentServiceAccount = "dd-agent" })).Last();
        Assert.Equal(AgentPatchState.Skipped, point.State);
        Assert.StartsWith("Whether other namespaces have a second Agent is not known. user 'jane' may not list pods", point.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherAccountIsNamedWhereTheOneAskedAboutHasNoPod()
    {
        await using FakeCluster cluster = Of();
        cluster.Answers["/api/v1/namespaces/elsewhere/pods"] = static _ => FakeCluster.List("Pod");
        AgentPods found = await AgentPods.FindAsync(cluster.Client(), "elsewhere", "dd-agent", Cancellation);
        AgentPatchStatus point = Assert.Single(AgentPodChecks.Of(found, AgentCluster.Patch(new AgentPatchOptions { AgentNamespace = "elsewhere" })));
        Assert.Equal((AgentPatchState.Failed, "There is no pod of this service account. The cluster has the Agent of service account apm/x and service account monitoring/x.", Setting.AgentAccount), (point.State, point.Message, point.Setting));
    }

    private static FakeCluster Of()
    {
        FakeCluster cluster = new();
        cluster.Answers["/api/v1/pods"] = static request => Uri.UnescapeDataString(request.Path).Contains("agent.datadoghq.com/component=agent", StringComparison.Ordinal) ? FakeCluster.List("Pod", Single)
            : FakeCluster.List("Pod", Other, Foreign);
        cluster.Answers["/api/v1/namespaces/datadog/pods"] = static _ => FakeCluster.List("Pod", Own, Cluster, Runner, Tool);
        return cluster;
    }
}
