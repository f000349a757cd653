namespace KubeVirtMonitor.Scraping;

/// <summary>How long to leave a busy server alone.</summary>
internal static class RetryDelay
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The wait before a retry: doubling from the interval, between half of it and all of it, and never less than the server asked for.</summary>
    /// <param name="attempt">Failed attempts before the last one, from 0.</param>
    /// <param name="interval">The first wait.</param>
    /// <param name="retryAfter">What the server asked for; null = nothing.</param>
    /// <param name="jitter">0 to 1; keeps many scrapers of one server apart.</param>
    public static TimeSpan Before(int attempt, TimeSpan interval, TimeSpan? retryAfter, double jitter)
    {
        double factor = Math.Pow(2, Math.Min(attempt, 30));
        TimeSpan doubled = interval.TotalSeconds * factor < Longest.TotalSeconds ? interval * factor : Longest;
        TimeSpan wait = doubled * (0.5 + (0.5 * jitter));
        return retryAfter is { } asked && asked > wait ? asked + (interval * 0.1 * jitter) : wait;
    }
}
