using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class ObjectDetailTests
{
    private const string Web = """{"kind":"VirtualMachineInstance","metadata":{"name":"web","namespace":"shop","uid":"UID"},"spec":{"domain":{"cpu":{"cores":2},"memory":{"guest":"1Gi"}}},"status":{"nodeName":"node-a","phase":"Running"}}""";
    private const string Path = "/apis/kubevirt.io/v1/namespaces/shop/virtualmachineinstances/web";
    private const string Uid = "6f1f2f3f-0000-4000-8000-00000000000a";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnObjectIsReadOnceAndOnlyWhenItIsAskedFor()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        KubeVirtVmi vmi = await ListedAsync(cluster, session);
        cluster.Answers[Path] = _ => FakeCluster.Json(Of(Uid));
        Assert.Equal((2, 1L << 30), (vmi.VCpus, vmi.Memory));
        Assert.Empty(cluster.RequestsTo(Path));
        Assert.Equal(2, vmi.GetDetail().Cpu!.Cores);
        Assert.Empty(vmi.GetDetail().Disks);
        Assert.Equal(Of(Uid), vmi.GetJson());
        Assert.Single(cluster.RequestsTo(Path));
    }

    [Fact]
    public async Task AListThatIsKeptWholeAsksNobody()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        KubeVirtVmi vmi = await ListedAsync(cluster, session, isWhole: true);
        session.Dispose();
        Assert.Equal(2, vmi.GetDetail().Cpu!.VCpus);
        Assert.Equal(Of(Uid), vmi.GetJson());
        Assert.Empty(cluster.RequestsTo(Path));
    }

    [Fact]
    public async Task AnotherObjectOfTheSameNameIsNotTakenForIt()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        KubeVirtVmi vmi = await ListedAsync(cluster, session);
        cluster.Answers[Path] = _ => FakeCluster.Json(Of("6f1f2f3f-0000-4000-8000-00000000000b"));
        KubernetesException error = Assert.Throws<KubernetesException>(vmi.GetDetail);
        Assert.Equal(KubernetesError.Replaced, error.Error);
        Assert.Contains("shop/web is not the one that was listed: that one was deleted, and another has its name since", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneThatIsGoneIsAnError()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        KubeVirtVmi vmi = await ListedAsync(cluster, session);
        KubernetesException error = Assert.Throws<KubernetesException>(vmi.GetDetail);
        Assert.Equal(KubernetesError.NotFound, error.Error);
        Assert.Equal("virtualmachineinstances.kubevirt.io 'web' in namespace shop no longer exists: it was deleted after it had been listed.", error.Fact);
    }

    [Fact]
    public async Task WhatVirtApiCannotExpandSaysWhyAndNoMore()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        const string Typed = """{"kind":"VirtualMachine","metadata":{"name":"typed","namespace":"shop"},"spec":{"instancetype":{"kind":"VirtualMachineInstancetype","name":"no-such-type"},"template":{"spec":{"domain":{"devices":{"disks":[{"name":"root","disk":{"bus":"virtio"}}]}},"volumes":[{"name":"root","dataVolume":{"name":"root-dv"}}]}}},"status":{"conditions":[{"type":"Failure","status":"True","reason":"FailedFindInstancetype"}]}}""";
        cluster.Answers[FakeCluster.Machines] = _ => FakeCluster.List("VirtualMachine", Typed);
        cluster.Answers["/apis/kubevirt.io/v1/namespaces/shop/virtualmachines/typed"] = _ => FakeCluster.Json(Typed);
        // As virt-api of KubeVirt 1.9 puts it.
        cluster.Answers["/apis/subresources.kubevirt.io/v1/namespaces/shop/virtualmachines/typed/expand-spec"] = _ =>
            FakeCluster.Refusal(500, "InternalError", "Internal error occurred: virtualmachineinstancetypes.instancetype.kubevirt.io \"no-such-type\" not found");
        KubeVirtVM vm = await ObjectLists.VirtualMachinesAsync(session, new ListOptions(), Cancellation).FirstAsync(Cancellation);
        KubeVirtMachineDetail detail = vm.GetDetail();
        Assert.Equal("virtualmachineinstancetypes.instancetype.kubevirt.io \"no-such-type\" not found", detail.NotExpanded);
        Assert.Equal((null, null), (detail.Cpu, detail.Memory));
        Assert.Equal("root-dv", Assert.Single(detail.Disks).SourceName);
        Assert.Equal("FailedFindInstancetype", Assert.Single(detail.Conditions).Reason);
    }

    [Fact]
    public async Task AClosedSessionIsAnError()
    {
        await using FakeCluster cluster = new();
        KubeVirtSession session = await cluster.OpenAsync();
        KubeVirtVmi vmi = await ListedAsync(cluster, session);
        session.Dispose();
        Assert.Contains("has been closed", Assert.Throws<KubernetesException>(vmi.GetJson).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnObjectOfNoSessionSaysSo()
    {
        KubeVirtVmi vmi = VmiProjection.Read("""{"metadata":{"name":"web","namespace":"shop"}}"""u8);
        Assert.Contains("comes from no session", Assert.Throws<KubernetesException>(vmi.GetDetail).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutThePermissionToListInstancesNodesAreListedWithoutSums()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        cluster.Answers["/api/v1/nodes"] = _ => FakeCluster.List("Node", """{"metadata":{"name":"node-a","labels":{"kubevirt.io/schedulable":"true"}},"status":{"allocatable":{"cpu":"3920m","memory":"1Gi"},"conditions":[{"type":"Ready","status":"True"}]}}""");
        cluster.Answers[FakeCluster.Instances] = _ => FakeCluster.Forbidden("list", "virtualmachineinstances", "kubevirt.io", "at the cluster scope");
        List<KubernetesException> bad = [];
        KubeVirtNode node = Assert.Single(await NodeLists.ReadAsync(session, new NodeQuery { BadItem = bad.Add }, Cancellation));
        Assert.Equal((3.92, null, null, null), (node.Cpus, node.Machines, node.VCpus, node.CpuOvercommit));
        Assert.Equal([KubernetesError.Forbidden], bad.Select(error => error.Error));
    }

    [Theory]
    [InlineData("node01", "kubevirt.io/nodeName=node01")]
    [InlineData("Node01", null)]
    [InlineData("a123456789-123456789-123456789-123456789-123456789-123456789-1234", null)]
    public void TheServerChoosesByNodeWhereALabelCanHoldTheName(string node, string? selector) => Assert.Equal(selector, NodeLists.SelectorOf(node));

    [Fact]
    public void WhatNobodyGaveATimeHasNone()
    {
        KubeVirtVmi vmi = new() { Name = "web", Namespace = "shop", IPAddresses = [], Labels = new(new Dictionary<string, string>()) };
        Assert.Null(vmi.Created);
        Assert.Null(vmi.Started);
        DateTimeOffset first = DateTimeOffset.MinValue;
        Assert.Equal(first, new KubeVirtVmi { Name = "web", Namespace = "shop", IPAddresses = [], Labels = vmi.Labels, Created = first }.Created);
    }

    [Fact]
    public async Task ANodeAndAComponentStayWhatTheyAreWhenMoreOfThemIsRead()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync();
        cluster.Answers["/api/v1/nodes/node-a"] = _ => FakeCluster.Json("""{"kind":"Node","metadata":{"name":"node-a"}}""");
        cluster.Answers["/api/v1/namespaces/kv/pods/virt-api-a"] = _ => FakeCluster.Json("""{"kind":"Pod","metadata":{"name":"virt-api-a","namespace":"kv"}}""");
        KubeVirtNode node = NodeProjection.Read("""{"metadata":{"name":"node-a"}}"""u8, session);
        KubeVirtNode sameNode = node with { };
        Assert.Contains("node-a", node.GetJson(), StringComparison.Ordinal);
        Assert.Equal(sameNode, node);
        Assert.Equal(sameNode.GetHashCode(), node.GetHashCode());
        KubeVirtComponent pod = new() { Name = "virt-api-a", Namespace = "kv", Component = ComponentKind.Api, Port = 8443, Session = session };
        KubeVirtComponent samePod = pod with { };
        Assert.Contains("virt-api-a", pod.GetJson(), StringComparison.Ordinal);
        Assert.Equal(samePod, pod);
        Assert.Equal(samePod.GetHashCode(), pod.GetHashCode());
    }

    [Fact]
    public void WhatAConditionSaysSteersNoTerminal()
    {
        KubeVirtNode node = NodeProjection.Read("""{"metadata":{"name":"node-a"},"status":{"conditions":[{"type":"Ready","status":"False","reason":"Bad\u001b[31m","message":"one\r\ntwo\u001b]0;title\u0007 \u009b2Jthree"}]}}"""u8);
        Assert.DoesNotContain(node.Conditions[0].Message!, char.IsControl);
        Assert.StartsWith("one two", node.Conditions[0].Message, StringComparison.Ordinal);
        Assert.Equal("Bad", node.Conditions[0].Reason);
        Assert.DoesNotContain(node.Problem!, char.IsControl);
    }

    private static string Of(string uid) => Web.Replace("UID", uid, StringComparison.Ordinal);

    private static async Task<KubeVirtVmi> ListedAsync(FakeCluster cluster, KubeVirtSession session, bool isWhole = false)
    {
        cluster.Answers[FakeCluster.Instances] = _ => FakeCluster.List("VirtualMachineInstance", Of(Uid));
        return await ObjectLists.InstancesAsync(session, new ListOptions(), Cancellation, isWhole).FirstAsync(Cancellation);
    }
}
