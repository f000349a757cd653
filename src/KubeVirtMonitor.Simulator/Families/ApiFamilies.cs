namespace KubeVirtMonitor.Simulator;

/// <summary>What a virt-api has beside the families that all components share.</summary>
internal static class ApiFamilies
{
    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster, SimulatedPod pod)
    {
        SimulatedRelease release = cluster.Release;
        SimulatedVmi? first = cluster.VirtualMachineInstances.Count > 0 ? cluster.VirtualMachineInstances[0] : null;
        if (first is not null)
        {
            // Connections are counted per instance from the first one on; here the first instance has a console open.
            (string, string)[] labels = [("namespace", first.Namespace), ("vmi", first.Name)];
            yield return Connections("kubevirt_console_active_connections", "Open consoles.", 1, labels);
            yield return Connections("kubevirt_portforward_active_tunnels", "Open port forwards.", 0, labels);
            yield return Connections("kubevirt_usbredir_active_connections", "Open USB redirections.", 0, labels);
            yield return Connections("kubevirt_vnc_active_connections", "Open screens.", 0, labels);
        }

        if (!release.IsV1Dot9) yield break;
        yield return new FamilyBuilder("kubevirt_virt_api_ready_status", "Whether the virt-api is ready.", "gauge").Add(SeriesValue.Fixed(cluster.Faults.IsReady(pod) ? 1 : 0)).Build();
        yield return new FamilyBuilder("kubevirt_vm_created_by_pod_total", "Machines created through this pod, by namespace.", "counter")
            .AddEach(cluster.VirtualMachines.GroupBy(vm => vm.Namespace), group => SeriesValue.Fixed(group.Count()), group => [("namespace", group.Key)]).Build();
        if (first is not null)
        {
            yield return new FamilyBuilder("kubevirt_vmi_last_api_connection_timestamp_seconds", "When somebody last connected to an instance.", "gauge")
                .Add(SeriesValue.Fixed(cluster.StartTime.ToUnixTimeSeconds() - 30), ("namespace", first.Namespace), ("vmi", first.Name)).Build();
        }
    }

    private static MetricFamily Connections(string name, string help, long value, (string, string)[] labels) =>
        new FamilyBuilder(name, help, "gauge").Add(SeriesValue.Fixed(value), labels).Build();
}
