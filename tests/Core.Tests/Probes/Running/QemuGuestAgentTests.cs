using System.Diagnostics;
using KubeVirtMonitor.Simulator.Guests;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>The real guest agent of Debian's qemu-guest-agent behind the simulator's virt-launcher.</summary>
public sealed class QemuGuestAgentTests
{
    private static readonly VmiProbe Ping = new() { Kind = ProbeKind.GuestAgentPing, TimeoutSeconds = 5 };

    [Fact]
    public async Task IsPingedAndRunsCommands()
    {
        const string Program = "qemu-ga";
        string? path = new[] { "/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin" }.Select(folder => Path.Combine(folder, Program)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(path is null, "There is no qemu-ga here (Debian package qemu-guest-agent).");
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        DirectoryInfo folder = Directory.CreateTempSubdirectory("qga-");
        string socket = Path.Combine(folder.FullName, "agent.sock");
        ProcessStartInfo start = new(path!) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (string argument in new[] { "-m", "unix-listen", "-p", socket, "-t", folder.FullName }) start.ArgumentList.Add(argument);
        using Process agent = Process.Start(start)!;
        try
        {
            guest.AgentConnection = new QemuGuestAgent(socket);
            for (int i = 0; i < 200 && !File.Exists(socket); i++) await Task.Delay(25, TestContext.Current.CancellationToken);
            ProbeResult ping = await cluster.RunAsync(guest, Ping);
            Assert.True(ping.Success, ping.Message);

            string file = Path.Combine(folder.FullName, "healthy");
            VmiProbe cat = new() { Kind = ProbeKind.Exec, Command = ["cat", file], TimeoutSeconds = 5 };
            Assert.Equal(1, (await cluster.RunAsync(guest, cat)).ExitCode);
            await File.WriteAllTextAsync(file, "well\n", TestContext.Current.CancellationToken);
            ProbeResult found = await cluster.RunAsync(guest, cat);
            Assert.Equal((true, "well"), (found.Success, found.Message));

            // virt-launcher escapes no quotes, and the real agent takes that for what it is.
            Assert.Equal(255, (await cluster.RunAsync(guest, new VmiProbe { Kind = ProbeKind.Exec, Command = ["echo", "a\"b"], TimeoutSeconds = 5 })).ExitCode);
        }
        finally
        {
            agent.Kill();
            await agent.WaitForExitAsync(CancellationToken.None);
        }

        Assert.Equal(ProbeOutcome.Failure, (await cluster.RunAsync(guest, Ping)).Outcome);
        folder.Delete(recursive: true);
    }
}
