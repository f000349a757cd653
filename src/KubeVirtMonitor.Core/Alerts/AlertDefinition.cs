using System.Globalization;

namespace KubeVirtMonitor.Alerts;

/// <summary>An alert as it is in some KubeVirt versions, or a rule of this module's own.</summary>
internal sealed class AlertDefinition
{
    private const string Runbooks = "https://kubevirt.io/monitoring/runbooks/";

    /// <summary>The name, as KubeVirt has it.</summary>
    public required string Name { get; init; }

    /// <summary>The KubeVirt versions in which it is like this; all for rules of this module's own.</summary>
    public required IReadOnlyList<VersionSpan> Versions { get; init; }

    /// <summary>How bad it is.</summary>
    public required AlertSeverity Severity { get; init; }

    /// <summary>The label <c>operator_health_impact</c>: <c>critical</c>, <c>warning</c> or <c>none</c>; null for rules of this module's own.</summary>
    public required string? HealthImpact { get; init; }

    /// <summary>How long the condition has to hold before it fires.</summary>
    public required TimeSpan Hold { get; init; }

    /// <summary>What one result of it is about.</summary>
    public required AlertScope Scope { get; init; }

    /// <summary>The component it is about; null where it is about none, or about all.</summary>
    public required ComponentKind? Component { get; init; }

    /// <summary>The condition.</summary>
    public required AlertRule Rule { get; init; }

    /// <summary>The time over which the condition counts growth; zero where it looks at one moment.</summary>
    public required TimeSpan Window { get; init; }

    /// <summary>What values are compared with; the first is that of <see cref="AlertResult.Value"/>. Empty where nothing is compared.</summary>
    public required IReadOnlyList<AlertThreshold> Thresholds { get; init; }

    /// <summary>What it is evaluated from where no server is asked.</summary>
    public required AlertNeeds Needs { get; init; }

    /// <summary>What it means, as a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>Where the condition is not what KubeVirt's expression says, why; null where it is the same. Without a full stop.</summary>
    public required string? Note { get; init; }

    /// <summary>Whose rule it is.</summary>
    public AlertOrigin Origin => HealthImpact is null ? AlertOrigin.Module : AlertOrigin.KubeVirt;

    /// <summary>KubeVirt's page with what to do; null for rules of this module's own.</summary>
    public string? Runbook => Origin == AlertOrigin.KubeVirt ? Runbooks + Name : null;

    /// <summary>Whether it is like this in a version; unknown versions (null) count as the newest.</summary>
    public bool AppliesTo(KubeVirtVersion? version) => Versions.Any(span => span.Contains(version));

    /// <summary>A result with all that the definition says.</summary>
    /// <param name="state">Whether the condition holds.</param>
    /// <param name="thresholds">What the user set.</param>
    /// <param name="time">When it was evaluated.</param>
    public AlertResult Result(AlertState state, AlertThresholds thresholds, DateTimeOffset time)
    {
        AlertThreshold? first = Thresholds.Count > 0 ? Thresholds[0] : null;
        return new AlertResult
        {
            Name = Name,
            State = state,
            Severity = Severity,
            HealthImpact = HealthImpact,
            Origin = Origin,
            Comparison = first is null ? null : AlertThreshold.TextOf(first.Comparison),
            Threshold = first is null ? null : thresholds.Of(this, 0),
            Unit = first?.Unit,
            HoldSeconds = thresholds.HoldOf(this).TotalSeconds,
            Summary = Summary,
            Runbook = Runbook,
            Note = Note is null ? null : Note[..1].ToUpperInvariant() + Note[1..] + ".",
            Timestamp = time,
        };
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Severity}, {string.Join(' ', Versions)})";
}

/// <summary>A span of KubeVirt versions.</summary>
/// <param name="From">The first; null = no limit.</param>
/// <param name="Before">The first that is not in it any more; null = no limit.</param>
internal readonly record struct VersionSpan(KubeVirtVersion? From, KubeVirtVersion? Before)
{
    /// <summary>Whether a version is in it; an unknown one (null) counts as the newest.</summary>
    public bool Contains(KubeVirtVersion? version) => version is { } known ? (From is null || known >= From) && (Before is null || known < Before) : Before is null;

    /// <inheritdoc/>
    public override string ToString() => $"{From}..{Before}";
}

