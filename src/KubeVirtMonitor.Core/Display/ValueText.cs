using System.Globalization;

namespace KubeVirtMonitor.Display;

/// <summary>
/// Values as people read them: bytes as KiB to EiB, seconds as ns to d, points in time as local time, other numbers with their unit in the plural; rates as what they
/// are the rate of, with <c>/s</c>.
/// </summary>
/// <remarks>For views only. The objects keep plain numbers.</remarks>
public static class ValueText
{
    private const double LargestGrouped = 10_000_000;

    private static readonly string[] ByteUnits = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"];
    private static readonly string[] Thousands = ["", " k", " M", " G", " T", " P", " E"];

    private static readonly (double Below, double Size, string Unit)[] Durations =
    [
        (1e-6, 1e-9, "ns"), (1e-3, 1e-6, "µs"), (1, 1e-3, "ms"), (120, 1, "s"), (7200, 60, "min"), (172_800, 3600, "h"), (double.PositiveInfinity, 86_400, "d"),
    ];

    /// <summary>The value of a sample with its unit; <c>never</c> for a point in time that is 0.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    internal static string Of(MetricSample sample, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (!sample.IsTimestamp) return Of(sample.Value, Unit(sample.Name, sample.Unit), provider);
        if (sample.Value == 0) return "never";
        return sample.Time is { } time
            ? time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)
            : Plain(sample.Value, provider);
    }

    /// <summary>The value of a sample as it is, after the form for people if that differs.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string OfBoth(MetricSample sample, IFormatProvider? provider = null)
    {
        string text = Of(sample, provider);
        string exact = sample.Value.ToString("R", provider);
        return text == exact ? text : $"{text} ({exact})";
    }

    /// <summary>The value of a sample for a column: what does not fit loses its seconds if it is a time, else the end of its unit, where a table would cut off the first digits.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="width">The characters there are; 12 or more, which every number takes.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Fit(MetricSample sample, int width, IFormatProvider? provider = null)
    {
        string text = Of(sample, provider);
        if (sample.IsTimestamp && text.Length > width && text.LastIndexOf(':') is > 0 and int seconds) text = text[..seconds];
        return text.Length <= width ? text : string.Concat(text.AsSpan(0, width - 1), "…");
    }

    /// <summary>When a sample was scraped, to the second, which all samples of a look share, also those with a time of their own.</summary>
    /// <param name="sample">The sample.</param>
    public static string Look(MetricSample sample)
    {
        ArgumentNullException.ThrowIfNull(sample);
        return sample.ScrapeTime.LocalDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>The time over which the value of a sample is an increase or a rate, or else the time of day where it has one of its own; empty where it has neither.</summary>
    /// <param name="sample">The sample.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Over(MetricSample sample, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        if (sample.Interval is { } interval) return Of(interval.TotalSeconds, "second", provider);
        return sample.Ticks == 0 ? "" : sample.Timestamp.LocalDateTime.ToString("HH:mm:ss", CultureInfo.InvariantCulture);
    }

    /// <summary>The unit in which a view shows a value: seconds of a processor in a second are processors.</summary>
    /// <param name="name">The name of the metric, the module's or the raw one.</param>
    /// <param name="unit">Its unit.</param>
    internal static string? Unit(string name, string? unit) =>
        unit == "second/second" && name.Contains("cpu_", StringComparison.Ordinal) && !name.Contains("wait", StringComparison.Ordinal) && !name.Contains("delay", StringComparison.Ordinal) ? "CPU" : unit;

    /// <summary>Whole seconds for a column: as they are where they fit, else as minutes, hours or days.</summary>
    /// <param name="seconds">The seconds.</param>
    /// <param name="width">The characters there are; 8 or more.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Seconds(int seconds, int width, IFormatProvider? provider = null)
    {
        string text = $"{seconds.ToString(CultureInfo.InvariantCulture)} s";
        return text.Length <= width ? text : Of(seconds, "second", provider);
    }

    /// <summary>A value with its unit.</summary>
    /// <param name="value">The value. NaN and infinities are written as the text format writes them.</param>
    /// <param name="unit">The unit in the singular, as the catalogue has it, or null.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Of(double value, string? unit, IFormatProvider? provider = null)
    {
        if (double.IsNaN(value)) return "NaN";
        if (double.IsInfinity(value)) return value > 0 ? "+Inf" : "-Inf";
        return unit switch
        {
            null or "" => Plain(value, provider),
            "byte" => Bytes(value, provider),
            "second" => Duration(value, provider),
            "percent" => Plain(value, provider) + " %",
            "1/second" => Plain(value, provider) + " /s",
            "second/second" => Plain(value, provider) + " s/s",
            _ when unit.EndsWith("/second", StringComparison.Ordinal) => Of(value, unit[..^"/second".Length], provider) + "/s",
            _ => $"{Plain(value, provider)} {Plural(unit, value)}",
        };
    }

    private static string Bytes(double value, IFormatProvider? provider)
    {
        int power = 0;
        double scaled = value;
        // What three digits would round up to 1024 belongs to the next unit.
        while (Math.Abs(scaled) >= 1023.5 && power < ByteUnits.Length - 1)
        {
            scaled /= 1024;
            power++;
        }

        return $"{(power == 0 ? Plain(scaled, provider) : Digits(scaled, provider))} {ByteUnits[power]}";
    }

    private static string Duration(double value, IFormatProvider? provider)
    {
        if (value == 0) return "0 s";
        double size = Math.Abs(value);
        foreach ((double below, double unitSize, string unit) in Durations)
        {
            if (size < below) return $"{Digits(value / unitSize, provider)} {unit}";
        }

        return Plain(value, provider);
    }

    private static string Plain(double value, IFormatProvider? provider)
    {
        double size = Math.Abs(value);
        if (size < LargestGrouped)
        {
            if (value == Math.Floor(value)) return value.ToString("#,0", provider);
            return size >= 0.001 ? Digits(value, provider) : value.ToString("0.###e-0", provider);
        }

        int power = 0;
        double scaled = value;
        while (Math.Abs(scaled) >= 999.5 && power < Thousands.Length - 1)
        {
            scaled /= 1000;
            power++;
        }

        return Math.Abs(scaled) >= 999.5 ? value.ToString("0.###e+0", provider) : Digits(scaled, provider) + Thousands[power];
    }

    private static string Digits(double value, IFormatProvider? provider) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", provider),
        >= 99.95 => value.ToString("0", provider),
        >= 9.995 => value.ToString("0.#", provider),
        >= 0.9995 => value.ToString("0.##", provider),
        _ => value.ToString("0.####", provider),
    };

    private static string Plural(string unit, double value) => value is 1 or -1 ? unit : unit + "s";
}
