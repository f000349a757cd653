using System.Globalization;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Texts of strangers in messages.</summary>
internal static class ProbeText
{
    private const int Most = 200;

    /// <summary>Printable, on one line, cut to a length that can be read.</summary>
    public static string OneLine(string text)
    {
        string line = string.Concat(text.Trim().Select(static letter => char.IsControl(letter) ? ' ' : letter));
        return line.Length > Most ? string.Concat(line.AsSpan(0, Most), "…") : line;
    }

    /// <summary>Seconds, such as <c>2 s</c>.</summary>
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
