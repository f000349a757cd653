using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>What kubectl changes on the simulated API server.</summary>
public class KubectlWriteTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private const string Machine = """
        apiVersion: kubevirt.io/v1
        kind: VirtualMachine
        metadata:
          name: NAME
          namespace: ns1
          labels: {team: blue}
        spec:
          runStrategy: Halted
          template: {spec: {domain: {devices: {}}}}
        """;

    [Theory]
    [InlineData("merge", """{"metadata":{"labels":{"MARK":"yes"}}}""")]
    [InlineData("json", """[{"op":"add","path":"/metadata/labels/MARK","value":"yes"}]""")]
    public async Task Patches_of_a_machine(string type, string patch)
    {
        string mark = $"mark-{type}";
        Assert.Contains("patched", await Kubectl.OutputAsync(cluster, "patch", "vm", "vm-00001", "-n", "ns1", "--type", type, "-p", patch.Replace("MARK", mark, StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Equal("yes demo", await Kubectl.OutputAsync(cluster, "get", "vm", "vm-00001", "-n", "ns1", "-o", $"jsonpath={{.metadata.labels.{mark}}} {{.metadata.labels.app}}"));
    }

    [Fact]
    public async Task Strategic_patches_are_for_built_in_resources()
    {
        ToolResult refused = await Kubectl.RunAsync(cluster, ["patch", "vm", "vm-00001", "-n", "ns1", "-p", """{"spec":{"runStrategy":"Halted"}}"""]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml", refused.Errors, StringComparison.Ordinal);
        await Kubectl.OutputAsync(cluster, "patch", "deployment", "virt-api", "-p", """{"spec":{"template":{"spec":{"containers":[{"name":"virt-api","image":"registry.example/new:1"}]}}}}""");
        Assert.Equal("registry.example/new:1 8443", await Kubectl.OutputAsync(cluster, "get", "deployment", "virt-api", "-o", "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].ports[0].containerPort}"));
    }

    [Fact]
    public async Task The_spec_of_a_running_instance_stays()
    {
        ToolResult refused = await Kubectl.RunAsync(cluster, ["patch", "vmi", "vm-00001", "-n", "ns1", "--type", "merge", "-p", """{"spec":{"hostname":"other"}}"""]);
        Assert.Equal(1, refused.Code);
        Assert.Contains("update of VMI object is restricted", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("labeled", await Kubectl.OutputAsync(cluster, "label", "vmi", "vm-00001", "-n", "ns1", "seen=yes"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_from_nothing_to_gone()
    {
        string manifest = Machine.Replace("NAME", "applied", StringComparison.Ordinal);
        Assert.Equal("virtualmachine.kubevirt.io/applied created (server dry run)\n", await ApplyAsync(manifest, "--dry-run=server"));
        Assert.Equal("virtualmachine.kubevirt.io/applied created (dry run)\n", await ApplyAsync(manifest, "--dry-run=client"));
        Assert.Equal(1, (await Kubectl.RunAsync(cluster, ["get", "vm", "applied", "-n", "ns1"])).Code);
        Assert.Equal("virtualmachine.kubevirt.io/applied created\n", await ApplyAsync(manifest));
        Assert.Equal("virtualmachine.kubevirt.io/applied unchanged\n", await ApplyAsync(manifest));
        string changed = manifest.Replace("Halted", "Manual", StringComparison.Ordinal);
        ToolResult difference = await Kubectl.RunAsync(cluster, ["diff", "-f", "-"], changed);
        Assert.Equal(1, difference.Code);
        Assert.Contains("+  runStrategy: Manual", difference.Output, StringComparison.Ordinal);
        Assert.Equal("virtualmachine.kubevirt.io/applied configured\n", await ApplyAsync(changed));
        Assert.Equal("Manual 2", await Kubectl.OutputAsync(cluster, "get", "vm", "applied", "-n", "ns1", "-o", "jsonpath={.spec.runStrategy} {.metadata.generation}"));
        Assert.Contains("deleted", await Kubectl.OutputAsync(cluster, "delete", "vm", "applied", "-n", "ns1"), StringComparison.Ordinal);
        Assert.Equal(1, (await Kubectl.RunAsync(cluster, ["get", "vm", "applied", "-n", "ns1"])).Code);
    }

    [Fact]
    public async Task Server_side_apply_finds_conflicts()
    {
        string manifest = Machine.Replace("NAME", "shared", StringComparison.Ordinal);
        Assert.Equal("virtualmachine.kubevirt.io/shared serverside-applied\n", await ApplyAsync(manifest, "--server-side"));
        string changed = manifest.Replace("Halted", "Manual", StringComparison.Ordinal);
        ToolResult refused = await Kubectl.RunAsync(cluster, ["apply", "-f", "-", "--server-side", "--field-manager", "other"], changed);
        Assert.Equal(1, refused.Code);
        Assert.Contains("Apply failed with 1 conflict: conflict with \"kubectl\": .spec.runStrategy", refused.Errors, StringComparison.Ordinal);
        Assert.Equal("virtualmachine.kubevirt.io/shared serverside-applied\n", await ApplyAsync(changed, "--server-side", "--field-manager", "other", "--force-conflicts"));
        Assert.Equal("Manual", await Kubectl.OutputAsync(cluster, "get", "vm", "shared", "-n", "ns1", "-o", "jsonpath={.spec.runStrategy}"));
    }

    [Fact]
    public async Task What_kubectl_makes_itself_comes_as_protobuf()
    {
        await Kubectl.OutputAsync(cluster, "create", "configmap", "made", "--from-literal", "key=a value");
        Assert.Equal("a value", await Kubectl.OutputAsync(cluster, "get", "configmap", "made", "-o", "jsonpath={.data.key}"));
        await Kubectl.OutputAsync(cluster, "create", "secret", "generic", "made", "--from-literal", "key=a value");
        Assert.Equal("YSB2YWx1ZQ==", await Kubectl.OutputAsync(cluster, "get", "secret", "made", "-o", "jsonpath={.data.key}"));
        await Kubectl.OutputAsync(cluster, "create", "namespace", "made");
        await Kubectl.OutputAsync(cluster, "create", "serviceaccount", "made", "-n", "made");
        Assert.Equal("made", await Kubectl.OutputAsync(cluster, "get", "serviceaccount", "made", "-n", "made", "-o", "jsonpath={.metadata.namespace}"));
    }

    private async Task<string> ApplyAsync(string manifest, params string[] arguments)
    {
        ToolResult result = await Kubectl.RunAsync(cluster, ["apply", "-f", "-", .. arguments], manifest);
        Assert.True(result.Code == 0, result.Errors);
        return result.Output;
    }
}