/// <summary>What a value is compared with.</summary>
/// <param name="Name">The name under which it can be set, after that of the alert.</param>
/// <param name="Comparison">How it is compared: the value stands on the left.</param>
/// <param name="Value">The usual one; null where it is no constant, such as the number of pods.</param>
/// <param name="Unit">The unit, in the singular; null for plain numbers.</param>
internal sealed record AlertThreshold(string Name, AlertComparison Comparison, double? Value, string? Unit)
{
    /// <summary>Whether it can be set: what is compared for equality is part of the condition.</summary>
    public bool IsSettable => Value is not null && Comparison is not (AlertComparison.Equal or AlertComparison.NotEqual);

    /// <summary>Whether a value is on the side of the condition; NaN never is.</summary>
    public static bool Holds(double value, AlertComparison comparison, double threshold) => comparison switch
    {
        AlertComparison.Less => value < threshold,
        AlertComparison.LessOrEqual => value <= threshold,
        AlertComparison.Greater => value > threshold,
        AlertComparison.GreaterOrEqual => value >= threshold,
        AlertComparison.Equal => value.Equals(threshold) && !double.IsNaN(value),
        _ => !double.IsNaN(value) && !value.Equals(threshold),
    };

    /// <summary>A comparison as PromQL writes it.</summary>
    public static string TextOf(AlertComparison comparison) => comparison switch
    {
        AlertComparison.Less => "<",
        AlertComparison.LessOrEqual => "<=",
        AlertComparison.Greater => ">",
        AlertComparison.GreaterOrEqual => ">=",
        AlertComparison.Equal => "==",
        _ => "!=",
    };

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name} {TextOf(Comparison)} {(Value is { } value ? value.ToString("R", CultureInfo.InvariantCulture) : "?")}{(Unit is null ? "" : " " + Unit)}");
}

/// <summary>How a value is compared with a threshold.</summary>
internal enum AlertComparison
{
    /// <summary><c>&lt;</c></summary>
    Less,

    /// <summary><c>&lt;=</c></summary>
    LessOrEqual,

    /// <summary><c>&gt;</c></summary>
    Greater,

    /// <summary><c>&gt;=</c></summary>
    GreaterOrEqual,

    /// <summary><c>==</c></summary>
    Equal,

    /// <summary><c>!=</c></summary>
    NotEqual,
}

/// <summary>What one result of an alert is about.</summary>
internal enum AlertScope
{
    /// <summary>The cluster, or a component as a whole.</summary>
    Cluster,

    /// <summary>A pod of a component, or a part of it.</summary>
    Component,

    /// <summary>A node.</summary>
    Node,

    /// <summary>A machine.</summary>
    Machine,

    /// <summary>A file system of a machine.</summary>
    FileSystem,

    /// <summary>A resource of the API.</summary>
    Api,
}

/// <summary>What alerts are evaluated from where no server is asked.</summary>
[Flags]
internal enum AlertNeeds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The pods of the components.</summary>
    Pods = 1,

    /// <summary>The pods of machines.</summary>
    Launchers = 1 << 1,

    /// <summary>The nodes.</summary>
    Nodes = 1 << 2,

    /// <summary>The deployments of the components.</summary>
    Deployments = 1 << 3,

    /// <summary>The daemon set of virt-handler.</summary>
    DaemonSets = 1 << 4,

    /// <summary>The KubeVirt resource.</summary>
    KubeVirt = 1 << 5,

    /// <summary>The VirtualMachines.</summary>
    Machines = 1 << 6,

    /// <summary>The VirtualMachineInstances.</summary>
    Instances = 1 << 7,

    /// <summary>What pods use at the moment, of <c>metrics.k8s.io</c>.</summary>
    PodMetrics = 1 << 8,

    /// <summary>The metrics of the API server.</summary>
    ApiServer = 1 << 9,

    /// <summary>The certificates of KubeVirt's authority.</summary>
    Authority = 1 << 10,

    /// <summary>The metrics of virt-api.</summary>
    VirtApi = 1 << 11,

    /// <summary>The metrics of virt-controller.</summary>
    VirtController = 1 << 12,

    /// <summary>The metrics of virt-handler.</summary>
    VirtHandler = 1 << 13,

    /// <summary>The metrics of virt-operator.</summary>
    VirtOperator = 1 << 14,

    /// <summary>A day of history, which only a server has.</summary>
    History = 1 << 15,
}

/// <summary>The conditions. Which alert has which, in which version, is in the data file.</summary>
internal enum AlertRule
{
    /// <summary>No pod of the component could be scraped.</summary>
    Unreached,

    /// <summary>No pod of the component is in phase Running.</summary>
    NotRunning,

