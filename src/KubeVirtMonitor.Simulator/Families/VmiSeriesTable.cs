using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>The label blocks of the instances on one node, rendered and sorted once per shape and shared by all families of the shape.</summary>
internal sealed class VmiSeriesTable(SimulatedRelease release, IReadOnlyList<ReportedVmi> vmis)
{
    private readonly Dictionary<VmiShape, (VmiPart Part, int Slot, byte[] Labels)[]> _shapes = [];

    public (VmiPart Part, int Slot, byte[] Labels)[] this[VmiShape shape]
    {
        get
        {
            if (_shapes.TryGetValue(shape, out var known)) return known;
            List<(VmiPart Part, int Slot, LabelSet Labels)> entries = new(vmis.Count);
            for (int i = 0; i < vmis.Count; i++) AddParts(shape, vmis[i], i, entries);
            entries.Sort((x, y) => x.Labels.CompareTo(y.Labels));
            return _shapes[shape] = entries.Select(entry => (entry.Part, entry.Slot, entry.Labels.Render())).ToArray();
        }
    }

    /// <summary>The labels of every series of an instance.</summary>
    public static IEnumerable<(string Name, string Value)> BaseLabels(SimulatedVmi vmi)
    {
        yield return ("node", vmi.Node ?? "");
        yield return ("namespace", vmi.Namespace);
        yield return ("name", vmi.Name);
        foreach ((string key, string value) in vmi.Labels) yield return ("kubernetes_vmi_label_" + Sanitise(key), value);
    }

    private static string Sanitise(string key) => key.Replace('.', '_').Replace('/', '_').Replace('-', '_');

    private void AddParts(VmiShape shape, ReportedVmi reported, int slot, List<(VmiPart, int, LabelSet)> entries)
    {
        SimulatedVmi vmi = reported.Vmi;
        IEnumerable<(string, string)> labels = BaseLabels(vmi);
        void Add(int index, params IEnumerable<(string, string)> more) => entries.Add((shape == VmiShape.Drive ? new VmiPart(vmi, index, reported.Run).AsDrive() : new VmiPart(vmi, index, reported.Run), slot, new LabelSet(labels.Concat(more))));
        switch (shape)
        {
            case VmiShape.Instance:
                Add(0);
                break;
            case VmiShape.Drive:
                for (int i = 0; i < vmi.Drives.Count; i++) Add(i, ("drive", vmi.Drives[i]));
                break;
            case VmiShape.Interface:
                Add(0, ("interface", "default"));
                break;
            case VmiShape.Direction:
                // The deprecated family shows the name of the tap device until 1.2 and the alias later.
                string device = release.IsV1Dot9 ? "default" : "tap0";
                Add(0, ("interface", device), ("type", "rx"));
                Add(1, ("interface", device), ("type", "tx"));
                break;
            case VmiShape.Vcpu:
                for (int i = 0; i < vmi.Cpus; i++) Add(i, ("id", i.ToString(CultureInfo.InvariantCulture)));
                break;
            case VmiShape.VcpuState:
                for (int i = 0; i < vmi.Cpus; i++) Add(i, ("id", i.ToString(CultureInfo.InvariantCulture)), ("state", i == 3 ? "blocked" : "running"));
                break;
            case VmiShape.FileSystem:
                if (!vmi.AgentConnected) break;
                (string Disk, string Type, string Mount)[] systems = vmi.Windows
                    ? [("disk0", "NTFS", "System Reserved"), ("disk0", "NTFS", "C:\\")]
                    : [("vda2", "ext4", "/boot"), ("vda3", "xfs", "/")];
                for (int i = 0; i < systems.Length; i++)
                {
                    Add(i, ("disk_name", systems[i].Disk), ("file_system_type", systems[i].Type), ("mount_point", systems[i].Mount));
                }

                break;
            case VmiShape.Affinity:
                Add(0, Enumerable.Range(0, vmi.Cpus).SelectMany(vcpu => Enumerable.Range(0, 2).Select(cpu => ($"vcpu_{vcpu}_cpu_{cpu}", "true"))));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(shape), shape, null);
        }
    }
}

/// <summary>An instance as a virt-handler tells of it.</summary>
/// <param name="Vmi">The instance.</param>
/// <param name="Run">Its process, where it is followed; null = its values are the documented functions of whole seconds.</param>
internal readonly record struct ReportedVmi(SimulatedVmi Vmi, MachineRun? Run);
