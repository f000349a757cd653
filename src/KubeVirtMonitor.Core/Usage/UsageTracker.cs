using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Usage;

/// <summary>
/// Makes usage of looks: the samples of one scrape of each target. Rates are taken between a machine's values in a look and those in the look before it, wherever that was:
/// a virt-handler that was replaced goes on where the old one stopped, because the counters are QEMU's. Used by one thread.
/// </summary>
internal sealed class UsageTracker
{
    /// <summary>How long a session remembers a look.</summary>
    public static readonly TimeSpan DefaultMemory = TimeSpan.FromMinutes(10);

    /// <summary>Over less than this, equal counters mean that KubeVirt has not read them anew: it drops statistics older than 12 seconds, and caches them for up to 5.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromSeconds(20);

    // The newest measurement of a migration is 5 seconds old at most, and stays in the scrapes for a while after the migration has ended.
    private static readonly TimeSpan MigrationAge = TimeSpan.FromSeconds(15);

    private readonly Dictionary<string, TargetUsage> _targets = new(StringComparer.Ordinal);
    private readonly Dictionary<(string? Namespace, string Vmi), MachineKnowledge> _facts = [];
    private TargetUsage? _target;
    private SeriesDescriptor? _descriptor;
    private UsageColumn? _column;

    /// <summary>How long a look is remembered; <see cref="TimeSpan.MaxValue"/> = for good.</summary>
    public TimeSpan Memory { get; init; } = DefaultMemory;

    /// <summary>When the last look that was completed was taken; null where there was none.</summary>
    public DateTimeOffset? LastLook { get; private set; }

    /// <summary>How many machines are remembered, those included that are gone for less than <see cref="Memory"/>.</summary>
    public int Remembered => _targets.Values.Sum(static target => target.Machines.Count);

    /// <summary>The time between two scrapes of a machine, where it is said and not read; null = that between the looks. Scrapes then follow each other as they come, whatever their times.</summary>
    public TimeSpan? FixedInterval { get; init; }

    /// <summary>Whether a sample is of use.</summary>
    public static bool Wants(string name) => UsageColumns.Of(name) is not null;

    /// <summary>Takes a sample.</summary>
    /// <param name="sample">The sample. Samples of several targets may be mixed.</param>
    /// <param name="saved">When its scrape was saved; null = it comes from a target just now.</param>
    public void Add(MetricSample sample, DateTimeOffset? saved = null)
    {
        SeriesDescriptor descriptor = sample.Descriptor;
        if (!ReferenceEquals(descriptor, _descriptor))
        {
            _descriptor = descriptor;
            _column = UsageColumns.Of(descriptor.Name);
            if (_target is null || !ReferenceEquals(_target.Context, descriptor.Context)) _target = Enter(descriptor.Context, saved);
            if (_column is { Shape: UsageShape.VCpu, Index: 0 }) _target.IsUnitKnown = descriptor.Reading is not null;
        }

        if (_column is not { } column) return;
        if (column.Shape == UsageShape.Fact) AddFact(sample, column.Fact);
        else _target!.Add(sample, column);
    }

    /// <summary>Takes the end of a target's scrape. What failed is as if it had not been tried: its next look is compared with the one before.</summary>
    /// <param name="target">The target, as its samples name it.</param>
    /// <param name="isWhole">Whether the scrape came to its end.</param>
    /// <param name="hasAll">Whether all machines were wanted.</param>
    public void EndTarget(string target, bool isWhole, bool hasAll)
    {
        if (!_targets.TryGetValue(target, out TargetUsage? usage) || usage.Time == 0) return;
        if (!isWhole) usage.Discard();
        else usage.IsWhole = hasAll;
        _target = null;
        _descriptor = null;
    }

    /// <summary>Whether machines are in the look that goes on of which there was none before, so that another look is worth its while: those of a target whose machines were all seen before are new.</summary>
    public bool NeedsAnother => Present().Any(place => !(place.Target.WholeTime >= Oldest(place.Machine.Time) && place.Target.WholeTime != 0) && Earlier(place) is null);

    /// <summary>Whether the last looks at all targets were at all their machines.</summary>
    public bool HasAll => _targets.Values.All(static target => target.WholeTime != 0 && target.WholeTime == target.TimeBefore);

