using System.Diagnostics;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Checks each step of the Agent's setup. A check that cannot be made is skipped with its reason, and the others still run.</summary>
/// <param name="patch">The patch; null = what is installed: by this module, else by others.</param>
/// <param name="patience">How long an address may take to answer.</param>
internal sealed class AgentPatchTester(KubeVirtSession session, AgentPatch? patch, TimeSpan patience)
{
    private readonly Dictionary<AgentPatchCheck, List<AgentPatchStatus>> _settled = [];
    private readonly EndpointChecks _endpoints = new(session, patience);
    private readonly MetricChecks _metrics = new(session);
    private AgentPatch? _wanted = patch?.In(session);

    /// <summary>
    /// Looks until nothing fails, or for a time, with growing pauses. What has passed and cannot go back is not looked at again, and Agents are asked only
    /// when what they are to find is there: from then on after 5, 10, 20 and each 30 seconds, since an Agent needs up to a minute to see an annotation. An
    /// obstacle that may pass, such as an Agent that starts, is waited for too.
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
                if (isLast || (isAsked && found.TrueForAll(IsDone))) return [.. found.Select(point => point with { Session = session })];
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

    /// <summary>Whether metrics are known to arrive: no point failed, and each that is about metrics was looked at.</summary>
    public static bool IsArriving(IReadOnlyList<AgentPatchStatus> points)
    {
        AgentPatchStatus[] metrics = [.. points.Where(static point => point.Check == AgentPatchCheck.Metrics)];
        return metrics.Length > 0 && Array.TrueForAll(metrics, static point => point.State != AgentPatchState.Skipped) && points.All(static point => point.State != AgentPatchState.Failed);
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
            _wanted ??= await InstalledAsync(resource, cancellationToken).ConfigureAwait(false);
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
        AgentPods? pods = null;
        MetricTarget[]? targets = null;
        async Task<AgentPods> PodsAsync() => pods ??= await AgentPods.FindAsync(session.Client, wanted.AgentNamespace, wanted.AgentServiceAccount, cancellationToken).ConfigureAwait(false);
        async Task<MetricTarget[]> TargetsAsync() => targets ??= await _metrics.TargetsAsync(wanted, cancellationToken).ConfigureAwait(false);
        async Task<AuthorityChecks> AuthorityAsync() => new(session, wanted, await TargetsAsync().ConfigureAwait(false), await PodsAsync().ConfigureAwait(false));
        await AddAsync(AgentPatchCheck.Authority, async () => await (await AuthorityAsync().ConfigureAwait(false)).OfConfigMapsAsync(cancellationToken).ConfigureAwait(false), found, canRest).ConfigureAwait(false);
        await AddAsync(AgentPatchCheck.Mount, async () => [.. (await AuthorityAsync().ConfigureAwait(false)).OfMounts()], found, canRest).ConfigureAwait(false);
        // Agents restart as well, when the mount is added to them.
        await AddAsync(AgentPatchCheck.Agent, async () => await AgentsAsync(wanted, await PodsAsync().ConfigureAwait(false), isAsked, cancellationToken).ConfigureAwait(false), found, canRest: false).ConfigureAwait(false);
        if (isAsked) await AddAsync(AgentPatchCheck.Metrics, async () => await _metrics.RunAsync(wanted, await TargetsAsync().ConfigureAwait(false), await PodsAsync().ConfigureAwait(false), cancellationToken).ConfigureAwait(false), found, canRest).ConfigureAwait(false);
        return (found, isAsked);
    }

    private async Task<List<AgentPatchStatus>> AgentsAsync(AgentPatch wanted, AgentPods pods, bool isAsked, CancellationToken cancellationToken) =>
        [.. AgentPodChecks.Of(pods, wanted), .. isAsked ? await _metrics.DoublesAsync(wanted, pods, cancellationToken).ConfigureAwait(false) : []];

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
        // Where there was nothing to look at, there may be something later.
        bool isSettled = canRest && points.Count > 0 && points.TrueForAll(IsDone);
        if (isSettled) _settled[check] = points;
        return isSettled;
    }

    // What fails, or could not be looked at for now, is worth another look.
    private static bool IsDone(AgentPatchStatus point) => point.State != AgentPatchState.Failed && point is not { State: AgentPatchState.Skipped, Setting: Setting.Timeout };

    private static bool IsPassing(KubernetesException exception) =>
        exception.Error is KubernetesError.ConnectionFailed or KubernetesError.TimedOut or KubernetesError.Throttled or KubernetesError.ServerError or KubernetesError.StreamFailed or KubernetesError.BadAnswer;

    // What this module has put in; without that, what others have.
    private async Task<AgentPatch> InstalledAsync(JsonObject resource, CancellationToken cancellationToken)
    {
        PatchRecord record = PatchRecord.Read(resource);
        AgentPatchOptions options = new() { InstallNamespace = session.InstallNamespace };
        ComponentPatch[] patches = [.. record.Entries.Select(AnnotationText.PatchOf).OfType<ComponentPatch>()];
        if (record.Entries.Count > 0)
        {
            options = options with { AgentNamespace = record.AgentNamespace, AgentServiceAccount = record.AgentServiceAccount };
        }
        else
        {
            patches = [.. AnnotationText.OfOthers(new PatchMerge(resource).Before)];
            if (patches.Length == 0)
            {
                throw new KubernetesException(
                    KubernetesError.NotFound,
                    $"KubeVirt {session.InstallNamespace}/{resource["metadata"]!["name"]} has no patch with annotations for the Agent",
                    "Install one, or specify the patch to look for.")
                { Setting = Setting.AgentPatch };
            }

            try
            {
                if ((await AgentPods.FindAsync(session.Client, null, null, cancellationToken).ConfigureAwait(false)).Agents is [PodDocument agent, ..])
                    options = options with { AgentNamespace = agent.Namespace, AgentServiceAccount = agent.ServiceAccount ?? "default" };
            }
            catch (KubernetesException exception) when (!IsPassing(exception))
            {
                // Then it is taken to be where it usually is, and the points say what is there.
            }
        }

        return new AgentPatch(options with { Components = [.. patches.Select(static one => one.Component)] }) { Patches = patches, IsRecorded = true };
    }
}
