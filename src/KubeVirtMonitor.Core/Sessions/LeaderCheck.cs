namespace KubeVirtMonitor.Sessions;

/// <summary>What the sources say of whether one replica leads; null where one says nothing.</summary>
/// <param name="Result">The result that is made for it.</param>
/// <param name="Metric">Its own metrics.</param>
/// <param name="Endpoint">Its own address for that (<c>/leader</c>).</param>
/// <param name="Lease">The lease.</param>
/// <param name="LeaseNote">Why the lease tells nothing, or that nobody holds it.</param>
internal sealed record LeaderWords(HealthResult Result, bool? Metric, bool? Endpoint, bool? Lease, string? LeaseNote)
{
    public string Name => Result.Name;

    /// <summary>Its own word.</summary>
    public bool? Own => Metric ?? Endpoint;
}

/// <summary>
/// Exactly one replica of a component leads. Its own word counts before that of the lease, which is seconds older; where sources contradict each other, the
/// results say so.
/// </summary>
internal static class LeaderCheck
{
    /// <summary>Adds to the results who leads, and what is wrong with the leadership of their components.</summary>
    /// <param name="words">All replicas of the components that have a leader.</param>
    public static IEnumerable<HealthResult> Judge(IReadOnlyList<LeaderWords> words) => words
        .GroupBy(word => word.Result.Component)
        .OrderBy(group => group.Key)
        .SelectMany(group => JudgeOne(ComponentFacts.NameOf(group.Key), [.. group]));

    private static IEnumerable<HealthResult> JudgeOne(string component, LeaderWords[] replicas)
    {
        string? note = replicas.Select(replica => replica.LeaseNote).FirstOrDefault(text => text is not null);
        string[] own = [.. Names(replicas, replica => replica.Own == true)];
        // A replica that says nothing may be the one that the lease names, unless another says that it leads.
        string[] leaders = own.Length > 0 ? own : [.. Names(replicas, replica => replica is { Own: null, Lease: true })];
        List<string> problems = [];
        List<string> warnings = [];
        if (leaders.Length > 1)
        {
            string holder = Names(replicas, replica => replica.Lease == true).FirstOrDefault() is { } name ? $" The lease is held by {name}." : note is null ? "" : $" {note}";
            problems.Add($"{leaders.Length} replicas of {component} lead at the same time: {string.Join(", ", leaders)}.{holder}");
        }
        else if (leaders.Length == 0)
        {
            string[] silent = [.. Names(replicas, replica => replica.Own is null)];
            // One that gives no answer may be the leader.
            if (silent.Length > 0 && replicas.Any(replica => replica is { Own: null, Lease: null }))
                warnings.Add($"Whether a replica of {component} leads is unknown, because {string.Join(", ", silent)} did not say.{(note is null ? "" : $" {note}")}");
            else problems.Add($"No replica of {component} leads, so nobody does its work.{(note is null ? "" : $" {note}")}");
        }
        else if (note is not null)
        {
            warnings.Add($"{note} {leaders[0]} says of itself that it leads.");
        }

        return replicas.Select(replica => replica.Result with
        {
            Leading = replica.Own ?? (leaders.Contains(replica.Name) ? true : replica.Lease == true ? null : replica.Lease),
            Problems = leaders.Length > 1 && !leaders.Contains(replica.Name) ? replica.Result.Problems : [.. replica.Result.Problems, .. problems],
            Warnings = [.. replica.Result.Warnings, .. leaders.Length == 1 && replica.Name != leaders[0] ? [] : warnings, .. Contradictions(replica, leaders)],
        });
    }

    private static IEnumerable<string> Names(LeaderWords[] replicas, Func<LeaderWords, bool> choose) => replicas.Where(choose).Select(replica => replica.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Contradictions(LeaderWords replica, string[] leaders)
    {
        if (replica is { Metric: { } metric, Endpoint: { } endpoint } && metric != endpoint)
            yield return $"{replica.Name} contradicts itself: by its metrics it {(metric ? "leads" : "does not lead")}, by its address /leader it {(endpoint ? "leads" : "does not")}.";
        if (replica is { Own: { } own, Lease: { } lease } && own != lease)
            yield return $"{replica.Name} says of itself that it {(own ? "leads" : "does not lead")}, and the lease says that it {(lease ? "leads" : "does not")}.";
        if (replica is { Own: null, Lease: true } && !leaders.Contains(replica.Name))
            yield return $"{replica.Name} holds the lease and gives no answer, and {string.Join(", ", leaders)} says of itself that it leads.";
    }
}
