using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

public sealed class DriftReasonsTests
{
    [Theory]
    // A standby serves nothing per machine; with a sign of leadership the reason is another.
    [InlineData("kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count", "1.9.0", "", "may be a standby, or the cluster has no VM.")]
    [InlineData("kubevirt_controller.vmi.non_evictable", "1.9.0", "", "may be a standby, or the cluster has no VMI.")]
    [InlineData("kubevirt_controller.vmi.number_of_outdated", "1.9.0", "", "may be a standby")]
    [InlineData("kubevirt_controller.vmi.phase_transition_time_seconds.sum", "1.9.0", "", "may be a standby")]
    [InlineData("kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count", "1.9.0", "kubevirt_vmi_number_of_outdated", "for each VM, and the scrape shows none")]
    [InlineData("kubevirt_controller.vm.running_status_last_transition_timestamp_seconds.count", "1.3.0", "kubevirt_vmi_number_of_outdated", "may be a standby")]
    [InlineData("kubevirt_controller.vmi.non_evictable", "1.9.0", "kubevirt_vm_info", "for each VMI, and the scrape shows none")]
    [InlineData("kubevirt_controller.vmi.non_evictable", "1.9.0", "kubevirt_vmi_info", "none of this kind")]
    [InlineData("kubevirt_controller.vmi.phase_transition_time_from_deletion_seconds.sum", "1.9.0", "kubevirt_vmi_info", "has seen such a change of phase")]
    [InlineData("kubevirt_controller.vm.resource_limits", "1.9.0", "kubevirt_vm_info", "No VM has limits set.")]
    [InlineData("kubevirt_controller.vm.disk_allocated_size_bytes", "1.9.0", "kubevirt_vm_info", "persistent volume claim")]
    [InlineData("kubevirt_controller.vmi.migration_failed", "1.9.0", "kubevirt_vm_info", "has an object of such a migration")]
    [InlineData("kubevirt_controller.vmsnapshot.succeeded_timestamp_seconds", "1.9.0", "kubevirt_vm_info", "first snapshot")]
    [InlineData("kubevirt_controller.vmi.migrations_in_running_phase", "1.1.0", "", "Before KubeVirt 1.2 it appears only while")]
    [InlineData("kubevirt_controller.vmi.migrations_in_running_phase", "1.9.0", "", "Every virt-controller serves it")]
    [InlineData("kubevirt_controller.virt_controller.leading_status", "1.9.0", "", "Every virt-controller serves it")]
    [InlineData("kubevirt_controller.workqueue.depth", "1.9.0", "", "works on its queues")]
    public void Of_virt_controller(string name, string version, string beside, string reason) => Check(ComponentKind.Controller, name, version, beside, reason);

    [Theory]
    [InlineData("kubevirt_handler.vmi.memory_usable_bytes", "1.9.0", "", "each VMI that runs on the node")]
    [InlineData("kubevirt_handler.vmi.memory_usable_bytes", "1.9.0", "kubevirt_vmi_memory_domain_bytes", "balloon driver")]
    [InlineData("kubevirt_handler.vmi.memory_usable_bytes", "1.9.0", "kubevirt_vmi_memory_unused_bytes", "report other values")]
    [InlineData("kubevirt_handler.vmi.filesystem_used_bytes", "1.9.0", "kubevirt_vmi_memory_domain_bytes", "guest agent")]
    [InlineData("kubevirt_handler.vmi.guest_load_5m", "1.9.0", "kubevirt_vmi_memory_domain_bytes", "guest agent 10.0")]
    [InlineData("kubevirt_handler.vmi.network_receive_bytes.count", "1.9.0", "kubevirt_vmi_memory_domain_bytes", "network interface")]
    [InlineData("kubevirt_handler.vmi.storage_iops_read.count", "1.9.0", "kubevirt_vmi_memory_domain_bytes", "a disk")]
    [InlineData("kubevirt_handler.vmi.cpu_usage_seconds.count", "1.9.0", "kubevirt_vmi_memory_domain_bytes", "none of them reports it")]
    [InlineData("kubevirt_handler.vmi.migration_data_remaining_bytes", "1.9.0", "", "while a VMI migrates")]
    [InlineData("kubevirt_handler.vmi.gpu_info", "1.9.0", "", "never exposes it")]
    [InlineData("kubevirt_handler.vmi.guest_os_panic.count", "1.9.0", "", "first crash")]
    [InlineData("kubevirt_handler.node.deprecated_machine_types", "1.9.0", "", "deprecated machine type")]
    [InlineData("kubevirt_handler.vmi.sync.count", "1.9.0", "", "virt-handler has written a change of a VMI to the Kubernetes API")]
    [InlineData("kubevirt_handler.workqueue.adds.count", "1.9.0", "", "virt-handler works on its queues")]
    public void Of_virt_handler(string name, string version, string beside, string reason) => Check(ComponentKind.Handler, name, version, beside, reason);

    [Theory]
    [InlineData("kubevirt_api.rest.client_requests.count", "first request of virt-api")]
    [InlineData("kubevirt_api.vnc.active_connections", "first VNC")]
    [InlineData("kubevirt_api.vm.created_by_pod.count", "first VM was created")]
    [InlineData("kubevirt_api.process.open_fds", "truncated or filtered")]
    public void Of_virt_api(string name, string reason) => Check(ComponentKind.Api, name, "1.9.0", "", reason);

    [Fact]
    public void Of_virt_operator() => Check(ComponentKind.Operator, "kubevirt_operator.configuration.emulation_enabled", "1.9.0", "", "may be a standby");

    [Fact]
    public void An_inferred_version_is_said_to_be_one()
    {
        ScrapeSummary scrape = DriftAnalyzerTests.Scrape(ComponentKind.Handler, new KubeVirtVersion(1, 0)) with { VersionSource = VersionSource.Inferred };
        MetricDrift drift = Assert.Single(DriftAnalyzer.Compare(scrape), item => item.Name == "kubevirt_handler.vmi.vcpu_delay_seconds.count");
        Assert.Contains("1.0.0 (inferred from the names in the scrape)", drift.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_an_unknown_version_it_says_when_a_metric_was_added()
    {
        MetricDrift drift = DriftAnalyzerTests.One("kubevirt_api.go.gc_gogc_percent", ComponentKind.Api, null);
        Assert.Equal("KubeVirt 1.7.0 added it, and the version of this scrape is not known. If it is not older: every virt-api serves it, so the scrape may be truncated or filtered.", drift.Reason);
        Assert.StartsWith("Every virt-api serves it", DriftAnalyzerTests.One("kubevirt_api.process.open_fds", ComponentKind.Api, null).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_promise_is_not_made_for_names_that_are_long_gone_when_the_version_is_unknown()
    {
        IReadOnlyList<MetricDrift> drift = DriftAnalyzer.Compare(DriftAnalyzerTests.Scrape(ComponentKind.Handler, null));
        Assert.DoesNotContain(drift, item => item.Name == "kubevirt_handler.vmi.migration_disk_transfer_rate_bytes");
        Assert.Contains(drift, item => item.Name == "kubevirt_handler.vmi.guest_load_1m");
    }

    private static void Check(ComponentKind component, string name, string version, string beside, string reason)
    {
        (string, string, long)[] families = beside.Length == 0 ? [] : [(beside, "gauge", 1)];
        MetricDrift drift = DriftAnalyzerTests.One(name, component, version, families);
        Assert.Equal(DriftStatus.Missing, drift.Status);
        Assert.Contains(reason, drift.Reason, StringComparison.Ordinal);
    }
}