    /// <summary>Fewer are ready than run, and at least one is. Ready is a pod whose condition Ready is True and which says itself that it is.</summary>
    FewReady,

    /// <summary>Fewer are ready than run.</summary>
    FewOrNoneReady,

    /// <summary>Fewer say that they are ready than could be scraped.</summary>
    FewReadyOfReached,

    /// <summary>None is ready.</summary>
    NoneReady,

    /// <summary>Of several nodes' cluster, too few pods could be scraped.</summary>
    FewReached,

    /// <summary>Of several nodes' cluster, too few pods are ready.</summary>
    LowReady,

    /// <summary>The share of the replicas that could be scraped is low.</summary>
    LowReplicas,

    /// <summary>The share of a component's requests that are answered with 4xx or 5xx is high.</summary>
    RestErrors,

    /// <summary>A deprecated API of KubeVirt is requested, other than by LIST, WATCH and DELETE.</summary>
    Deprecated,

    /// <summary>A deprecated API of KubeVirt is requested, other than by LIST and WATCH.</summary>
    DeprecatedWithDeletes,

    /// <summary>Not all pods of the daemon set are ready.</summary>
    Rollout,

    /// <summary>No replica says that it leads.</summary>
    NoLeader,

    /// <summary>Several nodes, and too few with KVM.</summary>
    FewKvmNodes,

    /// <summary>As <see cref="FewKvmNodes"/>; arbiters are not counted as nodes.</summary>
    FewKvmWorkers,

    /// <summary>No node with KVM and no emulation, or no node that KubeVirt calls schedulable.</summary>
    NoNodes,

    /// <summary>As <see cref="NoNodes"/>; cordoned nodes do not count as schedulable.</summary>
    NoFreeNodes,

    /// <summary>A node with launchers and without a ready virt-handler.</summary>
    Orphans,

    /// <summary>Launchers in phase Failed.</summary>
    FailedLaunchers,

    /// <summary>Instances with an outdated launcher.</summary>
    Outdated,

    /// <summary>To be migrated when its node is drained, and not migratable.</summary>
    NotEvictable,

    /// <summary>As <see cref="NotEvictable"/>, in phase Running only.</summary>
    NotEvictableRunning,

    /// <summary>Migrations that succeeded, by machine.</summary>
    Migrations,

    /// <summary>Load of the guest above its vCPUs.</summary>
    GuestQueue,

    /// <summary>A machine that is provisioned, starts, terminates or has failed, without an instance.</summary>
    StuckUnhealthy,

    /// <summary>A machine that starts, stops, terminates or has failed, with an instance that is scheduled or runs.</summary>
    StuckOnNode,

    /// <summary>As <see cref="StuckOnNode"/>, with an instance in whatever phase.</summary>
    StuckOnNodeAnyPhase,

    /// <summary>Little memory, and many page faults or much swap.</summary>
    MemoryPressure,

    /// <summary>Little memory, and neither page faults nor swap.</summary>
    MemoryLow,

    /// <summary>A file system is nearly full.</summary>
    FileSystemWarning,

    /// <summary>A file system is full.</summary>
    FileSystemCritical,

    /// <summary>Crashes of a guest.</summary>
    Panics,

    /// <summary>A hot-plugged volume that a restart loses.</summary>
    EphemeralHotplug,

    /// <summary>What the pod of a machine requested, less what it uses.</summary>
    LauncherMemory,

    /// <summary>What a pod of a component requested of memory, less what it uses.</summary>
    ComponentMemory,

    /// <summary>What a pod of a component requested of CPU, less what it uses.</summary>
    ComponentCpu,

    /// <summary>The certificate of a component has expired.</summary>
    CertificateExpired,

    /// <summary>The certificate of a component expires soon.</summary>
    CertificateExpires,

    /// <summary>The newest certificate of KubeVirt's authority expires soon.</summary>
    AuthorityExpires,

    /// <summary>More than one replica says that it leads.</summary>
    SeveralLeaders,

    /// <summary>A work queue in which one item takes long, or items wait and none is finished.</summary>
    WorkQueue,

    /// <summary>vCPUs wait for a processor.</summary>
    CpuReadyWarning,

    /// <summary>vCPUs wait long for a processor.</summary>
    CpuReadyCritical,

    /// <summary>Disks take long.</summary>
    DiskLatencyWarning,

    /// <summary>Disks take very long.</summary>
    DiskLatencyCritical,

    /// <summary>Packets are dropped.</summary>
    PacketDrops,
}
