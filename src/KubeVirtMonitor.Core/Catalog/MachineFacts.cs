using System.Text;

namespace KubeVirtMonitor.Catalog;

/// <summary>
/// Which families have labels that name a machine, and which labels these are: the only place that knows. Source: KubeVirt at the tags v1.0.0 to v1.9.0
/// (<c>pkg/monitoring/metrics</c>), where a VM and its instance share their name.
/// </summary>
internal static class MachineFacts
{
    // The first that fits counts, so the longer stands before the shorter.
    private static readonly (string Prefix, MachineLabels Labels)[] Families =
    [
        ("kubevirt_vm_created_", MachineLabels.Namespace),
        ("kubevirt_vmi_", MachineLabels.Machine),
        ("kubevirt_vm_", MachineLabels.Machine),
        ("kubevirt_vmsnapshot_", MachineLabels.Machine),
        ("kubevirt_migrate_vmi_", MachineLabels.Machine),
        ("kubevirt_console_", MachineLabels.Machine),
        ("kubevirt_portforward_", MachineLabels.Machine),
        ("kubevirt_usbredir_", MachineLabels.Machine),
        ("kubevirt_vnc_", MachineLabels.Machine),
        ("kubevirt_node_", MachineLabels.Node),
        ("kubevirt_number_of_vms", MachineLabels.Namespace),
        ("kubevirt_vm:", MachineLabels.Namespace),
    ];

    private static readonly byte[][] Names = Encoded(NameLabels);
    private static readonly byte[][] Namespaces = Encoded(NamespaceLabels);
    private static readonly byte[][] Nodes = Encoded(NodeLabels);

    /// <summary>The labels with the name of a machine, the best first.</summary>
    public static IReadOnlyList<string> NameLabels => ["vmi", "name", "vm_name"];

    // What a collector found on a series and had a label of its own for is exported_ with it.

    /// <summary>The labels with the namespace of a machine, the best first.</summary>
    public static IReadOnlyList<string> NamespaceLabels => ["vm_namespace", "exported_namespace", "namespace"];

    /// <summary>The labels with the node of a machine, the best first.</summary>
    public static IReadOnlyList<string> NodeLabels => ["exported_node", "node"];

    /// <summary>What the labels of a family say.</summary>
    /// <param name="rawName">The name of a family or a sample on the endpoint. What a recording rule writes before it, such as <c>vmi:</c>, counts for nothing.</param>
    public static MachineLabels Of(string rawName)
    {
        int level = rawName.IndexOf(':', StringComparison.Ordinal);
        ReadOnlySpan<char> name = level >= 0 && !rawName.StartsWith("kubevirt_", StringComparison.Ordinal) ? rawName.AsSpan(level + 1) : rawName;
        foreach ((string prefix, MachineLabels labels) in Families)
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal)) return labels;
        }

        return MachineLabels.None;
    }

    /// <summary>How good a label is as the name of the machine: 0 is the best, -1 none.</summary>
    public static int RankAsName(ReadOnlySpan<byte> label) => Rank(Names, label);

    /// <summary>How good a label is as the namespace of the machine: 0 is the best, -1 none.</summary>
    public static int RankAsNamespace(ReadOnlySpan<byte> label) => Rank(Namespaces, label);

    /// <summary>How good a label is as the node: 0 is the best, -1 none.</summary>
    public static int RankAsNode(ReadOnlySpan<byte> label) => Rank(Nodes, label);

    private static byte[][] Encoded(IEnumerable<string> labels) => [.. labels.Select(Encoding.UTF8.GetBytes)];

    private static int Rank(byte[][] labels, ReadOnlySpan<byte> label)
    {
        for (int i = 0; i < labels.Length; i++)
        {
            if (label.SequenceEqual(labels[i])) return i;
        }

        return -1;
    }
}

/// <summary>What the labels of a family say of a machine.</summary>
internal enum MachineLabels : byte
{
    /// <summary>Nothing: a <c>name</c> is that of a queue or a cache, a <c>namespace</c> or a <c>node</c> what a collector added.</summary>
    None,

    /// <summary>The node.</summary>
    Node,

    /// <summary>The namespace of the machines that are counted together, and the node where there is one.</summary>
    Namespace,

    /// <summary>The machine, with its namespace, and the node where there is one.</summary>
    Machine,
}
