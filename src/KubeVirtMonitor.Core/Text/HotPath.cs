using System.Runtime.CompilerServices;

namespace KubeVirtMonitor.Text;

/// <summary>Marks the methods that run once per line of a scrape, or for each field of the objects of a list.</summary>
internal static class HotPath
{
    /// <summary>
    /// Compiled in full at the first call: in a shell the first scrape or list matters most, and it would be over before the runtime
    /// had found out by itself which methods are worth it.
    /// </summary>
    public const MethodImplOptions Compile = MethodImplOptions.AggressiveOptimization;
}
