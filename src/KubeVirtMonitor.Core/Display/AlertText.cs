using KubeVirtMonitor.Alerts;

namespace KubeVirtMonitor.Display;

/// <summary>Alerts as people read them in a column.</summary>
/// <remarks>For views only. The objects keep plain values.</remarks>
public static class AlertText
{
    /// <summary>An alert in one column: its name, what it is about, and what was seen, or what is missing.</summary>
    /// <param name="result">The result.</param>
    public static string Alert(AlertResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        string seen = result.Missing ?? result.Evidence ?? "";
        // Most sentences about components name them.
        string about = result.Subject is null || seen.Contains(result.Subject, StringComparison.Ordinal) ? "" : $" ({result.Subject})";
        string since = result.State is AlertState.Firing or AlertState.Pending && result.Since is { } time && !seen.Contains(AlertOutcome.Time(time), StringComparison.Ordinal) ? $" Since {AlertOutcome.Time(time)}." : "";
        return $"{result.Name}{about}: {seen}{since}".TrimEnd(' ', ':');
    }

    /// <summary>The value beside what it is compared with, such as <c>0 (== 0)</c>.</summary>
    /// <param name="result">The result.</param>
    /// <param name="provider">The culture; null = the current one.</param>
    public static string Value(AlertResult result, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        string Text(double value) => ValueText.Of(value, result.Unit, provider);
        string threshold = result.Comparison is not null && result.Threshold is { } other && !double.IsNaN(other) ? $"({result.Comparison} {Text(other)})" : "";
        return result.Value is { } value ? $"{Text(value)} {threshold}".TrimEnd() : threshold;
    }
}
