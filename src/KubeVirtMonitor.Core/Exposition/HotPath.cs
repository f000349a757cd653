using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Exposition;

/// <summary>Marks the few methods that run once per line.</summary>
internal static class HotPath
{
    /// <summary>
    /// Compiled in full at the first call: in a shell the first scrape matters most, and it would be over before the runtime
    /// had found out by itself which methods are worth it.
    /// </summary>
    public const MethodImplOptions Compile = MethodImplOptions.AggressiveOptimization;
}
