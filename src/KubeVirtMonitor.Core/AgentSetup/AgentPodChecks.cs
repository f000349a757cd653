using System.Text.RegularExpressions;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the pods of the Agent run, and whether one of them runs the checks.</summary>
internal sealed class AgentPodChecks(IKubernetesClient client)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // Which Agents have which check, of all that was asked so far.
    private readonly Dictionary<string, SortedSet<string>> _runners = new(StringComparer.Ordinal);

    /// <summary>Looks at the pods.</summary>
    /// <param name="wanted">The patch.</param>
    /// <param name="isAsking">Whether Agents are asked as well, by a command in their pods, for the checks that none of them was known to have before.</param>
    public async Task<List<AgentPatchStatus>> RunAsync(AgentPatch wanted, bool isAsking, CancellationToken cancellationToken)
    {
        List<PodProjection> agents = [];
        List<PodProjection> clusterAgents = [];
        ListOptions options = new() { Namespace = wanted.AgentNamespace, BadItem = static _ => { } };
        await foreach (PodProjection pod in client.ListAsync(ResourceType.Pods, PodProjection.Read, options, cancellationToken).ConfigureAwait(false))
        {
            if (IsClusterAgent(pod.Meta.Labels)) clusterAgents.Add(pod);
            else if (pod.ServiceAccount == wanted.AgentServiceAccount) agents.Add(pod);
        }

        List<AgentPatchStatus> found = [Pods(agents, wanted)];
        if (isAsking) found.AddRange(await DispatchAsync(agents, clusterAgents, wanted, cancellationToken).ConfigureAwait(false));
        return found;
    }

    private static AgentPatchStatus Pods(List<PodProjection> agents, AgentPatch wanted)
    {
        string target = $"{wanted.AgentNamespace}/{wanted.AgentServiceAccount}";
        string[] down = [.. agents.Where(static pod => !pod.Readiness.IsReady).Select(static pod => pod.Meta.Name)];
        if (agents.Count == 0) return new(AgentPatchCheck.Agent, target, AgentPatchState.Failed, "There is no pod of this service account.", "Install the Agent, or create the patch for the account that it uses.") { Setting = Setting.AgentAccount };
        return down.Length == 0
            ? new(AgentPatchCheck.Agent, target, AgentPatchState.Passed, $"{agents.Count} pods are ready.")
            : new(AgentPatchCheck.Agent, target, AgentPatchState.Failed, $"{down.Length} of {agents.Count} pods are not ready: {string.Join(", ", down.Take(5))}{(down.Length > 5 ? ", ..." : "")}.", $"Look at them with 'kubectl describe pod -n {wanted.AgentNamespace} {down[0]}'.");
    }

    // The Cluster Agent hands out cluster checks; the Agent of a node finds the pods of its node by itself.
    private async Task<List<AgentPatchStatus>> DispatchAsync(List<PodProjection> agents, List<PodProjection> clusterAgents, AgentPatch wanted, CancellationToken cancellationToken)
    {
        List<string> obstacles = [];
        string[] names = [.. wanted.Components.Select(ComponentFacts.CheckNameOf)];
        bool any = false;
        foreach (PodProjection pod in names.All(_runners.ContainsKey) ? [] : clusterAgents.Where(static pod => pod.Readiness.IsReady).Take(3)) any |= await AskAsync(pod, "cluster-agent", [["agent", "clusterchecks"], ["datadog-cluster-agent", "clusterchecks"]], obstacles, cancellationToken).ConfigureAwait(false);
        foreach (PodProjection pod in agents.Where(static pod => pod.Readiness.IsReady))
        {
            if (names.All(_runners.ContainsKey)) break;
            any |= await AskAsync(pod, "agent", [["agent", "configcheck"]], obstacles, cancellationToken).ConfigureAwait(false);
        }

        return [.. wanted.Components.Select(component => Judge(component, _runners.GetValueOrDefault(ComponentFacts.CheckNameOf(component)), any, obstacles))];
    }

    private static AgentPatchStatus Judge(ComponentKind component, SortedSet<string>? runners, bool any, List<string> obstacles)
    {
        string name = ComponentFacts.CheckNameOf(component);
        AgentPatchStatus status = runners is not null
            ? new(AgentPatchCheck.Dispatch, name, AgentPatchState.Passed, $"The check runs on {string.Join(", ", runners.Take(5))}{(runners.Count > 5 ? ", ..." : "")}.")
            : any
                ? new(AgentPatchCheck.Dispatch, name, AgentPatchState.Failed, "None of the Agents that were queried has the check.", "Agents find new annotations within a minute: wait, then run 'agent configcheck' in the Agent's pod on the node of the component.") { Setting = Setting.Timeout }
                : new(AgentPatchCheck.Dispatch, name, AgentPatchState.Skipped, obstacles.Count > 0 ? $"No Agent could be queried: {obstacles[0]}" : "There is no pod of the Agent.");
        return status with { Component = component };
    }

    private async Task<bool> AskAsync(PodProjection pod, string container, string[][] commands, List<string> obstacles, CancellationToken cancellationToken)
    {
        string name = pod.Meta.Name;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        foreach (string[] command in commands)
        {
            PodExecRequest request = new() { Namespace = pod.Meta.Namespace, Pod = name, Container = pod.Container(container)?.Name, Command = command };
            try
            {
                PodExecSession running = await client.ExecAsync(request, limit.Token).ConfigureAwait(false);
                await using (running.ConfigureAwait(false))
                {
                    PodExecResult result = await running.ToResultAsync(cancellationToken: limit.Token).ConfigureAwait(false);
                    if (result.ExitCode != 0) throw new KubernetesException(KubernetesError.StreamFailed, $"'{string.Join(' ', command)}' in {name} ended with {result.ExitCode}", "");
                    foreach ((string check, string runner) in DispatchOutput.Read(result.Output, name))
                    {
                        if (!_runners.TryGetValue(check, out SortedSet<string>? known)) _runners[check] = known = new SortedSet<string>(StringComparer.Ordinal);
                        known.Add(runner);
                    }

                    return true;
                }
            }
            catch (KubernetesException exception)
            {
                obstacles.Add(exception.Message);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                obstacles.Add($"{name} did not answer within {Patience.TotalSeconds:0} seconds.");
                return false;
            }
        }

        return false;
    }

    private static bool IsClusterAgent(IReadOnlyDictionary<string, string> labels) =>
        labels.GetValueOrDefault("agent.datadoghq.com/component") == "cluster-agent" || labels.GetValueOrDefault("app.kubernetes.io/component") == "cluster-agent"
        || labels.GetValueOrDefault("app")?.EndsWith("cluster-agent", StringComparison.Ordinal) == true;
}

