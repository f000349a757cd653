using System.IO.Enumeration;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// The machines of a cluster over time. An event takes effect at its time by the clock of the cluster, to the tick, whenever somebody looks; its later parts are steps of their own.
/// </summary>
internal sealed class ClusterMotion
{
    /// <summary>How many migrations of a machine that are over stay; virt-controller deletes the older ones.</summary>
    private const int KeptMigrations = 5;

    private readonly SimulatedCluster _cluster;
    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action<long>, (long At, long Number)> _steps = new();
    private readonly StatisticsCaches? _caches;
    private readonly List<MigrationQueue> _queues = [];
    private readonly List<ReportedVmi> _lingering = [];
    private readonly Dictionary<int, (long Until, bool Hangs)> _silent = [];
    private readonly List<ClusterChange> _changes = [];
    private readonly List<ClusterEvent> _faulted = [];
    private readonly List<ClusterEvent> _faultsSoFar = [];
    private readonly SimulatedVm[] _well;
    private readonly Lock _telling = new();
    private SimulatedVmi[] _vmis;
    private SimulatedVm[] _vms;
    private SimulatedMigration[] _migrations;
    private MachineRun?[]? _runs;
    private bool _moved;
    private long _number;
    private long _made;
    private ITimer? _timer;

    public ClusterMotion(SimulatedCluster cluster, ClusterBuilder builder)
    {
        _cluster = cluster;
        _vmis = builder.Vmis;
        _vms = _well = builder.Vms;
        _migrations = builder.Migrations;
        if (cluster.Options.Caches) _caches = StatisticsCaches.Of(cluster.Release);
        if (cluster.Options.Caches || cluster.Options.Live)
        {
            foreach (SimulatedVmi vmi in _vmis.Where(static vmi => vmi.Node is not null)) Follow(vmi);
        }

        foreach (KnownLoad load in cluster.Options.Loads) SetLoad(load, 0);
        foreach (ClusterEvent each in cluster.Options.Events) Schedule(each, 0);
    }

    public IReadOnlyList<SimulatedVmi> Vmis => _vmis;

    public IReadOnlyList<SimulatedVm> Vms => _vms;

    public IReadOnlyList<SimulatedMigration> Migrations => _migrations;

    /// <summary>Who is told of changes, in the order in which they happen.</summary>
    public Action<ClusterChange>? Changed { get; set; }

    /// <summary>The faults so far, and what recovered.</summary>
    public IReadOnlyList<ClusterEvent> FaultsSoFar
    {
        get
        {
            lock (_gate) return [.. _faultsSoFar];
        }
    }

    /// <summary>Who is told of faults, and of what recovers, after the changes of machines.</summary>
    public Action<ClusterEvent>? Faulted { get; set; }

    /// <summary>Who replaces a pod of KubeVirt, of an id, at a moment.</summary>
    public Func<string, long, Task>? PodRestart { get; set; }

    /// <summary>The machines that a virt-handler tells of, and the migrations away from its node.</summary>
    public (IReadOnlyList<ReportedVmi> Vmis, IReadOnlyList<MigrationQueue> Queues) Reported(SimulatedPod handler)
    {
        lock (_gate)
        {
            IEnumerable<SimulatedVmi> there = !_moved
                ? new ArraySegment<SimulatedVmi>(_vmis, handler.Index * _cluster.Options.VmisPerHandler, _cluster.Options.VmisPerHandler)
                : _vmis.Where(vmi => vmi.Node == handler.Node && vmi.Phase == "Running" && !_silent.ContainsKey(vmi.Ordinal));
            IEnumerable<ReportedVmi> reported = there.Select(vmi => new ReportedVmi(vmi, _runs?[vmi.Ordinal]));
            return ([.. reported, .. _lingering.Where(each => each.Vmi.Node == handler.Node)], [.. _queues.Where(queue => queue.Migration.Node == handler.Node)]);
        }
    }

    /// <summary>Whether a machine on the node of a virt-handler has a virt-launcher that does not answer.</summary>
    public bool HasSilent(SimulatedPod handler)
    {
        lock (_gate) return _silent.Any(silent => silent.Value.Hangs && _vmis[silent.Key].Node == handler.Node);
    }

