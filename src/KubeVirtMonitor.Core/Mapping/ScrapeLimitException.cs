namespace KubeVirtMonitor.Mapping;

/// <summary>A scrape went over one of the limits that protect the reader.</summary>
/// <param name="limit">The name of the limit, which is also the name of the parameter that raises it.</param>
/// <param name="message">What was exceeded, by how much, and what to do.</param>
public sealed class ScrapeLimitException(string limit, string message) : Exception(message)
{
    /// <summary>The parameter that raises the limit.</summary>
    public string Limit { get; } = limit;
}
