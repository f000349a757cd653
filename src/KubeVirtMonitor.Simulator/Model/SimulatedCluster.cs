using System.Collections.Concurrent;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// A cluster in memory: nodes, the pods of KubeVirt, machines and their instances, and the metrics of each pod.
/// Every value is a pure function of the seed, the series and the whole seconds since <see cref="StartTime"/>, see <see cref="SeriesValue"/>; where machines have known loads, of
/// the exact time.
/// </summary>
public sealed class SimulatedCluster
{
    private readonly ConcurrentDictionary<string, ScrapePlan> _plans = new(StringComparer.Ordinal);
    private readonly ClusterMotion _motion;
    private int _replaced;
    private int _version;

    /// <summary>Builds the cluster.</summary>
    /// <exception cref="ArgumentException">An option has a value that cannot be simulated.</exception>
    public SimulatedCluster(ClusterOptions? options = null)
    {
        Options = options ?? new ClusterOptions();
        Options.Validate();
        Release = SimulatedRelease.For(Options.Version);
        DateTimeOffset now = Options.TimeProvider.GetUtcNow();
        StartTime = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        ClusterBuilder builder = new(Options, Release, StartTime);
        Nodes = builder.Nodes;
        Pods = builder.Pods;
        Faults = new ClusterFaults(this);
        _motion = new ClusterMotion(this, builder) { PodRestart = RestartAsync };
    }

    /// <summary>What the cluster was made from.</summary>
    public ClusterOptions Options { get; }

    /// <summary>The KubeVirt release that it simulates.</summary>
    public SimulatedRelease Release { get; }

    /// <summary>The whole second in which the cluster came to be; values are counted from here.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>Whole seconds since <see cref="StartTime"/>, by the clock of the options.</summary>
    public long ElapsedSeconds => (long)Math.Floor((Options.TimeProvider.GetUtcNow() - StartTime).TotalSeconds);

    /// <summary>The time since <see cref="StartTime"/> to the tick.</summary>
    public TimeSpan Elapsed => TimeSpan.FromTicks(ElapsedTicks);

    internal long ElapsedTicks => (Options.TimeProvider.GetUtcNow() - StartTime).Ticks;

    /// <summary>Who is told of changes to machines.</summary>
    internal Action<ClusterChange>? Changed
    {
        get => _motion.Changed;
        set => _motion.Changed = value;
    }

    /// <summary>Who is told of what goes wrong with pods, nodes and machines, and of what recovers.</summary>
    internal Action<ClusterEvent>? Faulted
    {
        get => _motion.Faulted;
        set => _motion.Faulted = value;
    }

    /// <summary>What went wrong and recovered, in order.</summary>
    internal IReadOnlyList<ClusterEvent> FaultsSoFar => _motion.FaultsSoFar;

    /// <summary>What is wrong.</summary>
    internal ClusterFaults Faults { get; }

    /// <summary>Who replaces a pod that an event restarts.</summary>
    internal Func<string, long, Task> PodRestart
    {
        set => _motion.PodRestart = value;
    }

    /// <summary>The loads that machines have now.</summary>
    public IReadOnlyList<KnownLoad> Loads => _motion.LoadsAt(ElapsedTicks);

    /// <summary>The nodes.</summary>
    public IReadOnlyList<SimulatedNode> Nodes { get; }

    /// <summary>The pods of KubeVirt: two virt-apis, two virt-controllers, one virt-handler per node, two virt-operators.</summary>
    public IReadOnlyList<SimulatedPod> Pods { get; private set; }

    /// <summary>The machines, running and stopped.</summary>
    public IReadOnlyList<SimulatedVm> VirtualMachines => _motion.Vms;

    /// <summary>The instances: those of the nodes in order, then one that waits for a node.</summary>
    public IReadOnlyList<SimulatedVmi> VirtualMachineInstances => _motion.Vmis;

    /// <summary>The migrations: one running on each node with more than three instances, one succeeded and one failed in all.</summary>
    public IReadOnlyList<SimulatedMigration> Migrations => _motion.Migrations;

    /// <summary>The pods of one component, in order.</summary>
    public IEnumerable<SimulatedPod> PodsOf(ComponentKind component) => Pods.Where(pod => pod.Component == component);

    /// <summary>Sets the load of machines from now on, over what they have. What is not given, now or before, is as by default; <see cref="MachineLoad.None"/> takes all of it back.</summary>
    /// <exception cref="ArgumentException">There is no such machine.</exception>
    /// <exception cref="FormatException">A machine cannot have this load.</exception>
    public void SetLoad(KnownLoad load)
    {
        ArgumentNullException.ThrowIfNull(load);
        Settle();
        _motion.SetLoad(load, ElapsedTicks);
    }

