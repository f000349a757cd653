using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Commands;

/// <summary>
/// A cmdlet that scrapes the same targets again and again: in each round every target once, and never twice at the same time. Rounds start at fixed moments, the
/// start plus a multiple of the interval, so that they do not drift. The components of a cluster, and the nodes of its machines, are found anew for each round.
/// </summary>
public abstract class RepeatedCommand : SampleCommand
{
    private static readonly TimeSpan ShortestLimit = TimeSpan.FromSeconds(10);

    // What servers allow a query by themselves.
    private static readonly TimeSpan QueryLimit = TimeSpan.FromMinutes(2);

    private readonly List<Action> _round = [];
    private readonly Dictionary<KubeVirtSession, List<MachineChoice>> _choices = [];
    private readonly HashSet<KubeVirtSession> _sessions = [];
    private readonly LastingTrouble _trouble = new();
    private readonly HashSet<string> _addresses = new(StringComparer.Ordinal);
    private readonly DateTimeOffset _origin;
    private readonly long _originTimestamp;
    private bool _isRunning;

    /// <summary>Starts the clock.</summary>
    protected RepeatedCommand()
    {
        _origin = Clock.GetUtcNow();
        _originTimestamp = Clock.GetTimestamp();
    }

    /// <summary>The clock by which rounds start.</summary>
    private protected TimeProvider Clock { get; } = TimeProvider.System;

    /// <summary>The time, by a clock that is never set: rounds go on as they should when the clock of the machine is.</summary>
    private protected DateTimeOffset Now => _origin + Clock.GetElapsedTime(_originTimestamp);

    /// <summary>The time between the starts of two rounds.</summary>
    private protected abstract TimeSpan RoundInterval { get; }

    /// <inheritdoc/>
    internal override bool IsRepeated => true;

    /// <summary>Whether a target was tried in any round.</summary>
    private protected bool HasResults { get; private set; }

    /// <summary>Whether something could not even be tried.</summary>
    private protected bool HasFailed { get; private set; }

    /// <summary>The sessions whose clusters are scraped.</summary>
    private protected IReadOnlyCollection<KubeVirtSession> RoundSessions => _sessions;

