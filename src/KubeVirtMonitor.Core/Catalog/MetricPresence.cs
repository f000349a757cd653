using System.Text;

namespace KubeVirtMonitor.Catalog;

/// <summary>When a healthy endpoint serves a family, and therefore why a scrape may be without it.</summary>
/// <remarks>The order groups them: from <see cref="Leader"/> to <see cref="Snapshot"/> the leader's, of them from <see cref="Vm"/> and from <see cref="Vmi"/> per machine; from <see cref="NodeVmi"/> to <see cref="Nic"/> per VMI of a node.</remarks>
internal enum MetricPresence
{
    /// <summary>In every scrape.</summary>
    Always,

    /// <summary>The answer of the health check, not an endpoint family.</summary>
    Health,

    /// <summary>Read from the Kubernetes API, not an endpoint family.</summary>
    KubernetesApi,

    /// <summary>After the first request to the Kubernetes API.</summary>
    Request,

    /// <summary>Once the component has a work queue.</summary>
    Queue,

    /// <summary>After the first change of a VMI was written to the Kubernetes API, for as long as the VMI is there.</summary>
    Sync,

    /// <summary>After the first console, VNC, USB or port forwarding connection through this replica.</summary>
    Connection,

    /// <summary>After the first VM was created through this replica.</summary>
    Created,

    /// <summary>On the leading replica only.</summary>
    Leader,

    /// <summary>On the leading replica, for each VM.</summary>
    Vm,

    /// <summary>As <see cref="Vm"/>, where a disk has a persistent volume claim.</summary>
    VmDisk,

    /// <summary>As <see cref="Vm"/>, where limits are set.</summary>
    VmLimits,

    /// <summary>As <see cref="Vm"/>, where the definition has a network interface.</summary>
    VmNic,

    /// <summary>On the leading replica, for each VMI.</summary>
    Vmi,

    /// <summary>As <see cref="Vmi"/>, where an interface has an address.</summary>
    VmiAddress,

    /// <summary>As <see cref="Vmi"/>, where the VMI has a network interface.</summary>
    VmiNic,

    /// <summary>As <see cref="Vmi"/>, where it has an ephemeral hot-plugged volume.</summary>
    Hotplug,

    /// <summary>On the leading replica, after a VMI changed its phase.</summary>
    Transition,

    /// <summary>On the leading replica, after a migration changed its phase.</summary>
    MigrationTransition,

    /// <summary>Always, but before 1.2 only while a migration object exists.</summary>
    Migrations,

    /// <summary>On the leading replica, while a migration that ended is still on record.</summary>
    Migrated,

    /// <summary>On the leading replica, after a snapshot succeeded.</summary>
    Snapshot,

    /// <summary>For each VMI that runs on the node.</summary>
    NodeVmi,

    /// <summary>As <see cref="NodeVmi"/>, where the balloon device reports statistics.</summary>
    Balloon,

    /// <summary>As <see cref="NodeVmi"/>, where the guest agent runs.</summary>
    Agent,

    /// <summary>As <see cref="NodeVmi"/>, where guest agent 10.0 or later runs.</summary>
    Agent10,

    /// <summary>As <see cref="NodeVmi"/>, where the VMI has a disk.</summary>
    Disk,

    /// <summary>As <see cref="NodeVmi"/>, where the VMI has a network interface that libvirt counts.</summary>
    Nic,

    /// <summary>While a VMI migrates away from the node.</summary>
    Migrating,

    /// <summary>On nodes with a deprecated machine type.</summary>
    MachineType,

    /// <summary>After the first crash of a guest.</summary>
    Panic,

    /// <summary>Defined by KubeVirt and never sent.</summary>
    Never,
}

/// <summary>The words for <see cref="MetricPresence"/> in the data files.</summary>
internal static class MetricPresenceNames
{
    private static readonly string[] Names =
    [
        "always", "health", "apiserver", "request", "queue", "sync", "connection", "created",
        "leader", "vm", "vm-disk", "vm-limits", "vm-nic", "vmi", "vmi-address", "vmi-nic", "hotplug",
        "transition", "migration-transition", "migrations", "migrated", "snapshot",
        "node-vmi", "balloon", "agent", "agent-10", "disk", "nic", "migrating", "machine-type", "panic", "never",
    ];

    /// <summary>Reads a word.</summary>
    public static bool TryParse(ReadOnlySpan<byte> word, out MetricPresence presence)
    {
        for (int i = 0; i < Names.Length; i++)
        {
            if (!Ascii.Equals(word, Names[i])) continue;
            presence = (MetricPresence)i;
            return true;
        }

        presence = default;
        return false;
    }
}