    /// <summary>Whether a machine is in the look that goes on.</summary>
    public bool Has(string? inNamespace, string vmi) => _targets.Values.Any(target => target.Time != 0 && target.Find(inNamespace, vmi) is >= 0 and int at && target.Machines[at].Time != 0);

    /// <summary>Works out the usage of the look that goes on, which becomes the one before.</summary>
    /// <param name="withDevices">Whether devices are wanted too.</param>
    /// <param name="nodeOf">The node of a machine by the API server; null where it is not known. Asked for machines that two virt-handlers report at the same time, as they do for seconds at the end of a migration.</param>
    public UsageLook Complete(bool withDevices = false, Func<KubeVirtSession, string?, string, string?>? nodeOf = null)
    {
        UsageLook look = new();
        Dictionary<(KubeVirtSession?, string?, string), (Place Place, int At)> seen = [];
        foreach (TargetUsage target in _targets.Values)
        {
            if (target.Time == 0) continue;
            List<(Place Place, MachineUsage Usage)> usages = Compute(target, withDevices);
            foreach ((Place place, MachineUsage usage) in usages)
            {
                TargetUsage.Machine machine = place.Machine;
                (KubeVirtSession?, string?, string) key = (machine.Session, machine.Namespace, machine.Vmi);
                if (seen.TryGetValue(key, out (Place Place, int At) other))
                {
                    // Of one cluster that is a migration; addresses and files may be of several.
                    if (machine.Session is null && usage.Interval is not null && look.Machines[other.At].Interval is not null) look.Doubles.Add($"{machine.Namespace}/{machine.Vmi}");
                    if (!IsBetter(place, usage, other.Place, look.Machines[other.At], nodeOf)) continue;
                    look.Machines[other.At] = ToUsage(place, usage);
                    look.Details.RemoveAll(detail => detail.Session == machine.Session && detail.Namespace == machine.Namespace && detail.Vmi == machine.Vmi);
                }
                else
                {
                    seen.Add(key, (place, look.Machines.Count));
                    look.Machines.Add(ToUsage(place, usage));
                }

                if (usage.Devices is { } devices) look.Details.AddRange(devices.Select(device => ToDetail(place, usage, device)));
            }
        }

        Turn();
        return look;
    }

    /// <summary>Makes the look that goes on the one before, without working anything out.</summary>
    public void Turn()
    {
        long latest = 0;
        foreach (TargetUsage target in _targets.Values) latest = Math.Max(latest, target.Time);
        if (latest == 0) return;
        LastLook = new DateTimeOffset(latest, TimeSpan.Zero);
        long oldest = Oldest(latest);
        foreach ((string name, TargetUsage target) in _targets.ToArray())
        {
            if (target.Time != 0 && target.IsWhole) target.WholeTime = target.Time;
            target.Turn(oldest);
            if (target.Machines.Count == 0 || target.Machines.TrueForAll(machine => machine.TimeBefore < oldest)) _targets.Remove(name);
        }

        _facts.Clear();
        _target = null;
        _descriptor = null;
    }

    /// <summary>Gives up the look that goes on.</summary>
    public void Abandon()
    {
        foreach (TargetUsage target in _targets.Values.Where(static target => target.Time != 0)) target.Discard();
        foreach (TargetUsage target in _targets.Values) target.ForgetLabels();
        _facts.Clear();
        _target = null;
        _descriptor = null;
    }

    private TargetUsage Enter(ScrapeContext context, DateTimeOffset? saved)
    {
        if (!_targets.TryGetValue(context.Target, out TargetUsage? target)) _targets.Add(context.Target, target = new TargetUsage());
        if (ReferenceEquals(target.Context, context)) return target;
        // A target that is looked at again before its look was completed has the later one.
        if (target.Time != 0) target.Discard();
        target.Context = context;
        target.Time = (saved ?? context.Timestamp).UtcTicks;
        return target;
    }

    private void AddFact(MetricSample sample, UsageFact fact)
    {
        MachineIdentity machine = sample.ReadMachine();
        if (machine.Vmi is not { } vmi) return;
        if (fact == UsageFact.ConfiguredMemory && !(sample.ReadLabel("resource"u8) == UsageColumns.ConfiguredResource && sample.ReadLabel("source"u8) == UsageColumns.ConfiguredSource)) return;
        if (!_facts.TryGetValue((machine.Namespace, vmi), out MachineKnowledge? facts)) _facts.Add((machine.Namespace, vmi), facts = new MachineKnowledge());
        ref double known = ref facts.Of(fact);
        if (double.IsNaN(known) || sample.Value > known) known = sample.Value;
    }

