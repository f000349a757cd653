namespace KubeVirtMonitor;

/// <summary>A line of a scrape that does not follow the format. Scripts find it as the exception of an error record.</summary>
public sealed class ExpositionException : FormatException
{
    internal ExpositionException(string message, ExpositionDefect? defect)
        : base(message) => Defect = defect;

    /// <summary>Line, column, reason and the offending text; null where the error speaks of many lines.</summary>
    public ExpositionDefect? Defect { get; }
}
