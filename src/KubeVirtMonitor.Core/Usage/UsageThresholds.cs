namespace KubeVirtMonitor.Usage;

/// <summary>Above which a figure deserves attention. Where vSphere's administrators have a figure they go by, or KubeVirt an alert, it is theirs.</summary>
internal static class UsageThresholds
{
    /// <summary>CPU ready, in percent of a virtual CPU: 5 and 10, which is 1 and 2 seconds of vSphere's 20. The second is VMware's own advice.</summary>
    public static UsageThreshold CpuReadyPercent { get; } = new(5, 10);

    /// <summary>Tasks that wait in the guest, as KubeVirt's alerts on the guest's vCPU queue have it (pkg/monitoring/rules/alerts/vms.go).</summary>
    public static UsageThreshold CpuQueue { get; } = new(10, 20);

    /// <summary>Memory in use, in percent of what the guest sees. KubeVirt's alerts warn at a headroom below 5 %, and below 3 % also where nothing is swapped (pkg/monitoring/rules/alerts/vms.go).</summary>
    public static UsageThreshold MemoryUsedPercent { get; } = new(95, 97);

    /// <summary>Mean time of a read or a write, in milliseconds: 10 is high for a spinning disk, and 25 hurts (Broadcom KB 318927 and 309140).</summary>
    public static UsageThreshold DiskLatencyMs { get; } = new(10, 25);

    /// <summary>The fullest file system, in percent, as KubeVirt's alerts on guest file systems have it (pkg/monitoring/rules/alerts/vms.go).</summary>
    public static UsageThreshold FileSystemPercent { get; } = new(85, 95);

    /// <summary>Packets lost, in percent. Any are a sign; nobody agrees from where on they are a calamity.</summary>
    public static UsageThreshold PacketsLostPercent { get; } = new(0, double.PositiveInfinity);

    /// <summary>Seconds until a migration ends: one that does not end on its own is critical.</summary>
    public static UsageThreshold MigrationSeconds { get; } = new(double.MaxValue, double.MaxValue);
}

/// <summary>How bad a figure is.</summary>
internal enum UsageSeverity
{
    /// <summary>Nothing to see.</summary>
    None,

    /// <summary>Worth a look.</summary>
    Warning,

    /// <summary>People notice.</summary>
    Critical,
}

/// <summary>The figures above which something is worth a look, and bad.</summary>
/// <param name="Warning">Above this it is worth a look.</param>
/// <param name="Critical">Above this it is bad.</param>
internal readonly record struct UsageThreshold(double Warning, double Critical)
{
    /// <summary>How bad a figure is; one that is not known is not.</summary>
    public UsageSeverity Of(double? value) => value > Critical ? UsageSeverity.Critical : value > Warning ? UsageSeverity.Warning : UsageSeverity.None;
}
