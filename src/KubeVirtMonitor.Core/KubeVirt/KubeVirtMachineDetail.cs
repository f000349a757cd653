using System.Globalization;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor;

/// <summary>What there is of a VM or an instance beside what a list shows. Of a VM, it is what its template wants, with instance type and preference applied as KubeVirt applies them.</summary>
public sealed record KubeVirtMachineDetail
{
    /// <summary>The processor of the guest; null where its instance type cannot be resolved, see <see cref="NotExpanded"/>.</summary>
    public KubeVirtCpu? Cpu { get; init; }

    /// <summary>The memory of the guest; null where its instance type cannot be resolved.</summary>
    public KubeVirtMemory? Memory { get; init; }

    /// <summary>Why instance type or preference of a VM cannot be resolved, in one line; null where they can, and where it names none.</summary>
    public string? NotExpanded { get; init; }

    /// <summary>Its volumes, in the order of the object, each with the disk that the guest sees, where it sees one.</summary>
    public required IReadOnlyList<KubeVirtDisk> Disks { get; init; }

    /// <summary>Its network interfaces, in the order of the object. Those that only the guest agent knows of come last.</summary>
    public required IReadOnlyList<KubeVirtInterface> Interfaces { get; init; }

    /// <summary>Its conditions, in the order of the object.</summary>
    public required IReadOnlyList<KubeVirtCondition> Conditions { get; init; }

    /// <summary>The live migration that runs, or was the last; null when there was none. Of an instance only.</summary>
    public KubeVirtMigration? Migration { get; init; }

    /// <summary>Nodes on which it has a virt-launcher pod, in order (<c>status.activePods</c>): two during a migration. Of an instance only.</summary>
    public required IReadOnlyList<string> PodNodes { get; init; }
}

/// <summary>The processor of a guest.</summary>
public sealed record KubeVirtCpu
{
    /// <summary>Sockets times cores times threads.</summary>
    public int VCpus { get; init; }

    /// <summary>Sockets that are plugged in.</summary>
    public int Sockets { get; init; }

    /// <summary>Cores of each socket.</summary>
    public int Cores { get; init; }

    /// <summary>Threads of each core.</summary>
    public int Threads { get; init; }

    /// <summary>How many sockets can be plugged in while it runs; null when none can.</summary>
    public int? MaxSockets { get; init; }

    /// <summary>vCPUs that its spec wants, where they differ from <see cref="VCpus"/>: a change that is still on its way, or waits for a restart; else null.</summary>
    public int? Requested { get; init; }

    /// <summary>The model, such as <c>host-model</c>; null when it does not say.</summary>
    public string? Model { get; init; }

    /// <summary>Whether each vCPU has a CPU of the node for itself (<c>dedicatedCpuPlacement</c>).</summary>
    public bool Dedicated { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{VCpus} vCPUs ({Sockets} sockets, {Cores} cores, {Threads} threads){(Dedicated ? ", dedicated" : "")}");
}

/// <summary>The memory of a guest, in bytes.</summary>
public sealed record KubeVirtMemory
{
    /// <summary>What the guest has now, hot-plugged memory included; null when it does not say.</summary>
    public long? Guest { get; init; }

    /// <summary>What the guest started with; null while it does not run, and before KubeVirt 1.1.</summary>
    public long? AtBoot { get; init; }

    /// <summary>What the guest is to have; null while it does not run, and before KubeVirt 1.1. It differs from <see cref="Guest"/> while memory is being plugged.</summary>
    public long? Requested { get; init; }

    /// <summary>How much can be plugged in while it runs; null when none can.</summary>
    public long? MaxGuest { get; init; }

    /// <summary>What the pod requests for the guest (<c>resources.requests.memory</c>); less than the guest's where memory is over-committed; null when it does not say.</summary>
    public long? PodRequest { get; init; }

    /// <summary>The size of huge pages, such as <c>2Mi</c>; null without.</summary>
    public string? HugePages { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Guest is { } bytes ? Quantity.Text(bytes) : "";
}

/// <summary>A volume of a machine and the disk that the guest sees of it.</summary>
public sealed record KubeVirtDisk
{
    /// <summary>The name of the volume in the machine.</summary>
    public required string Name { get; init; }

    /// <summary>How the guest sees it: <c>disk</c>, <c>cdrom</c>, <c>lun</c>; <c>filesystem</c> for one that is shared with virtiofs; null where the guest sees no disk.</summary>
    public string? Kind { get; init; }

    /// <summary>The bus, such as <c>virtio</c>; null when it does not say.</summary>
    public string? Bus { get; init; }

    /// <summary>Where the data is: <c>dataVolume</c>, <c>persistentVolumeClaim</c>, <c>containerDisk</c>, <c>emptyDisk</c>, <c>cloudInitNoCloud</c> and others; null for a drive that is empty.</summary>
    public string? Source { get; init; }

    /// <summary>The object or image of the source: the name of the data volume, claim, secret or config map, the image of a container disk; null where it has none.</summary>
    public string? SourceName { get; init; }

