using System.Net;
using System.Text.Json;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>What the API server makes of writes.</summary>
public class WriteTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private const string Machines = "/apis/kubevirt.io/v1/namespaces/ns2/virtualmachines";
    private const string Deployment = "/apis/apps/v1/namespaces/kubevirt/deployments/virt-controller";

    [Fact]
    public async Task Create_fills_in_and_refuses_a_second_one()
    {
        ApiReply made = await cluster.SendAsync(HttpMethod.Post, Machines, Machine("second"));
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal("ns2", made.At("metadata.namespace"));
        Assert.Equal("1", made.At("metadata.generation"));
        Assert.True(Guid.TryParse(made.At("metadata.uid"), out _));
        Assert.Null(made.At("status"));
        ApiReply again = await cluster.SendAsync(HttpMethod.Post, Machines, Machine("second"));
        Assert.Equal((HttpStatusCode.Conflict, "AlreadyExists", "virtualmachines.kubevirt.io \"second\" already exists"), (again.Code, again.Reason, again.Message));
    }

    [Fact]
    public async Task A_dry_run_changes_nothing()
    {
        ApiReply made = await cluster.SendAsync(HttpMethod.Post, Machines + "?dryRun=All", Machine("dry"));
        Assert.Equal(HttpStatusCode.Created, made.Code);
        Assert.Equal(HttpStatusCode.NotFound, (await cluster.GetAsync(Machines + "/dry")).Code);
        string before = (await cluster.GetAsync(Machines + "/vm-00002")).Text;
        ApiReply patched = await cluster.PatchAsync(Machines + "/vm-00002?dryRun=All", "merge-patch+json", """{"spec":{"runStrategy":"Manual"}}""");
        Assert.Equal("Manual", patched.At("spec.runStrategy"));
        Assert.Equal(before, (await cluster.GetAsync(Machines + "/vm-00002")).Text);
        Assert.Equal(422, (int)(await cluster.PatchAsync(Machines + "/vm-00002?dryRun=Some", "merge-patch+json", "{}")).Code);
    }

    [Fact]
    public async Task An_old_version_is_a_conflict()
    {
        ApiReply present = await cluster.GetAsync(Deployment);
        ApiReply patched = await cluster.PatchAsync(Deployment, "strategic-merge-patch+json", """{"metadata":{"annotations":{"step":"1"}}}""");
        Assert.NotEqual(present.At("metadata.resourceVersion"), patched.At("metadata.resourceVersion"));
        ApiReply refused = await cluster.SendAsync(HttpMethod.Put, Deployment, present.Text);
        Assert.Equal((HttpStatusCode.Conflict, "Conflict"), (refused.Code, refused.Reason));
        Assert.Equal("Operation cannot be fulfilled on deployments.apps \"virt-controller\": the object has been modified; please apply your changes to the latest version and try again", refused.Message);
        Assert.Equal(HttpStatusCode.OK, (await cluster.SendAsync(HttpMethod.Put, Deployment, patched.Text)).Code);
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_spec_and_the_status_has_a_door_of_its_own()
    {
        const string Path = Machines + "/vm-00007";
        ApiReply labelled = await cluster.PatchAsync(Path, "merge-patch+json", """{"metadata":{"labels":{"a":"b"}},"status":{"printableStatus":"Wrong"}}""");
        Assert.Equal(("1", "Running"), (labelled.At("metadata.generation"), labelled.At("status.printableStatus")));
        ApiReply respecified = await cluster.PatchAsync(Path, "merge-patch+json", """{"spec":{"runStrategy":"Manual"}}""");
        Assert.Equal("2", respecified.At("metadata.generation"));
        ApiReply status = await cluster.PatchAsync(Path + "/status", "merge-patch+json", """{"spec":{"runStrategy":"Halted"},"status":{"printableStatus":"Stopped"}}""");
        Assert.Equal(("Manual", "Stopped", "2"), (status.At("spec.runStrategy"), status.At("status.printableStatus"), status.At("metadata.generation")));
    }

    [Theory]
    [InlineData("""{"kind":"VirtualMachine","apiVersion":"kubevirt.io/v2","metadata":{"name":"x"}}""", 400, "does not match the expected API version (kubevirt.io/v1)")]
    [InlineData("""{"kind":"Pod","apiVersion":"v1","metadata":{"name":"x"}}""", 400, "the API version in the data (v1) does not match the expected API version (kubevirt.io/v1)")]
    [InlineData("""{"kind":"KubeVirt","apiVersion":"kubevirt.io/v1","metadata":{"name":"x"}}""", 400, "cannot be handled as a VirtualMachine")]
    [InlineData("""{"metadata":{"name":"x","namespace":"ns3"}}""", 400, "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData("""{"metadata":{"name":"Not A Name"}}""", 422, "a lowercase RFC 1123 subdomain")]
    [InlineData("""{"metadata":{}}""", 422, "name or generateName is required")]
    [InlineData("{", 400, "json parse error")]
    [InlineData("[]", 400, "the body is not an object")]
    public async Task Objects_that_cannot_be(string body, int code, string message)
    {
        ApiReply reply = await cluster.SendAsync(HttpMethod.Post, Machines, body);
        Assert.Equal(code, (int)reply.Code);
        Assert.Contains(message, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_can_be_generated_and_namespaces_must_be_there()
    {
        ApiReply made = await cluster.SendAsync(HttpMethod.Post, Machines, """{"metadata":{"generateName":"gen-"},"spec":{"template":{"spec":{"domain":{}}}}}""");
        Assert.Matches("^gen-[a-z0-9]{5}$", made.At("metadata.name"));
        ApiReply nowhere = await cluster.SendAsync(HttpMethod.Post, "/apis/kubevirt.io/v1/namespaces/nowhere/virtualmachines", Machine("x"));
        Assert.Equal((HttpStatusCode.NotFound, "namespaces \"nowhere\" not found"), (nowhere.Code, nowhere.Message));
    }

    [Fact]
    public async Task Server_side_apply_takes_back_what_its_manager_no_longer_wants()
    {
        const string Path = "/apis/apps/v1/namespaces/kubevirt/daemonsets/virt-handler";
        string Apply(string manager) => $"{Path}?fieldManager={manager}";
        await cluster.PatchAsync(Apply("one"), "apply-patch+yaml", """{"metadata":{"labels":{"a":"1","b":"1"}},"spec":{"template":{"spec":{"containers":[{"name":"virt-handler","image":"one:1"},{"name":"side","image":"side:1"}]}}}}""");
        ApiReply conflict = await cluster.PatchAsync(Apply("two"), "apply-patch+yaml", """{"metadata":{"labels":{"a":"2"}}}""");
        Assert.Equal((HttpStatusCode.Conflict, "Apply failed with 1 conflict: conflict with \"one\": .metadata.labels.a"), (conflict.Code, conflict.Message));
        Assert.Equal("FieldManagerConflict", conflict.At("details.causes.0.reason"));
        ApiReply shared = await cluster.PatchAsync(Apply("two"), "apply-patch+yaml", """{"metadata":{"labels":{"a":"1"}}}""");
        Assert.Equal(HttpStatusCode.OK, shared.Code);
        ApiReply less = await cluster.PatchAsync(Apply("one"), "apply-patch+yaml", """{"spec":{"template":{"spec":{"containers":[{"name":"virt-handler","image":"one:1"}]}}}}""");
        Assert.Equal(("1", null), (less.At("metadata.labels.a"), less.At("metadata.labels.b")));
        Assert.Equal("virt-handler", Assert.Single(less.Json.GetProperty("spec").GetProperty("template").GetProperty("spec").GetProperty("containers").EnumerateArray()).GetProperty("name").GetString());
        Assert.Equal("8443", less.At("spec.template.spec.containers.0.ports.0.containerPort"));
        Assert.Contains(less.Json.GetProperty("metadata").GetProperty("managedFields").EnumerateArray(), entry => entry.GetProperty("manager").GetString() == "one" && entry.GetProperty("operation").GetString() == "Apply");
    }

    [Fact]
    public async Task Admission_rules_change_and_refuse()
    {
        await using ApiCluster own = await ApiCluster.StartAsync(new ApiServerOptions { Admission = [new NoTens()] });
        ApiReply refused = await own.SendAsync(HttpMethod.Post, Machines, Machine("ten"));
        Assert.Equal((422, "no tens here"), ((int)refused.Code, refused.Message));
        ApiReply made = await own.SendAsync(HttpMethod.Post, Machines, Machine("nine"));
        Assert.Equal("seen", made.At("metadata.labels.admission"));
    }

    [Theory]
    [InlineData("/apis/kubevirt.io/v1/namespaces/ns2/virtualmachines/vm-00002", "strategic-merge-patch+json", 415)]
    [InlineData("/apis/kubevirt.io/v1/namespaces/ns2/virtualmachines/vm-00002", "json", 415)]
    [InlineData("/apis/kubevirt.io/v1/namespaces/ns2/virtualmachineinstances/vm-00002/status", "merge-patch+json", 404)]
    public async Task Patches_that_are_not_taken(string path, string kind, int code) => Assert.Equal(code, (int)(await cluster.PatchAsync(path, kind, "{}")).Code);

    private static string Machine(string name) => JsonSerializer.Serialize(new { apiVersion = "kubevirt.io/v1", kind = "VirtualMachine", metadata = new { name }, spec = new { runStrategy = "Halted", template = new { spec = new { domain = new { } } } }, status = new { ready = true } });

    private sealed class NoTens : IAdmissionRule
    {
        public ApiStatus? Review(AdmissionRequest request)
        {
            if ((string?)request.After!["metadata"]!["name"] == "ten") return new ApiStatus(422, "Invalid", "no tens here");
            request.After["metadata"]!["labels"] = new System.Text.Json.Nodes.JsonObject { ["admission"] = "seen" };
            return null;
        }
    }
}