    private IEnumerable<Place> Present()
    {
        foreach (TargetUsage target in _targets.Values)
        {
            for (int i = 0; target.Time != 0 && i < target.Machines.Count; i++)
            {
                if (target.Machines[i].Time != 0) yield return new Place(target, i);
            }
        }
    }

    private long Oldest(long now) => Memory == TimeSpan.MaxValue ? 0 : now - Memory.Ticks;

    // Where a machine was in the look before: mostly at the same target, and else at the one that saw it last.
    private Place? Earlier(Place place)
    {
        long oldest = Oldest(place.Machine.Time);
        Place? found = place.Machine.TimeBefore != 0 && place.Machine.TimeBefore >= oldest && IsBefore(place.Machine, place.Machine) ? place : null;
        if (found is not null && place.Machine.TimeBefore == place.Target.TimeBefore) return found;
        foreach (TargetUsage other in _targets.Values)
        {
            if (other == place.Target || other.Find(place.Machine.Namespace, place.Machine.Vmi) is not (>= 0 and int at)) continue;
            TargetUsage.Machine machine = other.Machines[at];
            if (machine.Session == place.Machine.Session && machine.TimeBefore >= oldest && IsBefore(machine, place.Machine) && machine.TimeBefore > (found?.Machine.TimeBefore ?? 0)) found = new Place(other, at);
        }

        return found;
    }

    private bool IsBefore(TargetUsage.Machine before, TargetUsage.Machine now) => before.TimeBefore < now.Time || (FixedInterval is not null && before.TimeBefore != 0);

    private List<(Place Place, MachineUsage Usage)> Compute(TargetUsage target, bool withDevices)
    {
        MachineUsage?[] usages = new MachineUsage?[target.Machines.Count];
        for (int i = 0; i < usages.Length; i++)
        {
            if (target.Machines[i].Time != 0) usages[i] = new MachineUsage(Earlier(new Place(target, i)), target.Machines[i].Time, FixedInterval, withDevices, target.IsUnitKnown);
        }

        for (int row = 0; row < target.Rows.Count; row++) usages[target.Rows[row].Machine]?.Compare(target, row);
        for (int row = 0; row < target.Rows.Count; row++) usages[target.Rows[row].Machine]?.Take(target, row);
        List<(Place, MachineUsage)> found = [];
        for (int i = 0; i < usages.Length; i++)
        {
            if (usages[i] is not { } usage) continue;
            usage.Sums.Derive();
            found.Add((new Place(target, i), usage));
        }

        return found;
    }

    // Of a machine that two report, the one that is where the API server says; else the one that knew it before.
    private static bool IsBetter(Place place, MachineUsage usage, Place other, KubeVirtUsage otherUsage, Func<KubeVirtSession, string?, string, string?>? nodeOf)
    {
        if (place.Machine.Session is { } session && nodeOf?.Invoke(session, place.Machine.Namespace, place.Machine.Vmi) is { } node && place.Machine.Node != other.Machine.Node)
            return place.Machine.Node == node;
        return usage.Interval is not null && otherUsage.Interval is null;
    }

    private KubeVirtUsage ToUsage(Place place, MachineUsage usage)
    {
        TargetUsage.Machine machine = place.Machine;
        MachineKnowledge? facts = _facts.GetValueOrDefault((machine.Namespace, machine.Vmi));
        facts?.AddTo(usage.Sums);
        DateTimeOffset now = new(machine.Time, TimeSpan.Zero);
        return new KubeVirtUsage(usage.Sums)
        {
            Namespace = machine.Namespace,
            Vmi = machine.Vmi,
            Node = machine.Node,
            Session = machine.Session,
            Timestamp = now,
            Interval = usage.Interval,
            Refreshed = usage.Interval is null ? null : usage.IsMoved || usage.IsRestarted,
            Restarted = usage.IsRestarted,
            StatusAge = facts?.Since(UsageFact.StatusSince, now),
            MigrationDuration = facts?.MigrationDuration(now),
        };
    }

