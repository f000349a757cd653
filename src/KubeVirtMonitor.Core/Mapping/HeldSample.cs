namespace KubeVirtMonitor.Mapping;

/// <summary>A sample whose meaning waits for the KubeVirt version.</summary>
internal readonly record struct HeldSample(SeriesName Name, int Labels, double Value, long Ticks, bool IsUnitKnown);
