using System.Text;
using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class CatalogVersionTests
{
    private static readonly MetricCatalog Catalog = MetricCatalog.Default;

    // What each version of KubeVirt's source names a value, and by what it has to be divided.
    [Theory]
    [InlineData("1.0.0", "handler.vmi.cpu_usage_seconds.count", "kubevirt_vmi_cpu_usage_seconds", 1)]
    [InlineData("1.0.1", "handler.vmi.cpu_usage_seconds.count", "kubevirt_vmi_cpu_usage_seconds_total", 1)]
    [InlineData("1.0.1", "handler.vmi.memory_pgmajfault.count", "kubevirt_vmi_memory_pgmajfault", 1)]
    [InlineData("1.1", "handler.vmi.memory_pgmajfault.count", "kubevirt_vmi_memory_pgmajfault_total", 1)]
    [InlineData("1.0.1", "handler.vmi.storage_read_times_seconds.count", "kubevirt_vmi_storage_read_times_ms_total", 1000)]
    [InlineData("1.1.0", "handler.vmi.storage_read_times_seconds.count", "kubevirt_vmi_storage_read_times_seconds_total", 1)]
    [InlineData("1.0.1", "handler.vmi.vcpu_seconds.count", "kubevirt_vmi_vcpu_seconds", 1)]
    [InlineData("1.2.0", "handler.vmi.vcpu_seconds.count", "kubevirt_vmi_vcpu_seconds_total", 1)]
    [InlineData("1.2.2", "handler.vmi.vcpu_seconds.count", "kubevirt_vmi_vcpu_seconds_total", 1000)]
    [InlineData("1.5.3", "handler.vmi.vcpu_seconds.count", "kubevirt_vmi_vcpu_seconds_total", 1000)]
    [InlineData("1.6.0", "handler.vmi.vcpu_seconds.count", "kubevirt_vmi_vcpu_seconds_total", 1)]
    [InlineData("1.0.0", "handler.vmi.vcpu_wait_seconds.count", "kubevirt_vmi_vcpu_wait_seconds", 1000)]
    [InlineData("1.2.2", "handler.vmi.vcpu_wait_seconds.count", "kubevirt_vmi_vcpu_wait_seconds_total", 1000)]
    [InlineData("1.3.0", "handler.vmi.vcpu_wait_seconds.count", "kubevirt_vmi_vcpu_wait_seconds_total", 1)]
    [InlineData("1.0.0", "handler.vmi.migration_memory_transfer_rate_bytes", "kubevirt_migrate_vmi_memory_transfer_rate_bytes", 1)]
    [InlineData("1.6.0", "handler.vmi.migration_memory_transfer_rate_bytes", "kubevirt_vmi_migration_disk_transfer_rate_bytes", 1)]
    [InlineData("1.7.0", "handler.vmi.migration_memory_transfer_rate_bytes", "kubevirt_vmi_migration_memory_transfer_rate_bytes", 1)]
    [InlineData("1.1.1", "handler.vmi.migration_disk_transfer_rate_bytes", "kubevirt_vmi_migration_memory_transfer_rate_bytes", 1)]
    [InlineData("1.2.2", "api.rest.client_requests.count", "rest_client_requests_total", 1)]
    [InlineData("1.3.0", "api.rest.client_requests.count", "kubevirt_rest_client_requests_total", 1)]
    [InlineData("1.0.0", "controller.virt_controller.leading_status", "kubevirt_virt_controller_leading", 1)]
    [InlineData("1.9.0", "controller.virt_controller.leading_status", "kubevirt_virt_controller_leading_status", 1)]
    [InlineData("1.0.0", "controller.vmi.migrations_in_running_phase", "kubevirt_migrate_vmi_running_count", 1)]
    [InlineData("1.2.2", "controller.vmi.phase_count", "kubevirt_vmi_phase_count", 1)]
    [InlineData("1.5.1", "controller.vmi.migrations_in_unset_phase", "kubevirt_vmi_migrations_in_unset_phase", 1)]
    [InlineData("1.7.0", "handler.vmi.migration_data_bytes.count", "kubevirt_vmi_migration_data_total_bytes", 1)]
    public void Each_version_has_its_own_name_and_scale(string version, string name, string rawName, double divisor)
    {
        RawMetric raw = Assert.Single(Catalog.Find("kubevirt_" + name)!.RawMetrics, raw => raw.AppliesTo(KubeVirtVersion.Parse(version)));
        Assert.Equal((rawName, divisor), (raw.Name, raw.Divisor));
    }

    [Theory]
    [InlineData("1.2.2", "controller.vmi.info")]
    [InlineData("1.4.0", "controller.vm.disk_allocated_size_bytes")]
    [InlineData("1.5.0", "controller.vmi.migrations_in_unset_phase")]
    [InlineData("1.7.0", "controller.vmi.contains_ephemeral_hotplug_volume")]
    [InlineData("1.9.0", "controller.vmi.contains_ephemeral_hotplug_volume")]
    [InlineData("1.8.3", "api.virt_api.ready_status")]
    [InlineData("1.0.1", "handler.vmi.vcpu_delay_seconds.count")]
    [InlineData("1.7.0", "handler.go.memstats_lookups.count")]
    public void A_version_lacks_what_it_lacks(string version, string name) =>
        Assert.False(Catalog.Find("kubevirt_" + name)!.AppliesTo(KubeVirtVersion.Parse(version)));

    [Theory]
    [InlineData("handler.vmi.cpu_usage_seconds.count", null, null)]
    [InlineData("handler.vmi.vcpu_delay_seconds.count", "1.1.0", null)]
    [InlineData("handler.vmi.migration_disk_transfer_rate_bytes", null, "1.2.0")]
    [InlineData("controller.vmi.contains_ephemeral_hotplug_volume", "1.6.4", "1.9.0")]
    [InlineData("controller.vmi.phase_count", null, null)]
    public void Since_and_until_span_all_names(string name, string? since, string? until)
    {
        MetricDefinition definition = Catalog.Find("kubevirt_" + name)!;
        Assert.Equal(since, definition.SinceVersion?.ToString());
        Assert.Equal(until, definition.UntilVersion?.ToString());
    }

    [Fact]
    public void The_phase_count_is_computed_where_its_family_is_gone()
    {
        MetricDefinition definition = Catalog.Find("kubevirt_controller.vmi.phase_count")!;
        Assert.Equal("kubevirt_vmi_info", definition.DerivedFrom);
        Assert.True(definition.AppliesTo(new KubeVirtVersion(1, 9)));
        Assert.Equal(["kubevirt_vmi_phase_count"], definition.RawNames);
    }

    [Theory]
    [InlineData(null, "kubevirt_handler.vmi.migration_memory_transfer_rate_bytes")]
    [InlineData("1.9.0", "kubevirt_handler.vmi.migration_memory_transfer_rate_bytes")]
    [InlineData("1.1.0", "kubevirt_handler.vmi.migration_disk_transfer_rate_bytes")]
    public void A_name_that_changed_its_meaning_has_both(string? version, string expected)
    {
        KubeVirtVersion? parsed = version is null ? null : KubeVirtVersion.Parse(version);
        CatalogEntry entry = Catalog.Find(ComponentKind.Handler, "kubevirt_vmi_migration_memory_transfer_rate_bytes"u8, parsed)!;
        Assert.Equal(expected, entry.Definition.Name);
        Assert.True(entry.Raw[0].AppliesTo(parsed));
    }

    [Theory]
    [InlineData("1.2.2", 1000)]
    [InlineData("1.6.0", 1)]
    [InlineData(null, 1)]
    public void The_treatment_follows_the_version(string? version, double divisor) =>
        Assert.Equal(divisor, Catalog.Find(ComponentKind.Handler, "kubevirt_vmi_vcpu_seconds_total"u8)!.RawFor(version is null ? null : KubeVirtVersion.Parse(version)).Divisor);

    [Fact]
    public void Raw_names_are_distinct_and_newest_first() =>
        Assert.Equal(["kubevirt_vmi_vcpu_seconds_total", "kubevirt_vmi_vcpu_seconds"], Catalog.Find("kubevirt_handler.vmi.vcpu_seconds.count")!.RawNames);

    [Fact]
    public void Known_versions_are_1_0_to_1_9() =>
        Assert.Equal("1.0.0 1.1.0 1.2.0 1.3.0 1.4.0 1.5.0 1.6.0 1.7.0 1.8.0 1.9.0", string.Join(' ', MetricCatalog.KnownVersions));

    [Fact]
    public void No_version_has_two_meanings_for_a_sample()
    {
        foreach (ComponentKind component in Enum.GetValues<ComponentKind>())
        {
            foreach (IGrouping<string, CatalogEntry> group in Catalog.Entries(component).GroupBy(entry => entry.SampleName))
            {
                RawMetric[] spans = [.. group.SelectMany(entry => entry.Raw)];
                foreach (KubeVirtVersion version in Releases()) Assert.True(spans.Count(raw => raw.AppliesTo(version)) <= 1, $"{group.Key} {version}");
                CatalogEntry newest = Catalog.Find(component, Encoding.UTF8.GetBytes(group.Key))!;
                Assert.Equal(spans.Max(raw => raw.Until ?? new KubeVirtVersion(9, 9)), newest.Raw[0].Until ?? new KubeVirtVersion(9, 9));
            }
        }
    }

    private static IEnumerable<KubeVirtVersion> Releases() =>
        MetricCatalog.KnownVersions.SelectMany(minor => Enumerable.Range(0, 8).Select(patch => minor with { Patch = patch }));
}
