using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Guests;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>Guest agent ping and exec through virt-launcher's virt-probe.</summary>
public sealed class GuestProbeTests
{
    private static readonly VmiProbe Ping = new() { Kind = ProbeKind.GuestAgentPing };

    [Fact]
    public async Task APingIsAnsweredByTheGuestAgent()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        ProbeResult result = await cluster.RunAsync(guest, Ping);
        Assert.Equal((true, false, ProbeRoute.Exec, 0), (result.Success, result.Suppressed, result.Route, result.ExitCode!.Value));
        Assert.Null(result.Disagreement);

        guest.Agent = GuestAgentState.Silent;
        result = await cluster.RunAsync(guest, Ping, includeCluster: true);
        Assert.Equal((ProbeOutcome.Failure, 1), (result.Outcome, result.ExitCode!.Value));
        Assert.Contains("not responding", result.Message, StringComparison.Ordinal);
        Assert.Equal("The guest agent does not respond, but the cluster reports it as connected.", result.Disagreement);
        Assert.Equal("GuestAgentPing probe failed for VMI vm-00000", Assert.Single(result.ClusterState.Events!).Message);
    }

    [Fact]
    public async Task TheCommandIsThatOfThePod()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        List<string> seen = [];
        cluster.Cluster.Server.Commands["virt-probe"] = (context, _) =>
        {
            seen.Add($"{context.Container}: {string.Join(' ', context.Command)}");
            return Task.FromResult(0);
        };
        await cluster.RunAsync(cluster.Guest(1), new VmiProbe { Kind = ProbeKind.GuestAgentPing, TimeoutSeconds = 7 });
        await cluster.RunAsync(cluster.Guest(1), new VmiProbe { Kind = ProbeKind.Exec, Command = ["cat", "/tmp/healthy", "a b"] });
        await cluster.RunAsync(cluster.Guest(1), new VmiProbe { Kind = ProbeKind.Exec, Command = ["virt-probe", "--mine"] });
        // The texts of spec: seen on the pods of a real virt-controller.
        Assert.Equal(
            [
                "compute: virt-probe --domainName ns1_vm-00001 --timeoutSeconds 7 --guestAgentPing",
                "compute: virt-probe --domainName ns1_vm-00001 --timeoutSeconds 1 --command cat -- /tmp/healthy a b",
                "compute: virt-probe --mine",
            ],
            seen);
    }

    [Fact]
    public async Task ExecJudgesTheExitCodeOfTheGuest()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        VmiProbe probe = Exec("cat", "/tmp/healthy");
        ProbeResult missing = await cluster.RunAsync(guest, probe);
        Assert.Equal((false, 1), (missing.Success, missing.ExitCode!.Value));
        Assert.Contains("No such file", missing.Message, StringComparison.Ordinal);
        guest.Files["/tmp/healthy"] = "fine\n";
        ProbeResult found = await cluster.RunAsync(guest, probe);
        Assert.Equal((true, 0, 5L, "fine"), (found.Success, found.ExitCode!.Value, found.Bytes!.Value, found.Message));
        Assert.Equal(255, (await cluster.RunAsync(guest, Exec("nothing-of-this-name"))).ExitCode);
        Assert.Equal(255, (await cluster.RunAsync(guest, Exec("echo", "a \"quote\""))).ExitCode);
        guest.Agent = GuestAgentState.Absent;
        Assert.False((await cluster.RunAsync(guest, probe)).Success);
    }

    [Fact]
    public async Task KubeVirtsExtraSecondIsWaited()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        cluster.Cluster.Server.Commands["virt-probe"] = async (_, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1.3), cancellation);
            return 0;
        };
        Assert.True((await cluster.RunAsync(cluster.Guest(0), Ping)).Success);
        cluster.Cluster.Server.Commands["virt-probe"] = async (_, cancellation) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(30), cancellation);
            return 0;
        };
        ProbeResult late = await cluster.RunAsync(cluster.Guest(0), Ping);
        Assert.Equal((ProbeOutcome.Timeout, "virt-probe did not end within 2 s"), (late.Outcome, late.Message));
    }

    [Fact]
    public async Task PauseMigrationAndTheAnnotationSuppressAPingAndNothingElse()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Agent = GuestAgentState.Absent;
        foreach ((Action begin, Action end, string reason) in new (Action, Action, string)[]
        {
            (() => guest.Pause("User"), () => guest.Pause(null), "paused"),
            (() => guest.Migrate(true), () => guest.Migrate(false), "migration"),
            (() => guest.PauseProbes(true), () => guest.PauseProbes(false), "annotation"),
        })
        {
            begin();
            ProbeResult ping = await cluster.RunAsync(guest, Ping);
            Assert.Equal((ProbeOutcome.Suppressed, true, true), (ping.Outcome, ping.Success, ping.Suppressed));
            Assert.Contains(reason, ping.Message, StringComparison.Ordinal);
            Assert.False((await cluster.RunAsync(guest, Exec("true"))).Success);
            end();
            Assert.Equal(ProbeOutcome.Failure, (await cluster.RunAsync(guest, Ping)).Outcome);
        }

        guest.Pause("IOError");
        Assert.Equal(ProbeOutcome.Failure, (await cluster.RunAsync(guest, Ping)).Outcome);
    }

    [Fact]
    public async Task AFreezeIsNotSuppressedAndIsNamed()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Freeze(true);
        Assert.True((await cluster.RunAsync(guest, Ping)).Success);
        ProbeResult exec = await cluster.RunAsync(guest, Exec("true"));
        Assert.Equal((false, false), (exec.Success, exec.Suppressed));
        Assert.Contains("frozen", exec.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutThePermissionToExecThereIsAnError()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        using IDisposable refused = cluster.Cluster.Server.Refuse(new ApiRefusal { Resource = "pods/exec" });
        ProbeRunItem item = Assert.Single(await cluster.ItemsAsync(cluster.Guest(0), [Ping], new ProbeRunOptions()));
        Assert.Equal(KubernetesError.Forbidden, item.Error!.Error);
    }

    private static VmiProbe Exec(params string[] command) => new() { Kind = ProbeKind.Exec, Command = command };
}
