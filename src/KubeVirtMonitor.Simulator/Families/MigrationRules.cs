namespace KubeVirtMonitor.Simulator;

/// <summary>The families of a migration that runs on a virt-handler: 50 MB/s of 4 GiB, beginning again every 85 seconds; or what is known of it.</summary>
internal static class MigrationRules
{
    private const long TotalBytes = 4L << 30;
    private const long BytesPerSecond = 50_000_000;

    /// <summary>
    /// Since 1.5 the last ten measurements, five seconds apart, are all in the scrape, with their times and without the labels of the
    /// instance; before, there is one without a time.
    /// </summary>
    public static IEnumerable<MetricFamily> For(SimulatedRelease release, IReadOnlyList<SimulatedVmi> vmis, IReadOnlyList<MigrationQueue> queues)
    {
        SimulatedVmi[] migrating = [.. vmis.Where(static vmi => vmi is { Migrating: true, Migration: null })];
        if (migrating.Length == 0 && queues.Count == 0) return [];
        string prefix = release.IsV1Dot0 ? "kubevirt_migrate_vmi" : "kubevirt_vmi_migration";
        SeriesValue processed = new(0, BytesPerSecond, Wave.Sawtooth);
        SeriesValue remaining = new(TotalBytes, -BytesPerSecond, Wave.Sawtooth);
        SeriesValue rate = SeriesValue.Fixed(BytesPerSecond);
        static long Moved(KnownTransfer transfer, TimeSpan after) => (long)transfer.Rate;
        List<MetricFamily> families =
        [
            Family($"{prefix}_data_processed_bytes", "gauge", "Bytes of the guest that were moved.", processed, static (transfer, after) => transfer.Processed(after)),
            Family($"{prefix}_data_remaining_bytes", "gauge", "Bytes of the guest that remain to be moved.", remaining, static (transfer, after) => transfer.Remaining(after)),
            Family($"{prefix}_dirty_memory_rate_bytes", "gauge", "Rate at which the guest changes its memory.", SeriesValue.Fixed(7_000_000), static (transfer, _) => (long)transfer.Dirty),
        ];
        if (release.IsV1Dot0)
        {
            families.Add(Family($"{prefix}_memory_transfer_rate_bytes", "gauge", "Rate at which memory is moved.", rate, Moved));
            families.Add(Family($"{prefix}_disk_transfer_rate_bytes", "gauge", "Rate at which disks are moved.", SeriesValue.Fixed(0), static (_, _) => 0));
        }
        else if (release.IsV1Dot2)
        {
            // The rate of the memory has the wrong name until 1.7.
            families.Add(Family($"{prefix}_disk_transfer_rate_bytes", "gauge", "Rate at which memory is moved.", rate, Moved));
        }
        else
        {
            families.Add(Family($"{prefix}_memory_transfer_rate_bytes", "gauge", "Rate at which memory is moved.", rate, Moved));
            families.Add(Family($"{prefix}_data_bytes_total", "counter", "Bytes of the guest that are to be moved in all.", SeriesValue.Fixed(TotalBytes), static (transfer, _) => (long)transfer.Total));
        }

        return families;

        MetricFamily Family(string name, string type, string help, SeriesValue value, Func<KnownTransfer, TimeSpan, long> known) => new(name, help, type, Lines(release, migrating, vmis, queues, value, known));
    }

    private static List<Series> Lines(SimulatedRelease release, SimulatedVmi[] migrating, IReadOnlyList<SimulatedVmi> vmis, IReadOnlyList<MigrationQueue> queues, SeriesValue value, Func<KnownTransfer, TimeSpan, long> known)
    {
        List<Series> lines = [];
        foreach (SimulatedVmi vmi in migrating)
        {
            if (!release.IsV1Dot9)
            {
                lines.Add(new Series(new LabelSet(VmiSeriesTable.BaseLabels(vmi)).Render(), value));
                continue;
            }

            byte[] labels = new LabelSet(("name", vmi.Name), ("namespace", vmi.Namespace), ("node", vmi.Node!)).Render();
            for (int age = 45; age >= 0; age -= 5) lines.Add(new Series(labels, value, AgeSeconds: age));
        }

        for (int i = 0; i < queues.Count; i++)
        {
            MigrationQueue queue = queues[i];
            SimulatedMigration migration = queue.Migration;
            long Measure(TimeSpan after) => known(queue.Transfer, after);
            if (!release.IsV1Dot9)
            {
                SimulatedVmi vmi = vmis.First(each => each.Name == migration.Vmi && each.Namespace == migration.Namespace);
                lines.Add(new Series(new LabelSet(VmiSeriesTable.BaseLabels(vmi)).Render(), default, Meter: new MigrationMeter(i, null, queue.Began, Measure)));
                continue;
            }

            byte[] labels = new LabelSet(("name", migration.Vmi), ("namespace", migration.Namespace), ("node", migration.Node)).Render();
            for (int place = 0; place < 10; place++) lines.Add(new Series(labels, default, Meter: new MigrationMeter(i, place, queue.Began, Measure)));
        }

        return lines;
    }
}
