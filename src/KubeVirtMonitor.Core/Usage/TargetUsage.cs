using System.Runtime.CompilerServices;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Usage;

/// <summary>
/// The values of one target in the look that goes on, and in the one before. A machine and each of its devices has a row; all rows of a look are one array, and a row stays at its place
/// from look to look, so that a sample finds it by the number of its labels.
/// </summary>
internal sealed class TargetUsage
{
    private readonly Dictionary<(string? Namespace, string Vmi), int> _machineOf = [];
    private readonly Dictionary<(int Machine, UsageShape Shape, string Device), int> _rowOf = [];
    private LabelTable? _labels;
    private int[] _rowOfBlock = [];
    private double[] _now = [];
    private double[] _before = [];
    private int _used;

    /// <summary>The machines, those included that are gone.</summary>
    public List<Machine> Machines { get; } = [];

    /// <summary>The rows.</summary>
    public List<Row> Rows { get; } = [];

    /// <summary>When the look that goes on was answered; 0 where the target has not been looked at.</summary>
    public long Time { get; set; }

    /// <summary>When the look before was taken; 0 = never.</summary>
    public long TimeBefore { get; private set; }

    /// <summary>When the last whole look was taken: all its machines were taken, so one that was not there is new. 0 = never.</summary>
    public long WholeTime { get; set; }

    /// <summary>Whether the version tells in which unit the time of virtual CPUs is.</summary>
    public bool IsUnitKnown { get; set; }

    /// <summary>Whether all machines were taken in the look that goes on.</summary>
    public bool IsWhole { get; set; }

    /// <summary>The scrape the samples come from; another begins another look.</summary>
    public ScrapeContext? Context { get; set; }

    /// <summary>The values of a row in the look that goes on.</summary>
    public Span<double> Now(int row) => _now.AsSpan(Rows[row].Offset, UsageColumns.Width(Rows[row].Shape));

    /// <summary>The values of a row in the look before.</summary>
    public ReadOnlySpan<double> Before(int row) => _before.AsSpan(Rows[row].Offset, UsageColumns.Width(Rows[row].Shape));

    /// <summary>The number of a machine; -1 where it was never here.</summary>
    public int Find(string? inNamespace, string vmi) => _machineOf.TryGetValue((inNamespace, vmi), out int machine) ? machine : -1;

    /// <summary>The row of a device of a machine; -1 where it has none.</summary>
    public int Find(int machine, UsageShape shape, string device) => _rowOf.TryGetValue((machine, shape, device), out int row) ? row : -1;

    /// <summary>Takes a sample of the look that goes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(MetricSample sample, UsageColumn column)
    {
        int block = sample.Block;
        if (block < 0) return;
        if (!ReferenceEquals(sample.Descriptor.Context.Labels, _labels) || block >= _rowOfBlock.Length) Meet(sample.Descriptor.Context.Labels!, block);
        int row = _rowOfBlock[block] - 1;
        if (row < 0 || Rows[row].Shape != column.Shape)
        {
            row = FindOrAdd(sample, column.Shape);
            if (row < 0) return;
            _rowOfBlock[block] = row + 1;
        }

        Row known = Rows[row];
        Machines[known.Machine].Time = Time;
        ref double value = ref _now[known.Offset + column.Index];
        if (column.Time >= 0)
        {
            // The newest of several lines, in whatever order they come.
            ref double time = ref _now[known.Offset + column.Time];
            if (time > sample.Ticks) return;
            time = sample.Ticks;
        }

        value = sample.Value;
    }

    /// <summary>Gives up the look that goes on: the scrape failed.</summary>
    public void Discard()
    {
        foreach (Machine machine in Machines) machine.Time = 0;
        Array.Fill(_now, double.NaN, 0, _used);
        Time = 0;
    }

    /// <summary>Makes the look that goes on the one before. Machines that were not in it keep what is known of them, until they are forgotten.</summary>
    /// <param name="oldest">Machines that were last seen before this time are forgotten.</param>
    public void Turn(long oldest)
    {
        foreach (Row row in Rows)
        {
            if (Machines[row.Machine].Time == 0) continue;
            int width = UsageColumns.Width(row.Shape);
            Array.Copy(_now, row.Offset, _before, row.Offset, width);
        }

        Array.Fill(_now, double.NaN, 0, _used);
        int gone = 0;
        foreach (Machine machine in Machines)
        {
            if (machine.Time != 0) machine.TimeBefore = machine.Time;
            else if (machine.TimeBefore < oldest) gone++;
            machine.Time = 0;
        }

        if (Time != 0) TimeBefore = Time;
        Time = 0;
        Context = null;
        if (gone > 64 + (Machines.Count / 4)) Forget(oldest);
    }

