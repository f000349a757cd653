using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>
/// The program <c>agent</c> in the pods of an Agent and, also as <c>datadog-cluster-agent</c>, in those of the Cluster Agent, which hands out none of the checks of pods: these are the
/// business of the Agent of the pod's node.
/// </summary>
internal sealed class AgentProgram(SimulatedAgents agents, ResourceStore store)
{
    private const string ClusterContainer = "cluster-agent";

    private static readonly JsonSerializerOptions Pretty = new(Python.Relaxed) { WriteIndented = true };

    public static void Register(ExecCommands commands, SimulatedAgents agents, ResourceStore store)
    {
        AgentProgram program = new(agents, store);
        commands["agent"] = (context, cancellation) => program.RunAsync(context, "agent", cancellation);
        commands["datadog-cluster-agent"] = (context, cancellation) => program.RunAsync(context, "datadog-cluster-agent", cancellation);
    }

    private async Task<int> RunAsync(ExecContext context, string program, CancellationToken cancellation)
    {
        bool cluster = context.Container == ClusterContainer;
        if ((!cluster && (context.Container != "agent" || program != "agent")) || store["", "pods"].Find(context.Namespace, context.Pod)?.ToJson() is not { } pod)
        {
            await context.WriteErrorAsync($"sh: {program}: not found\n", cancellation);
            return 127;
        }

        string command = context.Command.Count > 1 ? context.Command[1] : "";
        string[] options = [.. context.Command.Skip(2)];
        string[] known = command switch
        {
            "status" => ["-j", "--json", "-p", "--pretty-json", "-v", "--verbose"],
            "configcheck" => ["-v", "--verbose", "-n", "--no-color", .. agents.Release.WritesConfigCheck ? new[] { "-j", "--json", "-p", "--pretty-json" } : []],
            "clusterchecks" when cluster => ["--check", "-n", "--no-color"],
            "version" => ["-n", "--no-color"],
            _ => [],
        };
        if (command is not ("status" or "configcheck" or "version") && !(command == "clusterchecks" && cluster)) return await FailAsync($"Error: unknown command \"{command}\" for \"{program}\"\n");
        if (options.FirstOrDefault(option => option.StartsWith('-') && !known.Contains(option)) is { } unknown)
            return await FailAsync(unknown.StartsWith("--", StringComparison.Ordinal) ? $"Error: unknown flag: {unknown}\n" : $"Error: unknown shorthand flag: '{unknown[1..]}' in {unknown}\n");
        if (agents.Fault == AgentFault.Unreachable && command != "version")
        {
            await context.WriteAsync("Could not reach agent: Get \"https://localhost:5001/agent/status\": dial tcp 127.0.0.1:5001: connect: connection refused \nMake sure the agent is running before requesting the status and contact support if you continue having issues. \n", cancellation);
            return await FailAsync("Error: Get \"https://localhost:5001/agent/status\": dial tcp 127.0.0.1:5001: connect: connection refused\n");
        }

        bool pretty = options.Any(static option => option is "-p" or "--pretty-json");
        bool json = (pretty || options.Any(static option => option is "-j" or "--json")) && (command != "status" || agents.Fault != AgentFault.NoJson);
        SimulatedAgent agent = agents[pod];
        if (!cluster && command is "status" or "configcheck") await agent.LookAsync(cancellation);
        string written = command switch
        {
            "version" => $"{(cluster ? "Cluster Agent" : "Agent")} {agents.Options.Version} - Commit: 0123456789 - Serialization version: v5.0.153 - Go version: go1.24.6\n",
            "clusterchecks" => ClusterChecks(context),
            "status" when cluster => json ? Json(AgentStatusDocument.ClusterStatus(agent)) : $"Datadog Cluster Agent (v{agents.Options.Version})\n",
            "status" => json ? Json(AgentStatusDocument.Status(agent)) : AgentStatusDocument.Text(agent),
            _ when cluster => "",
            _ => json ? Json(AgentStatusDocument.ConfigCheckJson(agent)) : AgentStatusDocument.ConfigCheck(agent, options.Any(static option => option is "-v" or "--verbose"), !agents.Release.HasSharedContext),
        };
        await context.WriteAsync(written, cancellation);
        return 0;

        string Json(JsonNode whole) => whole.ToJsonString(pretty ? Pretty : Python.Relaxed) + "\n";

        async Task<int> FailAsync(string message)
        {
            await context.WriteErrorAsync(message, cancellation);
            return 255;
        }
    }

    private string ClusterChecks(ExecContext context)
    {
        string[] nodes = [.. store["", "pods"].List().Where(pod => pod.Namespace == context.Namespace && pod.Labels.TryGetValue(AgentContent.Component, out string? component) && component == "agent").Select(static pod => (string)pod.ToJson()["spec"]!["nodeName"]!)];
        return $"=== {nodes.Length} agents reporting ===\n\nName    Running checks\n{string.Concat(nodes.Select(static node => $"{node}    0\n"))}\n===== 0 Pod-backed Endpoints-Checks scheduled =====\n";
    }
}
