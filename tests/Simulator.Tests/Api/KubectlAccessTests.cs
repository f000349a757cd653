using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Who kubectl is to the simulated API server, and what it may.</summary>
public sealed class KubectlAccessTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    [Theory]
    [InlineData("simulator", "token-admin")]
    [InlineData("simulator-certificate", "certificate-admin")]
    [InlineData("simulator-exec", "exec-admin")]
    [InlineData("simulator-rotating", "rotating-admin")]
    [InlineData("simulator-monitor", "monitor")]
    [InlineData("simulator-viewer", "viewer")]
    [InlineData("simulator-nobody", "nobody")]
    public async Task Every_context_is_someone(string context, string user)
    {
        ToolResult result = await Kubectl.RunAsync(cluster, ["auth", "whoami", "-o", "jsonpath={.status.userInfo.username}"], context: context);
        Assert.Equal((0, user), (result.Code, result.Output));
    }

    [Theory]
    [InlineData("simulator", "delete", "vm", "yes")]
    [InlineData("simulator-viewer", "list", "vm", "yes")]
    [InlineData("simulator-viewer", "delete", "vm", "no")]
    [InlineData("simulator-viewer", "get", "pods/proxy", "no")]
    [InlineData("simulator-monitor", "get", "pods/proxy", "yes")]
    [InlineData("simulator-nobody", "list", "pods", "no")]
    public async Task Can_i(string context, string verb, string resource, string expected)
    {
        ToolResult result = await Kubectl.RunAsync(cluster, ["auth", "can-i", verb, .. resource.Split('/') is [var plural, var subresource] ? (string[])[plural, "--subresource", subresource] : [resource], "-A"], context: context);
        Assert.Equal(expected, result.Output.Trim());
        Assert.Equal(expected == "yes" ? 0 : 1, result.Code);
    }

    [Fact]
    public async Task A_role_has_its_effect()
    {
        await Kubectl.OutputAsync(cluster, "create", "clusterrole", "pod-reader", "--verb=get", "--resource=pods");
        await Kubectl.OutputAsync(cluster, "create", "clusterrolebinding", "pod-reader", "--clusterrole=pod-reader", "--user=newcomer");
        Assert.Equal("yes", (await Kubectl.RunAsync(cluster, ["auth", "can-i", "get", "pods", "--as", "newcomer"])).Output.Trim());
        Assert.Equal("no", (await Kubectl.RunAsync(cluster, ["auth", "can-i", "list", "pods", "--as", "newcomer"])).Output.Trim());
        ToolResult refused = await Kubectl.RunAsync(cluster, ["get", "pods", "--as", "newcomer"]);
        Assert.Equal("Error from server (Forbidden): pods is forbidden: User \"newcomer\" cannot list resource \"pods\" in API group \"\" in the namespace \"kubevirt\"\n", refused.Errors);
    }

    [Fact]
    public async Task A_refusal_on_demand()
    {
        using (cluster.Server.Refuse(new ApiRefusal { Verb = "list", Resource = "virtualmachinepools" }))
        {
            ToolResult refused = await Kubectl.RunAsync(cluster, ["get", "vmpool", "-A"]);
            Assert.Contains("virtualmachinepools.pool.kubevirt.io is forbidden: User \"token-admin\" cannot list resource \"virtualmachinepools\" in API group \"pool.kubevirt.io\" at the cluster scope", refused.Errors, StringComparison.Ordinal);
        }

        Assert.Equal(0, (await Kubectl.RunAsync(cluster, ["get", "vmpool", "-A"])).Code);
    }

    [Fact]
    public async Task A_token_that_has_been_rotated_away()
    {
        string old = await File.ReadAllTextAsync(cluster.Server.Kubeconfig.TokenFile, TestContext.Current.CancellationToken);
        await cluster.Server.Kubeconfig.RotateTokenAsync(cancellation: TestContext.Current.CancellationToken);
        ToolResult refused = await Kubectl.RunAsync(cluster, ["get", "nodes", "--token", old], context: "simulator-nobody");
        Assert.NotEqual(0, refused.Code);

        // The first sentence where kubectl has the server's groups in its cache, the second where it asks for them.
        Assert.Matches("You must be logged in to the server \\(Unauthorized\\)|the server has asked for the client to provide credentials", refused.Errors);
        Assert.Equal(0, (await Kubectl.RunAsync(cluster, ["get", "nodes"], context: "simulator-rotating")).Code);
    }
}
