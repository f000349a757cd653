using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>One measurement: numbers by name, such as <c>cpu</c> (seconds), <c>samples</c>, <c>bytes</c> (per sample), <c>peak</c> (KiB).</summary>
internal sealed class Reading : Dictionary<string, double>
{
    /// <summary>Reads <c>cpu=0.25 samples=12</c>.</summary>
    /// <exception cref="FormatException">The line is something else.</exception>
    public static Reading Parse(string line)
    {
        Reading reading = [];
        foreach (string part in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] pair = part.Split('=');
            if (pair.Length != 2 || !double.TryParse(pair[1], CultureInfo.InvariantCulture, out double value))
                throw new FormatException($"'{line}' is not a measurement.");
            reading[pair[0]] = value;
        }

        return reading;
    }
}
