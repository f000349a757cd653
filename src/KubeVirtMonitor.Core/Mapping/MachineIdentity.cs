using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>Which machine a series is of, and where that is.</summary>
/// <param name="Namespace">The namespace of the machine; null where none is named.</param>
/// <param name="Vmi">The name of the machine, which a VM and its instance share; null where none is named.</param>
/// <param name="Node">The node; null where none is named.</param>
internal readonly record struct MachineIdentity(string? Namespace, string? Vmi, string? Node)
{
    /// <summary>Reads the labels of a series.</summary>
    /// <param name="block">The labels, with their braces; empty where there are none.</param>
    /// <param name="labels">What the labels of its family say.</param>
    /// <param name="podNode">The node of the pod that serves it, which counts where the series names none.</param>
    public static MachineIdentity Read(ReadOnlySpan<byte> block, MachineLabels labels, string? podNode)
    {
        if (labels == MachineLabels.None || block.IsEmpty) return new MachineIdentity(null, null, podNode);
        Best name = default, space = default, node = default;
        LabelReader reader = new(block);
        while (reader.Read())
        {
            // KubeVirt writes what is absent as an empty value, and before 1.6 as <none>.
            if (reader.Value.IsEmpty || reader.Value.SequenceEqual("<none>"u8)) continue;
            if (name.Takes(MachineFacts.RankAsName(reader.Name))) name.Value = reader.Value;
            else if (space.Takes(MachineFacts.RankAsNamespace(reader.Name))) space.Value = reader.Value;
            else if (node.Takes(MachineFacts.RankAsNode(reader.Name))) node.Value = reader.Value;
        }

        string? vmi = labels == MachineLabels.Machine ? name.Text : null;
        // A namespace beside no machine is that of KubeVirt, which a collector added.
        return new MachineIdentity(vmi is not null || labels == MachineLabels.Namespace ? space.Text : null, vmi, node.Text ?? podNode);
    }

    /// <summary>Reads the labels of a series of a machine that a server stored.</summary>
    /// <param name="labels">The labels, without escapes.</param>
    public static MachineIdentity Read(IReadOnlyList<KeyValuePair<string, string>> labels) =>
        new(First(labels, MachineFacts.NamespaceLabels), First(labels, MachineFacts.NameLabels), First(labels, MachineFacts.NodeLabels));

    private static string? First(IReadOnlyList<KeyValuePair<string, string>> labels, IReadOnlyList<string> ranked)
    {
        foreach (string name in ranked)
        {
            foreach ((string label, string value) in labels)
            {
                if (label == name && value is not ("" or "<none>")) return value;
            }
        }

        return null;
    }

    private ref struct Best
    {
        private int _rank;

        public ReadOnlySpan<byte> Value { get; set; }

        public readonly string? Text => Value.IsEmpty ? null : LabelText.Unescape(Value);

        // Rank 0 is the best; none is held as 0 less one, so that a default Best takes anything.
        public bool Takes(int rank)
        {
            if (rank < 0 || (_rank > 0 && _rank <= rank + 1)) return false;
            _rank = rank + 1;
            return true;
        }
    }
}

/// <summary>What a scrape of a cluster knows of itself: how it was reached, and where the pod runs.</summary>
/// <param name="Session">The session.</param>
/// <param name="Node">The node of the pod, where that says something of its samples: of a virt-handler; else null.</param>
internal sealed record SampleOrigin(KubeVirtSession Session, string? Node)
{
    /// <summary>Whether both are of one cluster.</summary>
    public bool IsOfSameCluster(SampleOrigin other) => Session == other.Session;
}
