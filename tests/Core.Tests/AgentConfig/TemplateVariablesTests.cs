using KubeVirtMonitor.AgentConfig;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

/// <summary>Template variables as Autodiscovery resolves them. virt-handler of KubeVirt 1.9 has two ports, and the lower is not that of the metrics.</summary>
public sealed class TemplateVariablesTests
{
    private static readonly TemplateVariables Pod = new("virt-handler-a", "kubevirt", "u-1", "fd00::7", [("metrics", 8443), ("vmstats", 8187), ("debug", 9443)]);

    [Theory]
    [InlineData("%%host%%", "[fd00::7]")]
    [InlineData("%%host_pod%%", "[fd00::7]")]
    [InlineData("%%port%%", "9443")]
    [InlineData("%%port_0%%", "8187")]
    [InlineData("%%port_1%%", "8443")]
    [InlineData("%%port_2%%", "9443")]
    [InlineData("%%port_metrics%%", "8443")]
    [InlineData("%%port_vmstats%%", "8187")]
    [InlineData("%%kube_namespace%%/%%kube_pod_name%%/%%kube_pod_uid%%", "kubevirt/virt-handler-a/u-1")]
    [InlineData("https://%%host%%:%%port_metrics%%/metrics", "https://[fd00::7]:8443/metrics")]
    [InlineData("100%%", "100%%")]
    public void Each_has_its_value(string text, string value)
    {
        Assert.Equal(value, Pod.Fill(text, out string? unresolved));
        Assert.Null(unresolved);
    }

    [Theory]
    [InlineData("%%port_3%%", "the container has no port 3")]
    [InlineData("%%port_web%%", "the container has no port web")]
    [InlineData("a %%env_X%% b %%port_web%%", "%%env_X%% has no value")]
    [InlineData("%%kube_node%%", "%%kube_node%% has no value")]
    public void One_without_a_value_stays(string text, string reason)
    {
        Assert.Equal(text, Pod.Fill(text, out string? unresolved));
        Assert.Equal(reason, unresolved);
    }

    [Fact]
    public void A_pod_without_address_and_ports_has_neither()
    {
        TemplateVariables bare = new("a", "b", null, null, []);
        bare.Fill("%%host%%", out string? host);
        bare.Fill("%%port%%", out string? port);
        bare.Fill("%%kube_pod_uid%%", out string? uid);
        Assert.Equal(("%%host%% has no value", "the container has no port", "%%kube_pod_uid%% has no value"), (host, port, uid));
    }
}
