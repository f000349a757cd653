using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.Commands;

/// <summary>
/// Finds out why machines are missing from a look. virt-handler leaves out a machine whose launcher does not answer, as it does one that has ended, so the API server is asked which of them
/// still run. Where a virt-handler or the cluster itself did not answer, that is why.
/// </summary>
/// <param name="command">The cmdlet that looks.</param>
internal sealed class AbsenceCheck(ScrapeCommand command)
{
    // Each is a request. What is left is asked for in the next look.
    private const int MostRequests = 20;

    private readonly HashSet<(KubeVirtSession? Session, string? Node)> _answered = [];
    private readonly HashSet<KubeVirtSession> _failed = [];
    private readonly HashSet<KubeVirtSession> _reached = [];
    private readonly Dictionary<KubeVirtSession, Absence> _withoutApi = [];
    private readonly Dictionary<(KubeVirtSession Session, string Namespace, string Name), IReadOnlyList<string>> _silent = [];
    private bool _hasFailedAddress;
    private int _requests;

    /// <summary>What is to be told of machines that run and are not reported: one text for each cluster.</summary>
    public IEnumerable<string> Warnings => _silent.GroupBy(static machine => machine.Key.Session, static machine => $"{machine.Key.Namespace}/{machine.Key.Name} on {string.Join(", ", machine.Value)}").Select(static group => Say(group.Key, [.. group.Order(StringComparer.Ordinal)]));

    /// <summary>Says that virt-handler does not report machines that run.</summary>
    /// <param name="session">The session of their cluster.</param>
    /// <param name="machines">Each with its nodes.</param>
    public static string Say(KubeVirtSession session, string[] machines) =>
        $"{session}: virt-handler serves nothing of {string.Join("; ", machines.Take(5))}{(machines.Length > 5 ? $"; and {machines.Length - 5} more" : "")}. Its launcher does not answer, or it is just starting, stopping or migrating.";

    /// <summary>Begins a look.</summary>
    public void Begin()
    {
        _answered.Clear();
        _failed.Clear();
        _reached.Clear();
        _withoutApi.Clear();
        _silent.Clear();
        _hasFailedAddress = false;
        _requests = 0;
    }

    /// <summary>Takes how the scrape of a target went.</summary>
    public void Take(ScrapeResult result)
    {
        if (result.Error is null) _answered.Add((result.Target.Origin?.Session, result.Target.Origin?.Node));
        else if (result.Target.Origin is { } origin) _failed.Add(origin.Session);
        else _hasFailedAddress = true;
    }

    /// <summary>Takes the end of a cluster that could be looked at.</summary>
    public void End(KubeVirtSession session) => _reached.Add(session);

    /// <summary>Takes a machine of which the API server says that it runs, and virt-handler nothing.</summary>
    public void AddSilent(KubeVirtSession session, MachinePlace place) => _silent[(session, place.Namespace, place.Name)] = place.Nodes;

    /// <summary>Why a machine that was seen before is not in this look.</summary>
    public Absence Why(KubeVirtUsage usage)
    {
        if (usage.Session is not { } session) return _hasFailedAddress ? Absence.Lasting : Absence.Unknown;
        if (usage.Namespace is not { } space || usage.Vmi is not { } name) return Absence.Unknown;
        if (_silent.ContainsKey((session, space, name))) return Absence.Lasting;
        bool isAnswered = _answered.Contains((session, usage.Node));
        // The cluster or its virt-handler failed, and has said so.
        if (!_reached.Contains(session) || (!isAnswered && _failed.Contains(session))) return Absence.Lasting;
        if (_withoutApi.TryGetValue(session, out Absence known)) return known;
        if (_requests++ >= MostRequests) return Absence.Unknown;
        try
        {
            if (Find(session, space, name) is not { Nodes.Count: > 0 } place) return Absence.Ended;
            if (isAnswered) AddSilent(session, place);
            return Absence.Lasting;
        }
        catch (KubernetesException error)
        {
            // Who may not ask never knows; else it is known again when the API server answers again.
            return _withoutApi[session] = error.Error is KubernetesError.Forbidden or KubernetesError.Unauthorized ? Absence.Unknown : Absence.Lasting;
        }
    }

    private MachinePlace? Find(KubeVirtSession session, string space, string name) => command.Await(async cancellationToken =>
    {
        await foreach (MachinePlace place in MachinePlaces.InstancesAsync(session, new MachineQuest { Namespace = space, Name = name }, static _ => { }, cancellationToken).ConfigureAwait(false))
            return place;
        return null;
    });
}
