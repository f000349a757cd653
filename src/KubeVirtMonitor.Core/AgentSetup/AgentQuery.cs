using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Asks Agents for their status, by a command in their pods.</summary>
/// <param name="client">Runs the command.</param>
/// <param name="time">The clock for Agents that do not tell theirs.</param>
internal sealed class AgentQuery(IKubernetesClient client, TimeProvider time)
{
    private const int MostAtOnce = 8;

    // The status of an Agent with many checks takes some hundred kilobytes.
    private const int MostOutput = 16 * 1024 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly string[] Status = ["agent", "status", "--json"];

    /// <summary>Asks each once.</summary>
    public async Task<List<AgentAnswer>> AskAsync(IEnumerable<PodDocument> agents, CancellationToken cancellationToken)
    {
        List<AgentAnswer> answers = [];
        Queue<PodDocument> left = new(agents);
        // Whoever may not ask one may not ask the others of its namespace either: one refusal is enough.
        Dictionary<string, AgentAnswer> refusals = new(StringComparer.Ordinal);
        while (left.Count > 0)
        {
            List<PodDocument> next = [];
            while (left.Count > 0 && next.Count < (answers.Count == 0 ? 1 : MostAtOnce))
            {
                PodDocument agent = left.Dequeue();
                if (refusals.TryGetValue(agent.Namespace, out AgentAnswer? refusal)) answers.Add(refusal with { Agent = agent });
                else next.Add(agent);
            }

            foreach ((AgentAnswer answer, bool isRefused) in await Task.WhenAll(next.Select(agent => AskAsync(agent, cancellationToken))).ConfigureAwait(false))
            {
                answers.Add(answer);
                if (isRefused) refusals[answer.Agent.Namespace] = answer;
            }
        }

        return answers;
    }

    /// <summary>Runs a command in a container.</summary>
    /// <returns>What it wrote to standard output.</returns>
    /// <exception cref="KubernetesException">It could not be run, or did not end well.</exception>
    /// <exception cref="TimeoutException">It took too long.</exception>
    public async Task<string> RunAsync(PodDocument pod, string container, IReadOnlyList<string> command, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(Patience);
        try
        {
            PodExecRequest request = new() { Namespace = pod.Namespace, Pod = pod.Name, Container = container, Command = command };
            PodExecSession running = await client.ExecAsync(request, limit.Token).ConfigureAwait(false);
            await using (running.ConfigureAwait(false))
            {
                PodExecResult result = await running.ToResultAsync(MostOutput, limit.Token).ConfigureAwait(false);
                if (result.ExitCode == 0) return result.Output;
                string said = client.Foreign.Reason(result.ErrorText.Trim().Length > 0 ? result.ErrorText : result.Output);
                throw new KubernetesException(KubernetesError.ServerError, $"'{string.Join(' ', command)}' in {pod.Name} ended with {result.ExitCode}{(said.Length > 0 ? $": {said}" : "")}", "Check that the Agent in that container has started.");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"{pod.Name} did not answer within {Patience.TotalSeconds:0} seconds.");
        }
    }

    /// <summary>Whether asking again, or another pod, would be of no use.</summary>
    public static bool IsRefusal(KubernetesException exception) => exception.Error is KubernetesError.Forbidden or KubernetesError.Unauthorized;

    private async Task<(AgentAnswer Answer, bool IsRefused)> AskAsync(PodDocument agent, CancellationToken cancellationToken)
    {
        if (AgentPods.ContainerOf(agent) is not { } container)
            return (new(agent, null, $"{agent.Name} has no container agent: its containers are {string.Join(", ", agent.Containers)}.", "Check that this is the Agent."), false);
        try
        {
            string output = await RunAsync(agent, container, Status, cancellationToken).ConfigureAwait(false);
            try
            {
                return (new(agent, AgentStatusReport.Read(output, time)), false);
            }
            catch (FormatException exception)
            {
                string said = client.Foreign.Reason(output.Length > 2000 ? output[..2000] : output, isCut: output.Length > 2000);
                return (new(agent, null, $"{agent.Name} answered 'agent status --json' with {exception.Message}{(said.Length > 0 ? $": {said}" : ".")}", "Run it there by hand."), false);
            }
        }
        catch (KubernetesException exception)
        {
            bool isRefused = IsRefusal(exception);
            return (new(agent, null, exception.Fact, exception.Advice, !isRefused && (!agent.IsReady || exception.Error != KubernetesError.StreamFailed)), isRefused);
        }
        catch (TimeoutException exception)
        {
            return (new(agent, null, exception.Message, "Check that the Agent is not overloaded.", IsPassing: true), false);
        }
    }
}

/// <summary>What an Agent answered, or why it did not.</summary>
/// <param name="Agent">Its pod.</param>
/// <param name="Report">Its status; null where it could not be asked.</param>
/// <param name="Obstacle">Why it could not be asked; empty where it was.</param>
/// <param name="Advice">What to do about that.</param>
/// <param name="IsPassing">Whether that may be over soon.</param>
internal sealed record AgentAnswer(PodDocument Agent, AgentStatusReport? Report, string Obstacle = "", string Advice = "", bool IsPassing = false);