    /// <summary>Forgets the migrations whose last measurements were told.</summary>
    public void Forget(IEnumerable<MigrationQueue> queues)
    {
        lock (_gate)
        {
            if (_queues.RemoveAll(queue => queue.IsOver && queues.Contains(queue)) > 0) _cluster.ForgetPlans();
        }
    }

    /// <summary>Lets everything happen that is due.</summary>
    public void Settle(long now)
    {
        lock (_telling)
        {
            lock (_gate)
            {
                if (!_steps.TryPeek(out _, out var first) || first.At > now) return;
                while (_steps.TryPeek(out Action<long>? step, out var due) && due.At <= now)
                {
                    _steps.Dequeue();
                    step(due.At);
                }

                _cluster.ForgetPlans();
            }

            Wake(now);
            Tell();
        }
    }

    /// <summary>Sets the load of machines from a moment on, over what they have.</summary>
    public void SetLoad(KnownLoad load, long from)
    {
        lock (_telling)
        {
            lock (_gate) Load(load, from);
            Tell();
        }
    }

    /// <summary>The loads that machines have.</summary>
    public IReadOnlyList<KnownLoad> LoadsAt(long ticks)
    {
        lock (_gate) return [.. _vmis.Select(vmi => new KnownLoad($"{vmi.Namespace}/{vmi.Name}", LoadOf(vmi, ticks))).Where(static load => !load.Load.IsNone)];
    }

    /// <summary>Lets something happen at a time.</summary>
    /// <param name="what">What.</param>
    /// <param name="from">The moment from which its time is counted.</param>
    /// <exception cref="ArgumentException">It cannot happen.</exception>
    public void Schedule(ClusterEvent what, long from)
    {
        lock (_telling)
        {
            lock (_gate) Plan(what, from + what.After.Ticks);
            Wake(_cluster.ElapsedTicks);
        }
    }

    private static Dictionary<string, string> Labels(SimulatedVmi vmi, string? node)
    {
        Dictionary<string, string> labels = new(vmi.Labels, StringComparer.Ordinal);
        labels.Remove("kubevirt.io/nodeName");
        if (node is not null) labels["kubevirt.io/nodeName"] = node;
        return new Dictionary<string, string>(labels.OrderBy(static label => label.Key, StringComparer.Ordinal), StringComparer.Ordinal);
    }

    private static SimulatedVmi With(SimulatedVmi vmi, MachineLoad load)
    {
        if (load["agent"] is { } agent && agent == 1 != vmi.AgentConnected) vmi = vmi with { AgentConnected = agent == 1 };
        if (load["balloon"] is { } balloon && balloon == 1 != vmi.HasBalloon) vmi = vmi with { HasBalloon = balloon == 1 };
        return vmi;
    }

    private void Plan(ClusterEvent what, long at)
    {
        if (what.Kind == "restart" && what.Target.Contains('/', StringComparison.Ordinal) && _cluster.Pods.FirstOrDefault(pod => pod.Id == what.Target) is { } pod)
        {
            Step(at, what.Every, now => PodRestart?.Invoke(pod.Id, now));
            return;
        }

        if (what.Kind is "stuck" or "machine" or "recover" or "panic" || _cluster.Faults.Knows(what))
        {
            PlanFault(what, at);
            return;
        }

        foreach (SimulatedVmi vmi in KnownLoad.Matches(_vmis, what.Target))
        {
            int ordinal = vmi.Ordinal;
            Check(what, vmi);
            Step(at, what.Every, now => Happen(what, _vmis[ordinal], now));
        }
    }

    /// <summary>What alerts are about: of machines here, of all else by the faults of the cluster.</summary>
    private void PlanFault(ClusterEvent what, long at)
    {
        if (what.Kind is "stuck" or "machine" or "panic" && !_vms.Any(vm => IsMeant(what.Target, vm.Namespace, vm.Name))) throw new ArgumentException($"There is no machine '{what.Target}'.");
        _cluster.Faults.Check(what);
        Step(at, what.Every, now =>
        {
            if (_cluster.Faults.Knows(what)) _cluster.Faults.Apply(what, now);
            if (what.Kind is "stuck" or "recover") Stick(what, now);
            if (what.Kind is "machine" or "recover" or "panic") Mark(what);
            _faulted.Add(what);
            _faultsSoFar.Add(what);
        });
    }