    /// <summary>Lets go of the labels, which are found again by their content.</summary>
    public void ForgetLabels()
    {
        _labels = null;
        _rowOfBlock = [];
    }

    private void Meet(LabelTable labels, int block)
    {
        if (!ReferenceEquals(labels, _labels)) _rowOfBlock = [];
        _labels = labels;
        if (block >= _rowOfBlock.Length) Array.Resize(ref _rowOfBlock, Math.Max(block + 1, Math.Max(labels.Blocks.Count, 64)) * 2);
    }

    private int FindOrAdd(MetricSample sample, UsageShape shape)
    {
        MachineIdentity identity = sample.ReadMachine();
        if (identity.Vmi is not { } vmi) return -1;
        string device = "", disk = "", type = "";
        switch (shape)
        {
            case UsageShape.VCpu:
                device = sample.ReadLabel("id"u8) ?? "";
                break;
            case UsageShape.Drive:
                device = sample.ReadLabel("drive"u8) ?? "";
                break;
            case UsageShape.Interface:
                device = sample.ReadLabel("interface"u8) ?? "";
                break;
            case UsageShape.FileSystem:
                device = sample.ReadLabel("mount_point"u8) ?? "";
                disk = sample.ReadLabel("disk_name"u8) ?? "";
                type = sample.ReadLabel("file_system_type"u8) ?? "";
                break;
        }

        if (!_machineOf.TryGetValue((identity.Namespace, vmi), out int machine))
        {
            machine = Machines.Count;
            Machines.Add(new Machine(identity.Namespace, vmi));
            _machineOf.Add((identity.Namespace, vmi), machine);
        }

        Machines[machine].Node = identity.Node;
        Machines[machine].Session = sample.Session;
        string key = disk.Length > 0 ? $"{device}\n{disk}" : device;
        if (_rowOf.TryGetValue((machine, shape, key), out int row)) return row;
        row = Add(new Row(machine, shape, key, device, disk, type, _used));
        _rowOf.Add((machine, shape, key), row);
        return row;
    }

    private int Add(Row row)
    {
        int width = UsageColumns.Width(row.Shape);
        if (_used + width > _now.Length)
        {
            int size = Math.Max(_now.Length * 2, 1024);
            int from = _now.Length;
            Array.Resize(ref _now, size);
            Array.Resize(ref _before, size);
            Array.Fill(_now, double.NaN, from, size - from);
            Array.Fill(_before, double.NaN, from, size - from);
        }

        Rows.Add(row);
        _used += width;
        return Rows.Count - 1;
    }

    // Machines come and go, over days; those that are left move together.
    private void Forget(long oldest)
    {
        Machine[] machines = [.. Machines];
        Row[] rows = [.. Rows];
        double[] before = _before;
        Machines.Clear();
        Rows.Clear();
        _machineOf.Clear();
        _rowOf.Clear();
        _rowOfBlock = [];
        _labels = null;
        _now = [];
        _before = [];
        _used = 0;
        int[] numbers = new int[machines.Length];
        for (int i = 0; i < machines.Length; i++)
        {
            numbers[i] = -1;
            if (machines[i].TimeBefore < oldest) continue;
            numbers[i] = Machines.Count;
            _machineOf.Add((machines[i].Namespace, machines[i].Vmi), Machines.Count);
            Machines.Add(machines[i]);
        }

        foreach (Row row in rows)
        {
            if (numbers[row.Machine] is var machine && machine < 0) continue;
            int at = Add(row with { Machine = machine, Offset = _used });
            _rowOf.Add((machine, row.Shape, row.Key), at);
            Array.Copy(before, row.Offset, _before, Rows[at].Offset, UsageColumns.Width(row.Shape));
        }
    }

    /// <summary>A machine of the target.</summary>
    public sealed class Machine(string? inNamespace, string vmi)
    {
        public string? Namespace { get; } = inNamespace;

        public string Vmi { get; } = vmi;

        public string? Node { get; set; }

        public KubeVirtSession? Session { get; set; }

        /// <summary>When it was last seen in the look that goes on; 0 where it is not in it.</summary>
        public long Time { get; set; }

        /// <summary>When it was last seen before; 0 = never.</summary>
        public long TimeBefore { get; set; }
    }

    /// <summary>Where the values of a machine or a device are.</summary>
    /// <param name="Machine">The number of the machine.</param>
    /// <param name="Shape">What it is.</param>
    /// <param name="Key">What tells it from others of its shape.</param>
    /// <param name="Device">Its name.</param>
    /// <param name="Disk">Of a file system, the disk of the guest.</param>
    /// <param name="Type">Of a file system, its type.</param>
    /// <param name="Offset">Where its values begin.</param>
    public sealed record Row(int Machine, UsageShape Shape, string Key, string Device, string Disk, string Type, int Offset);
}