    /// <inheritdoc/>
    internal override ScrapeOptions CreateOptions()
    {
        ScrapeOptions options = base.CreateOptions();
        if (ServerMoments.MeansServer(this)) return MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSec)) ? options : options.WithTimeout(QueryLimit);
        // As in Prometheus, a target has until the next round, unless it was given longer; but virt-handler may take a second to answer, and up to ten.
        TimeSpan limit = RoundInterval < ShortestLimit ? ShortestLimit : RoundInterval;
        return MyInvocation.BoundParameters.ContainsKey(nameof(TimeoutSec)) || (options.Timeout > TimeSpan.Zero && options.Timeout < limit) ? options : options.WithTimeout(limit);
    }

    private protected override void ScrapeSessions(IEnumerable<KubeVirtSession> sessions, MachineChoice machines)
    {
        if (Servers is not null)
        {
            base.ScrapeSessions(sessions, machines);
            return;
        }

        // Objects and names, VMs and nodes are different choices of one cluster; its virt-handlers are scraped once for all of them.
        foreach (KubeVirtSession session in sessions)
        {
            _sessions.Add(session);
            if (_choices.TryGetValue(session, out List<MachineChoice>? choices))
            {
                if (!choices.Contains(machines)) choices.Add(machines);
                continue;
            }

            _choices.Add(session, choices = [machines]);
            _round.Add(() => ScrapeSession(session, choices));
        }
    }

    private protected override void ScrapeComponents(IReadOnlyList<KubeVirtComponent> components)
    {
        KubeVirtComponent[] all = [.. components];
        _sessions.UnionWith(all.Select(static component => component.Session).OfType<KubeVirtSession>());
        _round.Add(() => base.ScrapeComponents(all));
    }

    // One that is named twice is one all the same.
    private protected override void ScrapeEndpoints(IReadOnlyList<ScrapeTarget> endpoints)
    {
        ScrapeTarget[] all = [.. endpoints.Where(endpoint => _addresses.Add(endpoint.Uri!.AbsoluteUri)).Select(static endpoint => endpoint with { IsRepeated = true })];
        if (all.Length > 0) _round.Add(() => base.ScrapeEndpoints(all));
    }

    /// <inheritdoc/>
    internal override void TakeResult(ScrapeResult result)
    {
        HasResults = true;
        if (_trouble.TakeResult(result, Now) is { } over) WriteWarning(over);
    }

    // What lasts is told once, see LastingTrouble; after that, -Verbose has it.
    /// <inheritdoc/>
    internal override void Fail(ErrorRecord error)
    {
        HasFailed = true;
        if (IsNew(error, error.FullyQualifiedErrorId)) base.Fail(error);
        else WriteVerbose($"Still: {error}");
    }

    /// <inheritdoc/>
    internal override void TakeDefect(ErrorRecord error)
    {
        if (IsNew(error, $"{error.FullyQualifiedErrorId} {error}")) base.TakeDefect(error);
        else WriteVerbose($"Still: {error}");
    }

    /// <inheritdoc/>
    internal override void Warn(string text)
    {
        if (_trouble.IsNew("", text)) base.Warn(text);
        else WriteVerbose($"Still: {text}");
    }

    // Pods without an address come and go whenever KubeVirt is updated: one that was not there at the start is told only when it stays like that.
    /// <inheritdoc/>
    internal override void TakeUnstarted(KubeVirtComponent component)
    {
        string text = $"{component.Name}: the pod has no address yet, so nothing of it is known. Look at it with 'kubectl describe pod -n {component.Namespace} {component.Name}' if that lasts.";
        if (_trouble.Lasts($"{component.Session} {component.Namespace}/{component.Name}", Now)) Warn(text);
        else WriteVerbose(text);
    }

    private protected override void Finish()
    {
        base.Finish();
        EndWithoutRounds();
        if (_round.Count > 0 && !_isRunning) Run();
    }

    /// <summary>Does what is left to do with saved scrapes, which have no rounds.</summary>
    private protected virtual void EndWithoutRounds()
    {
    }

    /// <summary>Prepares for the targets of a round.</summary>
    /// <param name="round">Its number, from 0.</param>
    private protected virtual void BeginRound(long round)
    {
    }

    /// <summary>Handles the end of a round, after all its targets.</summary>
    /// <param name="round">Its number, from 0.</param>
    /// <returns>Whether there is another one.</returns>
    private protected abstract bool EndRound(long round);

    /// <summary>When the next round starts; a time that is over means at once.</summary>
    /// <param name="round">The number of the round that has ended.</param>
    /// <param name="start">When it was to start.</param>
    private protected virtual DateTimeOffset NextStart(long round, DateTimeOffset start) => start + RoundInterval;

    /// <summary>Says that rounds were left out, because the one before took longer than the interval.</summary>
    /// <param name="missed">How many.</param>
    /// <param name="took">How long the round took.</param>
    private protected virtual void TakeLate(long missed, TimeSpan took) =>
        Warn($"A look took {Seconds(took)}, which is longer than the interval of {Seconds(RoundInterval)}: {missed} left out. Specify a longer -SampleInterval, or a higher -ThrottleLimit.");

    /// <summary>A duration in a sentence.</summary>
    private protected static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.#} {(time.TotalSeconds.Equals(1d) ? "second" : "seconds")}");

    /// <summary>Waits on the pipeline's thread; the end of the pipeline ends it at once.</summary>
    private protected virtual void WaitUntil(DateTimeOffset time)
    {
        TimeSpan left = time - Now;
        if (left > TimeSpan.Zero) Wait(left);
    }

    /// <summary>Waits on the pipeline's thread; the end of the pipeline ends it at once.</summary>
    private protected void Wait(TimeSpan time) => Await(async cancellationToken =>
    {
        await Task.Delay(time, Clock, cancellationToken).ConfigureAwait(false);
        return true;
    });

    private bool IsNew(ErrorRecord error, string what) => _trouble.IsNew($"{error.TargetObject}", what);

    private void Run()
    {
        _isRunning = true;
        DateTimeOffset start = Now;
        for (long round = 0; ; round++)
        {
            BeginRound(round);
            foreach (Action scrape in _round) scrape();
            if (CancelToken.IsCancellationRequested) throw new PipelineStoppedException();
            WriteServerWarnings();
            _trouble.EndRound();
            if (!EndRound(round)) return;
            DateTimeOffset next = NextStart(round, start);
            TimeSpan late = Now - next;
            if (late > RoundInterval / 10)
            {
                // The moments that are over are left out; the next one is on time again.
                long missed = (long)Math.Ceiling(late / RoundInterval);
                TakeLate(missed, Now - start);
                next += missed * RoundInterval;
            }

            WaitUntil(next);
            start = next;
        }
    }
}