    /// <summary>Whether a target, in which <c>*</c> and <c>?</c> stand for any letters, means a machine.</summary>
    public static bool IsMeant(string target, string space, string name) => FileSystemName.MatchesSimpleExpression(target, name, ignoreCase: false) || FileSystemName.MatchesSimpleExpression(target, $"{space}/{name}", ignoreCase: false);

    /// <summary>Gives machines another status, or the one that they had at first.</summary>
    private void Stick(ClusterEvent what, long now) => _vms = [.. _vms.Select((vm, index) =>
    {
        string status = what.Kind == "stuck" ? what.Arguments.GetValueOrDefault("status", "ErrorUnschedulable") : _well[index].Status;
        return !IsMeant(what.Target, vm.Namespace, vm.Name) || vm.Status == status ? vm : vm with { Status = status, StatusSince = _cluster.StartTime.AddTicks(now) };
    })];

    private void Mark(ClusterEvent what)
    {
        foreach (SimulatedVmi vmi in _vmis.Where(vmi => IsMeant(what.Target, vmi.Namespace, vmi.Name)).ToArray())
        {
            if (what.Kind == "panic") _cluster.Faults.Panic(vmi, what.Number("times", 1));
            SimulatedVmi marked = what.Kind switch
            {
                "recover" => vmi with { Outdated = false, Evictable = true },
                "machine" => vmi with { Outdated = what.Flag("outdated", vmi.Outdated), Evictable = what.Flag("evictable", vmi.Evictable) },
                _ => vmi,
            };
            if (marked == vmi) continue;
            Replace(marked);
            _changes.Add(new ClusterChange(vmi, marked));
        }
    }

    /// <summary>Looks whether something can happen to a machine, before its time.</summary>
    private void Check(ClusterEvent what, SimulatedVmi vmi)
    {
        if (what.Kind is "migrate" or "migrated") TargetOf(what, vmi);
        if (what.Kind == "migrated" && what.After == TimeSpan.Zero && !vmi.Migrating) throw new ArgumentException($"{vmi.Name} is not being migrated.");
        if (what.Kind == "load") LoadOf(vmi, long.MaxValue).With(what.Load()).Check(With(vmi, what.Load()), !KnownLoad.IsPattern(what.Target));
        if (what.Kind != "hotplug") return;
        string disk = what.Arguments.GetValueOrDefault("disk", "data1");
        if (vmi.Drives.Contains(disk)) throw new ArgumentException($"{vmi.Name} has a disk '{disk}' already.");
        what.Load(disk).Check(vmi with { PluggedDisks = [.. vmi.PluggedDisks, new PluggedDisk(disk, 0)] }, literal: false);
    }

    /// <summary>Sets the load of machines.</summary>
    /// <param name="load">The load.</param>
    /// <param name="from">Since when.</param>
    /// <param name="alone">Whether it takes the place of what they had where both together cannot be: of an event there is nobody to tell when its time has come.</param>
    private void Load(KnownLoad load, long from, bool alone = false)
    {
        IReadOnlyList<SimulatedVmi> found = KnownLoad.Matches(_vmis, load.Machine);
        bool literal = !KnownLoad.IsPattern(load.Machine);
        (SimulatedVmi Vmi, MachineLoad Load)[] all = [.. found.Select(vmi => (With(vmi, load.Load), load.Load.IsNone ? MachineLoad.None : LoadOf(vmi, from).With(load.Load)))];
        for (int i = 0; i < all.Length; i++)
        {
            try
            {
                all[i].Load.Check(all[i].Vmi, literal);
            }
            catch (FormatException) when (alone)
            {
                all[i].Load = load.Load;
            }
        }

        foreach ((SimulatedVmi vmi, MachineLoad whole) in all)
        {
            if (_vmis[vmi.Ordinal] is { } before && before != vmi)
            {
                Replace(vmi);
                _changes.Add(new ClusterChange(before, vmi));
            }

            Follow(vmi).SetLoad(from, whole);
        }

        _cluster.ForgetPlans();
    }

