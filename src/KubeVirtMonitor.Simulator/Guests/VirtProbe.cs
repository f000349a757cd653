using System.Globalization;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>The program <c>virt-probe</c> of the container <c>compute</c>, with virt-launcher and libvirt behind it.</summary>
internal sealed class VirtProbe(GuestFleet fleet)
{
    // cmd/virt-probe gives virt-launcher five seconds more than the probe has.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    public async Task<int> RunAsync(ExecContext context, CancellationToken cancellation)
    {
        if (Options(context.Command) is not { } options)
        {
            await context.WriteErrorAsync("usage: virt-probe --domainName DOMAIN [--timeoutSeconds N] --guestAgentPing | --command COMMAND -- ARGUMENT...\n", cancellation);
            return 2;
        }

        if (context.Container != "compute" || fleet.OfDomain(options.Domain) is not { } guest)
        {
            await context.WriteErrorAsync($"Domain not found: no domain with matching name '{options.Domain}'\n", cancellation);
            return 1;
        }

        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            if (options.Program is null)
            {
                limited.CancelAfter(options.Timeout + Grace);
                return await PingAsync(guest, context, limited.Token);
            }

            limited.CancelAfter(options.Timeout);
            return await ExecAsync(guest, options, context, limited.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            await context.WriteErrorAsync("context deadline exceeded\n", cancellation);
            return options.Program is null ? 1 : 255;
        }
    }

    private async Task<int> PingAsync(SimulatedGuest guest, ExecContext context, CancellationToken cancellation)
    {
        try
        {
            await guest.AgentConnection.PingAsync(cancellation);
            return 0;
        }
        catch (IOException failure)
        {
            if (IsSuppressed(guest)) return 0;
            if (fleet.Release.Version >= new KubeVirtVersion(1, 9)) fleet.Tell(guest, "GuestAgentPingFailed", $"GuestAgentPing probe failed for VMI {guest.Vmi.Name}");
            await context.WriteErrorAsync(failure.Message + "\n", cancellation);
            return 1;
        }
    }

    // Of the simulated releases only 1.9 knows how to look away.
    private bool IsSuppressed(SimulatedGuest guest) =>
        fleet.Release.Version >= new KubeVirtVersion(1, 9)
        && (guest.ProbesArePaused || guest.IsMigrating || guest.PausedReason is "User" or "Migration" or "Save" or "Dump" or "FromSnapshot" or "Snapshot" or "ShuttingDown" or "StartingUp" or "Postcopy");

    private static async Task<int> ExecAsync(SimulatedGuest guest, Invocation options, ExecContext context, CancellationToken cancellation)
    {
        // Sprintf in virt-launcher: a quote in an argument breaks the JSON, here as there.
        string arguments = string.Join(", ", options.Arguments.Select(static argument => $"\"{argument}\""));
        string request = $$"""{"execute": "guest-exec", "arguments": { "path": "{{options.Program}}", "arg": [ {{arguments}} ], "capture-output":true } }""";
        try
        {
            GuestCommandResult result = await guest.AgentConnection.ExecAsync(request, cancellation);
            await context.WriteAsync(result.Output, cancellation);
            return result.ExitCode & 255;
        }
        catch (IOException failure)
        {
            await context.WriteErrorAsync(failure.Message + "\n", cancellation);
            return 255;
        }
    }

    private static Invocation? Options(IReadOnlyList<string> command)
    {
        (string? domain, string? program, bool pings, int seconds) = (null, null, false, 1);
        string[] rest = [];
        for (int i = 1; i < command.Count; i++)
        {
            switch (command[i])
            {
                case "--domainName" when i + 1 < command.Count:
                    domain = command[++i];
                    break;
                case "--command" when i + 1 < command.Count:
                    program = command[++i];
                    break;
                case "--timeoutSeconds" when i + 1 < command.Count && int.TryParse(command[i + 1], NumberStyles.None, CultureInfo.InvariantCulture, out seconds):
                    i++;
                    break;
                case "--guestAgentPing":
                    pings = true;
                    break;
                case "--":
                    rest = [.. command.Skip(i + 1)];
                    i = command.Count;
                    break;
                default:
                    return null;
            }
        }

        return domain is null || pings == (program is not null) ? null : new Invocation(domain, TimeSpan.FromSeconds(seconds), program, rest);
    }

    private sealed record Invocation(string Domain, TimeSpan Timeout, string? Program, IReadOnlyList<string> Arguments);
}
