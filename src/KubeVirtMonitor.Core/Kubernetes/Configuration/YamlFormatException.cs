namespace KubeVirtMonitor;

/// <summary>A text is no YAML, or YAML that has no JSON equivalent. The message shows no values of the text.</summary>
public sealed class YamlFormatException : FormatException
{
    /// <summary>Tells what is wrong and where.</summary>
    /// <param name="what">What is wrong, without the place.</param>
    /// <param name="line">The line, from 1.</param>
    /// <param name="column">The column, from 1.</param>
    /// <param name="innerException">What the parser said.</param>
    public YamlFormatException(string what, long line, long column, Exception? innerException = null)
        : base($"line {line}, column {column}: {what}", innerException)
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line, from 1.</summary>
    public long Line { get; }

    /// <summary>The column, from 1.</summary>
    public long Column { get; }
}
