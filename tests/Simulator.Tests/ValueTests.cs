using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>Numbers worked out by hand from the documented formulas: vm-00001 has weight 38, 2 CPUs, 3 GiB and runs Fedora.</summary>
public class ValueTests
{
    [Theory]
    // 38 × 2 × (5 s + 0.010000003 s × t)
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total", "", 0, "380")]
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total", "", 100, "456.0000228")]
    // 38 × (5 s + 0.010000003 s × t), the same for each virtual CPU
    [InlineData("kubevirt_vmi_vcpu_seconds_total", "id=1", 100, "228.0000114")]
    // 38 × 2 × (0.037605456 s + 0.000500009 s × t)
    [InlineData("kubevirt_vmi_vcpu_wait_seconds_total", "id=1", 10, "3.238021496")]
    // 3 GiB
    [InlineData("kubevirt_vmi_memory_domain_bytes", "", 0, "3.221225472e+09")]
    // 1.5 GiB + 4096 × 38 × 60 at the top, and back after two minutes
    [InlineData("kubevirt_vmi_memory_usable_bytes", "", 60, "1.619951616e+09")]
    [InlineData("kubevirt_vmi_memory_usable_bytes", "", 120, "1.610612736e+09")]
    // 38 × (150001 + 1500 × t)
    [InlineData("kubevirt_vmi_network_receive_bytes_total", "", 1, "5.757038e+06")]
    [InlineData("kubevirt_vmi_network_traffic_bytes_total", "type=rx", 1, "5.757038e+06")]
    // 38 × 10 × (75 + t) on the root disk, 38 × (75 + t) on the other
    [InlineData("kubevirt_vmi_storage_iops_read_total", "drive=rootdisk", 5, "30400")]
    [InlineData("kubevirt_vmi_storage_iops_read_total", "drive=cloudinitdisk", 5, "3040")]
    // (5 + 38 + t) / 100
    [InlineData("kubevirt_vmi_guest_load_1m", "", 7, "0.5")]
    // 38 × (40 + t) / 10, rounded down: 155.8
    [InlineData("kubevirt_vmi_memory_pgmajfault_total", "", 1, "155")]
    [InlineData("kubevirt_vmi_filesystem_capacity_bytes", "mount_point=/", 0, "2.147483648e+10")]
    public void Values_of_an_instance_follow_their_formulas(string name, string label, int seconds, string expected) =>
        Assert.Equal(expected, At("1.9", seconds, name, label).Number);

    [Theory]
    // After 1 s: 38 × (5 s + 0.010000003 s), in seconds
    [InlineData("1.9", "kubevirt_vmi_vcpu_seconds_total", "190.380000114")]
    // v1.2.2: whole milliseconds
    [InlineData("1.2", "kubevirt_vmi_vcpu_seconds_total", "190380")]
    // v1.0.0: whole seconds
    [InlineData("1.0", "kubevirt_vmi_vcpu_seconds", "190")]
    // v1.2.2 has the wait in milliseconds, v1.0.0 in whole ones: 38 × (37.605456 + 0.500009)
    [InlineData("1.2", "kubevirt_vmi_vcpu_wait_seconds_total", "1448.00767")]
    [InlineData("1.0", "kubevirt_vmi_vcpu_wait_seconds", "1448")]
    // the names of the times of disks say so: 38 × (7.521091 + 0.100003)
    [InlineData("1.0", "kubevirt_vmi_storage_read_times_ms_total", "289.601572")]
    [InlineData("1.2", "kubevirt_vmi_storage_read_times_seconds_total", "0.289601572")]
    // v1.0.0 cuts CPU times: 38 × 2 × (5 + 0.010000003)
    [InlineData("1.0", "kubevirt_vmi_cpu_usage_seconds", "380")]
    [InlineData("1.2", "kubevirt_vmi_cpu_usage_seconds_total", "380.760000228")]
    public void Old_versions_scale_as_they_did(string version, string name, string expected)
    {
        string part = name.Contains("vcpu", StringComparison.Ordinal) ? "id=0" : name.Contains("storage", StringComparison.Ordinal) ? "drive=cloudinitdisk" : "";
        Assert.Equal(expected, At(version, 1, name, part).Number);
    }