    private static KubeVirtUsageDetail ToDetail(Place place, MachineUsage usage, (TargetUsage.Row Row, UsageSums Sums) device) => new(device.Sums)
    {
        Kind = device.Row.Shape switch
        {
            UsageShape.VCpu => UsageDevice.VCpu,
            UsageShape.Drive => UsageDevice.Drive,
            UsageShape.Interface => UsageDevice.Interface,
            _ => UsageDevice.FileSystem,
        },
        Device = device.Row.Device,
        Disk = device.Row.Disk.Length > 0 ? device.Row.Disk : null,
        FileSystemType = device.Row.Type.Length > 0 ? device.Row.Type : null,
        Namespace = place.Machine.Namespace,
        Vmi = place.Machine.Vmi,
        Node = place.Machine.Node,
        Session = place.Machine.Session,
        Timestamp = new DateTimeOffset(place.Machine.Time, TimeSpan.Zero),
        Interval = usage.Interval,
    };

    /// <summary>A machine at a target.</summary>
    internal readonly record struct Place(TargetUsage Target, int Number)
    {
        public TargetUsage.Machine Machine => Target.Machines[Number];
    }

    /// <summary>The figures of a machine while its rows are read.</summary>
    private sealed class MachineUsage
    {
        private readonly Place? _earlier;
        private readonly bool _withDevices;
        private readonly bool _isUnitKnown;
        private readonly double _seconds;
        private readonly long _now;
        private double _cpu = double.NaN;
        private double _vcpu;
        private bool _fell;
        private bool _cpuFell;

        public MachineUsage(Place? earlier, long now, TimeSpan? interval, bool withDevices, bool isUnitKnown)
        {
            _earlier = earlier;
            _withDevices = withDevices;
            _isUnitKnown = isUnitKnown;
            _now = now;
            if (earlier is not { } place) return;
            Interval = interval ?? TimeSpan.FromTicks(now - place.Machine.TimeBefore);
            _seconds = Interval.Value.TotalSeconds;
        }

        public UsageSums Sums { get; } = new();

        public TimeSpan? Interval { get; }

        public List<(TargetUsage.Row Row, UsageSums Sums)>? Devices { get; private set; }

        /// <summary>Whether any counter moved.</summary>
        public bool IsMoved { get; private set; }

        /// <summary>Whether the counters began anew: those of the whole machine fell, and not only those of a disk that was plugged anew.</summary>
        public bool IsRestarted => double.IsNaN(_cpu) ? _fell : _cpuFell;

        // Some versions give the time of virtual CPUs in milliseconds; where the version is not known, it shows: a part cannot be ten times the whole.
        private double VCpuScale => !_isUnitKnown && _vcpu > 10 * _cpu && _cpu > 0 ? 0.001 : 1;

        private bool HasRates => _earlier is not null && _seconds > 0 && !IsRestarted && (IsMoved || Interval >= Settled);

        /// <summary>Sees what moved in a row, before any figure is made.</summary>
        public void Compare(TargetUsage target, int row)
        {
            UsageShape shape = target.Rows[row].Shape;
            if (Before(target, row) is not { IsEmpty: false } before || shape == UsageShape.FileSystem) return;
            ReadOnlySpan<double> now = target.Now(row);
            ReadOnlySpan<UsageColumns.Family> families = UsageColumns.FamiliesOf(shape);
            for (int i = 0; i < families.Length; i++)
            {
                if (families[i].Kind is not (UsageKind.Counter or UsageKind.SlowCounter)) continue;
                double change = now[i] - before[i];
                if (double.IsNaN(change)) continue;
                if (change != 0) IsMoved = true;
                if (shape == UsageShape.Machine && i == 0)
                {
                    _cpu = change;
                    _cpuFell = change < 0;
                }

                if (shape == UsageShape.VCpu && i == 0) _vcpu += Math.Max(change, 0);
                if (change < 0 && shape is UsageShape.Machine or UsageShape.VCpu) _fell = true;
            }
        }

