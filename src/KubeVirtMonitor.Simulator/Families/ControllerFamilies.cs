namespace KubeVirtMonitor.Simulator;

/// <summary>What a virt-controller has. A standby has the states and the queues only.</summary>
internal static class ControllerFamilies
{
    public static IEnumerable<MetricFamily> For(SimulatedCluster cluster, SimulatedPod pod)
    {
        SimulatedRelease release = cluster.Release;
        string status = release.IsV1Dot0 ? "" : "_status";
        yield return Gauge($"kubevirt_virt_controller_leading{status}", "Whether the virt-controller leads.", SeriesValue.Fixed(cluster.Faults.Leads(pod) ? 1 : 0));
        yield return Gauge($"kubevirt_virt_controller_ready{status}", "Whether the virt-controller is ready to lead.", SeriesValue.Fixed(cluster.Faults.IsReady(pod) ? 1 : 0));
        if (!pod.Leading) yield break;

        foreach (MetricFamily family in VmFamilies.For(cluster)) yield return family;
        foreach (MetricFamily family in VmiInventoryFamilies.For(cluster)) yield return family;
        foreach (MetricFamily family in Migrations(cluster)) yield return family;
        foreach (MetricFamily family in PhaseTransitions()) yield return family;
    }

    private static IEnumerable<MetricFamily> Migrations(SimulatedCluster cluster)
    {
        SimulatedRelease release = cluster.Release;
        long running = cluster.Migrations.Count(migration => migration.Phase == "Running");
        string prefix = release.IsV1Dot0 ? "kubevirt_migrate_vmi_" : "kubevirt_vmi_migrations_in_";
        string suffix = release.IsV1Dot0 ? "_count" : "_phase";
        yield return Gauge($"{prefix}pending{suffix}", "Migrations that wait.", SeriesValue.Fixed(0));
        yield return Gauge($"{prefix}running{suffix}", "Migrations that run.", SeriesValue.Fixed(running));
        yield return Gauge($"{prefix}scheduling{suffix}", "Migrations that look for a node.", SeriesValue.Fixed(0));
        if (release.IsV1Dot9) yield return Gauge($"{prefix}unset{suffix}", "Migrations that were not looked at yet.", SeriesValue.Fixed(0));

        string outcome = release.IsV1Dot0 ? "kubevirt_migrate_vmi_" : "kubevirt_vmi_migration_";
        foreach ((string phase, string name) in new[] { ("Succeeded", "succeeded"), ("Failed", "failed") })
        {
            yield return new FamilyBuilder(outcome + name, $"Migrations that {name}.", "gauge")
                .AddEach(cluster.Migrations.Where(migration => migration.Phase == phase), _ => SeriesValue.Fixed(1), migration =>
                    release.IsV1Dot9
                        ? [("namespace", migration.Namespace), ("vmi", migration.Vmi), ("vmim", migration.Name)]
                        : [("vmi", migration.Vmi), ("vmim", migration.Name)])
                .Build();
        }

        yield return new FamilyBuilder("kubevirt_vmi_migration_phase_transition_time_from_creation_seconds", "Time from the creation of a migration to a phase.", "histogram")
            .AddHistogram(HistogramShape.PhaseTransition, 5, 0, 20_000_000_000, ("phase", "Running"))
            .AddHistogram(HistogramShape.PhaseTransition, 4, 0, 40_000_000_000, ("phase", "Succeeded")).Build();
        if (!release.IsV1Dot9) yield break;

        yield return new FamilyBuilder("kubevirt_vmi_migration_start_time_seconds", "When a migration began.", "gauge")
            .AddEach(cluster.Migrations, migration => SeriesValue.Fixed(migration.Started.ToUnixTimeSeconds()), Labels).Build();
        yield return new FamilyBuilder("kubevirt_vmi_migration_end_time_seconds", "When a migration ended.", "gauge")
            .AddEach(
                cluster.Migrations.Where(migration => migration.Ended is not null),
                migration => SeriesValue.Fixed(migration.Ended!.Value.ToUnixTimeSeconds()),
                migration => Labels(migration).Append(("status", migration.Phase.ToLowerInvariant()))).Build();

        static IEnumerable<(string, string)> Labels(SimulatedMigration migration) =>
            [("migration_name", migration.Name), ("name", migration.Vmi), ("namespace", migration.Namespace), ("node", migration.Node)];
    }

    private static IEnumerable<MetricFamily> PhaseTransitions()
    {
        const long Second = 1_000_000_000;
        yield return new FamilyBuilder("kubevirt_vmi_phase_transition_time_from_creation_seconds", "Time from the creation of an instance to a phase.", "histogram")
            .AddHistogram(HistogramShape.PhaseTransition, 12, 1, 11 * Second, ("phase", "Running"))
            .AddHistogram(HistogramShape.PhaseTransition, 12, 1, 4 * Second, ("phase", "Scheduled"))
            .AddHistogram(HistogramShape.PhaseTransition, 13, 1, Second, ("phase", "Scheduling")).Build();
        yield return new FamilyBuilder("kubevirt_vmi_phase_transition_time_from_deletion_seconds", "Time from the deletion of an instance to a phase.", "histogram")
            .AddHistogram(HistogramShape.PhaseTransition, 5, 0, 2 * Second, ("phase", "Failed")).Build();
        yield return new FamilyBuilder("kubevirt_vmi_phase_transition_time_seconds", "Time between two phases of an instance.", "histogram")
            .AddHistogram(HistogramShape.PhaseTransition, 13, 1, Second, ("last_phase", "Pending"), ("phase", "Scheduling"))
            .AddHistogram(HistogramShape.PhaseTransition, 12, 1, 7 * Second, ("last_phase", "Scheduled"), ("phase", "Running"))
            .AddHistogram(HistogramShape.PhaseTransition, 12, 1, 3 * Second, ("last_phase", "Scheduling"), ("phase", "Scheduled")).Build();
    }

    private static MetricFamily Gauge(string name, string help, SeriesValue value) => new FamilyBuilder(name, help, "gauge").Add(value).Build();
}