    [Fact]
    public void The_virtual_CPUs_together_are_the_CPU_time_of_the_instance()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster("1.9", time: time);
        time.Advance(TimeSpan.FromSeconds(77));
        IReadOnlyList<TextFamily> families = Scrapes.Read(cluster, "handler/0");
        foreach (TextLine line in families.Single(family => family.Name == "kubevirt_vmi_cpu_usage_seconds_total").Lines)
        {
            double sum = families.Single(family => family.Name == "kubevirt_vmi_vcpu_seconds_total").Lines.Where(vcpu => vcpu["name"] == line["name"]).Sum(vcpu => vcpu.Value);
            Assert.Equal(line.Value, sum, 1e-6);
        }
    }

    [Fact]
    public void A_migration_gives_its_last_ten_measurements_with_their_times()
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster("1.9", time: time);
        time.Advance(TimeSpan.FromSeconds(52));
        IReadOnlyList<TextLine> lines = Scrapes.Read(cluster, "handler/0").Single(family => family.Name == "kubevirt_vmi_migration_data_processed_bytes").Lines;

        // Measured at 5, 10 … 50 s: 50 MB for each second.
        Assert.Equal(Enumerable.Range(1, 10).Select(i => 250_000_000d * i), lines.Select(line => line.Value));
        Assert.Equal(Enumerable.Range(1, 10).Select(i => (1_772_366_400L + (5 * i)) * 1000), lines.Select(line => line.Timestamp!.Value));
        Each.Of(lines, line => Assert.Equal(["name", "namespace", "node"], line.Labels.Select(label => label.Key)));
    }

    [Fact]
    public void Absent_values_are_none_in_words_before_1_6_and_empty_since()
    {
        Assert.Contains(Scrapes.Read(Scrapes.Cluster("1.2"), "controller/0").Single(family => family.Name == "kubevirt_vmi_phase_count").Lines, line => line["instance_type"] == "<none>");
        Assert.Contains(Scrapes.Read(Scrapes.Cluster("1.9"), "controller/0").Single(family => family.Name == "kubevirt_vmi_info").Lines, line => line["instance_type"] == "");
        Assert.DoesNotContain(Scrapes.Read(Scrapes.Cluster("1.9"), "controller/0").Single(family => family.Name == "kubevirt_vmi_info").Lines, line => line.Labels.Any(label => label.Value == "<none>"));
    }

    [Fact]
    public void Phases_are_counted()
    {
        IReadOnlyList<TextLine> lines = Scrapes.Read(Scrapes.Cluster("1.2", vmis: 10), "controller/0").Single(family => family.Name == "kubevirt_vmi_phase_count").Lines;
        Assert.Equal(10, lines.Where(line => line["phase"] == "running").Sum(line => line.Value));
        Assert.Equal(1, lines.Where(line => line["phase"] == "scheduling").Sum(line => line.Value));
    }

    [Fact]
    public void Backslashes_are_escaped() =>
        Assert.Contains("mount_point=\"C:\\\\\",name=\"vm-00002\"", Scrapes.Text(Scrapes.Cluster("1.9"), "handler/0"), StringComparison.Ordinal);

    [Fact]
    public void The_seed_changes_values_and_time_moves_them_and_both_give_the_same_again()
    {
        string first = Scrapes.Text(Scrapes.Cluster("1.9"), "handler/0");
        Assert.Equal(first, Scrapes.Text(Scrapes.Cluster("1.9"), "handler/0"));
        Assert.NotEqual(first, Scrapes.Text(Scrapes.Cluster("1.9", seed: 1), "handler/0"));
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster("1.9", time: time);
        time.Advance(TimeSpan.FromMilliseconds(999));
        Assert.Equal(first, Scrapes.Text(cluster, "handler/0"));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.NotEqual(first, Scrapes.Text(cluster, "handler/0"));
    }

    [Fact]
    public void The_handler_says_the_version() =>
        Assert.Equal("v1.2.2", Scrapes.Line(Scrapes.Cluster("1.2"), "handler/0", "kubevirt_info")["kubeversion"]);

    private static TextLine At(string version, int seconds, string name, string label)
    {
        FakeTimeProvider time = new(Scrapes.Start);
        SimulatedCluster cluster = Scrapes.Cluster(version, time: time);
        time.Advance(TimeSpan.FromSeconds(seconds));
        return Scrapes.Line(cluster, "handler/0", name, label.Length == 0 ? ["name=vm-00001"] : ["name=vm-00001", label]);
    }
}
