using System.Text.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>What kubectl reads from the simulated API server.</summary>
public class KubectlReadTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    [Fact]
    public async Task Version_and_resources()
    {
        Assert.Contains("Server Version: v1.36.2", await Kubectl.OutputAsync(cluster, "version"), StringComparison.Ordinal);
        ToolResult resources = await Kubectl.RunAsync(cluster, ["api-resources", "--no-headers"]);
        Assert.Contains(resources.Table, row => row is ["virtualmachineinstances", "vmi,vmis", "kubevirt.io/v1", "true", "VirtualMachineInstance"]);
        Assert.Contains(resources.Table, row => row is ["leases", "coordination.k8s.io/v1", "true", "Lease"]);
        Assert.Contains("subresources.kubevirt.io/v1", await Kubectl.OutputAsync(cluster, "api-versions"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Machines_as_a_table()
    {
        ToolResult table = await Kubectl.RunAsync(cluster, ["get", "vm", "--all-namespaces"]);
        Assert.Equal(["NAMESPACE", "NAME", "AGE", "STATUS", "READY"], table.Table[0]);
        Assert.Equal(13, table.Table.Length);
        Assert.Equal(["ns0", "halted-00000", "Stopped", "False"], Without(table.Table[1], 2));
        Assert.Equal(["ns0", "vm-00000", "Running", "True"], Without(table.Table[2], 2));
        Assert.Equal(["ns3", "vm-00003", "Migrating", "True"], Without(table.Table[9], 2));
        static string[] Without(string[] row, int column) => [.. row.Where((_, index) => index != column)];
    }

    [Fact]
    public async Task Instances_as_a_wide_table()
    {
        ToolResult table = await Kubectl.RunAsync(cluster, ["get", "vmi", "-n", "ns0", "-o", "wide"]);
        Assert.Equal(["NAME", "AGE", "PHASE", "IP", "NODENAME", "READY", "LIVE-MIGRATABLE", "PAUSED"], table.Table[0]);
        Assert.Equal(["vm-00000", "Running", "2001:db8::1", "node01", "True", "True"], table.Table[1].Where((_, index) => index != 1));
        Assert.Equal("Scheduling", table.Table[3][2]);
    }

    [Fact]
    public async Task Components_with_their_addresses()
    {
        ToolResult table = await Kubectl.RunAsync(cluster, ["get", "pods", "-l", "prometheus.kubevirt.io=true", "-o", "wide", "--no-headers"]);
        Assert.Equal(8, table.Table.Length);
        Each.Of(table.Table, row =>
        {
            Assert.Equal(["1/1", "Running", "0"], row[1..4]);
            Assert.Contains(cluster.Host.Endpoints, endpoint => endpoint.Pod.Name == row[0] && endpoint.Address.ToString() == row[5] && endpoint.Pod.Node == row[6]);
        });
    }

    [Theory]
    [InlineData("vm,kubevirt.io/vm!=vm-00000", 0)]
    [InlineData("app=demo,kubevirt.io/vm!=vm-00000", 11)]
    [InlineData("app in (demo,other),kubevirt.io/vm in (vm-00001,vm-00002)", 2)]
    [InlineData("kubevirt.io/vm notin (vm-00001,vm-00002)", 10)]
    [InlineData("!app", 0)]
    public async Task Label_selectors(string selector, int expected)
    {
        string names = await Kubectl.OutputAsync(cluster, "get", "vm", "-A", "-l", selector, "-o", "name");
        Assert.Equal(expected, names.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task Field_selectors()
    {
        string running = await Kubectl.OutputAsync(cluster, "get", "pods", "-A", "--field-selector", "spec.nodeName=node02,status.phase!=Pending", "-o", "name");
        Assert.Equal(9, running.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        ToolResult refused = await Kubectl.RunAsync(cluster, ["get", "vmi", "-A", "--field-selector", "status.phase=Running"]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("field label not supported: status.phase", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Paged_lists_are_whole()
    {
        cluster.Server.Log.Clear();
        string json = await Kubectl.OutputAsync(cluster, "get", "vm", "-A", "--chunk-size", "5", "-o", "json");
        Assert.Equal(12, JsonDocument.Parse(json).RootElement.GetProperty("items").GetArrayLength());
        Assert.Equal(3, cluster.Server.Log.Requests.Count(request => request.Verb == "list" && request.Query.Contains("limit=5", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task One_object_as_yaml_and_by_path()
    {
        string yaml = await Kubectl.OutputAsync(cluster, "get", "kubevirt", "kubevirt", "-o", "yaml");
        Assert.Contains("\n  observedKubeVirtVersion: v1.9.0\n", yaml, StringComparison.Ordinal);
        Assert.Equal(cluster.Host.CertificateAuthority.Pem, await Kubectl.OutputAsync(cluster, "get", "configmap", "kubevirt-ca", "-o", "jsonpath={.data.ca-bundle}"));
        Assert.Equal(cluster.Pod("controller/0"), await Kubectl.OutputAsync(cluster, "get", "lease", "virt-controller", "-o", "jsonpath={.spec.holderIdentity}"));
    }

    [Theory]
    [InlineData("vmi", "vm-00000", "ns0", "Node Name:", "Created virtual machine pod")]
    [InlineData("vm", "vm-00000", "ns0", "Printable Status:", "Started the virtual machine")]
    [InlineData("node", "node01", "", "Kubelet Version:", "virt-handler")]
    [InlineData("service", "kubevirt-prometheus-metrics", "kubevirt", "Endpoints:", "8443")]
    [InlineData("daemonset", "virt-handler", "kubevirt", "Number of Nodes Scheduled with Available Pods: 2", "registry.example/kubevirt/virt-handler:v1.9.0")]
    [InlineData("kubevirt", "kubevirt", "kubevirt", "Observed Kube Virt Version:", "v1.9.0")]
    public async Task Describe(string kind, string name, string space, string first, string second)
    {
        string text = await Kubectl.OutputAsync(cluster, space.Length == 0 ? ["describe", kind, name] : ["describe", kind, name, "-n", space]);
        Assert.Contains(first, text, StringComparison.Ordinal);
        Assert.Contains(second, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waits_by_watching()
    {
        Assert.Contains("condition met", await Kubectl.OutputAsync(cluster, "wait", "vmi/vm-00000", "-n", "ns0", "--for=condition=Ready", "--timeout=20s"), StringComparison.Ordinal);
        Assert.Contains("successfully rolled out", await Kubectl.OutputAsync(cluster, "rollout", "status", "deployment/virt-controller", "--timeout=20s"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_shows_changes_as_rows()
    {
        using System.Diagnostics.Process process = Kubectl.Start(cluster, ["get", "kubevirt", "--watch", "--no-headers", "-o", "custom-columns=NAME:.metadata.name,STEP:.metadata.labels.step"]);
        try
        {
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            late.CancelAfter(TimeSpan.FromSeconds(30));
            Assert.Matches("^kubevirt +<none>$", await process.StandardOutput.ReadLineAsync(late.Token));
            await cluster.PatchAsync("/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt", "merge-patch+json", """{"metadata":{"labels":{"step":"two"}}}""");
            Assert.Matches("^kubevirt +two$", await process.StandardOutput.ReadLineAsync(late.Token));
        }
        finally
        {
            process.Kill();
        }
    }

    [Fact]
    public async Task Pods_are_reached_through_the_proxy()
    {
        string path = $"/api/v1/namespaces/kubevirt/pods/https:{cluster.Pod("controller/0")}:8443/proxy";
        Assert.Contains("\"leader\": \"true\"", await Kubectl.OutputAsync(cluster, "get", "--raw", path + "/leader"), StringComparison.Ordinal);
        Assert.Contains("kubevirt_virt_controller_leading_status", await Kubectl.OutputAsync(cluster, "get", "--raw", path + "/metrics"), StringComparison.Ordinal);
        Assert.Contains("\"connectivity\": \"ok\"", await Kubectl.OutputAsync(cluster, "get", "--raw", "/apis/subresources.kubevirt.io/v1/healthz"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_there()
    {
        ToolResult result = await Kubectl.RunAsync(cluster, ["get", "vm", "nope", "-n", "ns0"]);
        Assert.Equal((1, "Error from server (NotFound): virtualmachines.kubevirt.io \"nope\" not found\n"), (result.Code, result.Errors));
    }
}
