using System.Text.Json.Nodes;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>The real kubectl takes what is generated, and makes of it what is meant.</summary>
public sealed class KubectlAgreementTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task AStrategicPatchOfADeploymentYieldsTheAnnotations(int version)
    {
        string folder = Directory.CreateTempSubdirectory("agent-patch-").FullName;
        try
        {
            foreach (ComponentPatch patch in AgentCluster.Patch(new AgentPatchOptions { AnnotationVersion = version, Tags = ["env:x"] }).Patches)
            {
                string file = Path.Combine(folder, patch.ResourceName + ".json");
                await File.WriteAllTextAsync(file, Workload(patch).ToJsonString(), TestContext.Current.CancellationToken);
                string text = await Kubectl.OutputAsync(cluster, "patch", "--local", "-f", file, "--type", patch.Type, "-p", patch.Patch, "-o", "json");
                JsonNode patched = JsonNode.Parse(text)!;
                Dictionary<string, string> annotations = patched["spec"]!["template"]!["metadata"]!["annotations"]!.AsObject().ToDictionary(one => one.Key, one => (string)one.Value!);
                Assert.True(annotations.Remove("kept", out string? kept));
                Assert.Equal("yes", kept);
                Assert.Equal(patch.Annotations, annotations);
                Assert.Equal("image:1", (string?)patched["spec"]!["template"]!["spec"]!["containers"]![0]!["image"]);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(AgentTool.Datadog, AgentPatchFormat.Yaml, 1)]
    [InlineData(AgentTool.Datadog, AgentPatchFormat.Json, 1)]
    [InlineData(AgentTool.Prometheus, AgentPatchFormat.Yaml, 3)]
    [InlineData(AgentTool.OpenTelemetry, AgentPatchFormat.Yaml, 3)]
    [InlineData(AgentTool.OpenTelemetry, AgentPatchFormat.Json, 3)]
    public async Task EveryDocumentIsApplied(AgentTool tool, AgentPatchFormat format, int documents)
    {
        string text = AgentCluster.Patch(new AgentPatchOptions { Tool = tool, AgentNamespace = "default", AgentServiceAccount = "default", ClusterName = "prod", Tags = ["a:$b"] }).ToString(format);
        foreach (string run in new[] { "--dry-run=client", "--dry-run=server" })
        {
            // The simulator has no schema of a List to validate it by.
            string[] validation = format == AgentPatchFormat.Json ? ["--validate=false"] : [];
            ToolResult result = await Kubectl.RunAsync(cluster, ["apply", run, "-f", "-", .. validation], text);
            Assert.True(result.Code == 0, result.Errors);
            Assert.Equal(documents, result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        }
    }

    [Fact]
    public async Task AKustomizeComponentAddsToThePatchesOfTheBase()
    {
        string folder = Directory.CreateTempSubdirectory("agent-patch-").FullName;
        try
        {
            AgentPatch patch = AgentCluster.Patch();
            Directory.CreateDirectory(Path.Combine(folder, "agent"));
            await File.WriteAllTextAsync(Path.Combine(folder, "agent", "kustomization.yaml"), patch.ToString(AgentPatchFormat.KustomizePatch), TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(folder, "kustomization.yaml"), "resources: [kubevirt.yaml]\ncomponents: [agent]\n", TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(
                Path.Combine(folder, "kubevirt.yaml"),
                "apiVersion: kubevirt.io/v1\nkind: KubeVirt\nmetadata: {name: kubevirt, namespace: kubevirt}\nspec:\n  customizeComponents:\n    patches:\n    - {resourceType: Deployment, resourceName: virt-api, type: strategic, patch: '{}'}\n",
                TestContext.Current.CancellationToken);
            string text = await Kubectl.OutputAsync(cluster, "kustomize", folder);
            JsonArray entries = new KubeVirtMonitor.Yaml.YamlReader().ReadAll(text)[0]!["spec"]!["customizeComponents"]!["patches"]!.AsArray();
            Assert.Equal(4, entries.Count);
            Assert.Equal("{}", (string?)entries[0]!["patch"]);
            Assert.Equal(patch.Patches.Select(one => one.Patch), entries.Skip(1).Select(entry => (string)entry!["patch"]!));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A KubeVirt resource that was applied with more than patches, as most are.</summary>
    private const string Applied = """
        apiVersion: kubevirt.io/v1
        kind: KubeVirt
        metadata: {name: kubevirt, namespace: kubevirt}
        spec:
          configuration: {developerConfiguration: {featureGates: [Snapshot, HostDevices]}}
          customizeComponents: {}
          imagePullPolicy: IfNotPresent
          workloadUpdateStrategy: {workloadUpdateMethods: [LiveMigrate]}
        """;

    [Theory]
    [InlineData(AgentPatchFormat.Yaml)]
    [InlineData(AgentPatchFormat.Json)]
    [InlineData(AgentPatchFormat.KustomizePatch)]
    [InlineData(AgentPatchFormat.PatchFile)]
    [InlineData(AgentPatchFormat.HelmValues)]
    [InlineData(AgentPatchFormat.DatadogAgent)]
    [InlineData(AgentPatchFormat.DaemonSetPatch)]
    public async Task NoTextTakesAnythingOutOfTheKubeVirtResourceWhenItIsApplied(AgentPatchFormat format)
    {
        await using AgentCluster own = await AgentCluster.StartAsync();
        ToolResult applied = await Kubectl.RunAsync(own.Api, ["apply", "--validate=false", "-f", "-"], Applied);
        Assert.True(applied.Code == 0, applied.Errors);
        string before = await own.SpecAsync();
        Assert.Contains("HostDevices", before, StringComparison.Ordinal);
        string text = AgentCluster.Patch().ToString(format);
        foreach (string[] how in new[] { new[] { "apply" }, ["apply", "--server-side", "--field-manager=own"], ["replace"] })
        {
            ToolResult result = await Kubectl.RunAsync(own.Api, [.. how, "--validate=false", "-f", "-"], text);
            Assert.True((format is AgentPatchFormat.Yaml or AgentPatchFormat.Json) == (result.Code == 0), $"{string.Join(' ', how)}: {result.Errors}");
            Assert.Equal(before, await own.SpecAsync());
        }
    }

    [Fact]
    public async Task ADaemonSetPatchAddsTheMountToWhatIsThere()
    {
        using TempFolder folder = new();
        string before = folder.Write("agent.json", """{"apiVersion":"apps/v1","kind":"DaemonSet","metadata":{"name":"datadog","namespace":"datadog"},"spec":{"selector":{"matchLabels":{"app":"datadog"}},"template":{"metadata":{"labels":{"app":"datadog"}},"spec":{"containers":[{"name":"agent","image":"agent:7","volumeMounts":[{"name":"config","mountPath":"/etc/datadog-agent"}]},{"name":"trace-agent","image":"agent:7"}],"volumes":[{"name":"config","emptyDir":{}}]}}}}""");
        string text = AgentCluster.Patch().ToString(AgentPatchFormat.DaemonSetPatch);
        Assert.StartsWith("# kubectl patch daemonset NAME -n datadog --patch-file FILE\n", text, StringComparison.Ordinal);
        string after = await Kubectl.OutputAsync(cluster, "patch", "--local", "-f", before, "--patch-file", folder.Write("patch.yaml", text), "-o", "json");
        JsonNode pod = JsonNode.Parse(after)!["spec"]!["template"]!["spec"]!;
        Assert.Equal(["agent", "trace-agent"], pod["containers"]!.AsArray().Select(container => (string?)container!["name"]));
        Assert.Equal("agent:7", (string?)pod["containers"]![0]!["image"]);
        Assert.Equal(["/etc/datadog-agent", "/etc/kubevirt-ca"], pod["containers"]![0]!["volumeMounts"]!.AsArray().Select(mount => (string?)mount!["mountPath"]).Order(StringComparer.Ordinal));
        Assert.Null(pod["containers"]![1]!["volumeMounts"]);
        Assert.Equal(["config", "kubevirt-ca"], pod["volumes"]!.AsArray().Select(volume => (string?)volume!["name"]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{flags: {api: {v: '5'}}}")]
    public async Task APatchFileAddsAndItsCommandsAreRightAsTheyAreWritten(string customized)
    {
        await using AgentCluster own = await AgentCluster.StartAsync();
        ToolResult applied = await Kubectl.RunAsync(own.Api, ["apply", "--validate=false", "-f", "-"], Applied.Replace("customizeComponents: {}", $"customizeComponents: {customized}", StringComparison.Ordinal));
        Assert.True(applied.Code == 0, applied.Errors);
        AgentPatch patch = AgentCluster.Patch();
        string text = patch.ToString(AgentPatchFormat.PatchFile);
        string[][] commands = [.. text.Split('\n').Where(line => line.StartsWith("# kubectl ", StringComparison.Ordinal)).Select(line => Words(line["# kubectl ".Length..]))];
        Assert.Equal(3, commands.Length);
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, text, TestContext.Current.CancellationToken);
            string[] add = [.. commands[0].Select(word => word == "FILE" ? file : word)];
            ToolResult missing = await Kubectl.RunAsync(own.Api, add);
            Assert.NotEqual(0, missing.Code);
            foreach (string[] command in commands[1..]) await Kubectl.OutputAsync(own.Api, command);
            await Kubectl.OutputAsync(own.Api, add);
            JsonNode spec = JsonNode.Parse(await own.SpecAsync())!;
            Assert.Equal(patch.Patches.Select(one => one.Patch), spec["customizeComponents"]!["patches"]!.AsArray().Select(entry => (string)entry!["patch"]!));
            Assert.Equal("""{"developerConfiguration":{"featureGates":["Snapshot","HostDevices"]}}""", spec["configuration"]!.ToJsonString());
            Assert.Equal(customized == "{}" ? null : """{"api":{"v":"5"}}""", spec["customizeComponents"]!["flags"]?.ToJsonString());
            string before = await own.SpecAsync();
            await Kubectl.OutputAsync(own.Api, commands[1]);
            Assert.NotEqual(0, (await Kubectl.RunAsync(own.Api, commands[2])).Code);
            Assert.Equal(before, await own.SpecAsync());
        }
        finally
        {
            File.Delete(file);
        }
    }

    // As a shell takes a line apart that has single quotes around whole words only.
    private static string[] Words(string line) => [.. line.Split('\'').SelectMany((part, index) => index % 2 == 1 ? [part] : part.Split(' ', StringSplitOptions.RemoveEmptyEntries))];

    private static JsonObject Workload(ComponentPatch patch) => new()
    {
        ["apiVersion"] = "apps/v1",
        ["kind"] = patch.ResourceType,
        ["metadata"] = new JsonObject { ["name"] = patch.ResourceName, ["namespace"] = "kubevirt" },
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["kubevirt.io"] = patch.ResourceName } },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["kubevirt.io"] = patch.ResourceName }, ["annotations"] = new JsonObject { ["kept"] = "yes" } },
                ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = patch.ResourceName, ["image"] = "image:1" }) },
            },
        },
    };
}
