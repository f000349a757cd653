namespace KubeVirtMonitor.Simulator;

/// <summary>The families of machines on the leading virt-controller.</summary>
internal static class VmFamilies
{
    /// <summary>The transition families of all releases, and the status of a machine whose transition each one dates.</summary>
    private static readonly (string Name, string[] Statuses)[] Transitions =
    [
        ("error", ["CrashLoopBackOff", "Unknown", "ErrorUnschedulable", "ErrImagePull", "ImagePullBackOff", "ErrorPvcNotFound", "DataVolumeError"]),
        ("migrating", ["Migrating"]),
        ("non_running", ["Stopped", "Paused", "Stopping", "Terminating"]),
        ("running", ["Running"]),
        ("starting", ["Provisioning", "Starting", "WaitingForVolumeBinding"]),
    ];

    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster)
    {
        IReadOnlyList<SimulatedVm> vms = cluster.VirtualMachines;
        foreach ((string name, string[] statuses) in Transitions)
        {
            // A time, though typed counter: the moment of the last transition for the present status, 0 for all others.
            yield return new FamilyBuilder($"kubevirt_vm_{name}_status_last_transition_timestamp_seconds", $"When a machine last went to the status group {name}.", "counter")
                .AddEach(vms, vm => SeriesValue.Fixed(statuses.Contains(vm.Status) ? vm.StatusSince.ToUnixTimeSeconds() : 0), Id).Build();
        }

        if (!cluster.Release.IsV1Dot9) yield break;
        yield return new FamilyBuilder("kubevirt_vm_create_date_timestamp_seconds", "When a machine was created.", "gauge")
            .AddEach(vms, vm => SeriesValue.Fixed(vm.Created.ToUnixTimeSeconds()), Id).Build();
        yield return new FamilyBuilder("kubevirt_vm_info", "What a machine is.", "gauge").AddEach(vms, _ => SeriesValue.Fixed(1), vm =>
        [
            .. Id(vm), ("flavor", "small"), ("instance_type", ""), ("machine_type", "q35"), ("os", vm.Windows ? "windows" : "fedora"), ("preference", ""),
            ("status", vm.Status.ToLowerInvariant()), ("status_group", Group(vm.Status)), ("workload", "server"),
        ]).Build();
        yield return new FamilyBuilder("kubevirt_vm_labels", "The labels of a machine.", "gauge")
            .AddEach(vms, _ => SeriesValue.Fixed(1), vm => [.. Id(vm), ("label_app", "demo"), ("label_kubevirt_io_vm", vm.Name)]).Build();
        yield return Resources(vms);
        yield return new FamilyBuilder("kubevirt_vm_resource_limits", "What a machine may use at most.", "gauge")
            .AddEach(vms.Where(vm => vm.Ordinal % 4 == 0), vm => SeriesValue.Fixed(2 * vm.MemoryBytes), vm => [.. Id(vm), ("resource", "memory"), ("unit", "bytes")]).Build();
        yield return new FamilyBuilder("kubevirt_vm_disk_allocated_size_bytes", "Size of the volume of a disk.", "gauge").AddEach(vms.Where(vm => vm.Ordinal % 4 == 1), _ => SeriesValue.Fixed(20L << 30), vm =>
            [.. Id(vm), ("device", "rootdisk"), ("persistentvolumeclaim", vm.Name + "-root"), ("volume_mode", "Filesystem")]).Build();
        yield return new FamilyBuilder("kubevirt_vm_vnic_info", "The interfaces of a machine.", "gauge").AddEach(vms, _ => SeriesValue.Fixed(1), vm => [.. Id(vm), .. Vnic()]).Build();
    }

    /// <summary>The labels of an interface on the pod network; the model is absent, and still says so in words in 1.9.</summary>
    public static IEnumerable<(string, string)> Vnic() =>
        [("binding_name", "masquerade"), ("binding_type", "core"), ("model", "<none>"), ("network", "pod networking"), ("vnic_name", "default")];

    private static MetricFamily Resources(IReadOnlyList<SimulatedVm> vms)
    {
        FamilyBuilder family = new("kubevirt_vm_resource_requests", "What a machine asks for.", "gauge");
        foreach (SimulatedVm vm in vms)
        {
            family.Add(SeriesValue.Fixed(vm.Cpus), [.. Id(vm), ("resource", "cpu"), ("source", "domain"), ("unit", "cores")]);
            family.Add(SeriesValue.Fixed(vm.Cpus), [.. Id(vm), ("resource", "cpu"), ("source", "guest_effective"), ("unit", "cores")]);
            family.Add(SeriesValue.Fixed(vm.MemoryBytes), [.. Id(vm), ("resource", "memory"), ("source", "guest"), ("unit", "bytes")]);
            family.Add(SeriesValue.Fixed(vm.MemoryBytes), [.. Id(vm), ("resource", "memory"), ("source", "guest_effective"), ("unit", "bytes")]);
        }

        return family.Build();
    }

    /// <summary>The group of a status, see vmstats_collector.go of KubeVirt 1.9.0; of none, nothing.</summary>
    private static string Group(string status) => Transitions.FirstOrDefault(each => each.Statuses.Contains(status)).Name ?? "";

    private static IEnumerable<(string, string)> Id(SimulatedVm vm) => [("name", vm.Name), ("namespace", vm.Namespace)];
}