    /// <summary>The device of the guest, such as <c>vda</c>; null while it has none. Metrics name a disk by its <see cref="Name"/> instead.</summary>
    public string? Target { get; init; }

    /// <summary>Its size in bytes, of the claim or as virt-handler found it; null when nobody says.</summary>
    public long? Size { get; init; }

    /// <summary>Whether it was plugged in while the machine ran.</summary>
    public bool HotPlugged { get; init; }

    /// <summary>Whether several machines may use it at once.</summary>
    public bool Shareable { get; init; }

    /// <summary>Its place in the boot order; null when it has none.</summary>
    public int? BootOrder { get; init; }

    /// <summary>How far plugging it has come, such as <c>Ready</c>; null for one that is not hot-plugged.</summary>
    public string? Phase { get; init; }

    /// <inheritdoc/>
    public override string ToString() => SourceName is null ? Name : $"{Name} ({SourceName})";
}

/// <summary>A network interface of a machine.</summary>
public sealed record KubeVirtInterface
{
    /// <summary>The name in the machine; that in the guest for one that only the guest agent knows of.</summary>
    public required string Name { get; init; }

    /// <summary>The network: <c>pod</c>, or the name of the NetworkAttachmentDefinition; null when it does not say.</summary>
    public string? Network { get; init; }

    /// <summary>How it is bound: <c>masquerade</c>, <c>bridge</c>, <c>sriov</c>, or the name of a binding plugin; null when it does not say.</summary>
    public string? Binding { get; init; }

    /// <summary>The model that the guest sees, such as <c>virtio</c> or <c>e1000</c>; null when it does not say.</summary>
    public string? Model { get; init; }

    /// <summary>The hardware address; null while it has none.</summary>
    public string? Mac { get; init; }

    /// <summary>All addresses, in the order of the object.</summary>
    public required IReadOnlyList<string> IPAddresses { get; init; }

    /// <summary>What the guest calls it, such as <c>eth0</c>; null without a guest agent.</summary>
    public string? GuestName { get; init; }

    /// <summary><c>up</c> or <c>down</c>; null when it does not say.</summary>
    public string? LinkState { get; init; }

    /// <inheritdoc/>
    public override string ToString() => IPAddresses.Count == 0 ? Name : $"{Name} ({string.Join(", ", IPAddresses)})";
}

/// <summary>A condition of an object.</summary>
public sealed record KubeVirtCondition
{
    /// <summary>The type, such as <c>Ready</c> or <c>LiveMigratable</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>True</c>, <c>False</c> or <c>Unknown</c>.</summary>
    public string? Status { get; init; }

    /// <summary>The reason in one word; null when it does not say.</summary>
    public string? Reason { get; init; }

    /// <summary>The reason in words; null when it does not say.</summary>
    public string? Message { get; init; }

    /// <summary>When it came to this status; null when it does not say.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Reason is null ? $"{Type}={Status}" : $"{Type}={Status} ({Reason})";
}

/// <summary>A live migration.</summary>
public sealed record KubeVirtMigration
{
    /// <summary>The node it leaves; null when it does not say.</summary>
    public string? SourceNode { get; init; }

    /// <summary>The node it goes to; null until that is known.</summary>
    public string? TargetNode { get; init; }

    /// <summary>The virt-launcher pod on the target; null until that is known.</summary>
    public string? TargetPod { get; init; }

    /// <summary>When it started; null when it does not say.</summary>
    public DateTimeOffset? Started { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? Ended { get; init; }

    /// <summary>Whether it has ended, well or not.</summary>
    public bool Completed { get; init; }

    /// <summary>Whether it failed.</summary>
    public bool Failed { get; init; }

    /// <summary>Why it failed; null when it did not, or nobody says.</summary>
    public string? FailureReason { get; init; }

    /// <summary><c>PreCopy</c>, <c>PostCopy</c> or <c>Paused</c>; null when it does not say.</summary>
    public string? Mode { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{SourceNode ?? "?"} to {TargetNode ?? "?"}: {(Failed ? "failed" : Completed ? "completed" : "running")}";
}

/// <summary>What the guest agent says of a guest.</summary>
public sealed record KubeVirtGuest
{
    /// <summary>The operating system as people say it, such as <c>Fedora Linux 42</c>; null without a guest agent.</summary>
    public string? OS { get; init; }

    /// <summary>The id of the operating system, such as <c>fedora</c> or <c>mswindows</c>.</summary>
    public string? Id { get; init; }

    /// <summary>The version of the operating system.</summary>
    public string? Version { get; init; }

    /// <summary>The release of the kernel, such as <c>6.14.0</c>.</summary>
    public string? Kernel { get; init; }

    /// <summary>The architecture, such as <c>x86_64</c>.</summary>
    public string? Machine { get; init; }

    /// <summary>The name of the host as the guest knows it.</summary>
    public string? HostName { get; init; }

    /// <summary>The time zone of the guest, such as <c>UTC, 0</c>.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The version of the guest agent.</summary>
    public string? AgentVersion { get; init; }

    /// <inheritdoc/>
    public override string ToString() => OS ?? "";
}
