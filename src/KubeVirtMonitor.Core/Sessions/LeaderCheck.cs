namespace KubeVirtMonitor.Sessions;

/// <summary>Exactly one replica of a component leads.</summary>
internal static class LeaderCheck
{
    /// <summary>Adds to the results what is wrong with the leadership of their components.</summary>
    /// <param name="results">All replicas of the components that have a leader.</param>
    public static IEnumerable<HealthResult> Judge(IReadOnlyList<HealthResult> results) => results
        .GroupBy(result => result.Component)
        .OrderBy(group => group.Key)
        .SelectMany(group => JudgeOne(ComponentNames.Of(group.Key), [.. group]));

    private static IEnumerable<HealthResult> JudgeOne(string name, HealthResult[] replicas)
    {
        string[] leaders = [.. replicas.Where(result => result.Leading == true).Select(result => result.Name).Order(StringComparer.Ordinal)];
        if (leaders.Length == 1) return replicas;
        if (leaders.Length > 1)
            return replicas.Select(result => result.Leading == true ? WithProblem(result, $"{leaders.Length} replicas of {name} lead at the same time: {string.Join(", ", leaders)}.") : result);

        // One that gives no answer may be the leader.
        return replicas.Any(result => result.Leading is null)
            ? replicas.Select(result => result with { Warnings = [.. result.Warnings, $"Whether a replica of {name} leads is not known."] })
            : replicas.Select(result => WithProblem(result, $"No replica of {name} leads, so nobody does its work."));
    }

    private static HealthResult WithProblem(HealthResult result, string problem) => result with { Problems = [.. result.Problems, problem] };
}
