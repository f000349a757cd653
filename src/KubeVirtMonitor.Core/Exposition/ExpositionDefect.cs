namespace KubeVirtMonitor.Exposition;

/// <summary>A place in a scrape that does not follow the format. The lines around it are kept.</summary>
/// <param name="Line">Line number, from 1.</param>
/// <param name="Column">Character within the line, from 1.</param>
/// <param name="Reason">What is wrong and what was expected.</param>
/// <param name="Text">The offending text from that column, cut to 80 characters.</param>
public sealed record ExpositionDefect(long Line, int Column, string Reason, string Text)
{
    /// <inheritdoc/>
    public override string ToString() => $"line {Line}, column {Column}: {Reason}: {Text}";
}
