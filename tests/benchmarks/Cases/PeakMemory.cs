using System.Globalization;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>The most memory that a process had resident, as the kernel keeps it.</summary>
internal static class PeakMemory
{
    private const string Field = "VmHWM:";

    /// <summary>Of this process, in KiB.</summary>
    public static long Own => Of(Environment.ProcessId);

    /// <summary>Of a process that lives, in KiB.</summary>
    public static long Of(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(Field, StringComparison.Ordinal));
        return long.Parse(line.AsSpan(Field.Length).Trim().TrimEnd("kB"), CultureInfo.InvariantCulture);
    }
}
