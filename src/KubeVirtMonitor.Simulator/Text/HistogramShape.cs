namespace KubeVirtMonitor.Simulator;

/// <summary>The bounds of a histogram and how its observations lie among them.</summary>
/// <param name="Bounds">Upper bounds as Go writes them, without <c>+Inf</c>.</param>
/// <param name="PerThousand">For each bound, how many of a thousand observations are at or below it.</param>
internal sealed record HistogramShape(string[] Bounds, int[] PerThousand)
{
    /// <summary>Work queues: 10 ns to 10 s.</summary>
    public static HistogramShape WorkQueue { get; } = new(
        ["1e-08", "1e-07", "1e-06", "9.999999999999999e-06", "9.999999999999999e-05", "0.001", "0.01", "0.1", "1", "10"],
        [0, 0, 10, 300, 700, 900, 980, 995, 999, 1000]);

    /// <summary>Client-side rate limiter: 1 ms to 512 ms.</summary>
    public static HistogramShape RateLimiter { get; } = new(
        ["0.001", "0.002", "0.004", "0.008", "0.016", "0.032", "0.064", "0.128", "0.256", "0.512"],
        [900, 920, 940, 950, 960, 970, 980, 990, 995, 1000]);

    /// <summary>Requests to the API server: 5 ms to 60 s.</summary>
    public static HistogramShape RequestLatency { get; } = new(
        ["0.005", "0.025", "0.05", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.25", "1.5", "2", "3", "4", "5", "6", "8", "10", "15", "20", "30", "45", "60"],
        [300, 800, 900, 950, 970, 980, 985, 988, 990, 991, 992, 993, 994, 995, 996, 997, 998, 999, 999, 999, 1000, 1000, 1000]);

    /// <summary>Phase transitions: half a second to an hour.</summary>
    public static HistogramShape PhaseTransition { get; } = new(
        ["0.5", "1", "2", "5", "10", "20", "30", "40", "50", "60", "90", "120", "180", "300", "600", "1200", "1800", "3600"],
        [0, 50, 200, 600, 800, 900, 930, 950, 960, 970, 980, 985, 990, 995, 998, 999, 1000, 1000]);
}
