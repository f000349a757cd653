using System.Runtime.CompilerServices;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Finds machines and the nodes where they run, with one request: that for the object where namespace and name are known, else a list.</summary>
internal static class MachinePlaces
{
    /// <summary>The instances that are looked for.</summary>
    /// <exception cref="KubernetesException">While enumerating: they may not be read.</exception>
    public static IAsyncEnumerable<MachinePlace> InstancesAsync(KubeVirtSession session, MachineQuest quest, Action<KubernetesException> badItem, CancellationToken cancellationToken) =>
        FindAsync(session, quest, KubeVirtResources.Instances, ObjectLists.Named("VirtualMachineInstance", PlaceProjection.Read), badItem, cancellationToken);

    /// <summary>The VMs that are looked for, whether they run or not; without phase and nodes, which are those of their instances.</summary>
    /// <exception cref="KubernetesException">While enumerating: they may not be read.</exception>
    public static IAsyncEnumerable<MachinePlace> VirtualMachinesAsync(KubeVirtSession session, MachineQuest quest, Action<KubernetesException> badItem, CancellationToken cancellationToken) =>
        FindAsync(session, quest, KubeVirtResources.VirtualMachines, ObjectLists.Named("VirtualMachine", static json => Unplaced(ObjectMeta.Read(json))), badItem, cancellationToken);

    private static MachinePlace Unplaced(in ObjectMeta meta) => new(meta.Namespace, meta.Name, null, []);

    private static async IAsyncEnumerable<MachinePlace> FindAsync(
        KubeVirtSession session,
        MachineQuest quest,
        ResourceType type,
        JsonProjection<MachinePlace> project,
        Action<KubernetesException> badItem,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (quest is { Namespace: { } space, Name: { } name })
        {
            MachinePlace? found = null;
            try
            {
                found = await session.Client.GetAsync(type.PathOf(space, name), project, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException error) when (error.Error == KubernetesError.NotFound)
            {
                // That it is not there is for the caller to say.
            }

            if (found is not null) yield return Seen(session, type, found);
            yield break;
        }

        ListOptions options = new() { Namespace = quest.Namespace, Name = quest.Name, BadItem = badItem };
        await foreach (MachinePlace place in session.Client.ListAsync(type, project, options, cancellationToken).ConfigureAwait(false))
        {
            Seen(session, type, place);
            if (quest.Includes?.Invoke(place.Namespace, place.Name) != false) yield return place;
        }
    }

    private static MachinePlace Seen(KubeVirtSession session, ResourceType type, MachinePlace place)
    {
        session.Seen.Add(type == KubeVirtResources.Instances ? SeenKind.Instance : SeenKind.VirtualMachine, place.Namespace, place.Name);
        foreach (string node in place.Nodes) session.Seen.Add(SeenKind.Node, "", node);
        return place;
    }

    /// <summary>Reads of an instance where it runs, and passes over the rest.</summary>
    private struct PlaceProjection : IObjectProjection
    {
        private string? _phase;
        private string? _node;
        private string? _source;
        private string? _target;
        private bool _ended;

        public static MachinePlace Read(ReadOnlySpan<byte> json)
        {
            PlaceProjection place = default;
            ObjectMeta meta = ObjectMeta.Read(json, ref place);
            string? phase = string.IsNullOrEmpty(place._phase) ? null : place._phase;
            List<string> nodes = [];
            if (phase is not ("Succeeded" or "Failed"))
            {
                Add(nodes, place._node);
                if (!place._ended)
                {
                    Add(nodes, place._source);
                    Add(nodes, place._target);
                }
            }

            return new MachinePlace(meta.Namespace, meta.Name, phase, nodes);
        }

        public readonly void ReadSpec(ref JsonCursor reader) => reader.Skip();

        public void ReadStatus(ref JsonCursor reader)
        {
            if (!JsonFields.EnterObject(ref reader, "status")) return;
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("phase"u8)) _phase = JsonFields.Text(ref reader, "status.phase");
                else if (key.SequenceEqual("nodeName"u8)) _node = JsonFields.Text(ref reader, "status.nodeName");
                else if (!key.SequenceEqual("migrationState"u8)) reader.Skip();
                else if (JsonFields.EnterObject(ref reader, "status.migrationState")) ReadMigration(ref reader);
            }
        }

        private void ReadMigration(ref JsonCursor reader)
        {
            while (reader.NextField(out ReadOnlySpan<byte> key))
            {
                if (key.SequenceEqual("sourceNode"u8)) _source = JsonFields.Text(ref reader, "status.migrationState.sourceNode");
                else if (key.SequenceEqual("targetNode"u8)) _target = JsonFields.Text(ref reader, "status.migrationState.targetNode");
                else if (key.SequenceEqual("endTimestamp"u8)) _ended |= JsonFields.Time(ref reader, "status.migrationState.endTimestamp") is not null;
                else if (key.SequenceEqual("completed"u8)) _ended |= JsonFields.Flag(ref reader, "status.migrationState.completed") == true;
                else reader.Skip();
            }
        }

        private static void Add(List<string> nodes, string? node)
        {
            if (!string.IsNullOrEmpty(node) && !nodes.Contains(node)) nodes.Add(node);
        }
    }
}

/// <summary>Where an instance runs.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Phase">Its phase; null until KubeVirt says something.</param>
/// <param name="Nodes">The nodes whose virt-handlers know it: one, both of them during a migration, none before it has a node and after its end.</param>
internal sealed record MachinePlace(string Namespace, string Name, string? Phase, IReadOnlyList<string> Nodes);

/// <summary>Which machines of a cluster are looked for.</summary>
internal sealed record MachineQuest
{
    /// <summary>The one namespace to ask; null = all.</summary>
    public string? Namespace { get; init; }

    /// <summary>The one name to ask for; null = several, or not known.</summary>
    public string? Name { get; init; }

    /// <summary>Whether a machine is among them, by namespace and name; null = each.</summary>
    public Func<string, string, bool>? Includes { get; init; }
}
