using System.Text.Json.Nodes;
using KubeVirtMonitor.AgentSetup;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentSetup;

/// <summary>A rollout is over when <c>kubectl rollout status</c> says so, and Test waits until then.</summary>
public sealed class RolloutChecksTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("virt-api", 2, 2, """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", "Passed", "2 of 2 pods were created from it")]
    [InlineData("virt-api", 3, 2, """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":2}""", "Failed", "has not been observed yet")]
    [InlineData("virt-api", 2, 2, """{"observedGeneration":2}""", "Failed", "0 of 2 pods were created from the template")]
    [InlineData("virt-api", 2, 2, """{"observedGeneration":2,"replicas":3,"updatedReplicas":1,"availableReplicas":2}""", "Failed", "1 of 2 pods were created from the template")]
    [InlineData("virt-api", 2, 2, """{"observedGeneration":2,"replicas":3,"updatedReplicas":2,"availableReplicas":3}""", "Failed", "and 1 from an earlier one")]
    [InlineData("virt-api", 2, 2, """{"observedGeneration":2,"replicas":2,"updatedReplicas":2,"availableReplicas":1}""", "Failed", "1 of 2 pods from the template with the annotations are ready")]
    [InlineData("virt-api", 2, 1, """{"observedGeneration":2,"replicas":1,"updatedReplicas":1,"availableReplicas":1}""", "Passed", "1 of 1 pods were created from it")]
    [InlineData("virt-api", 2, 2, """{"observedGeneration":2,"replicas":3,"updatedReplicas":1,"availableReplicas":2,"conditions":[{"type":"Progressing","status":"False","reason":"ProgressDeadlineExceeded","message":"ReplicaSet \"a\" has timed out progressing."}]}""", "Failed", "The rollout makes no progress: ReplicaSet \"a\" has timed out progressing.")]
    [InlineData("virt-handler", 2, null, """{"observedGeneration":2,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":2}""", "Passed", "2 of 2 pods were created from it")]
    [InlineData("virt-handler", 2, null, """{"observedGeneration":2,"desiredNumberScheduled":2,"updatedNumberScheduled":2,"numberAvailable":1,"numberUnavailable":1}""", "Failed", "1 of 2 pods from the template with the annotations are ready")]
    [InlineData("virt-handler", 2, null, """{"observedGeneration":2,"desiredNumberScheduled":2,"numberAvailable":2}""", "Failed", "0 of 2 pods were created from the template")]
    public async Task ARolloutIsJudgedAsKubectlJudgesIt(string name, int generation, int? replicas, string status, string state, string message)
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        ComponentPatch own = AgentCluster.Patch().Patches.Single(one => one.ResourceName == name);
        ResourceStore store = cluster.Api.Server.Store;
        ResourceCollection workloads = store["apps", name == "virt-handler" ? "daemonsets" : "deployments"];
        JsonObject workload = workloads.Find("kubevirt", name)!.ToJson();
        workload["metadata"]!["generation"] = generation;
        if (replicas is { } wanted) workload["spec"]!["replicas"] = wanted;
        workload["spec"]!["template"]!["metadata"]!["annotations"] = new JsonObject(own.Annotations.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Value)));
        workload["status"] = JsonNode.Parse(status);
        lock (store.Gate) workloads.Put(ApiObject.From(workloads.Type, workload, store.NextVersion()));
        AgentPatchStatus found = (await new RolloutChecks(cluster.Session.Client, "kubevirt").RunAsync(AgentCluster.Patch(), Cancellation)).Single(point => point.Component == own.Component);
        Assert.Equal(state, found.State.ToString());
        Assert.Contains(message, found.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestWaitsUntilTheLastPodIsReplacedAlthoughTheGenerationIsObservedBefore()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync(podStep: TimeSpan.FromMilliseconds(400));
        string[] before = [.. cluster.Api.Host.Endpoints.Select(static endpoint => endpoint.Pod.Name)];
        AgentPatch patch = AgentCluster.Patch();
        await cluster.InstallAsync(patch);
        IReadOnlyList<AgentPatchStatus> found = await new AgentPatchTester(cluster.Session, patch, TimeSpan.FromSeconds(10)).WaitAsync(TimeSpan.FromSeconds(120), Cancellation);
        Each.Of(found, static point => Assert.True(point.State == AgentPatchState.Passed, $"{point}"));
        foreach (ComponentPatch own in patch.Patches)
        {
            ApiReply pods = await cluster.Api.GetAsync($"/api/v1/namespaces/kubevirt/pods?labelSelector=kubevirt.io%3D{own.ResourceName}");
            string[] names = [.. pods.Json.GetProperty("items").EnumerateArray().Where(static pod => !pod.GetProperty("metadata").TryGetProperty("deletionTimestamp", out _)).Select(static pod => pod.GetProperty("metadata").GetProperty("name").GetString()!)];
            Assert.Equal(2, names.Length);
            Assert.Empty(names.Intersect(before));
        }
    }

    [Fact]
    public async Task APatchOfOthersThatHoldsUpAllIsNamed()
    {
        await using AgentCluster cluster = await AgentCluster.StartAsync();
        await cluster.ChangeAsync(JsonNode.Parse("""{"spec":{"customizeComponents":{"patches":[{"resourceName":"virt-exportproxy","resourceType":"Deployment","type":"strategic","patch":"{}"},{"resourceName":"virt-controller","resourceType":"Deployment","type":"json","patch":"[{\"op\":\"remove\",\"path\":\"/nosuch\"}]"}]}}}""")!);
        await cluster.InstallAsync(AgentCluster.Patch(new AgentPatchOptions { Components = [ComponentKind.Api] }));
        for (int i = 0; i < 100 && !(await cluster.Api.GetAsync(AgentCluster.Path)).Text.Contains("\"Synchronized\"", StringComparison.Ordinal); i++) await Task.Delay(50, Cancellation);
        AgentPatchStatus point = (await cluster.TestAsync(untilPassed: false)).Single(static one => one.Check == AgentPatchCheck.Operator);
        Assert.Equal(AgentPatchState.Failed, point.State);
        Assert.Contains("cannot continue: An error occurred during deployment:", point.Message, StringComparison.Ordinal);
        Assert.Contains("blocks all others", point.Advice, StringComparison.Ordinal);
    }
}
