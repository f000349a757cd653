using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>The Datadog Agents of a cluster: one in each pod of their daemon sets.</summary>
public sealed class SimulatedAgents : IAsyncDisposable
{
    private readonly ApiServices _services;
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentDictionary<string, SimulatedAgent> _agents = new(StringComparer.Ordinal);

    internal SimulatedAgents(ApiServices services)
    {
        _services = services;
        Release = new AgentRelease(Options.Version);
        Fault = Options.Fault;
    }

    /// <summary>How they are.</summary>
    public AgentOptions Options => _services.Options.Agent;

    /// <summary>What is wrong with them; counts from the next question on.</summary>
    public AgentFault Fault { get; set; }

    internal AgentRelease Release { get; }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        foreach (SimulatedAgent agent in _agents.Values) await agent.DisposeAsync();
        _over.Dispose();
    }

    /// <summary>The Agent in a pod, which begins with the pod: another pod has an Agent that knows nothing yet.</summary>
    internal SimulatedAgent this[JsonObject pod] => _agents.GetOrAdd((string)pod["metadata"]!["uid"]!, _ => new SimulatedAgent(this, _services, pod, _over.Token));
}

/// <summary>The Agent in one pod, with the checks of its node.</summary>
internal sealed class SimulatedAgent(SimulatedAgents all, ApiServices services, JsonObject pod, CancellationToken over) : IAsyncDisposable
{
    // virt-handler answers three scrapes at a time, of which one is left to others.
    private const int Workers = 2;

    private readonly SemaphoreSlim _asking = new(1, 1);
    private readonly SemaphoreSlim _workers = new(Workers, Workers);
    private readonly ContainerFiles _files = new(services.Store, pod, "agent");
    private readonly HashSet<Task> _started = [];
    private readonly Dictionary<string, ScheduledCheck> _checks = new(StringComparer.Ordinal);

    /// <summary>When it began.</summary>
    public DateTimeOffset Began { get; } = services.Time.GetUtcNow();

    public SimulatedAgents All => all;

    public TimeProvider Time => services.Time;

    /// <summary>What it found when it was asked last.</summary>
    public Autodiscovery Found { get; private set; } = new(all.Release, []);

    /// <summary>The instances that are scheduled.</summary>
    public IReadOnlyCollection<ScheduledCheck> Checks => _checks.Values;

    /// <summary>The checks that are asked for and have no wheel.</summary>
    public SortedSet<string> Unloaded { get; } = new(StringComparer.Ordinal);

    /// <summary>The instances that could not be made, by check.</summary>
    public SortedDictionary<string, List<string>> Unconfigured { get; } = new(StringComparer.Ordinal);

    public async ValueTask DisposeAsync()
    {
        // They were cancelled; an instance that is gone may have one too.
        await Task.WhenAll(_started.ToArray()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _asking.Dispose();
        _workers.Dispose();
    }

    /// <summary>Looks at the annotations of its node as they are now, schedules what is new and takes out what is gone, and runs what is due.</summary>
    public async Task LookAsync(CancellationToken cancellation)
    {
        await _asking.WaitAsync(cancellation);
        try
        {
            string? node = (string?)pod["spec"]?["nodeName"];
            Found = new Autodiscovery(all.Release, services.Store["", "pods"].List().Select(static each => each.ToJson()).Where(each => (string?)each["spec"]?["nodeName"] == node));
            Unloaded.Clear();
            Unconfigured.Clear();
            HashSet<string> present = [];
            foreach (FoundCheck found in Found.Checks)
            {
                if (Schedule(found)) present.Add(Key(found));
            }

            foreach (string gone in _checks.Keys.Except(present).ToArray())
            {
                _checks[gone].IsGone = true;
                _checks.Remove(gone);
            }

            if (all.Fault is AgentFault.NotRun or AgentFault.NoPython) return;
            Task[] runs = [.. _checks.Values.Select(check => check.RunWhenDue(services.Time, Shorter(all.Options.RunStep, check.Interval), _workers, token => HoldAsync(check, token), over))];
            _started.RemoveWhere(static run => run.IsCompleted);
            _started.UnionWith(runs);
            await Task.WhenAny(Task.WhenAll(runs), Task.Delay(all.Fault == AgentFault.Hanging ? 50 : 3000, cancellation));
        }
        finally
        {
            _asking.Release();
        }
    }

    private static TimeSpan Shorter(TimeSpan? step, TimeSpan interval) => step is { } given && given < interval ? given : interval;

    private static string Key(FoundCheck found) => $"{found.Id} {found.Container}";

    private async Task HoldAsync(ScheduledCheck check, CancellationToken cancellation)
    {
        while (all.Fault == AgentFault.Hanging && !check.IsGone) await Task.Delay(20, cancellation);
    }

    private bool Schedule(FoundCheck found)
    {
        if (all.Fault == AgentFault.NoPython) return false;
        if (all.Release.Wheel(found.Check) is null)
        {
            Unloaded.Add(found.Check);
            return false;
        }

        if (_checks.ContainsKey(Key(found))) return true;
        CheckSurroundings surroundings = new(all.Release, _files, services, ApiUser.ServiceAccount((string)pod["metadata"]!["namespace"]!, (string?)pod["spec"]?["serviceAccountName"] ?? "default"), found.Pod);
        try
        {
            IAgentCheck check = found.Check == "openmetrics" ? new OpenMetricsCheck(found.Instance, found.Init, surroundings) : new KubeVirtCheck(found.Check, found.Instance, found.Init, surroundings);
            _checks[Key(found)] = new ScheduledCheck(found, check, all.Release);
            return true;
        }
        catch (CheckFailure failure)
        {
            if (!Unconfigured.TryGetValue(found.Check, out List<string>? texts)) Unconfigured[found.Check] = texts = [];
            texts.Add(failure.Message);
            return false;
        }
    }
}
