using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Makes the objects of a cluster out of its options.</summary>
internal sealed class ClusterBuilder
{
    private readonly ClusterOptions _options;
    private readonly SimulatedRelease _release;
    private readonly DateTimeOffset _start;

    public ClusterBuilder(ClusterOptions options, SimulatedRelease release, DateTimeOffset start)
    {
        _options = options;
        _release = release;
        _start = start;
        Nodes = Enumerable.Range(0, options.Handlers).Select(Node).ToArray();
        Pods = MakePods();
        Vmis = MakeVmis();
        Vms = MakeVms();
        Migrations = MakeMigrations();
    }

    public SimulatedNode[] Nodes { get; }

    public SimulatedPod[] Pods { get; }

    public SimulatedVmi[] Vmis { get; }

    public SimulatedVm[] Vms { get; }

    public SimulatedMigration[] Migrations { get; }

    private static string NodeName(int index) => $"node{index + 1:00}";

    private SimulatedNode Node(int index)
    {
        string name = NodeName(index);
        Dictionary<string, string> labels = new(StringComparer.Ordinal)
        {
            ["kubernetes.io/arch"] = "amd64",
            ["kubernetes.io/hostname"] = name,
            ["kubernetes.io/os"] = "linux",
            ["kubevirt.io/schedulable"] = "true",
        };
        return new SimulatedNode(name, StableId.Uid(_options.Seed, "node", name), labels);
    }

    private SimulatedPod[] MakePods()
    {
        List<SimulatedPod> pods = [Pod(ComponentKind.Api, 0), Pod(ComponentKind.Api, 1), Pod(ComponentKind.Controller, 0, leading: true), Pod(ComponentKind.Controller, 1)];
        for (int i = 0; i < _options.Handlers; i++) pods.Add(Pod(ComponentKind.Handler, i));
        pods.AddRange([Pod(ComponentKind.Operator, 0, leading: true), Pod(ComponentKind.Operator, 1)]);
        return [.. pods];
    }

    private SimulatedPod Pod(ComponentKind component, int index, bool leading = false)
    {
        string app = $"virt-{SimulatedPod.NameOf(component)}";
        string suffix = StableId.Suffix(_options.Seed, app, index.ToString(CultureInfo.InvariantCulture));
        bool daemon = component == ComponentKind.Handler;
        string revision = StableId.Suffix(_options.Seed, app, "set", 9);
        string name = daemon ? $"{app}-{suffix}" : $"{app}-{revision}-{suffix}";
        Dictionary<string, string> labels = new(StringComparer.Ordinal)
        {
            ["app.kubernetes.io/component"] = "kubevirt",
            ["app.kubernetes.io/version"] = _release.Tag,
            ["kubevirt.io"] = app,
            ["prometheus.kubevirt.io"] = "true",
            [daemon ? "controller-revision-hash" : "pod-template-hash"] = revision,
        };
        string node = NodeName(Nodes.Length == 0 ? 0 : index % Nodes.Length);
        return new SimulatedPod(name, _options.Namespace, node, StableId.Uid(_options.Seed, "pod", name), labels, component, index, leading);
    }

    private SimulatedVmi[] MakeVmis()
    {
        int running = _options.Handlers * _options.VmisPerHandler;
        if (running == 0) return [];
        SimulatedVmi[] vmis = new SimulatedVmi[_options.Calm ? running : running + 1];
        for (int i = 0; i < running; i++)
        {
            vmis[i] = Vmi(i, NodeName(i / _options.VmisPerHandler), "Running", i % _options.VmisPerHandler == 3 && !_options.Calm);
        }

        if (_options.Calm) return [.. vmis.Select(static vmi => vmi with { Evictable = true, Outdated = false })];
        vmis[running] = Vmi(running, null, "Scheduling", migrating: false);
        return vmis;
    }

    private SimulatedVmi Vmi(int ordinal, string? node, string phase, bool migrating)
    {
        string name = $"vm-{ordinal:00000}";
        SortedDictionary<string, string> labels = new(StringComparer.Ordinal)
        {
            ["kubevirt.io/domain"] = name,
            ["vm.kubevirt.io/name"] = name,
        };
        if (node is not null) labels["kubevirt.io/nodeName"] = node;
        if (ordinal % 3 == 2) labels["os"] = "windows";
        if (ordinal % 2 == 0)
        {
            labels["app"] = "web";
            labels["example.com/cost-centre"] = "a-1";
        }

        return new SimulatedVmi
        {
            Name = name,
            Namespace = $"ns{ordinal % 5}",
            Uid = StableId.Uid(_options.Seed, "vmi", name),
            Node = node,
            Phase = phase,
            Ordinal = ordinal,
            Weight = 1 + (int)(((37L * ordinal) + (uint)_options.Seed) % 97),
            Labels = labels,
            Created = _start.AddSeconds(-7200 + (ordinal % 3600)),
            Migrating = migrating,
            LauncherPod = $"virt-launcher-{name}-{StableId.Suffix(_options.Seed, "launcher", name)}",
        };
    }

    private SimulatedVm[] MakeVms()
    {
        List<SimulatedVm> vms = new(Vmis.Length + 1);
        foreach (SimulatedVmi vmi in Vmis)
        {
            string status = vmi.Migrating ? "Migrating" : vmi.Phase == "Running" ? "Running" : "Starting";
            vms.Add(Vm(vmi.Name, vmi.Namespace, vmi.Created, vmi.MemoryBytes, vmi.Cpus, vmi.Windows, status, vms.Count));
        }

        // One stopped machine for ten instances, at least one: it has a VM and no instance.
        int stopped = Vmis.Length == 0 ? 0 : Math.Max(1, Vmis.Length / 10);
        for (int i = 0; i < stopped; i++)
        {
            vms.Add(Vm($"halted-{i:00000}", $"ns{i % 5}", _start.AddSeconds(-9000), 1L << 30, 1, false, "Stopped", vms.Count));
        }

        return [.. vms];
    }

    private SimulatedVm Vm(string name, string space, DateTimeOffset created, long memory, int cpus, bool windows, string status, int ordinal)
    {
        Dictionary<string, string> labels = new(StringComparer.Ordinal) { ["app"] = "demo", ["kubevirt.io/vm"] = name };
        return new SimulatedVm(name, space, StableId.Uid(_options.Seed, "vm", name), labels, created, memory, cpus, windows, status, ordinal);
    }

    private SimulatedMigration[] MakeMigrations()
    {
        List<SimulatedMigration> migrations = [];
        foreach (SimulatedVmi vmi in Vmis.Where(vmi => vmi.Migrating))
        {
            migrations.Add(new SimulatedMigration($"migrate-{vmi.Name}", vmi.Namespace, vmi.Name, vmi.Node!, "Running", _start.AddSeconds(-60), null));
        }

        if (Vmis.Length > 2 && !_options.Calm)
        {
            foreach ((SimulatedVmi vmi, string phase) in new[] { (Vmis[0], "Succeeded"), (Vmis[1], "Failed") })
            {
                migrations.Add(new SimulatedMigration(
                    $"migrate-{vmi.Name}-{phase.ToLowerInvariant()}", vmi.Namespace, vmi.Name, vmi.Node!, phase, _start.AddSeconds(-1800), _start.AddSeconds(-1760)));
            }
        }

        return [.. migrations];
    }
}
