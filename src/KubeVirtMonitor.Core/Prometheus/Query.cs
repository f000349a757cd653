namespace KubeVirtMonitor.Prometheus;

/// <summary>What a server is asked: an expression in PromQL, at one moment or at regular moments of a range.</summary>
internal sealed record Query
{
    /// <summary>The expression.</summary>
    public required string Expression { get; init; }

    /// <summary>The moment; null = now, by the clock of the server. Not used with a range.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The moments; null = one moment only.</summary>
    public QueryRange? Range { get; init; }
}

/// <summary>Regular moments, from the start to the end, which counts if a step falls on it.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">No moment is later.</param>
/// <param name="Step">The time from one moment to the next; more than zero.</param>
internal sealed record QueryRange(DateTimeOffset Start, DateTimeOffset End, TimeSpan Step)
{
    /// <summary>How many moments there are.</summary>
    public long Count => ((End - Start) / Step) is >= 0 and var steps ? (long)steps + 1 : 0;
}

/// <summary>A value of a series.</summary>
/// <param name="Milliseconds">The time, since 1970.</param>
/// <param name="Value">The value; NaN and infinities are legal.</param>
internal readonly record struct QueryPoint(long Milliseconds, double Value);
