using System.Diagnostics;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Checks each step of the Agent's setup. A check that cannot be made is skipped with its reason, and the others still run.</summary>
/// <param name="patch">The patch; null = what this module put in.</param>
/// <param name="patience">How long an address may take to answer.</param>
internal sealed class AgentPatchTester(KubeVirtSession session, AgentPatch? patch, TimeSpan patience)
{
    private readonly Dictionary<AgentPatchCheck, List<AgentPatchStatus>> _settled = [];
    private readonly EndpointChecks _endpoints = new(session, patience);
    private readonly AgentPodChecks _agents = new(session.Client);
    private AgentPatch? _wanted = patch;

    /// <summary>
    /// Looks until nothing fails, or for a time, with growing pauses. What has passed and cannot go back is not looked at again, and Agents are asked only
    /// when what they are to find is there: from then on after 5, 10, 20 and each 30 seconds, since an Agent needs up to a minute to see an annotation.
    /// </summary>
    /// <param name="timeout">How long; zero = one look.</param>
    /// <returns>The points as they were at the last look.</returns>
    /// <exception cref="KubernetesException">There is no KubeVirt or several, no patch to look for, or the server could not be asked to the end.</exception>
    public async Task<IReadOnlyList<AgentPatchStatus>> WaitAsync(TimeSpan timeout, CancellationToken cancellationToken = default)
    {
        Stopwatch clock = Stopwatch.StartNew();
        int rolling = 0;
        int asked = 0;
        while (true)
        {
            bool isLast = clock.Elapsed >= timeout;
            bool isAsked = false;
            try
            {
                (List<AgentPatchStatus> found, isAsked) = await CheckAsync(isLast, cancellationToken).ConfigureAwait(false);
                if (isLast || (isAsked && found.TrueForAll(static point => point.State != AgentPatchState.Failed))) return [.. found.Select(point => point with { Session = session })];
            }
            catch (KubernetesException exception) when (!isLast && IsPassing(exception))
            {
                // An API server that restarts is no reason to give up while there is time.
            }

            double seconds = isAsked ? Math.Min(5 << Math.Min(asked++, 3), 30) : Math.Min(1 << Math.Min(rolling++, 4), 10);
            TimeSpan left = timeout - clock.Elapsed;
            TimeSpan pause = TimeSpan.FromSeconds(seconds);
            if (left > TimeSpan.Zero) await Task.Delay(pause < left ? pause : left, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<(List<AgentPatchStatus> Found, bool IsAsked)> CheckAsync(bool isLast, CancellationToken cancellationToken)
    {
        List<AgentPatchStatus> found = [];
        if (_wanted is not null && _settled.TryGetValue(AgentPatchCheck.Patch, out List<AgentPatchStatus>? before))
        {
            found.AddRange(before);
        }
        else
        {
            JsonObject resource = await AgentPatchInstaller.ReadAsync(session, cancellationToken).ConfigureAwait(false);
            _wanted ??= Recorded(resource);
            Settle(AgentPatchCheck.Patch, [.. RolloutChecks.OfResource(resource, _wanted)], found, canRest: true);
        }

        AgentPatch wanted = _wanted;
        // A point that passes while one before it does not may be about pods that are about to go.
        bool canRest = _settled.ContainsKey(AgentPatchCheck.Patch);
        canRest = await AddAsync(AgentPatchCheck.Rollout, () => new RolloutChecks(session.Client, session.InstallNamespace).RunAsync(wanted, cancellationToken), found, canRest).ConfigureAwait(false);
        canRest = await AddAsync(AgentPatchCheck.Annotation, () => _endpoints.RunAsync(wanted, cancellationToken), found, canRest).ConfigureAwait(false);
        await AddAsync(AgentPatchCheck.ServiceAccount, () => AccessChecks.ExistsAsync(session.Client, wanted, cancellationToken), found, canRest: true).ConfigureAwait(false);
        await AddAsync(AgentPatchCheck.Access, () => AccessChecks.RunAsync(session.Client, wanted, cancellationToken), found, canRest: true).ConfigureAwait(false);
        bool isAsked = canRest || isLast;
        await AddAsync(AgentPatchCheck.Agent, () => _agents.RunAsync(wanted, isAsked, cancellationToken), found, isAsked).ConfigureAwait(false);
        return (found, isAsked);
    }

    private async Task<bool> AddAsync(AgentPatchCheck check, Func<Task<List<AgentPatchStatus>>> look, List<AgentPatchStatus> found, bool canRest)
    {
        if (_settled.TryGetValue(check, out List<AgentPatchStatus>? before))
        {
            found.AddRange(before);
            return true;
        }

        try
        {
            return Settle(check, await look().ConfigureAwait(false), found, canRest);
        }
        catch (KubernetesException exception)
        {
            AgentPatchStatus skipped = new(check, "-", AgentPatchState.Skipped, exception.Fact, exception.Advice) { Setting = exception.Setting };
            return Settle(check, [skipped], found, canRest && !IsPassing(exception));
        }
    }

    private bool Settle(AgentPatchCheck check, List<AgentPatchStatus> points, List<AgentPatchStatus> found, bool canRest)
    {
        found.AddRange(points);
        bool isSettled = canRest && points.TrueForAll(static point => point.State != AgentPatchState.Failed);
        if (isSettled) _settled[check] = points;
        return isSettled;
    }

    private static bool IsPassing(KubernetesException exception) =>
        exception.Error is KubernetesError.ConnectionFailed or KubernetesError.TimedOut or KubernetesError.Throttled or KubernetesError.ServerError or KubernetesError.StreamFailed or KubernetesError.BadAnswer;

    private AgentPatch Recorded(JsonObject resource)
    {
        PatchRecord record = PatchRecord.Read(resource);
        if (record.Entries.Count == 0)
        {
            throw new KubernetesException(
                KubernetesError.NotFound,
                $"this module has added no patch to KubeVirt {session.InstallNamespace}/{resource["metadata"]!["name"]}",
                "Install one, or specify the patch to look for.")
            { Setting = Setting.AgentPatch };
        }

        ComponentPatch[] patches = [.. record.Entries.Select(AnnotationText.PatchOf).OfType<ComponentPatch>()];
        AgentPatchOptions options = new()
        {
            Components = [.. patches.Select(one => one.Component)],
            InstallNamespace = session.InstallNamespace,
            AgentNamespace = record.AgentNamespace,
            AgentServiceAccount = record.AgentServiceAccount,
        };
        return new AgentPatch(options) { Patches = patches };
    }
}
