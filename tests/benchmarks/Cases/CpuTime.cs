using System.Runtime.InteropServices;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>User and system time by getrusage, in seconds; finer than the clock ticks that the process list offers.</summary>
internal static partial class CpuTime
{
    private const int OwnProcess = 0;
    private const int EndedChildren = -1;

    // Linux on 64 bits: two times of (seconds, microseconds), then fourteen counters, of which the first is the peak in KiB.
    private const int Counters = 18;

    /// <summary>Of this process, over all its threads.</summary>
    public static double Own => Read(OwnProcess);

    /// <summary>Of the child processes that have ended and been waited for, and of theirs.</summary>
    public static double Children => Read(EndedChildren);

    /// <summary>The most memory that any one of those had resident, in KiB.</summary>
    public static unsafe long ChildrenPeak
    {
        get
        {
            long* usage = stackalloc long[Counters];
            Fill(EndedChildren, usage);
            return usage[4];
        }
    }

    private static unsafe double Read(int who)
    {
        long* usage = stackalloc long[Counters];
        Fill(who, usage);
        return usage[0] + usage[2] + ((usage[1] + usage[3]) / 1e6);
    }

    private static unsafe void Fill(int who, long* usage)
    {
        if (GetResourceUsage(who, usage) != 0) throw new InvalidOperationException("getrusage failed.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    private static unsafe partial int GetResourceUsage(int who, long* usage);
}
