using System.Text;
using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class ComponentSignaturesTests
{
    [Theory]
    [InlineData("kubevirt_virt_controller_leading_status", ComponentKind.Controller)]
    [InlineData("kubevirt_virt_controller_leading", ComponentKind.Controller)]
    [InlineData("kubevirt_vmi_phase_transition_time_seconds_bucket", ComponentKind.Controller)]
    [InlineData("kubevirt_vmi_phase_transition_time_seconds", ComponentKind.Controller)]
    [InlineData("kubevirt_vmi_cpu_usage_seconds", ComponentKind.Handler)]
    [InlineData("kubevirt_info", ComponentKind.Handler)]
    [InlineData("kubevirt_vm_created_by_pod_total", ComponentKind.Api)]
    [InlineData("kubevirt_virt_api_ready_status", ComponentKind.Api)]
    [InlineData("kubevirt_virt_operator_ready", ComponentKind.Operator)]
    public void A_name_of_one_component_tells_it(string name, ComponentKind expected)
    {
        Assert.Equal(expected, ComponentSignatures.Recognise(Encoding.UTF8.GetBytes(name)));
    }

    [Theory]
    [InlineData("process_open_fds")]
    [InlineData("go_goroutines")]
    [InlineData("rest_client_requests_total")]
    [InlineData("kubevirt_rest_client_request_latency_seconds")]
    [InlineData("kubevirt_rest_client_request_latency_seconds_bucket")]
    [InlineData("kubevirt_workqueue_depth")]
    [InlineData("kubevirt_vmi_sync_total")]
    public void A_shared_name_tells_nothing(string name)
    {
        Assert.Null(ComponentSignatures.Recognise(Encoding.UTF8.GetBytes(name)));
    }

    [Theory]
    [InlineData("node_cpu_seconds_total")]
    [InlineData("")]
    public void An_unknown_name_tells_nothing(string name)
    {
        Assert.Null(ComponentSignatures.Recognise(Encoding.UTF8.GetBytes(name)));
    }

    // What an endpoint carries without any VM, VMI or event: enough to tell every component but virt-api, in every version.
    [Fact]
    public void Every_version_of_controller_and_operator_always_serves_a_name_of_its_own()
    {
        foreach (ComponentKind component in (ComponentKind[])[ComponentKind.Controller, ComponentKind.Operator])
        {
            foreach (KubeVirtVersion version in MetricCatalog.KnownVersions)
            {
                Assert.Contains(MetricCatalog.Default.Entries(component), entry =>
                    entry.Definition.Presence == MetricPresence.Always
                    && entry.Raw.Any(raw => raw.AppliesTo(version))
                    && ComponentSignatures.Recognise(Encoding.UTF8.GetBytes(entry.SampleName)) == component);
            }
        }
    }
}
