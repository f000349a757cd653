using System.Collections.Concurrent;

namespace KubeVirtMonitor.Simulator;

/// <summary>
/// A cluster in memory: nodes, the pods of KubeVirt, machines and their instances, and the metrics of each pod.
/// Every value is a pure function of the seed, the series and the whole seconds since <see cref="StartTime"/>; see <see cref="SeriesValue"/>.
/// </summary>
public sealed class SimulatedCluster
{
    private readonly ConcurrentDictionary<string, ScrapePlan> _plans = new(StringComparer.Ordinal);
    private int _replaced;

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
        VirtualMachineInstances = builder.Vmis;
        VirtualMachines = builder.Vms;
        Migrations = builder.Migrations;
    }

    /// <summary>What the cluster was made from.</summary>
    public ClusterOptions Options { get; }

    /// <summary>The KubeVirt release that it simulates.</summary>
    public SimulatedRelease Release { get; }

    /// <summary>The whole second in which the cluster came to be; values are counted from here.</summary>
    public DateTimeOffset StartTime { get; }

    /// <summary>Whole seconds since <see cref="StartTime"/>, by the clock of the options.</summary>
    public long ElapsedSeconds => (long)Math.Floor((Options.TimeProvider.GetUtcNow() - StartTime).TotalSeconds);

    /// <summary>The nodes.</summary>
    public IReadOnlyList<SimulatedNode> Nodes { get; }

    /// <summary>The pods of KubeVirt: two virt-apis, two virt-controllers, one virt-handler per node, two virt-operators.</summary>
    public IReadOnlyList<SimulatedPod> Pods { get; private set; }

    /// <summary>The machines, running and stopped.</summary>
    public IReadOnlyList<SimulatedVm> VirtualMachines { get; }

    /// <summary>The instances: those of the nodes in order, then one that waits for a node.</summary>
    public IReadOnlyList<SimulatedVmi> VirtualMachineInstances { get; }

    /// <summary>The migrations: one running on each node with more than three instances, one succeeded and one failed in all.</summary>
    public IReadOnlyList<SimulatedMigration> Migrations { get; }

    /// <summary>The pods of one component, in order.</summary>
    public IEnumerable<SimulatedPod> PodsOf(ComponentKind component) => Pods.Where(pod => pod.Component == component);

    /// <summary>The running instances on the node of a virt-handler.</summary>
    public IReadOnlyList<SimulatedVmi> VmisOf(SimulatedPod handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        if (handler.Component != ComponentKind.Handler) throw new ArgumentException($"{handler.Name} is not a virt-handler.", nameof(handler));
        int perHandler = Options.VmisPerHandler;
        return ((SimulatedVmi[])VirtualMachineInstances)[(handler.Index * perHandler)..((handler.Index + 1) * perHandler)];
    }

    /// <summary>Makes the pod that takes the place of one: same component and number, another name and uid, of the same template or another. It does not lead.</summary>
    internal SimulatedPod Next(SimulatedPod pod, string? revision = null)
    {
        Dictionary<string, string> labels = new(pod.Labels, StringComparer.Ordinal);
        if (revision is not null) labels[pod.RevisionLabel] = revision;
        string set = pod.Component == ComponentKind.Handler ? "virt-handler-" : $"virt-{pod.ComponentName}-{labels[pod.RevisionLabel]}-";
        string name = set + StableId.Suffix(Options.Seed, "again", $"{pod.Name}/{Interlocked.Increment(ref _replaced)}");
        return pod with { Name = name, Uid = StableId.Uid(Options.Seed, "pod", name), Labels = labels, Leading = false };
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
        ScrapePlan plan = keepPlan ? _plans.GetOrAdd(pod.Name, _ => ScrapePlan.For(this, pod)) : ScrapePlan.For(this, pod);
        return new ScrapeWriter(plan, ElapsedSeconds, StartTime);
    }
}
