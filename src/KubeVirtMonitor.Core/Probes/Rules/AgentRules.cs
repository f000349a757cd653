using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>Rules for probes that use the guest agent.</summary>
internal static class AgentRules
{
    private static readonly string[] Handlers = [ProbeFields.GuestAgentPing, ProbeFields.Exec];

    public static void Apply(ProbeCheck check, bool? agentConnected)
    {
        foreach (string handler in Handlers)
        {
            if (check.Handler(handler) is null) continue;
            if (agentConnected == false) check.Add(RuleTable.UnknownAgent, "." + handler, $"{handler} needs the guest agent, but none is connected at the moment");
            else if (agentConnected is null && !SpeaksOfAgent(check.Spec)) check.Add(RuleTable.UnknownAgent, "." + handler, $"{handler} needs the guest agent, but nothing in the object shows that the guest has one");
        }

        if (check.Handler(ProbeFields.Exec) is { } exec && exec["command"] is null or JsonArray) Command(check, exec["command"] as JsonArray ?? []);
    }

    private static void Command(ProbeCheck check, JsonArray command)
    {
        const string path = ".exec.command";
        if (command.Count == 0)
        {
            check.Add(RuleTable.NoCommand, path, "the command is empty");
            return;
        }

        string? program = JsonText.Of(command[0]);
        // KubeVirt takes it for a command of its own, and runs it in the pod as it is.
        if (program == "virt-probe") return;
        if (command.Count == 1 && !Placeholder.Is(command[0]) && program?.Contains(' ', StringComparison.Ordinal) == true) check.Add(RuleTable.ShellLine, path, $"'{program}' is a single item, and therefore the name of one program");
        for (int i = 0; i < command.Count; i++)
        {
            if (JsonText.Of(command[i]) is not { } text) continue;
            string? read = AsJson(text);
            if (read is null) check.Add(RuleTable.BrokenArgument, $"{path}[{i}]", "the argument contains a double quote, backslash or control character that is not valid in JSON");
            else if (read != text) check.Add(RuleTable.ChangedArgument, $"{path}[{i}]", "the argument contains backslash sequences, which the guest agent reads as JSON escapes");
        }
    }

    /// <summary>What a JSON reader makes of the text between quotes; null when it makes nothing of it.</summary>
    private static string? AsJson(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<string>($"\"{text}\"");
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether cloud-init installs or starts the agent, or credentials are to go through it.</summary>
    private static bool SpeaksOfAgent(JsonObject spec) =>
        spec["accessCredentials"]?.ToJsonString().Contains("\"qemuGuestAgent\"", StringComparison.Ordinal) == true
        || (spec["volumes"] as JsonArray ?? []).OfType<JsonObject>().Any(volume =>
            UserData(volume["cloudInitNoCloud"]) || UserData(volume["cloudInitConfigDrive"]));

    private static bool UserData(JsonNode? source)
    {
        if (source is not JsonObject cloudInit) return Placeholder.Is(source);
        if (Placeholder.IsWhole(cloudInit["userData"]) || Placeholder.IsWhole(cloudInit["userDataBase64"])) return true;
        string text = JsonText.Of(cloudInit["userData"]) ?? Decoded(JsonText.Of(cloudInit["userDataBase64"]));
        return text.Contains("qemu-guest-agent", StringComparison.OrdinalIgnoreCase) || text.Contains("qemu-ga", StringComparison.OrdinalIgnoreCase);
    }

    private static string Decoded(string? base64)
    {
        try
        {
            return base64 is null ? "" : Encoding.UTF8.GetString(Convert.FromBase64String(base64));
        }
        catch (FormatException)
        {
            return "";
        }
    }
}
