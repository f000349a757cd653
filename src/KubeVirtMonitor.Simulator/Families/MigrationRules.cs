namespace KubeVirtMonitor.Simulator;

/// <summary>The families of a migration that runs on a virt-handler: 50 MB/s of 4 GiB, beginning again every 85 seconds.</summary>
internal static class MigrationRules
{
    private const long TotalBytes = 4L << 30;
    private const long BytesPerSecond = 50_000_000;

    /// <summary>
    /// Since 1.5 the last ten measurements, five seconds apart, are all in the scrape, with their times and without the labels of the
    /// instance; before, there is one without a time.
    /// </summary>
    public static IEnumerable<MetricFamily> For(SimulatedRelease release, IReadOnlyList<SimulatedVmi> vmis)
    {
        SimulatedVmi[] migrating = [.. vmis.Where(vmi => vmi.Migrating)];
        if (migrating.Length == 0) return [];
        string prefix = release.IsV1Dot0 ? "kubevirt_migrate_vmi" : "kubevirt_vmi_migration";
        SeriesValue processed = new(0, BytesPerSecond, Wave.Sawtooth);
        SeriesValue remaining = new(TotalBytes, -BytesPerSecond, Wave.Sawtooth);
        SeriesValue rate = SeriesValue.Fixed(BytesPerSecond);
        List<MetricFamily> families =
        [
            Family(release, migrating, $"{prefix}_data_processed_bytes", "gauge", "Bytes of the guest that were moved.", processed),
            Family(release, migrating, $"{prefix}_data_remaining_bytes", "gauge", "Bytes of the guest that remain to be moved.", remaining),
            Family(release, migrating, $"{prefix}_dirty_memory_rate_bytes", "gauge", "Rate at which the guest changes its memory.", SeriesValue.Fixed(7_000_000)),
        ];
        if (release.IsV1Dot0)
        {
            families.Add(Family(release, migrating, $"{prefix}_memory_transfer_rate_bytes", "gauge", "Rate at which memory is moved.", rate));
            families.Add(Family(release, migrating, $"{prefix}_disk_transfer_rate_bytes", "gauge", "Rate at which disks are moved.", SeriesValue.Fixed(0)));
        }
        else if (release.IsV1Dot2)
        {
            // The rate of the memory has the wrong name until 1.7.
            families.Add(Family(release, migrating, $"{prefix}_disk_transfer_rate_bytes", "gauge", "Rate at which memory is moved.", rate));
        }
        else
        {
            families.Add(Family(release, migrating, $"{prefix}_memory_transfer_rate_bytes", "gauge", "Rate at which memory is moved.", rate));
            families.Add(Family(release, migrating, $"{prefix}_data_bytes_total", "counter", "Bytes of the guest that are to be moved in all.", SeriesValue.Fixed(TotalBytes)));
        }

        return families;
    }

    private static MetricFamily Family(SimulatedRelease release, SimulatedVmi[] vmis, string name, string type, string help, SeriesValue value)
    {
        List<Series> lines = [];
        foreach (SimulatedVmi vmi in vmis)
        {
            if (!release.IsV1Dot9)
            {
                lines.Add(new Series(new LabelSet(VmiSeriesTable.BaseLabels(vmi)).Render(), value));
                continue;
            }

            byte[] labels = new LabelSet(("name", vmi.Name), ("namespace", vmi.Namespace), ("node", vmi.Node!)).Render();
            for (int age = 45; age >= 0; age -= 5) lines.Add(new Series(labels, value, AgeSeconds: age));
        }

        return new MetricFamily(name, help, type, lines);
    }
}
