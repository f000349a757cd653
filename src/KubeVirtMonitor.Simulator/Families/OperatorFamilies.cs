namespace KubeVirtMonitor.Simulator;

/// <summary>What a virt-operator has beside the families that all components share.</summary>
internal static class OperatorFamilies
{
    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster, SimulatedPod pod)
    {
        string status = cluster.Release.IsV1Dot0 ? "" : "_status";
        yield return new FamilyBuilder($"kubevirt_virt_operator_leading{status}", "Whether the virt-operator leads.", "gauge").Add(SeriesValue.Fixed(cluster.Faults.Leads(pod) ? 1 : 0)).Build();
        yield return new FamilyBuilder($"kubevirt_virt_operator_ready{status}", "Whether the virt-operator is ready to lead.", "gauge").Add(SeriesValue.Fixed(cluster.Faults.IsReady(pod) ? 1 : 0)).Build();
        yield return new FamilyBuilder("kubevirt_configuration_emulation_enabled", "Whether machines may be emulated in software.", "gauge").Add(SeriesValue.Fixed(0)).Build();
    }
}
