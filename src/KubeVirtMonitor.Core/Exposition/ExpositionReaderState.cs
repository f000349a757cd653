
namespace KubeVirtMonitor.Exposition;

/// <summary>What a reader carries from one block of a scrape to the next.</summary>
/// <param name="Line">Lines read so far.</param>
/// <param name="Ended">Whether the <c># EOF</c> of OpenMetrics was seen.</param>
/// <param name="TextLine">The first line that only the Prometheus text format can have; 0 = none so far.</param>
/// <param name="OpenMetricsLine">The first line that only OpenMetrics can have; 0 = none so far.</param>
public readonly record struct ExpositionReaderState(long Line, bool Ended, long TextLine = 0, long OpenMetricsLine = 0);