    private void Happen(ClusterEvent what, SimulatedVmi vmi, long now)
    {
        // What an earlier event has taken away, such as a machine that is just being started again, nothing happens to.
        if (vmi.Phase != "Running") return;
        switch (what.Kind)
        {
            case "restart":
                Restart(vmi, now, what.Time("down", TimeSpan.FromSeconds(5)).Ticks);
                break;
            case "migrate":
                Migrate(what, vmi, now);
                break;
            case "migrated" when vmi.Migrating:
                Arrive(what, vmi, now);
                break;
            case "silent":
                Silence(vmi, now, what.Time("for", TimeSpan.FromSeconds(20)).Ticks, hangs: true);
                break;
            case "hotplug":
                Plug(what, vmi, now);
                break;
            case "load":
                Load(new KnownLoad($"{vmi.Namespace}/{vmi.Name}", what.Load()), now, alone: true);
                break;
            default:
                break;
        }
    }

    private void Restart(SimulatedVmi vmi, long now, long down)
    {
        long number = ++_made;
        MachineLoad load = LoadOf(vmi, now);
        SimulatedMigration[] cancelled = vmi.Migrating ? [End(vmi, now, "Failed")] : [];
        SimulatedVmi coming = vmi with
        {
            Uid = StableId.Uid(_cluster.Options.Seed, "vmi", $"{vmi.Name}/{number}"),
            LauncherPod = LauncherOf(vmi, number),
            Phase = "Scheduling",
            Node = null,
            Labels = Labels(vmi, null),
            Created = _cluster.StartTime.AddTicks(now),
            Started = _cluster.StartTime.AddTicks(now + down),
            Migrating = false,
            Migration = null,
        };
        if (_runs is not null) _runs[vmi.Ordinal] = null;
        Change(vmi, coming, "Starting", now, cancelled);
        Step(now + down, then =>
        {
            SimulatedVmi running = coming with { Phase = "Running", Node = vmi.Node, Labels = Labels(vmi, vmi.Node) };
            Begin(running, then, load);
            Change(coming, running, "Running", then);
        });
    }

    private void Migrate(ClusterEvent what, SimulatedVmi vmi, long now)
    {
        // It may have come to that node by an earlier event.
        if (TargetOf(what, vmi) == vmi.Node) return;
        long number = ++_made;
        SimulatedMigration[] cancelled = vmi.Migrating ? [End(vmi, now, "Failed")] : [];
        SimulatedMigration migration = new($"migrate-{vmi.Name}-{number}", vmi.Namespace, vmi.Name, vmi.Node!, "Running", _cluster.StartTime.AddTicks(now), null)
        {
            TargetNode = TargetOf(what, vmi),
            TargetPod = LauncherOf(vmi, number),
            Transfer = new KnownTransfer(what.Size("total", vmi.MemoryBytes), what.Size("rate", 50_000_000), what.Size("dirty", 7_000_000)),
        };
        _migrations = [.. _migrations, migration];
        _queues.Add(new MigrationQueue(migration, now));
        SimulatedVmi moving = vmi with { Migrating = true, Migration = migration };
        Follow(moving);
        Change(vmi, moving, "Migrating", now, [.. cancelled, migration]);
        TimeSpan? fails = what.Arguments.ContainsKey("fails-after") ? what.Time("fails-after", default) : null;
        if (fails is { } failing) Step(now + failing.Ticks, then => IfStill(migration, vmi.Ordinal, still => Change(still, still with { Migrating = false, Migration = null }, "Running", then, End(still, then, "Failed"))));
        if (migration.Transfer.Duration is { } duration) Step(now + duration.Ticks, then => IfStill(migration, vmi.Ordinal, still => Arrive(what, still, then)));
    }

    private void IfStill(SimulatedMigration migration, int ordinal, Action<SimulatedVmi> then)
    {
        SimulatedVmi vmi = _vmis[ordinal];
        if (vmi.Migrating && vmi.Migration?.Name == migration.Name) then(vmi);
    }

