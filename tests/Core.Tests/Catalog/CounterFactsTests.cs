using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class CounterFactsTests
{
    [Fact]
    public void Every_counter_of_virt_handler_is_of_QEMU_or_of_the_component()
    {
        // As KubeVirt's code has it: pkg/monitoring/metrics/virt-handler/domainstats reads QEMU, all else counts.
        string[] counted = [.. MetricCatalog.Default.Entries(ComponentKind.Handler)
            .Where(entry => entry.Definition.Kind == MetricKind.Count && entry.SampleName.StartsWith("kubevirt_", StringComparison.Ordinal) && !CounterFacts.LivesInMachine(entry.SampleName) && !CounterFacts.IsLevel(entry.SampleName))
            .Select(entry => entry.SampleName).Distinct().Order(StringComparer.Ordinal)];
        Assert.NotEmpty(counted);
        Assert.All(counted, name => Assert.Matches("^kubevirt_(rest_client_|workqueue_|vmi_sync_total|vmi_guest_os_panic_total)", name));
    }

    [Theory]
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total", true)]
    [InlineData("kubevirt_vmi_vcpu_delay_seconds_total", true)]
    [InlineData("kubevirt_vmi_memory_pgmajfault_total", true)]
    [InlineData("kubevirt_vmi_network_receive_bytes_total", true)]
    [InlineData("kubevirt_vmi_storage_iops_read_total", true)]
    [InlineData("kubevirt_vmi_guest_os_panic_total", false)]
    [InlineData("kubevirt_vmi_phase_transition_time_seconds_count", false)]
    [InlineData("process_cpu_seconds_total", false)]
    public void What_libvirt_counts_lives_in_the_machine(string name, bool expected) => Assert.Equal(expected, CounterFacts.LivesInMachine(name));

    [Theory]
    [InlineData("kubevirt_vmi_vcpu_seconds_total", "state", true)]
    [InlineData("kubevirt_vmi_vcpu_seconds", "state", true)]
    [InlineData("kubevirt_vmi_vcpu_seconds_total", "id", false)]
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total", "state", false)]
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total", "kubernetes_vmi_label_app", true)]
    [InlineData("kubevirt_vmi_cpu_usage_seconds_total", "name", false)]
    public void Labels_of_the_moment_do_not_tell_counters_apart(string name, string label, bool expected) =>
        Assert.Equal(expected, CounterFacts.IsPassing(name, System.Text.Encoding.UTF8.GetBytes(label)));
}