    /// <summary>Lets something happen, at once or after its time.</summary>
    /// <exception cref="ArgumentException">There is no such machine, or it cannot happen to it.</exception>
    public void Happen(ClusterEvent what)
    {
        ArgumentNullException.ThrowIfNull(what);
        Settle();
        _motion.Schedule(what, ElapsedTicks);
        Settle();
    }

    /// <summary>Lets everything happen that is due by now. Whoever scrapes or asks the API server does it.</summary>
    public void Settle() => _motion.Settle(ElapsedTicks);

    /// <summary>The running instances on the node of a virt-handler, of which it tells now.</summary>
    public IReadOnlyList<SimulatedVmi> VmisOf(SimulatedPod handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (handler.Component != ComponentKind.Handler) throw new ArgumentException($"{handler.Name} is not a virt-handler.", nameof(handler));
        return [.. _motion.Reported(handler).Vmis.Select(static reported => reported.Vmi)];
    }

    /// <summary>Whether a virt-handler has to wait for a virt-launcher that does not answer.</summary>
    internal bool HasSilent(SimulatedPod handler) => _motion.HasSilent(handler);

    /// <summary>Forgets what scrapes are made of, since it has changed.</summary>
    internal void ForgetPlans()
    {
        Interlocked.Increment(ref _version);
        _plans.Clear();
    }

    internal (IReadOnlyList<ReportedVmi> Vmis, IReadOnlyList<MigrationQueue> Queues) Reported(SimulatedPod handler) => _motion.Reported(handler);

    /// <summary>Makes the pod that takes the place of one: same component and number, another name and uid, of the same template or another. It does not lead.</summary>
    internal SimulatedPod Next(SimulatedPod pod, string? revision = null)
    {
        Dictionary<string, string> labels = new(pod.Labels, StringComparer.Ordinal);
        if (revision is not null) labels[pod.RevisionLabel] = revision;
        string set = pod.Component == ComponentKind.Handler ? "virt-handler-" : $"virt-{pod.ComponentName}-{labels[pod.RevisionLabel]}-";
        string name = set + StableId.Suffix(Options.Seed, "again", $"{pod.Name}/{Interlocked.Increment(ref _replaced)}");
        return pod with { Name = name, Uid = StableId.Uid(Options.Seed, "pod", name), Labels = labels, Leading = false, Began = ElapsedTicks };
    }

    /// <summary>Replaces a pod.</summary>
    internal void Replace(SimulatedPod pod, SimulatedPod next)
    {
        lock (_plans) Pods = [.. Pods.Select(each => each.Id == pod.Id ? next : each)];
        _plans.TryRemove(pod.Name, out _);
    }

    /// <summary>Makes a pod lead, or no longer.</summary>
    internal void Lead(SimulatedPod pod, bool leading)
    {
        if (pod.Leading == leading) return;
        pod.Leading = leading;
        _plans.TryRemove(pod.Name, out _);
    }

    /// <summary>Begins a scrape of a pod at this moment of the cluster's clock.</summary>
    public ScrapeWriter BeginScrape(SimulatedPod pod) => BeginScrape(pod, keepPlan: true);

    /// <summary>Begins a scrape; many targets in one process do better without the plans of all of them in memory.</summary>
    internal ScrapeWriter BeginScrape(SimulatedPod pod, bool keepPlan)
    {
        ArgumentNullException.ThrowIfNull(pod);
        long now = ElapsedTicks;
        _motion.Settle(now);
        int version = Volatile.Read(ref _version);
        if (!_plans.TryGetValue(pod.Name, out ScrapePlan? plan))
        {
            plan = ScrapePlan.For(this, pod);
            if (keepPlan) _plans[pod.Name] = plan;

            // What was made of a state that something has changed meanwhile is not kept.
            if (version != Volatile.Read(ref _version)) _plans.TryRemove(KeyValuePair.Create(pod.Name, plan));
        }

        ScrapeLook look = new(Options.Live ? now : now - Remainder(now), now, plan.Look(now), [.. plan.Queues.Select(queue => queue.Look(now))], StartTime);
        if (plan.Queues.Any(static queue => queue.IsOver)) _motion.Forget(plan.Queues);
        return new ScrapeWriter(plan, look);
    }

    /// <summary>What a moment is after the last whole second.</summary>
    private static long Remainder(long ticks) => ((ticks % TimeSpan.TicksPerSecond) + TimeSpan.TicksPerSecond) % TimeSpan.TicksPerSecond;

    /// <summary>Replaces a pod where nobody serves it.</summary>
    private Task RestartAsync(string id, long now)
    {
        SimulatedPod pod = Pods.First(each => each.Id == id);
        Replace(pod, Next(pod) with { Began = now });
        return Task.CompletedTask;
    }
}
