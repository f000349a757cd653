namespace KubeVirtMonitor.Mapping;

/// <summary>A scrape went over one of the limits that protect the reader.</summary>
/// <param name="limit">The option of <see cref="MappingOptions"/> that is the limit.</param>
/// <param name="message">What was exceeded, and where.</param>
public sealed class ScrapeLimitException(string limit, string message) : Exception(message)
{
    /// <summary>The option of <see cref="MappingOptions"/> that is the limit.</summary>
    public string Limit { get; } = limit;
}
