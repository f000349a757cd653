using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>A guest agent of a few lines, with <c>true</c>, <c>false</c>, <c>cat</c>, <c>echo</c> and <c>sleep</c> in the guest.</summary>
internal sealed class SimulatedGuestAgent(SimulatedGuest guest) : IGuestAgent
{
    public async Task PingAsync(CancellationToken cancellation)
    {
        if (guest.Agent != GuestAgentState.Answering || guest.PausedReason is not null)
        {
            // libvirt waits for an agent that says nothing, and knows at once of one that is not there.
            if (guest.Agent == GuestAgentState.Silent) await Task.Delay(TimeSpan.FromMilliseconds(50), cancellation);
            throw new IOException("Guest agent is not responding: QEMU guest agent is not connected");
        }
    }

    public async Task<GuestCommandResult> ExecAsync(string request, CancellationToken cancellation)
    {
        await PingAsync(cancellation);
        if (guest.IsFrozen) throw new IOException("Command guest-exec has been disabled: the command is not allowed while frozen");
        string[] command;
        try
        {
            JsonNode? arguments = JsonNode.Parse(request)?["arguments"];
            command = [(string)arguments!["path"]!, .. (arguments["arg"] as JsonArray)?.Select(static each => (string)each!) ?? []];
        }
        catch (JsonException)
        {
            throw new IOException("JSON parse error, Missing value in dict");
        }

        return await RunAsync(command, cancellation);
    }

    private async Task<GuestCommandResult> RunAsync(string[] command, CancellationToken cancellation)
    {
        switch (command[0][(command[0].LastIndexOf('/') + 1)..])
        {
            case "true":
                return new GuestCommandResult(0);
            case "false":
                return new GuestCommandResult(1);
            case "echo":
                return new GuestCommandResult(0, string.Join(' ', command.Skip(1)) + "\n");
            case "cat":
                string[] missing = [.. command.Skip(1).Where(file => !guest.Files.ContainsKey(file))];
                return missing.Length > 0
                    ? new GuestCommandResult(1, $"cat: {missing[0]}: No such file or directory\n")
                    : new GuestCommandResult(0, string.Concat(command.Skip(1).Select(file => guest.Files[file])));
            case "sleep":
                await Task.Delay(TimeSpan.FromSeconds(double.Parse(command[1], CultureInfo.InvariantCulture)), cancellation);
                return new GuestCommandResult(0);
            default:
                throw new IOException($"Guest agent command failed: Failed to execute child process \u201c{command[0]}\u201d (No such file or directory)");
        }
    }
}
