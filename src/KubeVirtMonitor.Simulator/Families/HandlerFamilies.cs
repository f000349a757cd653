namespace KubeVirtMonitor.Simulator;

/// <summary>What a virt-handler has beside the families that all components share.</summary>
internal static class HandlerFamilies
{
    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster, SimulatedPod pod, IReadOnlyList<ReportedVmi> vmis, IReadOnlyList<MigrationQueue> queues)
    {
        SimulatedRelease release = cluster.Release;
        yield return new FamilyBuilder("kubevirt_info", "Version of KubeVirt.", "gauge")
            .Add(SeriesValue.Fixed(1), ("goversion", release.GoVersion), ("kubeversion", release.Tag)).Build();
        if (release.IsV1Dot9)
        {
            yield return new FamilyBuilder("kubevirt_node_deprecated_machine_types", "Machine types of the node that are deprecated.", "gauge")
                .Add(SeriesValue.Fixed(1), ("machine_type", "pc-i440fx-2.1"), ("node", pod.Node))
                .Add(SeriesValue.Fixed(1), ("machine_type", "pc-q35-2.4"), ("node", pod.Node)).Build();
            yield return new FamilyBuilder("kubevirt_virt_handler_ready_status", "Whether the virt-handler is ready.", "gauge").Add(SeriesValue.Fixed(cluster.Faults.IsReady(pod) ? 1 : 0)).Build();
            yield return new FamilyBuilder("kubevirt_vmi_sync_total", "How often an instance was synchronised.", "counter").AddEach(vmis, _ => SeriesValue.Fixed(5), reported => [("name", reported.Vmi.Name), ("namespace", reported.Vmi.Namespace)]).Build();
        }

        if (release.IsV1Dot9)
        {
            yield return new FamilyBuilder("kubevirt_vmi_guest_os_panic_total", "Panics of guests, by kind.", "counter")
                .AddEach(vmis.Where(reported => cluster.Faults.PanicsOf(reported.Vmi) > 0), reported => SeriesValue.Fixed(cluster.Faults.PanicsOf(reported.Vmi)), reported => [("bugcheck_code", "unknown"), ("name", reported.Vmi.Name), ("namespace", reported.Vmi.Namespace), ("type", "pvpanic")]).Build();
        }

        VmiSeriesTable table = new(release, vmis);
        foreach (VmiRule rule in VmiRules.For(release))
        {
            (VmiPart Part, int Slot, byte[] Labels)[] entries = table[rule.Shape];
            List<Series> lines = new(entries.Length);
            foreach ((VmiPart part, int slot, byte[] labels) in entries)
            {
                if (rule.Value(part) is { } value) lines.Add(new Series(labels, value, Meter: part.Run is null ? null : new MachineMeter(slot, part, rule.Load, rule.Freshness)));
            }

            yield return new MetricFamily(rule.Name, rule.Help, rule.Type, lines);
        }

        foreach (MetricFamily family in MigrationRules.For(release, [.. vmis.Select(static reported => reported.Vmi)], queues)) yield return family;
    }
}
