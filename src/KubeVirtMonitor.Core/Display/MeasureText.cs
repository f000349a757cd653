using System.Globalization;

namespace KubeVirtMonitor.Display;

/// <summary>Statistics in columns.</summary>
public static class MeasureText
{
    /// <summary>What was computed, such as <c>Rate</c> or <c>Quantile 0.95</c>.</summary>
    /// <param name="measure">The statistic.</param>
    public static string Statistic(MetricMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        return measure.Quantile is { } quantile ? $"Quantile {quantile.ToString(CultureInfo.InvariantCulture)}" : $"{measure.Statistic}";
    }

    /// <summary>The value with its unit; <c>-</c> where there is none. A unit that does not fit is cut off at its end.</summary>
    /// <param name="measure">The statistic.</param>
    /// <param name="width">The characters there are; 16 or more.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Value(MetricMeasure measure, int width, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(measure);
        if (measure.Value is not { } value) return "-";
        if (measure.Time is { } time) return time.ToLocalTime().ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        if (measure.IsTimestamp && value == 0) return "never";
        string text = ValueText.Of(value, ValueText.Unit(measure.Name, measure.Unit), provider);
        return text.Length <= width ? text : string.Concat(text.AsSpan(0, width - 1), "…");
    }

    /// <summary>The name, with what the samples of the group share in braces; of a histogram that was looked at once, that this is since the start of its component.</summary>
    /// <param name="measure">The statistic.</param>
    public static string Name(MetricMeasure measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        string group = measure.GroupText;
        string since = measure is { Statistic: MetricStatistic.Quantile, Basis: MeasureBasis.SinceStart } ? " since start" : "";
        return group.Length == 0 ? $"{measure.Name}{since}" : $"{measure.Name}{since} {{{group}}}";
    }
}
