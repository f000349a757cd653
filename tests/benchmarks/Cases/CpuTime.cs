using System.Runtime.InteropServices;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>User and system time by getrusage, in seconds; finer than the clock ticks that the process list offers.</summary>
internal static partial class CpuTime
{
    private const int OwnProcess = 0;
    private const int EndedChildren = -1;

    /// <summary>Of this process, over all its threads.</summary>
    public static double Own => Read(OwnProcess);

    /// <summary>Of the child processes that have ended and been waited for, and of theirs.</summary>
    public static double Children => Read(EndedChildren);

    private static unsafe double Read(int who)
    {
        // Linux on 64 bits: two times of (seconds, microseconds), then fourteen counters.
        long* usage = stackalloc long[18];
        if (GetResourceUsage(who, usage) != 0) throw new InvalidOperationException("getrusage failed.");
        return usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6);
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static unsafe partial int GetResourceUsage(int who, long* usage);
}
