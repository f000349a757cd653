using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Tests.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

public sealed class ObjectCountsTests
{
    [Fact]
    public async Task EachMachineCountsOneWithTheLabelsOfItsTemplate()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Machines] = request => request.Path.Contains("continue=second", StringComparison.Ordinal)
            ? FakeCluster.Page("VirtualMachine", "", """{"metadata":{"name":"db","namespace":"shop"}}""")
            : FakeCluster.Page("VirtualMachine", "second", """
                {"metadata":{"name":"web","namespace":"shop","uid":"u-1","labels":{"kubevirt.io/own":"no"}},
                 "spec":{"template":{"metadata":{"labels":{"kubevirt.io/vm":"web","app":"no","kubevirt.io/size":"small","x.kubevirt.io/os":"no"} } } } }
                """);
        List<MetricSample> samples = await MachinesAsync(cluster);
        Assert.Equal(
            [
                "kubevirt_api.vm.count{vm_name=web, vm_uid=u-1, kube_namespace=shop, vm_vm=web, vm_size=small} 1",
                "kubevirt_api.vm.count{vm_name=db, kube_namespace=shop} 1",
            ],
            samples.Select(sample => sample.ToString()));
        Each.Of(samples, sample => Assert.Equal((MetricKind.Gauge, ComponentKind.Api, $"http://127.0.0.1:{cluster.Api.Port}{FakeCluster.Machines}"), (sample.Kind, sample.Component, sample.Target)));
        Assert.Equal(2, cluster.RequestsTo(FakeCluster.Machines).Count());
    }

    [Fact]
    public async Task EachInstanceCountsOneWithItsPhaseAndLabels()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Instances] = _ => FakeCluster.List(
            "VirtualMachineInstance",
            """{"metadata":{"name":"web","namespace":"shop","uid":"u-2","labels":{"kubevirt.io/nodeName":"node-a","app":"no"}},"status":{"phase":"Running"}}""",
            """{"metadata":{"name":"new","namespace":"shop","uid":"u-3"}}""");
        Assert.Equal(
            [
                "kubevirt_api.vmi.count{vmi_name=web, vmi_uid=u-2, vmi_phase=Running, kube_namespace=shop, vmi_nodeName=node-a} 1",
                "kubevirt_api.vmi.count{vmi_name=new, vmi_uid=u-3, kube_namespace=shop} 1",
            ],
            (await InstancesAsync(cluster)).Select(sample => sample.ToString()));
    }

    [Fact]
    public async Task WhereThereIsNoneASingleZeroHasNoTags()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Machines] = _ => FakeCluster.List("VirtualMachine");
        cluster.Answers[FakeCluster.Instances] = _ => FakeCluster.List("VirtualMachineInstance");
        Assert.Equal(["kubevirt_api.vm.count{} 0"], (await MachinesAsync(cluster)).Select(sample => sample.ToString()));
        Assert.Equal(["kubevirt_api.vmi.count{} 0"], (await InstancesAsync(cluster)).Select(sample => sample.ToString()));
    }

    [Fact]
    public async Task AMachineThatCannotBeReadIsNamedAndIsNotTakenForNone()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Machines] = _ => FakeCluster.List("VirtualMachine", """{"metadata":{"labels":7,"name":"odd","namespace":"shop"}}""");
        List<KubernetesException> bad = [];
        Assert.Empty(await MachinesAsync(cluster, bad));
        Assert.Contains("VirtualMachine shop/odd: metadata.labels is not an object", Assert.Single(bad).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheUsersTagsGoBeforeOthersOfTheSameName()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Machines] = _ => FakeCluster.List("VirtualMachine", """{"metadata":{"name":"web","namespace":"shop"}}""");
        Assert.Equal(
            ["kubevirt_api.vm.count{vm_name=web, kube_namespace=mine, site=north} 1"],
            (await MachinesAsync(cluster, added: [new("kube_namespace", "mine"), new("site", "north")])).Select(sample => sample.ToString()));
    }

    private static async Task<List<MetricSample>> MachinesAsync(FakeCluster cluster, List<KubernetesException>? bad = null, KeyValuePair<string, string>[]? added = null)
    {
        using KubeVirtSession session = await cluster.OpenAsync();
        List<MetricSample> samples = [];
        await foreach (MetricSample sample in ObjectCounts.OfVirtualMachines(session, added ?? [], (bad ?? []).Add, TestContext.Current.CancellationToken)) samples.Add(sample);
        return samples;
    }

    private static async Task<List<MetricSample>> InstancesAsync(FakeCluster cluster)
    {
        using KubeVirtSession session = await cluster.OpenAsync();
        List<MetricSample> samples = [];
        await foreach (MetricSample sample in ObjectCounts.OfInstances(session, [], static _ => { }, TestContext.Current.CancellationToken)) samples.Add(sample);
        return samples;
    }
}