    private void Arrive(ClusterEvent what, SimulatedVmi vmi, long now)
    {
        long gap = what.Time("gap", TimeSpan.FromSeconds(2)).Ticks;
        MachineLoad load = LoadOf(vmi, now);
        MachineRun old = Follow(vmi);
        string target = vmi.Migration?.TargetNode ?? TargetOf(what, vmi);
        SimulatedMigration ended = End(vmi, now, "Succeeded", target, vmi.Migration?.TargetPod ?? LauncherOf(vmi, ++_made));
        SimulatedVmi moved = vmi with { Node = target, Labels = Labels(vmi, target), LauncherPod = ended.TargetPod!, Migrating = false, Migration = ended };
        Begin(moved, now, load);
        Change(vmi, moved, "Running", now, ended);
        if (what.Both)
        {
            ReportedVmi leaving = new(vmi with { Migrating = false, Migration = null }, old);
            _lingering.Add(leaving);
            Step(now + gap, _ => _lingering.Remove(leaving));
        }
        else
        {
            Silence(moved, now, gap, hangs: false);
        }
    }

    /// <summary>Lets no virt-handler tell of a machine for a while, since its virt-launcher hangs or is not there yet; a later silence is counted from its own beginning.</summary>
    private void Silence(SimulatedVmi vmi, long now, long ticks, bool hangs)
    {
        _moved = true;
        _silent[vmi.Ordinal] = (now + ticks, hangs);
        Step(now + ticks, then =>
        {
            if (_silent.GetValueOrDefault(vmi.Ordinal).Until <= then) _silent.Remove(vmi.Ordinal);
        });
    }

    /// <summary>Ends the migration that runs.</summary>
    private SimulatedMigration End(SimulatedVmi vmi, long now, string phase, string? node = null, string? pod = null)
    {
        SimulatedMigration running = _migrations.First(each => each.Namespace == vmi.Namespace && each.Vmi == vmi.Name && each.Phase == "Running");
        SimulatedMigration ended = running with { Phase = phase, Ended = _cluster.StartTime.AddTicks(now), TargetNode = running.TargetNode ?? node, TargetPod = running.TargetPod ?? pod };
        _migrations = [.. _migrations.Select(each => each == running ? ended : each)];
        SimulatedMigration[] over = [.. _migrations.Where(each => each.Namespace == vmi.Namespace && each.Vmi == vmi.Name && each.Ended is not null).OrderByDescending(static each => each.Ended).Skip(KeptMigrations)];
        if (over.Length > 0) _migrations = [.. _migrations.Except(over)];
        foreach (MigrationQueue queue in _queues.Where(queue => queue.Migration.Name == running.Name)) queue.End(now);

        // Before 1.4 there is no ring whose last content is told once more.
        if (!_cluster.Release.IsV1Dot9) _queues.RemoveAll(queue => queue.Migration.Name == running.Name);
        return ended;
    }

    private void Plug(ClusterEvent what, SimulatedVmi vmi, long now)
    {
        string disk = what.Arguments.GetValueOrDefault("disk", "data1");
        if (vmi.Drives.Contains(disk)) return;
        SimulatedVmi grown = vmi with { PluggedDisks = [.. vmi.PluggedDisks, new PluggedDisk(disk, now)] };
        Follow(grown).SetLoad(now, LoadOf(vmi, now).With(what.Load(disk)));
        Change(vmi, grown, null, now);
    }

    private void Change(SimulatedVmi before, SimulatedVmi after, string? status, long now, params SimulatedMigration[] migrations)
    {
        _moved = true;
        Replace(after);
        if (status is not null) _vms = [.. _vms.Select(vm => vm.Name == after.Name && vm.Namespace == after.Namespace ? vm with { Status = status, StatusSince = _cluster.StartTime.AddTicks(now) } : vm)];
        _changes.Add(new ClusterChange(before, after, migrations));
    }

    private void Replace(SimulatedVmi vmi)
    {
        SimulatedVmi[] vmis = [.. _vmis];
        vmis[vmi.Ordinal] = vmi;
        _vmis = vmis;
    }

