namespace KubeVirtMonitor.Mapping;

/// <summary>Seconds since 1970, as Prometheus metrics hold times.</summary>
internal static class UnixTime
{
    /// <summary>The time, or null for 0 (never), NaN and what no calendar holds.</summary>
    public static DateTimeOffset? FromSeconds(double seconds) =>
        seconds > 0 && seconds < 253402300800d ? DateTimeOffset.UnixEpoch.AddTicks((long)(seconds * TimeSpan.TicksPerSecond)) : null;
}
