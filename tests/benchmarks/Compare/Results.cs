namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>All measurements of one run, by what was measured.</summary>
internal sealed class Results
{
    private readonly Dictionary<string, List<Reading>> _readings = [];

    /// <summary>What was left out, and why; one line each.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>What was measured, in order.</summary>
    public IEnumerable<string> Names => _readings.Keys;

    public void Add(string name, Reading reading)
    {
        if (!_readings.TryGetValue(name, out List<Reading>? list)) _readings.Add(name, list = []);
        list.Add(reading);
    }

    public void Skip(string what, string why)
    {
        string line = $"{what} skipped: {why}";
        Skipped.Add(line);
        Console.Error.WriteLine(line);
    }

    /// <summary>The values of one number, smallest first; empty where it was not measured.</summary>
    public double[] Values(string name, string key = "cpu") =>
        _readings.TryGetValue(name, out List<Reading>? list)
            ? [.. list.Where(reading => reading.ContainsKey(key)).Select(reading => reading[key]).Order()]
            : [];

    /// <summary>The median of one number, or null where it was not measured.</summary>
    public double? Median(string name, string key = "cpu")
    {
        double[] values = Values(name, key);
        int middle = values.Length / 2;
        return values.Length == 0 ? null
            : values.Length % 2 == 1 ? values[middle]
            : (values[middle - 1] + values[middle]) / 2;
    }

    /// <summary>Holds that all that were measured counted the same samples: a reader that reads less is not faster.</summary>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public void RequireSameSamples(params string[] names)
    {
        var counts = names
            .SelectMany(name => Values(name, "samples").Distinct(), (name, samples) => (name, samples))
            .ToList();
        if (counts.Select(item => item.samples).Distinct().Count() > 1)
            throw new InvalidOperationException($"The counts of samples differ: {string.Join(", ", counts.Select(item => $"{item.name} {item.samples}"))}.");
    }
}