        /// <summary>Adds a row to the figures.</summary>
        public void Take(TargetUsage target, int row)
        {
            TargetUsage.Row known = target.Rows[row];
            ReadOnlySpan<double> now = target.Now(row);
            ReadOnlySpan<double> before = Before(target, row);
            if (known.Shape == UsageShape.Machine)
            {
                TakeMachine(target, row, before);
                return;
            }

            if (IsEmpty(now)) return;
            UsageSums sums = new();
            ReadOnlySpan<UsageColumns.Family> families = UsageColumns.FamiliesOf(known.Shape);
            if (HasFallen(families, now, before)) before = default;
            for (int i = 0; i < families.Length; i++)
                sums.Set(families[i].Figure, families[i].Kind == UsageKind.Gauge ? now[i] : Rate(now, before, i) * (known.Shape == UsageShape.VCpu && i == 0 ? VCpuScale : 1));
            switch (known.Shape)
            {
                case UsageShape.VCpu:
                    Sums.Add(UsageFigure.VCpus, 1);
                    if (sums[UsageFigure.VCpuRun] is not null) Sums.Add(UsageFigure.VCpusWithRun, 1);
                    if (sums[UsageFigure.VCpuReady] is { } ready)
                    {
                        Sums.Add(UsageFigure.VCpusWithReady, 1);
                        Sums.Add(UsageFigure.VCpuReadyMax, ready);
                    }

                    break;
                case UsageShape.FileSystem:
                    if (FileSystems.Counts(known.Device, known.Type) && UsageSums.Ratio(now[0], now[1]) is { } part && double.IsFinite(part)) Sums.Add(UsageFigure.FileSystemMax, 100 * part);
                    break;
            }

            foreach (UsageColumns.Family family in families)
            {
                // Space is of each file system, and several may be on one disk: their sum is of nothing.
                if (known.Shape != UsageShape.FileSystem && sums[family.Figure] is { } value) Sums.Add(family.Figure, value);
            }

            if (_withDevices) (Devices ??= []).Add((known, sums));
        }

        private void TakeMachine(TargetUsage target, int row, ReadOnlySpan<double> before)
        {
            Span<double> now = target.Now(row);
            ReadOnlySpan<UsageColumns.Family> families = UsageColumns.FamiliesOf(UsageShape.Machine);
            for (int i = 0; i < families.Length; i++)
            {
                double value = families[i].Kind switch
                {
                    UsageKind.Gauge => now[i],
                    UsageKind.Migration => IsCurrent(now, before, UsageColumns.TimeColumn(i), UsageColumns.SeenColumn(i)) ? now[i] : double.NaN,
                    UsageKind.SlowCounter when Interval < Settled => double.NaN,
                    _ => Rate(now, before, i),
                };
                Sums.Set(families[i].Figure, value);
            }
        }

        // Lines without a time are of this moment. The clock of the node may differ from ours, so what counts is when we first saw a measurement; of the first one, how old it seems.
        private bool IsCurrent(Span<double> now, ReadOnlySpan<double> before, int column, int seen)
        {
            double time = now[column];
            if (double.IsNaN(time) || time == 0) return true;
            bool isFirst = before.IsEmpty || double.IsNaN(before[column]);
            now[seen] = isFirst ? Math.Min(time, _now) : time > before[column] ? _now : before[seen];
            return _now - now[seen] < MigrationAge.Ticks;
        }

        private double Rate(ReadOnlySpan<double> now, ReadOnlySpan<double> before, int column)
        {
            if (!HasRates || before.IsEmpty) return double.NaN;
            double change = now[column] - before[column];
            return change < 0 ? double.NaN : change / _seconds;
        }

        private ReadOnlySpan<double> Before(TargetUsage target, int row)
        {
            if (_earlier is not { } earlier) return default;
            if (earlier.Target == target) return target.Before(row);
            TargetUsage.Row known = target.Rows[row];
            int at = earlier.Target.Find(earlier.Number, known.Shape, known.Key);
            return at < 0 ? default : earlier.Target.Before(at);
        }

        // A disk or a network that was plugged anew: also what has already caught up began anew.
        private static bool HasFallen(ReadOnlySpan<UsageColumns.Family> families, ReadOnlySpan<double> now, ReadOnlySpan<double> before)
        {
            for (int i = 0; i < families.Length && !before.IsEmpty; i++)
            {
                if (families[i].Kind == UsageKind.Counter && now[i] < before[i]) return true;
            }

            return false;
        }

        private static bool IsEmpty(ReadOnlySpan<double> values)
        {
            foreach (double value in values)
            {
                if (!double.IsNaN(value)) return false;
            }

            return true;
        }
    }
}

