using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Faults as the command line writes them: <c>kind[:argument][*times]</c>.</summary>
public static class FaultSyntax
{
    private const long KiB = 1024;
    private const long MiB = 1024 * KiB;
    private const long GiB = 1024 * MiB;

    private enum Argument
    {
        None,
        Duration,
        Size,
        Times,
        Status,
        Location,
    }

    private static readonly (string Name, FaultKind Kind, Argument Argument, long Default, string Description)[] Table =
    [
        ("slow", FaultKind.Slow, Argument.Duration, 5000, "the headers are delayed (5s)"),
        ("trickle", FaultKind.Trickle, Argument.Size, 100, "the number of bytes of the body to send every tenth of a second (100)"),
        ("cut", FaultKind.Cut, Argument.Size, 16 * KiB, "the connection breaks after this many bytes of a chunked body (16KiB)"),
        ("cut-length", FaultKind.CutLength, Argument.Size, 16 * KiB, "the same with a Content-Length (16KiB)"),
        ("busy", FaultKind.Busy, Argument.Times, 2, "503 for the first requests (2)"),
        ("html", FaultKind.Html, Argument.None, 0, "an HTML page"),
        ("binary", FaultKind.Binary, Argument.Size, 64 * KiB, "random bytes (64KiB)"),
        ("long-line", FaultKind.LongLine, Argument.Size, 4 * MiB, "one very long line (4MiB)"),
        ("huge", FaultKind.Huge, Argument.Size, GiB, "a body of this many bytes (1GiB)"),
        ("endless", FaultKind.Endless, Argument.None, 0, "a body that never ends"),
        ("gzip-bomb", FaultKind.GzipBomb, Argument.Size, 10 * GiB, "a small body that decompresses to this many bytes (10GiB)"),
        ("reset", FaultKind.Reset, Argument.None, 0, "the connection is reset"),
        ("status", FaultKind.Status, Argument.Status, 500, "a status code (500)"),
        ("redirect", FaultKind.Redirect, Argument.Location, 0, "302 to a path or address (/moved, which serves the metrics too)"),
        ("unhealthy", FaultKind.Unhealthy, Argument.None, 0, "the health checks fail"),
        ("other-ca", FaultKind.OtherAuthority, Argument.None, 0, "a certificate of another authority"),
        ("expired", FaultKind.Expired, Argument.None, 0, "a certificate that has expired"),
        ("wrong-name", FaultKind.WrongName, Argument.None, 0, "a certificate for another host"),
    ];

    /// <summary>All faults with a line of explanation each, for the help text.</summary>
    public static IEnumerable<(string Name, string Description)> Descriptions => Table.Select(row => (row.Name, row.Description));

    /// <inheritdoc cref="Fault.Parse"/>
    public static Fault Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string rest = text;
        int times = 0;
        int star = rest.LastIndexOf('*');
        if (star >= 0)
        {
            if (!int.TryParse(rest.AsSpan(star + 1), NumberStyles.None, CultureInfo.InvariantCulture, out times) || times == 0)
                throw new FormatException($"'{text}': after the asterisk, write the number of requests that the fault applies to, such as slow:1s*2.");
            rest = rest[..star];
        }

        int colon = rest.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? rest : rest[..colon];
        string? argument = colon < 0 ? null : rest[(colon + 1)..];
        foreach (var row in Table)
        {
            if (string.Equals(row.Name, name, StringComparison.OrdinalIgnoreCase)) return Make(text, row.Kind, row.Argument, row.Default, argument, times);
        }

        throw new FormatException($"'{name}' is not a fault. Choose one of: {string.Join(", ", Table.Select(row => row.Name))}.");
    }

    private static Fault Make(string text, FaultKind kind, Argument expected, long byDefault, string? argument, int times)
    {
        Fault fault = new(kind) { Times = times };
        switch (expected)
        {
            case Argument.None:
                return argument is null ? fault : throw new FormatException($"'{text}': this fault takes no argument.");
            case Argument.Duration:
                return fault with { Delay = argument is null ? TimeSpan.FromMilliseconds(byDefault) : ParseDuration(argument) };
            case Argument.Size:
                return fault with { Bytes = argument is null ? byDefault : ParseSize(argument) };
            case Argument.Location:
                return argument is null ? fault : fault with { Location = argument };
            case Argument.Times:
                if (times > 0) return fault;
                return fault with { Times = argument is null ? (int)byDefault : ParseCount(text, argument, 1, int.MaxValue) };
            default:
                return fault with { StatusCode = argument is null ? (int)byDefault : ParseCount(text, argument, 100, 599) };
        }
    }

    private static int ParseCount(string text, string argument, int least, int most) =>
        int.TryParse(argument, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count >= least && count <= most
            ? count
            : throw new FormatException($"'{text}': '{argument}' is not a number from {least} to {most}.");

    /// <summary>Reads <c>500ms</c>, <c>5s</c>, <c>2m</c>, <c>24h</c>, <c>24h20m</c>.</summary>
    /// <exception cref="FormatException">It is no duration.</exception>
    public static TimeSpan ParseDuration(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        int hours = text.IndexOf('h', StringComparison.Ordinal);
        if (hours > 0 && hours < text.Length - 1) return ParseDuration(text[..(hours + 1)]) + ParseDuration(text[(hours + 1)..]);
        (string unit, double milliseconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => ("ms", 1d),
            _ when text.EndsWith('s') => ("s", 1000d),
            _ when text.EndsWith('m') => ("m", 60_000d),
            _ when text.EndsWith('h') => ("h", 3_600_000d),
            _ => ("", 1000d),
        };
        return double.TryParse(text.AsSpan(0, text.Length - unit.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value)
            ? TimeSpan.FromMilliseconds(value * milliseconds)
            : throw new FormatException($"'{text}' is not a duration. Write it like 500ms, 5s, 2m or 24h.");
    }

    /// <summary>Reads <c>1000</c>, <c>64KiB</c>, <c>10MiB</c>, <c>1GiB</c>; the <c>iB</c> may be left out.</summary>
    /// <exception cref="FormatException">It is no size.</exception>
    public static long ParseSize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string number = text.TrimEnd('i', 'B', 'b');
        long factor = number.Length == 0 ? 0 : char.ToUpperInvariant(number[^1]) switch { 'K' => KiB, 'M' => MiB, 'G' => GiB, _ => 1 };
        if (factor > 1) number = number[..^1];
        return factor > 0 && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value <= long.MaxValue / factor
            ? value * factor
            : throw new FormatException($"'{text}' is not a size. Write it like 1000, 64KiB, 10MiB or 1GiB.");
    }
}
