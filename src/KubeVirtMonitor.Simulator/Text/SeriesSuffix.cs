namespace KubeVirtMonitor.Simulator;

/// <summary>What follows the family name on a line.</summary>
internal enum SeriesSuffix : byte
{
    None,
    Bucket,
    Sum,
    Count,
}
