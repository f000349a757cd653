using System.Net;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The simulator is steered from outside its process.</summary>
public class ControlTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private const string Machines = "/apis/kubevirt.io/v1/virtualmachines";

    [Fact]
    public async Task Faults_come_and_go()
    {
        Assert.Equal(HttpStatusCode.NoContent, await PostAsync("faults", """{"kind":"Throttle","resource":"virtualmachines","times":1,"retryAfterSeconds":7}"""));
        ApiReply busy = await cluster.GetAsync(Machines);
        Assert.Equal((HttpStatusCode.TooManyRequests, TimeSpan.FromSeconds(7)), (busy.Code, busy.RetryAfter));
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines)).Code);
        await PostAsync("faults", """{"kind":"Slow","delay":"20ms"}""");
        await PostAsync("faults", """{"kind":"Unavailable"}""");
        await cluster.SendAsync(HttpMethod.Delete, "/simulator/faults");
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines)).Code);
    }

    [Fact]
    public async Task Refusals_come_and_go()
    {
        await PostAsync("refusals", """{"verb":"list","resource":"leases"}""");
        Assert.Equal(HttpStatusCode.Forbidden, (await cluster.GetAsync("/apis/coordination.k8s.io/v1/leases")).Code);
        await cluster.SendAsync(HttpMethod.Delete, "/simulator/refusals");
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync("/apis/coordination.k8s.io/v1/leases")).Code);
    }

    [Fact]
    public async Task Pods_fall_ill_and_recover()
    {
        string metrics = $"/api/v1/namespaces/kubevirt/pods/https:{cluster.Pod("handler/0")}:8443/proxy/metrics";
        await cluster.SendAsync(HttpMethod.Put, "/simulator/pods/handler/0", """{"fault":"status:502"}""");
        Assert.Equal(502, (int)(await cluster.GetAsync(metrics)).Code);
        await cluster.SendAsync(HttpMethod.Put, "/simulator/pods/handler/0", """{"fault":null}""");
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(metrics)).Code);
    }

    [Fact]
    public async Task Tokens_are_renewed()
    {
        string before = await File.ReadAllTextAsync(cluster.Server.Kubeconfig.TokenFile, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines, token: before)).Code);
        await PostAsync("tokens", "{}");
        Assert.Equal(HttpStatusCode.Unauthorized, (await cluster.GetAsync(Machines, token: before)).Code);
        string after = await File.ReadAllTextAsync(cluster.Server.Kubeconfig.TokenFile, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines, token: after)).Code);
    }

    [Fact]
    public async Task A_resource_is_compacted_and_requests_are_told()
    {
        string next = (await cluster.GetAsync("/api/v1/nodes?limit=1")).At("metadata.continue")!;
        await PostAsync("compact", """{"resource":"nodes"}""");
        Assert.Equal(HttpStatusCode.Gone, (await cluster.GetAsync($"/api/v1/nodes?limit=1&continue={next}")).Code);
        Assert.Contains("\"resource\":\"nodes\"", (await cluster.GetAsync("/simulator/requests")).Text, StringComparison.Ordinal);
        Assert.Matches("\"handler/0\":[0-9]+", (await cluster.GetAsync("/simulator/scrapes")).Text);
    }

    [Theory]
    [InlineData("POST", "faults", """{"kind":"Earthquake"}""", "Kinds of faults: Unauthorized, Forbidden, Throttle")]
    [InlineData("POST", "faults", """{"kind":"Slow","dealy":"1s"}""", "dealy")]
    [InlineData("PUT", "pods/handler/9", """{"fault":null}""", "There is no endpoint 'handler/9'")]
    [InlineData("PUT", "pods/handler/0", """{"fault":"sloow"}""", "'sloow' is not a fault")]
    [InlineData("PUT", "agent", """{"fault":"Hanging"}""", "There is no Datadog Agent.")]
    [InlineData("POST", "wishes", "{}", "There is no POST /simulator/wishes. There are: POST /simulator/faults")]
    public async Task Mistakes_are_explained(string method, string path, string body, string expected)
    {
        ApiReply reply = await cluster.SendAsync(new HttpMethod(method), $"/simulator/{path}", body);
        Assert.Equal(HttpStatusCode.BadRequest, reply.Code);
        Assert.Contains(expected, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_takes_all_rights()
    {
        ApiReply reply = await cluster.SendAsync(HttpMethod.Delete, "/simulator/faults", token: cluster.Server.Tokens.Issue(new ApiUser("viewer")));
        Assert.Equal((HttpStatusCode.Forbidden, "forbidden: User \"viewer\" cannot delete path \"/simulator/faults\""), (reply.Code, reply.Message));
    }

    [Fact]
    public async Task The_command_serves_and_renews_tokens()
    {
        CancellationToken cancellation = TestContext.Current.CancellationToken;
        string folder = Directory.CreateTempSubdirectory("simulator-tests-").FullName;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        StringWriter output = new();
        Task<int> serving = CommandLine.RunAsync(["cluster", "--vmis", "1", "--folder", folder, "--token-lifetime", "2s"], TextWriter.Synchronized(output), TextWriter.Null, over.Token);
        try
        {
            string token = Path.Combine(folder, "token");
            string kubeconfig = Path.Combine(folder, "kubeconfig");
            while (!File.Exists(kubeconfig) && !serving.IsCompleted) await Task.Delay(50, cancellation);
            string first = await File.ReadAllTextAsync(token, cancellation);
            using CancellationTokenSource late = new(TimeSpan.FromSeconds(20));
            while (await File.ReadAllTextAsync(token, cancellation) == first) await Task.Delay(50, late.Token);
            Assert.Contains("simulator-rotating", await File.ReadAllTextAsync(kubeconfig, cancellation), StringComparison.Ordinal);
        }
        finally
        {
            await over.CancelAsync();
            Assert.Equal(0, await serving);
            Directory.Delete(folder, recursive: true);
        }

        Assert.Contains("KubeVirt 1.9.0: 2 nodes, 4 VMs, 3 VMIs", output.ToString(), StringComparison.Ordinal);
    }

    private async Task<HttpStatusCode> PostAsync(string path, string body) => (await cluster.SendAsync(HttpMethod.Post, $"/simulator/{path}", body)).Code;
}
