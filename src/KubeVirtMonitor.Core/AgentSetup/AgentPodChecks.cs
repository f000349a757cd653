using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the pods of the Agent are ready, and whether it is the only Agent.</summary>
internal static class AgentPodChecks
{
    public static IEnumerable<AgentPatchStatus> Of(AgentPods pods, AgentPatch wanted)
    {
        string target = $"{wanted.AgentNamespace}/{wanted.AgentServiceAccount}";
        string[] down = [.. pods.Agents.Where(static pod => !pod.IsReady).Select(static pod => pod.Name)];
        yield return pods.Agents.Count == 0
            ? new(AgentPatchCheck.Agent, target, AgentPatchState.Failed, $"There is no pod of this service account.{Elsewhere(pods)}", "Install the Agent, or create the patch for the account that it uses.") { Setting = Setting.AgentAccount }
            : down.Length == 0
                ? new(AgentPatchCheck.Agent, target, AgentPatchState.Passed, $"{pods.Agents.Count} pods are ready.")
                : new(AgentPatchCheck.Agent, target, AgentPatchState.Failed, $"{down.Length} of {pods.Agents.Count} pods are not ready: {string.Join(", ", down.Take(5))}{(down.Length > 5 ? ", ..." : "")}.", $"Look at them with 'kubectl describe pod -n {wanted.AgentNamespace} {down[0]}'.");
        // Two on disjoint nodes, such as one with GPUs, are one Agent.
        string[] rivals = [.. pods.Others.Where(other => pods.Agents.Exists(agent => agent.Node == other.Node && AgentPods.NameOf(agent) != AgentPods.NameOf(other))).Select(AgentPods.NameOf).Distinct().Order(StringComparer.Ordinal)];
        if (rivals.Length > 0)
        {
            string own = AgentPods.NameOf(pods.Agents.First(agent => pods.Others.Exists(other => other.Node == agent.Node)));
            yield return new(AgentPatchCheck.Agent, target, AgentPatchState.Warning, $"The same nodes have {rivals.Length + 1} Agents, {own} and {string.Join(" and ", rivals)}: each runs the checks of the annotations, so that metrics are sent more than once.", "Remove one of them, or exclude the containers of KubeVirt in it (DD_CONTAINER_EXCLUDE).");
        }

        if (pods.Obstacle is { } obstacle)
            yield return new(AgentPatchCheck.Agent, target, AgentPatchState.Skipped, $"Whether other namespaces have a second Agent is not known. {obstacle.Fact}", obstacle.Advice) { Setting = obstacle.Setting };
    }

    private static string Elsewhere(AgentPods pods) => pods.Others.Count == 0 ? "" : $" The cluster has the Agent of {string.Join(" and ", pods.Others.Select(static pod => $"service account {pod.Namespace}/{pod.ServiceAccount}").Distinct())}.";
}

/// <summary>Reads what <c>agent clusterchecks</c> prints: headings between rows of equal signs, in which colours may stand, and below those of checks the ids of their instances.</summary>
internal static class ClusterCheckOutput
{
    private static readonly Regex Heading = new(@"^=+\s*(?<title>[^=].*?)\s*=+$", RegexOptions.CultureInvariant);
    private static readonly Regex RunnerTitle = new(@"^Checks on (?<name>\S+)$", RegexOptions.CultureInvariant);
    private static readonly Regex CheckTitle = new(@"^(?<name>[\w.-]+) (cluster )?check$", RegexOptions.CultureInvariant);
    private static readonly Regex Instance = new(@"^(Config for i|I)nstance ID:\s*(?<id>\S+)", RegexOptions.CultureInvariant);
    private static readonly Regex Colour = new("\u001b\\[[0-9;]*m", RegexOptions.CultureInvariant);

    /// <summary>Whether it is none that gives out checks, or does not do so yet.</summary>
    public static bool IsUndecided(string text) => text.Contains("dispatching logic not running", StringComparison.OrdinalIgnoreCase) || text.Contains("=== Warmup in progress", StringComparison.OrdinalIgnoreCase);

    /// <summary>Each instance of a check with the Agent that has been given it.</summary>
    public static IEnumerable<(string Check, string Id, string Runner)> Read(string text)
    {
        string? runner = null;
        string? check = null;
        foreach (string line in text.Split('\n').Select(static line => Colour.Replace(line, "").Trim()))
        {
            if (Heading.Match(line) is { Success: true } heading)
            {
                string title = heading.Groups["title"].Value;
                check = CheckTitle.Match(title) is { Success: true } named ? named.Groups["name"].Value : null;
                if (check is null) runner = RunnerTitle.Match(title) is { Success: true } node ? node.Groups["name"].Value : null;
            }
            else if (check is not null && runner is not null && Instance.Match(line) is { Success: true } instance)
            {
                yield return (check, instance.Groups["id"].Value, runner);
            }
        }
    }
}
