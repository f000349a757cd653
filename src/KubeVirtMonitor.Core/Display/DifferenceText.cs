using System.Globalization;

namespace KubeVirtMonitor.Display;

/// <summary>The two sides of a difference in columns, and what it is of.</summary>
public static class DifferenceText
{
    /// <summary>The reference: its value, its type or unit, or how many series it has.</summary>
    /// <param name="difference">The difference.</param>
    /// <param name="width">The characters there are; 11 or more.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Reference(MetricDifference difference, int width, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(difference);
        return Side(difference, difference.Reference, difference.From, difference.ReferenceSeries, width, provider);
    }

    /// <summary>What the reference is compared with, as <see cref="Reference"/>.</summary>
    /// <inheritdoc cref="Reference"/>
    public static string Difference(MetricDifference difference, int width, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(difference);
        return Side(difference, difference.Difference, difference.To, difference.DifferenceSeries, width, provider);
    }

    /// <summary>The name, with the tags of the series in braces; of a metric that is renamed, with its raw names.</summary>
    /// <param name="difference">The difference.</param>
    public static string Name(MetricDifference difference)
    {
        ArgumentNullException.ThrowIfNull(difference);
        string of = difference switch
        {
            { Tags: { } tags } => TagText.Of(tags),
            { Change: MetricChange.Renamed } => $"{difference.From} -> {difference.To}",
            _ => "",
        };
        return of.Length == 0 ? difference.Name : $"{difference.Name} {{{of}}}";
    }

    private static string Side(MetricDifference difference, double? value, string? form, long? series, int width, IFormatProvider? provider)
    {
        if (value is { } number) return Fit(difference, number, width, provider);
        if (difference.Change is MetricChange.Kind or MetricChange.Unit) return form ?? "-";
        if (difference.Tags is not null || form is null) return "-";
        return series is { } count ? $"{count.ToString("#,0", provider)} series" : "served";
    }

    // A unit that does not fit is left out; a number without its first digits would be another number.
    private static string Fit(MetricDifference difference, double value, int width, IFormatProvider? provider)
    {
        if (difference.IsTimestamp) return value == 0 ? "never" : MetricDifference.TimeOf(value)?.ToLocalTime().ToString("MM-dd HH:mm", CultureInfo.InvariantCulture) ?? ValueText.Of(value, null, provider);
        string text = ValueText.Of(value, difference.Unit, provider);
        return text.Length <= width ? text : ValueText.Of(value, null, provider);
    }
}
