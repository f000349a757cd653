using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class MachinePlacesTests
{
    private const string OneInstance = "/apis/kubevirt.io/v1/namespaces/shop/virtualmachineinstances/web-1";

    private static readonly string[] Instances =
    [
        """{"metadata":{"name":"web-1","namespace":"shop"},"status":{"phase":"Running","nodeName":"alpha"}}""",
        """{"metadata":{"name":"web-2","namespace":"shop"},"spec":{"node":"x"},"status":{"phase":"Running","nodeName":"alpha","migrationState":{"sourceNode":"alpha","targetNode":"beta","startTimestamp":"2026-11-28T09:00:00Z"}}}""",
        """{"metadata":{"name":"web-3","namespace":"shop"},"status":{"phase":"Running","nodeName":"beta","migrationState":{"sourceNode":"alpha","targetNode":"beta","completed":true,"endTimestamp":"2026-11-28T09:00:00Z"}}}""",
        """{"metadata":{"name":"web-4","namespace":"shop"},"status":{"phase":"Scheduling"}}""",
        """{"metadata":{"name":"web-5","namespace":"shop"},"status":{"phase":"Succeeded","nodeName":"gamma"}}""",
        """{"metadata":{"name":"web-6","namespace":"lab"}}""",
    ];

    [Fact]
    public async Task OneListTellsWhereTheInstancesRun()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Instances] = _ => FakeCluster.List("VirtualMachineInstance", Instances);
        using KubeVirtSession session = await cluster.OpenAsync();
        List<MachinePlace> found = await ListAsync(session, new MachineQuest { Includes = (space, name) => space == "shop" && name != "web-5" });
        Assert.Equal(
            ["shop/web-1 Running alpha", "shop/web-2 Running alpha,beta", "shop/web-3 Running beta", "shop/web-4 Scheduling "],
            found.Select(place => $"{place.Namespace}/{place.Name} {place.Phase} {string.Join(',', place.Nodes)}"));
        Assert.Single(cluster.RequestsTo(FakeCluster.Instances));
        Assert.Equal(6, session.Seen.Machines(null).Count());
        Assert.Equal([], (await ListAsync(session, new MachineQuest { Includes = (_, name) => name is "web-5" }))[0].Nodes);
    }

    [Fact]
    public async Task AnExactNameIsOneRequestAndAbsenceNoError()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[OneInstance] = _ => FakeCluster.Json(Instances[0]);
        using KubeVirtSession session = await cluster.OpenAsync();
        Assert.Equal(["alpha"], Assert.Single(await ListAsync(session, new MachineQuest { Namespace = "shop", Name = "web-1" })).Nodes);
        Assert.Empty(await ListAsync(session, new MachineQuest { Namespace = "shop", Name = "web-9" }));
        Assert.Empty(cluster.RequestsTo(FakeCluster.Instances));
    }

    [Fact]
    public async Task WhatMayNotBeReadIsAnError()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Instances] = _ => FakeCluster.Forbidden("list", "virtualmachineinstances", "kubevirt.io", "at the cluster scope");
        using KubeVirtSession session = await cluster.OpenAsync();
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => ListAsync(session, new MachineQuest()));
        Assert.Equal(KubernetesError.Forbidden, error.Error);
    }

    private static async Task<List<MachinePlace>> ListAsync(KubeVirtSession session, MachineQuest quest)
    {
        List<MachinePlace> found = [];
        await foreach (MachinePlace place in MachinePlaces.InstancesAsync(session, quest, error => throw error, CancellationToken.None)) found.Add(place);
        return found;
    }
}
