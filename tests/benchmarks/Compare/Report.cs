using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The results of one run as Markdown.</summary>
internal static class Report
{
    public static string Write(Results results, string conditions)
    {
        List<string> lines =
        [
            "### Targets", "", "| what | measured | target | reached |", "| --- | --- | --- | --- |",
            .. Goals.All.Select(goal => goal.Row(results)), "",
            "### Measurements", "", "| what | CPU, median (ms) | least | most | wall, median (ms) | samples | B/sample | peak (MB) |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            .. results.Names.Select(name => Row(results, name)), "",
            "### Conditions", "", conditions, .. Machine.Describe(),
        ];
        if (results.Skipped.Count > 0) lines.AddRange(["", "### Left out", "", .. results.Skipped.Select(line => $"- {line}")]);
        return string.Join('\n', lines) + "\n";
    }

    private static string Row(Results results, string name)
    {
        double[] cpu = results.Values(name);
        string[] cells =
        [
            Titles.Of(name),
            Show(results.Median(name) * 1000, "0.00"),
            Show(cpu.Length == 0 ? null : cpu[0] * 1000, "0.00"),
            Show(cpu.Length == 0 ? null : cpu[^1] * 1000, "0.00"),
            Show(results.Median(name, "wall") * 1000, "0.00"),
            Show(results.Median(name, "samples"), "0"),
            Show(results.Median(name, "bytes"), "0.00"),
            Show(results.Median(name, "peak") * 1024 / 1e6, "0"),
        ];
        return $"| {string.Join(" | ", cells)} |";
    }

    private static string Show(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
