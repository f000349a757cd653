namespace KubeVirtMonitor.Tests.Surface.Architecture.Samples;

/// <summary>A public type of a room behind a room.</summary>
public sealed class PublicUpstream
{
}
