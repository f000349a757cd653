using System.Text;

namespace KubeVirtMonitor.Simulator;

/// <summary>A table of text that fits 120 columns: the last column gives way.</summary>
internal static class TextTable
{
    private const int Width = 118;

    public static string Of(string[] headers, IEnumerable<string[]> rows)
    {
        string[][] all = [headers, [.. headers.Select(header => new string('-', header.Length))], .. rows];
        int[] widths = [.. headers.Select((_, column) => all.Max(row => row[column].Length))];
        StringBuilder text = new();
        foreach (string[] row in all)
        {
            string line = "  " + string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd();
            text.Append(line.Length <= Width ? line : string.Concat(line.AsSpan(0, Width - 1), "…")).Append('\n');
        }

        return text.ToString();
    }
}
