using System.Diagnostics;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Guests;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>Many instances at the same time, over time, and the end of it all.</summary>
public sealed class ProbePoolTests
{
    [Fact]
    public async Task AThousandInstancesAreProbedAFewAtATime()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync(handlers: 2, vmis: 500);
        (int running, int most) = (0, 0);
        cluster.Cluster.Server.Commands["virt-probe"] = async (_, cancellation) =>
        {
            int now = Interlocked.Increment(ref running);
            lock (cluster) most = Math.Max(most, now);
            await Task.Delay(2, cancellation);
            Interlocked.Decrement(ref running);
            return 0;
        };
        using ProbePool pool = new(cluster.Session, new ProbeRunOptions { ThrottleLimit = 16 }, TestContext.Current.CancellationToken);
        VmiProbe[] probes = [new() { Kind = ProbeKind.GuestAgentPing, TimeoutSeconds = 60 }];
        await foreach (ProbeRunTarget target in pool.ListAsync(new ListOptions(), TestContext.Current.CancellationToken)) pool.Add(target with { Probes = probes });
        ProbeRunItem[] items = await Task.Run(() => pool.Complete().ToArray(), TestContext.Current.CancellationToken);
        Assert.Equal(1_001, items.Length);
        Assert.Equal(1_000, items.Count(item => item.Result is { Success: true }));
        Assert.Equal(1_001, items.Select(item => (item.Result!.Namespace, item.Result.Name)).Distinct().Count());
        Assert.InRange(most, 2, 16);
    }

    [Fact]
    public async Task EndsWhenItIsDisposedOf()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        cluster.Cluster.Server.Commands["virt-probe"] = async (_, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromHours(1), cancellation);
            return 0;
        };
        ProbePool pool = new(cluster.Session, new ProbeRunOptions(), TestContext.Current.CancellationToken);
        SimulatedVmi vmi = cluster.Guest(0).Vmi;
        pool.Add(new ProbeRunTarget { Namespace = vmi.Namespace, Name = vmi.Name, Probes = [new() { Kind = ProbeKind.GuestAgentPing, TimeoutSeconds = 3600 }] });
        IEnumerable<ProbeRunItem> results = pool.Complete();
        Task reading = Task.Run(() => results.Count(), TestContext.Current.CancellationToken);
        await Task.Delay(300, TestContext.Current.CancellationToken);
        pool.Dispose();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Fact]
    public async Task BothProbesOfTheSpecAreRunAndAnInstanceWithoutAnyIsAnError()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(1500);
        guest.SetProbes(
            ProbeCluster.Json("""{"httpGet":{"port":1500,"httpHeaders":[{"name":"X-Custom-Header","value":"Awesome"}]},"initialDelaySeconds":120,"periodSeconds":20,"timeoutSeconds":10,"failureThreshold":3,"successThreshold":3}"""),
            ProbeCluster.Json("""{"guestAgentPing":{},"failureThreshold":4}"""));
        ProbeRunItem[] items = await cluster.ItemsAsync(guest, null, new ProbeRunOptions());
        ProbeResult readiness = items.Single(item => item.Result!.Probe == ProbeRole.Readiness).Result!;
        Assert.Equal((ProbeKind.HttpGet, true, ProbeState.NotReady, 1, 3), (readiness.Kind, readiness.Success, readiness.State, readiness.Run, readiness.Threshold));
        Assert.Equal("Success 1 of 3: not ready; after 2 more in a row, it is ready.", readiness.Verdict);
        Assert.Equal("Awesome", guest[1500]!.Requests.Single().Headers["X-Custom-Header"]);
        ProbeResult liveness = items.Single(item => item.Result!.Probe == ProbeRole.Liveness).Result!;
        Assert.Equal((ProbeKind.GuestAgentPing, ProbeState.Live, "Live."), (liveness.Kind, liveness.State, liveness.Verdict));
        ProbeRunItem none = Assert.Single(await cluster.ItemsAsync(cluster.Guest(1), null, new ProbeRunOptions()));
        Assert.Equal(KubernetesError.EntryNotFound, none.Error!.Error);
    }

    [Fact]
    public async Task IsFollowedThroughItsTransitionsAtItsPeriod()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        int asked = 0;
        // Two successes, two failures, and so on.
        cluster.Cluster.Server.Commands["virt-probe"] = (_, _) => Task.FromResult((Interlocked.Increment(ref asked) - 1) / 2 % 2);
        VmiProbe probe = new() { Kind = ProbeKind.GuestAgentPing, PeriodSeconds = 1, FailureThreshold = 2, SuccessThreshold = 2, Role = ProbeRole.Readiness };
        long begin = Stopwatch.GetTimestamp();
        ProbeRunItem[] items = await cluster.ItemsAsync(guest, [probe], new ProbeRunOptions { Count = 5, TransitionsOnly = true });
        Assert.Equal([ProbeState.Ready, ProbeState.NotReady], items.Select(item => item.Result!.Transition!.Value));
        Assert.Equal(5, asked);
        Assert.InRange(Stopwatch.GetElapsedTime(begin).TotalSeconds, 3.9, 15);
    }

    [Fact]
    public async Task ALivenessFailureWouldRestartAndStartsOver()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        VmiProbe probe = new() { Kind = ProbeKind.TcpSocket, Port = 9, PeriodSeconds = 1, FailureThreshold = 1, InitialDelaySeconds = -9, Role = ProbeRole.Liveness };
        guest.Listen(1501);
        ProbeRunItem[] items = await cluster.ItemsAsync(guest, [probe], new ProbeRunOptions { Count = 2 });
        Each.Of(items, item => Assert.Equal((ProbeState.WouldRestart, ProbeState.WouldRestart), (item.Result!.State, item.Result.Transition!.Value)));
        // The new container has its initial delay of -9 + 10 = 1 s, which ends with the first tick.
        Assert.InRange((items[1].Result!.Time - items[0].Result!.Time).TotalSeconds, 0.9, 5);
    }

    [Theory]
    [InlineData("pods", "The pod of ns0/vm-00000 could not be read. user ")]
    [InlineData("events", "Events of ns0/vm-00000 could not be read. user ")]
    public async Task WhatTheClusterMayNotBeAskedTakesNothingFromTheResult(string resource, string note)
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(1500);
        using IDisposable refused = cluster.Cluster.Server.Refuse(new ApiRefusal { Resource = resource });
        ProbeResult result = await cluster.RunAsync(guest, new VmiProbe { Kind = ProbeKind.TcpSocket, Port = 1500, Role = ProbeRole.Readiness }, includeCluster: true);
        Assert.Equal(ProbeOutcome.Success, result.Outcome);
        string told = Assert.Single(result.ClusterState.Notes);
        Assert.StartsWith(note, told, StringComparison.Ordinal);
        Assert.Contains($" may not list {resource} in namespace ns0.", told, StringComparison.Ordinal);
        Assert.Null(result.ClusterState.Events);
        Assert.Equal(resource == "events" ? guest.Vmi.LauncherPod : null, result.ClusterState.Pod);
    }

    [Fact]
    public async Task APodThatCannotBeReadIsANoteThatNamesItsField()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(1500);
        cluster.Guests.EditPod(guest, static pod => pod["status"]!["phase"] = 5);
        ProbeResult result = await cluster.RunAsync(guest, new VmiProbe { Kind = ProbeKind.TcpSocket, Port = 1500, Role = ProbeRole.Readiness }, includeCluster: true);
        Assert.Equal(ProbeOutcome.Success, result.Outcome);
        Assert.StartsWith(
            $"The pod of ns0/vm-00000 could not be read. an item of the list cannot be read (Pod ns0/{guest.Vmi.LauncherPod}: status.phase is not a text).",
            Assert.Single(result.ClusterState.Notes),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheMessageOfAConditionShowsNoSecretAndSteersNoTerminal()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(1500);
        string message = $"HTTP probe failed with statuscode: 503, Bearer {cluster.Cluster.Server.Kubeconfig.AdminToken}\u001b[2J";
        cluster.Guests.EditInstance(guest, vmi => vmi["status"]!["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "False", ["message"] = message }));
        ProbeResult result = await cluster.RunAsync(guest, new VmiProbe { Kind = ProbeKind.TcpSocket, Port = 1500, Role = ProbeRole.Readiness });
        Assert.Equal("HTTP probe failed with statuscode: 503, Bearer [redacted]", result.ClusterState.ReadyMessage);
    }

    [Fact]
    public async Task TellsWhatTheClusterHoldsAndWhereItDisagrees()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(1500);
        VmiProbe probe = new() { Kind = ProbeKind.TcpSocket, Port = 1500, Role = ProbeRole.Readiness };
        ProbeResult agreed = await cluster.RunAsync(guest, probe, includeCluster: true);
        Assert.Equal((true, true, true, true, 0), (agreed.ClusterState.Ready!.Value, agreed.ClusterState.AgentConnected, agreed.ClusterState.PodReady!.Value, agreed.ClusterState.ContainerReady!.Value, agreed.ClusterState.RestartCount!.Value));
        Assert.Equal(guest.Vmi.LauncherPod, agreed.ClusterState.Pod);
        Assert.Empty(agreed.ClusterState.Events!);
        Assert.Null(agreed.Disagreement);

        cluster.Guests.TellUnhealthy(guest, "Readiness probe failed: dial tcp 10.0.0.1:1500: connect: connection refused");
        ProbeResult recent = await cluster.RunAsync(guest, probe, includeCluster: true);
        Assert.Equal("Unhealthy", Assert.Single(recent.ClusterState.Events!).Reason);
        Assert.Contains("it failed for kubelet", recent.Disagreement, StringComparison.Ordinal);

        guest.SetReady(false);
        ProbeResult disagreed = await cluster.RunAsync(guest, probe);
        Assert.Equal((false, "ContainersNotReady"), (disagreed.ClusterState.Ready!.Value, disagreed.ClusterState.ReadyReason));
        Assert.Equal("The probe succeeds from here, but the cluster reports the instance as not ready (ContainersNotReady: containers with unready status: [compute]).", disagreed.Disagreement);
        Assert.Null(disagreed.ClusterState.Pod);
    }
}
