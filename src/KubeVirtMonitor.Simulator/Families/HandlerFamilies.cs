namespace KubeVirtMonitor.Simulator;

/// <summary>What a virt-handler has beside the families that all components share.</summary>
internal static class HandlerFamilies
{
    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster, SimulatedPod pod)
    {
        SimulatedRelease release = cluster.Release;
        IReadOnlyList<SimulatedVmi> vmis = cluster.VmisOf(pod);
        yield return new FamilyBuilder("kubevirt_info", "Version of KubeVirt.", "gauge")
            .Add(SeriesValue.Fixed(1), ("goversion", release.GoVersion), ("kubeversion", release.Tag)).Build();
        if (release.IsV1Dot9)
        {
            yield return new FamilyBuilder("kubevirt_node_deprecated_machine_types", "Machine types of the node that are deprecated.", "gauge")
                .Add(SeriesValue.Fixed(1), ("machine_type", "pc-i440fx-2.1"), ("node", pod.Node))
                .Add(SeriesValue.Fixed(1), ("machine_type", "pc-q35-2.4"), ("node", pod.Node)).Build();
            yield return new FamilyBuilder("kubevirt_virt_handler_ready_status", "Whether the virt-handler is ready.", "gauge").Add(SeriesValue.Fixed(1)).Build();
            yield return new FamilyBuilder("kubevirt_vmi_sync_total", "How often an instance was synchronised.", "counter").AddEach(vmis, vmi => SeriesValue.Fixed(5), vmi => [("name", vmi.Name), ("namespace", vmi.Namespace)]).Build();
        }

        VmiSeriesTable table = new(release, vmis);
        foreach (VmiRule rule in VmiRules.For(release))
        {
            (VmiPart Part, byte[] Labels)[] entries = table[rule.Shape];
            List<Series> lines = new(entries.Length);
            foreach ((VmiPart part, byte[] labels) in entries)
            {
                if (rule.Value(part) is { } value) lines.Add(new Series(labels, value));
            }

            yield return new MetricFamily(rule.Name, rule.Help, rule.Type, lines);
        }

        foreach (MetricFamily family in MigrationRules.For(release, vmis)) yield return family;
    }
}
