using System.Net;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Guests;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>TCP probes, ports by name, and which way is taken.</summary>
public sealed class RouteAndTcpTests
{
    private const int Port = 1500;

    private static readonly VmiProbe Tcp = new() { Kind = ProbeKind.TcpSocket, Port = Port };

    [Fact]
    public async Task AutoTakesTheAddressWhereItCanBeReached()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        GuestListener listener = cluster.Guest(0).Listen(Port);
        ProbeResult result = await cluster.RunAsync(cluster.Guest(0), Tcp);
        Assert.Equal((true, ProbeRoute.Direct), (result.Success, result.Route));
        Assert.Equal("connected", result.Message);
        Assert.True(listener.Connections >= 1);
    }

    [Fact]
    public async Task AutoTakesTheTunnelWhereItCannotAndRemembersIt()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        foreach (int ordinal in new[] { 0, 1 })
        {
            cluster.Guest(ordinal).Listen(Port);
            cluster.Guest(ordinal).SetAddress(IPAddress.Parse("2001:db8::77"));
        }

        Assert.Equal((true, ProbeRoute.PortForward), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));
        Assert.Equal((true, ProbeRoute.PortForward), Told(await cluster.RunAsync(cluster.Guest(1), Tcp)));
        cluster.Guest(1).Close(Port);
        ProbeResult closed = await cluster.RunAsync(cluster.Guest(1), Tcp);
        Assert.Equal((false, ProbeRoute.PortForward), Told(closed));
        Assert.Contains("connection refused", closed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AWayThatLeadsNowhereAnyMoreIsNoFailureOfTheInstance()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        IPAddress[] addresses = [.. new[] { 0, 1, 2 }.Select(ordinal => cluster.Guest(ordinal).Listen(Port).EndPoint.Address)];
        Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));

        // A laptop leaves its VPN.
        foreach (int ordinal in new[] { 0, 1, 2 }) cluster.Guest(ordinal).SetAddress(IPAddress.Parse("2001:db8::77"));
        Assert.Equal((true, ProbeRoute.PortForward), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));
        Assert.Equal((true, ProbeRoute.PortForward), Told(await cluster.RunAsync(cluster.Guest(1), Tcp)));

        // It joins again, and tunnels are not allowed any more.
        for (int ordinal = 0; ordinal < 3; ordinal++) cluster.Guest(ordinal).SetAddress(addresses[ordinal]);
        using IDisposable refused = cluster.Cluster.Server.Refuse(new ApiRefusal { Resource = "virtualmachineinstances/portforward" });
        for (int ordinal = 0; ordinal < 3; ordinal++) Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(ordinal), Tcp)));
    }

    [Fact]
    public async Task AnInstanceThatTheWayOfTheOthersDoesNotLeadToGetsOneOfItsOwn()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        for (int ordinal = 0; ordinal < 3; ordinal++) cluster.Guest(ordinal).Listen(Port);
        cluster.Guest(1).SetAddress(IPAddress.Parse("2001:db8::77"));
        for (int run = 0; run < 2; run++)
        {
            Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));
            Assert.Equal((true, ProbeRoute.PortForward), Told(await cluster.RunAsync(cluster.Guest(1), Tcp)));
            Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(2), Tcp)));
        }
    }

    [Fact]
    public async Task APortThatIsClosedIsAFailureOfTheInstanceByTheWayThatLeads()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        cluster.Guest(0).Listen(Port);
        cluster.Guest(1).Listen(Port);
        Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));
        cluster.Guest(0).Close(Port);
        for (int run = 0; run < 2; run++)
        {
            ProbeResult closed = await cluster.RunAsync(cluster.Guest(0), Tcp);
            Assert.Equal((false, ProbeRoute.Direct), Told(closed));
            Assert.Contains("connection refused", closed.Message, StringComparison.Ordinal);
        }

        // An instance that is not reached, with nobody to ask by a tunnel, is one too.
        using IDisposable refused = cluster.Cluster.Server.Refuse(new ApiRefusal { Resource = "virtualmachineinstances/portforward" });
        cluster.Guest(1).SetAddress(IPAddress.Parse("2001:db8::77"));
        Assert.Equal((false, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(1), Tcp)));
    }

    [Fact]
    public async Task WhereNoWayLeadsThereIsNoResultAndNothingIsRemembered()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        IPAddress address = cluster.Guest(0).Listen(Port).EndPoint.Address;
        cluster.Guest(0).SetAddress(IPAddress.Parse("2001:db8::77"));
        using (cluster.Cluster.Server.Refuse(new ApiRefusal { Resource = "virtualmachineinstances/portforward" }))
        {
            ProbeRunItem item = Assert.Single(await cluster.ItemsAsync(cluster.Guest(0), [Tcp], new ProbeRunOptions()));
            Assert.Null(item.Result);
            Assert.Equal(KubernetesError.Forbidden, item.Error!.Error);
            SimulatedVmi vmi = cluster.Guest(0).Vmi;
            Assert.StartsWith($"{vmi.Namespace}/{vmi.Name} cannot be reached from here: Direct: ", item.Error.Message, StringComparison.Ordinal);
            Assert.Contains("; PortForward: user '", item.Error.Message, StringComparison.Ordinal);
        }

        cluster.Guest(0).SetAddress(address);
        Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));
    }

    [Fact]
    public async Task AnInstanceWithoutAnAddressIsNotProbedWhateverWayTheOthersHave()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        cluster.Guest(0).Listen(Port);
        cluster.Guest(1).Listen(Port);
        cluster.Guest(1).SetAddress(null);
        for (int run = 0; run < 2; run++)
        {
            // virt-api has no other address either: a tunnel to such an instance is answered with 400, "no network interfaces are present".
            ProbeResult none = await cluster.RunAsync(cluster.Guest(1), Tcp);
            Assert.Equal((ProbeOutcome.Discarded, "the instance has no address"), (none.Outcome, none.Message));
            Assert.Equal((true, ProbeRoute.Direct), Told(await cluster.RunAsync(cluster.Guest(0), Tcp)));
        }
    }

    [Fact]
    public async Task AWayThatIsAskedForIsTaken()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        cluster.Guest(0).Listen(Port);
        Assert.Equal((true, ProbeRoute.PortForward), Told(await cluster.RunAsync(cluster.Guest(0), Tcp, ProbeRoute.PortForward)));
        cluster.Guest(0).SetAddress(IPAddress.Parse("2001:db8::77"));
        ProbeResult direct = await cluster.RunAsync(cluster.Guest(0), Tcp, ProbeRoute.Direct);
        Assert.Equal((false, ProbeRoute.Direct), Told(direct));
    }

    [Fact]
    public async Task ATunnelThatMayNotBeOpenedIsAnErrorAndNoResult()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        cluster.Guest(0).Listen(Port);
        using IDisposable refused = cluster.Cluster.Server.Refuse(new ApiRefusal { Resource = "virtualmachineinstances/portforward" });
        ProbeRunItem item = Assert.Single(await cluster.ItemsAsync(cluster.Guest(0), [Tcp], new ProbeRunOptions { Route = ProbeRoute.PortForward }));
        Assert.Null(item.Result);
        Assert.Equal(KubernetesError.Forbidden, item.Error!.Error);
    }

    [Fact]
    public async Task ANamedPortIsThatOfTheInterface()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(Port);
        ProbeResult unknown = await cluster.RunAsync(guest, new VmiProbe { Kind = ProbeKind.TcpSocket, Port = "web" });
        Assert.Equal(ProbeOutcome.Discarded, unknown.Outcome);
        Assert.Contains("'web'", unknown.Message, StringComparison.Ordinal);
        guest.DeclarePort("web", Port);
        Assert.True((await cluster.RunAsync(guest, new VmiProbe { Kind = ProbeKind.TcpSocket, Port = "web" })).Success);
    }

    [Fact]
    public async Task AnInstanceThatDoesNotRunHasNothingToProbe()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedVmi waiting = cluster.Cluster.Host.Cluster.VirtualMachineInstances.Single(vmi => vmi.Phase == "Scheduling");
        ProbeResult result = await cluster.RunAsync(cluster.Guests[waiting.Namespace, waiting.Name], Tcp);
        Assert.Equal((ProbeOutcome.Discarded, false), (result.Outcome, result.Success));
        Assert.Contains("Scheduling", result.Message, StringComparison.Ordinal);
    }

    private static (bool Success, ProbeRoute Route) Told(ProbeResult result) => (result.Success, result.Route);
}
