using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Tests.Prometheus;

/// <summary>A query to its end, with connections of its own.</summary>
internal sealed record Asked(IReadOnlyList<string> Series, QueryOutcome? Outcome, ScrapeException? Error)
{
    /// <summary>Asks.</summary>
    /// <returns>The series as <c>{a="b"} 1@1700000000.5 2@1700000060</c>, and how it went.</returns>
    public static async Task<Asked> FromAsync(Uri address, Query query, ScrapeOptions? options = null, CancellationToken cancellationToken = default)
    {
        using TransportPool pool = new();
        return await FromAsync(new KubeVirtMonitor.Prometheus.PrometheusServer(address, options ?? new ScrapeOptions { RetryInterval = TimeSpan.FromMilliseconds(1) }, pool: pool), query, cancellationToken);
    }

    /// <inheritdoc cref="FromAsync(Uri, Query, ScrapeOptions?, CancellationToken)"/>
    public static async Task<Asked> FromAsync(KubeVirtMonitor.Prometheus.PrometheusServer server, Query query, CancellationToken cancellationToken)
    {
        List<string> series = [];
        try
        {
            QueryOutcome outcome = await server.QueryAsync(
                query,
                one =>
                {
                    series.Add(TextOf(one));
                    return ValueTask.CompletedTask;
                },
                cancellationToken);
            return new Asked(series, outcome, null);
        }
        catch (ScrapeException error)
        {
            return new Asked(series, null, error);
        }
    }

    /// <summary>A series as text.</summary>
    public static string TextOf(QuerySeries series) =>
        $"{{{string.Join(',', series.Labels.Select(static label => $"{label.Key}=\"{label.Value}\""))}}}{string.Concat(series.Points.ToArray().Select(static point => FormattableString.Invariant($" {point.Value}@{point.Milliseconds / 1000m}")))}{(series.Text is null ? "" : $" '{series.Text}'")}";
}
