using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>What the parameters of a cmdlet say of a server with stored values.</summary>
internal interface IServerSource
{
    /// <summary>Its address; null = the server of the session.</summary>
    Uri? PrometheusUri { get; }

    /// <summary>The moment of which the values are; null = now.</summary>
    DateTimeOffset? Time { get; }

    /// <summary>Where the range begins.</summary>
    DateTimeOffset? Start { get; }

    /// <summary>Where the range ends; null = now.</summary>
    DateTimeOffset? End { get; }

    /// <summary>The time between two values of a range.</summary>
    TimeSpan? Step { get; }

    /// <summary>The length of the range, in place of its beginning.</summary>
    TimeSpan? Last { get; }

    /// <summary>Which series count, by their labels: texts such as <c>cluster=prod*</c>, or a hashtable.</summary>
    string[]? Match { get; }
}

/// <summary>The moments that the parameters name: one, or a range.</summary>
internal sealed record ServerMoments
{
    /// <summary>The moment; null = now, or a range.</summary>
    public DateTimeOffset? Time { get; private init; }

    /// <summary>Where the range begins; null = it has the length <see cref="Last"/>, or there is none.</summary>
    public DateTimeOffset? Start { get; private init; }

    /// <summary>Where the range ends; null = now, by the clock of the server.</summary>
    public DateTimeOffset? End { get; private init; }

    /// <summary>The length of the range.</summary>
    public TimeSpan? Last { get; private init; }

    /// <summary>The time between two values; null = every value that is stored.</summary>
    public TimeSpan? Step { get; private init; }

    /// <summary>Whether the newest values are asked for.</summary>
    public bool IsNow => Time is null && End is null;

    /// <summary>Whether it is a range.</summary>
    public bool IsRange => Start is not null || Last is not null;

    /// <summary>Whether the parameters mean a server at all, or else endpoints.</summary>
    public static bool MeansServer(IServerSource source) =>
        source.PrometheusUri is not null || source.Time is not null || source.Start is not null || source.End is not null || source.Step is not null || source.Last is not null || source.Match is not null;

    /// <summary>Reads the parameters; what contradicts itself ends the cmdlet with an error.</summary>
    public static ServerMoments Of(PSCmdlet command, IServerSource source)
    {
        string? wrong = source switch
        {
            { Time: not null, Start: not null } or { Time: not null, End: not null } or { Time: not null, Last: not null } => "-Time is one moment, and -Start, -End and -Last are those of a range.",
            { Start: not null, Last: not null } => "-Start and -Last both say where the range begins.",
            { Start: null, Last: null, End: not null } => "-End alone is no range. Add -Start, or the length with -Last.",
            { Start: null, Last: null, Step: not null } => "-Step is the time between two values of a range, and there is none. Add -Last, or -Start.",
            { Start: { } start, End: { } end } when end <= start => "-End is not later than -Start.",
            { Start: { } start, End: null } when start >= DateTimeOffset.UtcNow => "-Start is in the future.",
            { Step: { } step, Last: { } last } when step > last => Longer(step, last),
            { Step: { } step, Start: { } start } when step > (source.End ?? DateTimeOffset.UtcNow) - start => Longer(step, (source.End ?? DateTimeOffset.UtcNow) - start),
            _ => null,
        };
        if (wrong is not null) command.ThrowTerminatingError(ErrorRecords.BadMoments(wrong));
        return new ServerMoments { Time = source.Time, Start = source.Start, End = source.End, Last = source.Last, Step = source.Step };
    }

    private static string Longer(TimeSpan step, TimeSpan range) => $"-Step ({ServerRun.Text(step)}) is longer than the range ({ServerRun.Text(range)}), which has one moment only then. Specify a shorter -Step, a longer range, or -Time for one moment.";

    /// <summary>The range, whose end is known.</summary>
    /// <param name="now">The time by the clock of the server.</param>
    public (DateTimeOffset Start, DateTimeOffset End) RangeAt(DateTimeOffset now)
    {
        DateTimeOffset end = End ?? now;
        return (Start ?? (end - Last!.Value), end);
    }
}