/// <summary>What virt-controller knows of a machine at one moment; NaN where it says nothing.</summary>
internal sealed class MachineKnowledge
{
    private readonly double[] _values = [double.NaN, double.NaN, double.NaN, double.NaN, double.NaN];

    /// <summary>A fact.</summary>
    public ref double Of(UsageFact fact) => ref _values[(int)fact];

    /// <summary>Puts what are figures among those of the machine.</summary>
    public void AddTo(UsageSums sums)
    {
        sums.Set(UsageFigure.LauncherOverhead, Of(UsageFact.LauncherOverhead));
        if (sums[UsageFigure.MemoryBalloon] is { } balloon) sums.Set(UsageFigure.MemoryBallooned, Of(UsageFact.ConfiguredMemory) - balloon);
    }

    /// <summary>How long ago something was; null where it is not known.</summary>
    public TimeSpan? Since(UsageFact fact, DateTimeOffset now) => Of(fact) is > 0 and double seconds && UnixTime.FromSeconds(seconds) is { } since && since <= now ? now - since : null;

    /// <summary>How long the last migration took, or the running one has taken so far.</summary>
    public TimeSpan? MigrationDuration(DateTimeOffset now)
    {
        double start = Of(UsageFact.MigrationStart);
        double end = Of(UsageFact.MigrationEnd);
        if (double.IsNaN(start)) return null;
        return end >= start ? UsageSums.Seconds(end - start) : Since(UsageFact.MigrationStart, now);
    }
}

/// <summary>The usage in one look.</summary>
internal sealed class UsageLook
{
    /// <summary>One for each machine.</summary>
    public List<KubeVirtUsage> Machines { get; } = [];

    /// <summary>One for each device, where they were asked for.</summary>
    public List<KubeVirtUsageDetail> Details { get; } = [];

    /// <summary>Machines that two targets of no session report, each as one that it knew before: they may be two machines of one name.</summary>
    public List<string> Doubles { get; } = [];

    /// <summary>Tells all that is in it which look it is of.</summary>
    public void Moment()
    {
        if (Machines.Count == 0) return;
        UsageMoment moment = new(
            Machines.Max(static usage => usage.Timestamp),
            Machines.Max(static usage => usage.Interval),
            [.. Machines.Select(static usage => usage.Cluster).Distinct().Select(static cluster => cluster ?? "(no session)").Order(StringComparer.Ordinal)]);
        foreach (KubeVirtUsage usage in Machines) usage.Moment = moment;
    }
}

/// <summary>When a look was taken.</summary>
/// <param name="Time">The time of its last answer.</param>
/// <param name="Interval">The longest time since the look before; null where there was none.</param>
/// <param name="Clusters">The clusters that were looked at.</param>
/// <param name="IsStored">Whether it was read from a server that stores values, and may be of any day.</param>
internal sealed record UsageMoment(DateTimeOffset Time, TimeSpan? Interval, string[] Clusters, bool IsStored = false);

/// <summary>Tells file systems with data from others, as KubeVirt's alert GuestFilesystemAlmostOutOfSpace does (pkg/monitoring/rules/alerts/vms.go).</summary>
internal static class FileSystems
{
    private static readonly HashSet<string> Pseudo = new(StringComparer.Ordinal)
    {
        "CDFS", "iso9660", "udf", "squashfs", "cramfs", "tmpfs", "devtmpfs", "proc", "sysfs", "selinuxfs", "securityfs", "pstore", "debugfs", "tracefs", "configfs",
        "binfmt_misc", "bpf", "devpts", "mqueue", "nsfs", "rpc_pipefs", "ramfs", "rootfs", "overlay", "fusectl",
    };

    private static readonly string[] PseudoPrefixes = ["cgroup", "fuse."];

    /// <summary>The mount point of a partition of Windows that is full by design.</summary>
    public const string Reserved = "System Reserved";

    /// <summary>The types that have no data, with wildcards.</summary>
    public static IEnumerable<string> PseudoTypes => [.. Pseudo.Order(StringComparer.Ordinal), .. PseudoPrefixes.Select(static prefix => $"{prefix}*")];

    /// <summary>Whether it can run out of space.</summary>
    public static bool Counts(string mountPoint, string type) => mountPoint != Reserved
        && !Pseudo.Contains(type) && !Array.Exists(PseudoPrefixes, prefix => type.StartsWith(prefix, StringComparison.Ordinal));
}
