using System.Security.Cryptography.X509Certificates;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Rollouts go as the controllers of Kubernetes and virt-operator 1.9 make them go.</summary>
public sealed class RolloutTests
{
    private const string KubeVirt = "/apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt";
    private const string Pods = "/api/v1/namespaces/kubevirt/pods";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Seen with KubeVirt 1.9.0: after each change of the resource there is one more authority, and the components have certificates of it.</summary>
    [Fact]
    public async Task A_change_of_the_resource_makes_another_authority()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(podAddresses: false);
        const string Map = "/api/v1/namespaces/kubevirt/configmaps/kubevirt-ca";
        async Task<X509Certificate2Collection> BundleAsync()
        {
            X509Certificate2Collection all = [];
            all.ImportFromPem((await cluster.GetAsync(Map)).Json.GetProperty("data").GetProperty("ca-bundle").GetString());
            return all;
        }

        X509Certificate2 first = Assert.Single(await BundleAsync());
        await PatchAsync(cluster, "Deployment", "virt-api");
        await UntilAsync(async () => (await BundleAsync()).Count == 2);
        X509Certificate2Collection now = await BundleAsync();
        Assert.Equal(first.Thumbprint, now[0].Thumbprint);
        Assert.Matches(@"^CN=kubevirt\.io@\d+$", now[1].Subject);
        Assert.NotEqual(first.Subject, now[1].Subject);
        foreach (string id in new[] { "controller/0", "handler/0" })
        {
            (X509Certificate2 shown, _) = await Client.HandshakeAsync(cluster.Host, cluster.Host[id], cluster.Host[id].ServerNames[2], Cancellation);
            Assert.Equal(now[1].Subject, shown.Issuer);
        }
    }

    [Fact]
    public async Task Pods_of_a_deployment_come_before_the_old_ones_go_and_carry_the_hash_of_their_template()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        Channel<WatchEvent> changes = Watch(cluster, "apps", "deployments");
        string[] before = [cluster.Pod("api/0"), cluster.Pod("api/1")];
        string other = cluster.Pod("controller/0");
        string first = await HashAsync(cluster, "api/0");
        Assert.Equal($"virt-api-{first}-", before[0][..^5]);
        await PatchAsync(cluster, "Deployment", "virt-api");
        await UntilAsync(async () => await cluster.GetAsync("/apis/apps/v1/namespaces/kubevirt/deployments/virt-api") is var now
            && (now.At("status.replicas"), now.At("status.updatedReplicas"), now.At("status.readyReplicas"), now.At("status.terminatingReplicas")) == ("2", "2", "2", "0") && before.All(name => cluster.Pod("api/0") != name && cluster.Pod("api/1") != name));

        // All, of the template, ready; never fewer than two are ready, and never more than three there.
        JsonObject[] seen = Read(changes, "virt-api");
        InOrder(["2/2/2", "3/1/2", "3/1/3", "2/1/2", "3/2/2", "3/2/3", "2/2/2"], Distinct(seen.Select(static one => $"{one["status"]!["replicas"]}/{one["status"]!["updatedReplicas"]}/{one["status"]!["readyReplicas"]}")));
        Assert.Equal(["NewReplicaSetAvailable", "ReplicaSetUpdated", "NewReplicaSetAvailable"], Distinct(seen.Select(static one => (string)one["status"]!["conditions"]![1]!["reason"]!)));
        string second = await HashAsync(cluster, "api/0");
        Assert.NotEqual(first, second);
        Assert.Equal(second, await HashAsync(cluster, "api/1"));
        Assert.Equal($"ReplicaSet \"virt-api-{second}\" has successfully progressed.", (string?)seen[^1]["status"]!["conditions"]![1]!["message"]);
        Assert.Equal($"virt-api-{second}-", cluster.Pod("api/1")[..^5]);
        Assert.Equal(("2", "2"), ($"{seen[^1]["metadata"]!["generation"]}", $"{seen[^1]["status"]!["observedGeneration"]}"));
        Assert.Equal(other, cluster.Pod("controller/0"));
        foreach (string id in new[] { "api/0", "api/1" })
        {
            using HttpClient client = Client.For(cluster.Host, cluster.Host[id]);
            Assert.Contains("kubevirt_", await client.GetStringAsync("metrics", Cancellation), StringComparison.Ordinal);
        }

        // Of the template of the start there was a set of pods already: it is that again.
        await cluster.PatchAsync(KubeVirt, "merge-patch+json", """{"spec":{"customizeComponents":null}}""");
        await UntilAsync(async () => await HashAsync(cluster, "api/0") == first && await HashAsync(cluster, "api/1") == first);
    }

    [Fact]
    public async Task A_virt_handler_goes_before_the_new_one_comes_one_node_after_the_other_and_the_conditions_tell()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { PodStep = TimeSpan.FromMilliseconds(100) });
        Channel<WatchEvent> changes = Watch(cluster, "apps", "daemonsets");
        Channel<WatchEvent> conditions = Watch(cluster, "kubevirt.io", "kubevirts");
        string first = await HashAsync(cluster, "handler/0");
        await PatchAsync(cluster, "DaemonSet", "virt-handler");
        await UntilAsync(async () => (await cluster.GetAsync("/apis/apps/v1/namespaces/kubevirt/daemonsets/virt-handler")).At("metadata.generation") == "4" && await HashAsync(cluster, "handler/0") != first);
        JsonObject[] seen = Read(changes, "virt-handler");
        InOrder(["2/2", "1/", "1/1", "2/1", "1/1", "1/2", "2/2"], Distinct(seen.Select(static one => $"{one["status"]!["numberReady"]}/{one["status"]!["updatedNumberScheduled"]}")));

        // One at a time, then a tenth of the nodes, then one again: each a generation of its own.
        Assert.Equal(["1", "10%", "1"], Distinct(seen.Select(static one => $"{one["spec"]!["updateStrategy"]!["rollingUpdate"]!["maxUnavailable"]}")));
        Assert.Equal("4", $"{seen[^1]["status"]!["observedGeneration"]}");
        JsonObject[] told = Read(conditions, "kubevirt");
        InOrder(
            ["True AllComponentsReady", "False DeploymentInProgress", "True AllComponentsReady", "False DeploymentInProgress", "True AllComponentsReady"],
            Distinct(told.Select(static one => $"{Condition(one, "Available")!["status"]} {Condition(one, "Available")!["reason"]}")));
        Each.Of(told, static one => Assert.Equal("False", (string?)Condition(one, "Degraded")!["status"]));
        Each.Of(told, static one => Assert.Equal((string?)Condition(one, "Available")!["status"] == "True" ? "False" : "True", (string?)Condition(one, "Progressing")!["status"]));
        Assert.Equal("Deploying version v1.9.0 with registry registry.example/kubevirt", told.Select(static one => (string?)Condition(one, "Available")!["message"]).First(static text => text!.StartsWith("Deploying", StringComparison.Ordinal)));

        // The generation counts as observed when all were ready for the first time.
        Assert.Equal(["1", "2"], Distinct(told.Select(static one => $"{one["status"]!["observedGeneration"]}")));
    }

    [Fact]
    public async Task A_patch_that_cannot_be_applied_changes_nothing_and_leaves_the_generation_unobserved()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        await cluster.PatchAsync(KubeVirt, "merge-patch+json", """{"spec":{"customizeComponents":{"patches":[{"resourceName":"virt-api","resourceType":"Deployment","type":"nosuch","patch":"{}"}]}}}""");
        await UntilAsync(async () => Condition(JsonNode.Parse((await cluster.GetAsync(KubeVirt)).Text)!.AsObject(), "Synchronized") is not null);
        JsonObject resource = JsonNode.Parse((await cluster.GetAsync(KubeVirt)).Text)!.AsObject();
        Assert.Equal(("2", "1"), ($"{resource["metadata"]!["generation"]}", $"{resource["status"]!["observedGeneration"]}"));
        foreach ((string type, string status) in new[] { ("Synchronized", "False"), ("Available", "False"), ("Progressing", "False"), ("Degraded", "True") })
            Assert.Equal((status, "DeploymentFailed", "An error occurred during deployment: PatchType is not supported"), ((string?)Condition(resource, type)!["status"], (string?)Condition(resource, type)!["reason"], (string?)Condition(resource, type)!["message"]));
        Assert.Equal("1", (await cluster.GetAsync("/apis/apps/v1/namespaces/kubevirt/deployments/virt-api")).At("metadata.generation"));
        await cluster.PatchAsync(KubeVirt, "merge-patch+json", """{"spec":{"customizeComponents":null}}""");
        await UntilAsync(async () => (await cluster.GetAsync(KubeVirt)).At("status.observedGeneration") == "3");
        resource = JsonNode.Parse((await cluster.GetAsync(KubeVirt)).Text)!.AsObject();
        Assert.Null(Condition(resource, "Synchronized"));
        Assert.Equal("True", (string?)Condition(resource, "Available")!["status"]);
    }

    [Fact]
    public async Task A_policy_refuses_in_its_own_words_and_warns_where_it_only_warns()
    {
        AdmissionPolicy policy = new("labels-by-ticket", "virtualmachines", static request => request.After?["metadata"]?["labels"]?["tier"] is null, "labels are changed by ticket only");
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { Admission = [policy with { Reason = "Forbidden" }] });
        ApiReply refused = await cluster.PatchAsync("/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines/vm-00000", "merge-patch+json", """{"metadata":{"labels":{"tier":"gold"}}}""");
        Assert.Equal((HttpStatusCode.Forbidden, "virtualmachines.kubevirt.io \"vm-00000\" is forbidden: ValidatingAdmissionPolicy 'labels-by-ticket' with binding 'labels-by-ticket' denied request: labels are changed by ticket only"), (refused.Code, refused.At("message")));
        Assert.Equal(HttpStatusCode.OK, (await cluster.PatchAsync("/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines/vm-00000", "merge-patch+json", """{"metadata":{"labels":{"other":"x"}}}""")).Code);
        AdmissionRequest request = new("update", cluster.Server.Store["kubevirt.io", "virtualmachines"].Type, null, JsonNode.Parse("""{"metadata":{"name":"a","labels":{"tier":"x"}}}""")!.AsObject(), null, new ApiUser("u", []), false);
        Assert.Equal(422, policy.Review(request)!.Code);
        Assert.Null((policy with { Warns = true, Binding = "b" }).Review(request));
        Assert.Equal("Validation failed for ValidatingAdmissionPolicy 'labels-by-ticket' with binding 'b': labels are changed by ticket only", Assert.Single(request.Warnings));
    }

    private static async Task PatchAsync(ApiCluster cluster, string type, string name)
    {
        string patch = JsonSerializer.Serialize(new { resourceName = name, resourceType = type, type = "strategic", patch = """{"spec":{"template":{"metadata":{"annotations":{"who":"x"}}}}}""" });
        Assert.Equal(HttpStatusCode.OK, (await cluster.PatchAsync(KubeVirt, "merge-patch+json", "{\"spec\":{\"customizeComponents\":{\"patches\":[" + patch + "]}}}")).Code);
    }

    private static Channel<WatchEvent> Watch(ApiCluster cluster, string group, string plural) => cluster.Server.Store[group, plural].Watch(cluster.Server.Store.Version)!.Value.Coming;

    private static JsonObject[] Read(Channel<WatchEvent> changes, string name)
    {
        List<JsonObject> seen = [];
        while (changes.Reader.TryRead(out WatchEvent? change))
        {
            if (change.Object.Name == name) seen.Add(change.Object.ToJson());
        }

        return [.. seen];
    }

    // A busy machine may see fewer of the states, and never others or in another order.
    private static void InOrder(string[] happens, string[] seen)
    {
        int at = -1;
        foreach (string state in seen)
        {
            at = Array.IndexOf(happens, state, at + 1);
            Assert.True(at >= 0, $"{state} does not come there: {string.Join(", ", seen)}");
        }

        Assert.Equal((happens[0], happens[^1]), (seen[0], seen[^1]));
        Assert.True(seen.Length > 2, string.Join(", ", seen));
    }

    private static string[] Distinct(IEnumerable<string> values)
    {
        List<string> distinct = [];
        foreach (string value in values)
        {
            if (distinct.LastOrDefault() != value) distinct.Add(value);
        }

        return [.. distinct];
    }

    private static JsonNode? Condition(JsonObject resource, string type) => resource["status"]!["conditions"]!.AsArray().FirstOrDefault(one => (string?)one!["type"] == type);

    private static async Task<string> HashAsync(ApiCluster cluster, string id)
    {
        string label = id.StartsWith("handler", StringComparison.Ordinal) ? "controller-revision-hash" : "pod-template-hash";
        ApiReply pod = await cluster.GetAsync($"{Pods}/{cluster.Pod(id)}");
        return pod.Code == HttpStatusCode.OK ? pod.Json.GetProperty("metadata").GetProperty("labels").GetProperty(label).GetString()! : "";
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (int i = 0; i < 400; i++)
        {
            if (await holds()) return;
            await Task.Delay(50, Cancellation);
        }

        Assert.Fail("It did not come about in 20 seconds.");
    }
}