    private MachineRun Follow(SimulatedVmi vmi)
    {
        _runs ??= new MachineRun?[_vmis.Length];
        return _runs[vmi.Ordinal] ??= new MachineRun(0, anew: false, _caches, vmi.Ordinal);
    }

    private void Begin(SimulatedVmi vmi, long now, MachineLoad load)
    {
        _runs ??= new MachineRun?[_vmis.Length];
        MachineRun run = new(now, anew: true, _caches, vmi.Ordinal);
        run.SetLoad(now, load);
        _runs[vmi.Ordinal] = run;
    }

    private MachineLoad LoadOf(SimulatedVmi vmi, long ticks) => _runs?[vmi.Ordinal]?.LoadAt(ticks) ?? MachineLoad.None;

    private string LauncherOf(SimulatedVmi vmi, long number) => $"virt-launcher-{vmi.Name}-{StableId.Suffix(_cluster.Options.Seed, "launcher", $"{vmi.Name}/{number}")}";

    /// <summary>The node that a machine moves to: the one that was named, or the next one.</summary>
    private string TargetOf(ClusterEvent what, SimulatedVmi vmi)
    {
        string[] nodes = [.. _cluster.Nodes.Select(static node => node.Name)];
        if (nodes.Length < 2) throw new ArgumentException($"{vmi.Name} has no other node to go to. The cluster needs two nodes, such as --handlers 2.");
        if (!what.Arguments.TryGetValue("to", out string? target)) return nodes[(Array.IndexOf(nodes, vmi.Node) + 1) % nodes.Length];
        if (!nodes.Contains(target)) throw new ArgumentException($"There is no node '{target}' to go to. There are: {string.Join(", ", nodes.Take(20))}.");
        return target != vmi.Node || what.After > TimeSpan.Zero ? target : throw new ArgumentException($"{vmi.Name} is on {target} already.");
    }

    private void Step(long at, Action<long> step) => _steps.Enqueue(step, (at, ++_number));

    /// <summary>A step that is taken once, or again and again.</summary>
    private void Step(long at, TimeSpan? every, Action<long> step) => Step(at, now =>
    {
        if (every is { } period) Step(now + period.Ticks, every, step);
        step(now);
    });

    /// <summary>Sees to it that the next step is taken at its time, also when nobody looks.</summary>
    private void Wake(long now)
    {
        if (!_steps.TryPeek(out _, out var next)) return;
        TimeSpan wait = TimeSpan.FromTicks(Math.Clamp(next.At - now, 0, TimeSpan.TicksPerDay));
        if (_timer is null) _timer = _cluster.Options.TimeProvider.CreateTimer(
            static state =>
            {
                // What nobody uses any more is not kept by its timer.
                if (((WeakReference<ClusterMotion>)state!).TryGetTarget(out ClusterMotion? motion)) motion.Settle();
            },
            new WeakReference<ClusterMotion>(this),
            wait,
            Timeout.InfiniteTimeSpan);
        else _timer.Change(wait, Timeout.InfiniteTimeSpan);
    }

    /// <summary>What the timer does. It may come a little before its time.</summary>
    private void Settle()
    {
        lock (_telling)
        {
            long now = _cluster.ElapsedTicks;
            Settle(now);
            Wake(now);
        }
    }

    /// <summary>Tells of what has changed, outside the gate.</summary>
    private void Tell()
    {
        ClusterChange[] changes;
        ClusterEvent[] faulted;
        lock (_gate)
        {
            changes = [.. _changes];
            faulted = [.. _faulted];
            _changes.Clear();
            _faulted.Clear();
        }

        foreach (ClusterChange change in changes) Changed?.Invoke(change);
        foreach (ClusterEvent what in faulted) Faulted?.Invoke(what);
    }
}

/// <summary>What was changed by an event.</summary>
/// <param name="Before">The machine as it was.</param>
/// <param name="After">The machine as it is.</param>
/// <param name="Migrations">The migrations that began or ended.</param>
internal sealed record ClusterChange(SimulatedVmi Before, SimulatedVmi After, params SimulatedMigration[] Migrations);