/// <summary>Reads what <c>agent clusterchecks</c> and <c>agent configcheck</c> print: headings between rows of equal signs, in which colours may stand.</summary>
internal static class DispatchOutput
{
    private static readonly Regex Heading = new(@"^=+\s*(?<title>[^=].*?)\s*=+$", RegexOptions.CultureInvariant);
    private static readonly Regex RunnerTitle = new(@"^Checks on (?<name>\S+)$", RegexOptions.CultureInvariant);
    private static readonly Regex CheckTitle = new(@"^(?<name>[\w.-]+) (cluster )?check$", RegexOptions.CultureInvariant);
    private static readonly Regex Unscheduled = new("unscheduled|dangling|unassigned", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
    private static readonly Regex Colour = new("\u001b\\[[0-9;]*m", RegexOptions.CultureInvariant);

    /// <summary>Each check with the Agent that has it.</summary>
    /// <param name="text">What was printed.</param>
    /// <param name="here">The Agent that printed it, for checks that stand under no other.</param>
    public static IEnumerable<(string Check, string Runner)> Read(string text, string here)
    {
        string? runner = here;
        foreach (string line in text.Split('\n'))
        {
            Match heading = Heading.Match(Colour.Replace(line, "").Trim());
            if (!heading.Success) continue;
            string title = heading.Groups["title"].Value;
            if (Unscheduled.IsMatch(title)) runner = null;
            else if (RunnerTitle.Match(title) is { Success: true } named) runner = named.Groups["name"].Value;
            else if (CheckTitle.Match(title) is { Success: true } check && runner is not null) yield return (check.Groups["name"].Value, runner);
        }
    }
}
