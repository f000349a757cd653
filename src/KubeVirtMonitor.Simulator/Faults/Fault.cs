namespace KubeVirtMonitor.Simulator;

/// <summary>Something that is wrong with an endpoint.</summary>
/// <param name="Kind">What it is.</param>
public sealed record Fault(FaultKind Kind)
{
    /// <summary>How late a <see cref="FaultKind.Slow"/> answer comes.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Bytes: sent every tenth of a second (<see cref="FaultKind.Trickle"/>), sent before the break (cuts), the length of the line,
    /// the size of the body (uncompressed for <see cref="FaultKind.GzipBomb"/>).
    /// </summary>
    public long Bytes { get; init; }

    /// <summary>The status code of <see cref="FaultKind.Status"/>.</summary>
    public int StatusCode { get; init; } = 500;

    /// <summary>Where a <see cref="FaultKind.Redirect"/> leads. Endpoints serve their metrics under <c>/moved</c> too.</summary>
    public string Location { get; init; } = "/moved";

    /// <summary>How many requests meet the fault before the endpoint is well; 0 = all of them.</summary>
    public int Times { get; init; }

    /// <summary>Reads a fault as the command line writes it, such as <c>slow:5s</c>, <c>busy:2</c>, <c>status:500</c>, <c>cut*1</c>.</summary>
    /// <exception cref="FormatException">The text is no fault; the message says what is expected.</exception>
    public static Fault Parse(string text) => FaultSyntax.Parse(text);
}
