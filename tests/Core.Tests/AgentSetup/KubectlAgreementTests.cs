using System.Text.Json.Nodes;
using KubeVirtMonitor.Tests.Simulator.Api;
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
    [InlineData(AgentTool.Datadog, AgentPatchFormat.Yaml, 2)]
    [InlineData(AgentTool.Datadog, AgentPatchFormat.Json, 2)]
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
            KubectlResult result = await Kubectl.RunAsync(cluster, ["apply", run, "-f", "-", .. validation], text);
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
