namespace KubeVirtMonitor.Tests.Exposition;

/// <summary>One sample line.</summary>
internal sealed record ScrapeSample(long Line, string Name, string Labels, double Value, DateTimeOffset? Timestamp, string Exemplar);
