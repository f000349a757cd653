namespace KubeVirtMonitor.Simulator;

/// <summary>The families of machine instances on the leading virt-controller.</summary>
internal static class VmiInventoryFamilies
{
    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster)
    {
        SimulatedRelease release = cluster.Release;
        IReadOnlyList<SimulatedVmi> vmis = cluster.VirtualMachineInstances;
        IEnumerable<SimulatedVmi> placed = vmis.Where(vmi => vmi.Node is not null);
        yield return new FamilyBuilder("kubevirt_vmi_non_evictable", "Whether an instance wants to be migrated and cannot be.", "gauge")
            .AddEach(placed, vmi => SeriesValue.Fixed(vmi.Evictable ? 0 : 1), vmi => [.. Id(vmi), ("node", vmi.Node!)]).Build();
        yield return new FamilyBuilder(release.IsV1Dot0 ? "kubevirt_vmi_outdated_count" : "kubevirt_vmi_number_of_outdated", "Instances whose launcher is older than KubeVirt.", "gauge")
            .Add(SeriesValue.Fixed(vmis.Count(vmi => vmi.Outdated))).Build();
        if (!release.IsV1Dot9)
        {
            yield return PhaseCount(release, vmis);
            yield break;
        }

        yield return new FamilyBuilder("kubevirt_vmi_info", "What an instance is.", "gauge").AddEach(vmis, _ => SeriesValue.Fixed(1), vmi =>
        [
            .. Id(vmi), .. Description(release, vmi), ("evictable", vmi.Evictable ? "true" : "false"), ("guest_os_arch", vmi.AgentConnected ? "x86_64" : ""),
            ("outdated", vmi.Outdated ? "true" : "false"), ("vmi_pod", vmi.LauncherPod),
        ]).Build();
        yield return new FamilyBuilder("kubevirt_vmi_launcher_memory_overhead_bytes", "Memory that the launcher of an instance needs.", "gauge")
            .AddEach(vmis, vmi => SeriesValue.Fixed(289_406_976 + ((long)vmi.Cpus << 20)), Id).Build();
        yield return new FamilyBuilder("kubevirt_vmi_status_addresses", "The addresses of an instance.", "gauge").AddEach(placed, _ => SeriesValue.Fixed(1), vmi =>
            [.. Id(vmi), ("address", vmi.IPAddress), ("interface_name", "eth0"), ("node", vmi.Node!), ("type", "ExternalInterface"), ("vnic_name", "default")]).Build();
        yield return new FamilyBuilder("kubevirt_vmi_sync_total", "How often an instance was synchronised.", "counter").AddEach(vmis, _ => SeriesValue.Fixed(5), Id).Build();
        yield return new FamilyBuilder("kubevirt_vmi_vnic_info", "The interfaces of an instance.", "gauge").AddEach(vmis, _ => SeriesValue.Fixed(1), vmi => [.. Id(vmi), .. VmFamilies.Vnic()]).Build();
    }

    private static MetricFamily PhaseCount(SimulatedRelease release, IReadOnlyList<SimulatedVmi> vmis)
    {
        FamilyBuilder family = new("kubevirt_vmi_phase_count", "Instances by phase, node and kind.", "gauge");
        foreach (var group in vmis.Select(vmi => PhaseLabels(release, vmi)).GroupBy(labels => new LabelSet(labels).ToString()))
        {
            family.Add(SeriesValue.Fixed(group.Count()), group.First());
        }

        return family.Build();
    }

    /// <summary>The labels of the count; 1.0 does not know the guest's operating system yet.</summary>
    private static IEnumerable<(string Name, string Value)> PhaseLabels(SimulatedRelease release, SimulatedVmi vmi) =>
        Description(release, vmi).Where(label => !release.IsV1Dot0 || !label.Name.StartsWith("guest_os", StringComparison.Ordinal));

    /// <summary>The labels that count series and info series share.</summary>
    private static IEnumerable<(string Name, string Value)> Description(SimulatedRelease release, SimulatedVmi vmi)
    {
        string Guest(string fedora, string windows) => !vmi.AgentConnected ? release.None : vmi.Windows ? windows : fedora;
        bool typed = vmi.Ordinal % 4 == 0;
        return
        [
            ("flavor", typed ? release.None : "small"),
            ("guest_os_kernel_release", Guest("6.14.0", "20348")),
            ("guest_os_machine", Guest("x86_64", "x86_64")),
            ("guest_os_name", Guest("Fedora Linux", "Microsoft Windows")),
            ("guest_os_version_id", Guest("42", "2022")),
            ("instance_type", typed ? "u1.medium" : release.None),
            ("node", vmi.Node ?? ""),
            ("os", vmi.Windows ? "windows" : "fedora"),
            ("phase", vmi.Phase.ToLowerInvariant()),
            ("preference", typed ? "fedora" : release.None),
            ("workload", "server"),
        ];
    }

    private static IEnumerable<(string, string)> Id(SimulatedVmi vmi) => [("name", vmi.Name), ("namespace", vmi.Namespace)];
}
