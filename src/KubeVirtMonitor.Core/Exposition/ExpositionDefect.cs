namespace KubeVirtMonitor;

/// <summary>A place in a scrape that does not follow the format. The lines around it are kept, and the line itself where it can be read.</summary>
/// <param name="Line">Line number, from 1.</param>
/// <param name="Column">Character within the line, from 1.</param>
/// <param name="Reason">What is wrong and what was expected.</param>
/// <param name="Text">The offending text from that column, cut to 80 characters.</param>
public sealed record ExpositionDefect(long Line, int Column, string Reason, string Text)
{
    /// <summary>Whether it is the text that is wrong, or a limit of its reader that was met. The default is <see cref="DefectCause.Malformed"/>.</summary>
    public DefectCause Cause { get; init; }

    /// <summary>Whether the line was read all the same, and what is wrong is what it says.</summary>
    public bool IsKept { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"line {Line}, column {Column}: {Reason}: {Text}";
}

/// <summary>Why a line was dropped, or kept with a defect.</summary>
public enum DefectCause
{
    /// <summary>It does not follow the format.</summary>
    Malformed,

    /// <summary>It is longer than allowed.</summary>
    LineTooLong,

    /// <summary>It has more labels than allowed.</summary>
    TooManyLabels,

    /// <summary>It is the last one and has no line end, so that nobody knows whether it is whole.</summary>
    NoLineEnd,
}
