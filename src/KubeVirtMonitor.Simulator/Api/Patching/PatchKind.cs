namespace KubeVirtMonitor.Simulator.Api;

/// <summary>How a patch is written, by its Content-Type.</summary>
internal enum PatchKind
{
    Merge,
    Json,
    Strategic,
    Apply,
}
