namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Measurements that take turns: A B C, A B C, and so on.</summary>
internal sealed class Turns(Results results)
{
    private readonly List<(string Name, Func<Reading> Measure)> _entries = [];

    public void Add(string name, Func<Reading> measure) => _entries.Add((name, measure));

    /// <summary>Measures each once for warmth, without counting it, and then each so many times.</summary>
    public void Run(int runs)
    {
        for (int run = 0; run <= runs; run++)
        {
            Console.Error.Write(run == 0 ? "warm-up" : $", {run}/{runs}");
            foreach ((string name, Func<Reading> measure) in _entries)
            {
                Reading reading = measure();
                if (reading.GetValueOrDefault("samples", 1) == 0) throw new InvalidOperationException($"'{name}' found no samples at all.");
                if (run > 0) results.Add(name, reading);
            }
        }

        Console.Error.WriteLine();
    }
}
