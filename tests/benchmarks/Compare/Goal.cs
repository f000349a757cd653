using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>A figure to reach.</summary>
/// <param name="What">What is measured.</param>
/// <param name="Unit">The unit of the figure, written behind it.</param>
/// <param name="AtLeast">Whether the bound is a lower one.</param>
/// <param name="Bound">The figure to reach.</param>
/// <param name="Value">The figure reached; null where something it needs was not measured.</param>
internal sealed record Goal(string What, string Unit, bool AtLeast, double Bound, Func<Results, double?> Value)
{
    /// <summary>A row of a Markdown table: what, measured, reach, reached.</summary>
    public string Row(Results results)
    {
        double? value = Value(results);
        string reached = value is not { } number ? "not measured" : (AtLeast ? number >= Bound : number <= Bound) ? "yes" : "no";
        string measured = value is { } figure ? $"{Show(figure)} {Unit}" : "-";
        return $"| {What} | {measured} | {(AtLeast ? "at least" : "at most")} {Show(Bound)} {Unit} | {reached} |";
    }

    private static string Show(double value) =>
        value.ToString(Math.Abs(value) is >= 100 or 0 ? "0" : "0.##", CultureInfo.InvariantCulture);
}
