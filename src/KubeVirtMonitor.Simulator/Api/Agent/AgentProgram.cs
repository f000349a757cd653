using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// What <c>agent configcheck</c> prints on a node, from the annotations of the pods there, and <c>agent clusterchecks</c> in the Cluster Agent, which hands out
/// none of them: checks of pods are the business of the Agent of the pod's node.
/// </summary>
internal sealed class AgentProgram(ResourceStore store)
{
    private const string Prefix = "ad.datadoghq.com/";

    public static void Register(ExecCommands commands, ResourceStore store)
    {
        AgentProgram program = new(store);
        commands["agent"] = program.RunAsync;
    }

    private async Task<int> RunAsync(ExecContext context, CancellationToken cancellation)
    {
        string command = context.Command.Count > 1 ? context.Command[1] : "";
        switch (command)
        {
            case "clusterchecks" when context.Container == "cluster-agent":
                await context.WriteAsync($"=== {Nodes(context).Count()} agents reporting ===\n\nName    Running checks\n", cancellation);
                foreach (string node in Nodes(context)) await context.WriteAsync($"{node}    0\n", cancellation);
                return 0;
            case "configcheck" when context.Container == "agent":
                foreach (string check in Checks(context)) await context.WriteAsync($"=== {check} check ===\nConfiguration provider: kubernetes-container-allinone\n===\n\n", cancellation);
                return 0;
            default:
                await context.WriteErrorAsync($"Error: unknown command \"{command}\" for \"agent\"\n", cancellation);
                return 255;
        }
    }

    private IEnumerable<string> Nodes(ExecContext context) =>
        store["", "pods"].List().Where(pod => pod.Namespace == context.Namespace && pod.Name != context.Pod).Select(pod => (string)pod.ToJson()["spec"]!["nodeName"]!);

    private IEnumerable<string> Checks(ExecContext context)
    {
        string? node = (string?)store["", "pods"].Find(context.Namespace, context.Pod)?.ToJson()["spec"]?["nodeName"];
        foreach (JsonObject pod in store["", "pods"].List().Select(pod => pod.ToJson()))
        {
            if ((string?)pod["spec"]?["nodeName"] != node || pod["metadata"]?["annotations"] is not JsonObject annotations) continue;
            foreach ((string key, JsonNode? value) in annotations)
            {
                if (!key.StartsWith(Prefix, StringComparison.Ordinal)) continue;
                JsonNode? json = JsonNode.Parse((string)value!);
                if (key.EndsWith(".check_names", StringComparison.Ordinal)) foreach (JsonNode? name in json!.AsArray()) yield return (string)name!;
                else if (key.EndsWith(".checks", StringComparison.Ordinal)) foreach ((string name, _) in json!.AsObject()) yield return name;
            }
        }
    }
}
