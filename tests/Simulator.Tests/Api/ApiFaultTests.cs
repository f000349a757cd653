using System.Net;
using System.Text.Json;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The faults of the API server, each as a client meets it.</summary>
public class ApiFaultTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private const string Machines = "/apis/kubevirt.io/v1/virtualmachines";
    private const string Instances = "/apis/kubevirt.io/v1/virtualmachineinstances";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(ApiFaultKind.Unavailable, 503, "ServiceUnavailable")]
    public async Task Busy_for_some_requests(ApiFaultKind kind, int code, string reason)
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(kind) { Resource = "virtualmachines", Times = 2, RetryAfterSeconds = 3 });
        for (int i = 0; i < 2; i++)
        {
            ApiReply reply = await cluster.GetAsync(Machines);
            Assert.Equal((code, reason, TimeSpan.FromSeconds(3)), ((int)reply.Code, reply.Reason, reply.RetryAfter));
            Assert.Equal("3", reply.At("details.retryAfterSeconds"));
            Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Instances)).Code);
        }

        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines)).Code);
        Assert.Equal(0, cluster.Server.Faults.Count);
    }

    [Fact]
    public async Task Too_many_requests_are_refused_in_plain_text()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Throttle) { Times = 1 });
        ApiReply reply = await cluster.GetAsync(Machines);
        Assert.Equal((HttpStatusCode.TooManyRequests, "Too many requests, please try again later.\n"), (reply.Code, reply.Text));
        Assert.StartsWith("text/plain", reply.ContentType, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ApiFaultKind.Unauthorized, 401, "Unauthorized")]
    [InlineData(ApiFaultKind.Forbidden, 403, "Forbidden")]
    public async Task Refused_once(ApiFaultKind kind, int code, string reason)
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(kind) { Verb = "list", Resource = "virtualmachineinstances", Times = 1 });
        ApiReply reply = await cluster.GetAsync(Instances);
        Assert.Equal((code, reason), ((int)reply.Code, reply.Reason));
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Instances)).Code);
    }

    [Fact]
    public async Task A_connection_that_breaks_within_a_list()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Drop) { Resource = "virtualmachines", Times = 1, Bytes = 5000 });
        using HttpClient client = cluster.Client(cluster.Server.Kubeconfig.AdminToken);
        using HttpResponseMessage answer = await client.GetAsync(Machines, HttpCompletionOption.ResponseHeadersRead, Cancellation);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await using Stream body = await answer.Content.ReadAsStreamAsync(Cancellation);
        using MemoryStream read = new();
        await Assert.ThrowsAnyAsync<Exception>(() => body.CopyToAsync(read, Cancellation));
        Assert.Equal(5000, read.Length);
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines)).Code);
    }

    [Fact]
    public async Task A_body_that_is_cut_and_ends_well()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Truncated) { Resource = "virtualmachines", Times = 1, Bytes = 1234 });
        ApiReply reply = await cluster.GetAsync(Machines);
        Assert.Equal(1234, reply.Text.Length);
        Assert.ThrowsAny<JsonException>(() => reply.Json);
    }

    [Fact]
    public async Task A_connection_that_breaks_before_any_answer()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Reset) { Times = 1 });
        using HttpClient client = cluster.Client(cluster.Server.Kubeconfig.AdminToken);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(Machines, Cancellation));
    }

    [Fact]
    public async Task The_third_page_expires_once()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Expired) { Resource = "virtualmachines", Page = 3, Times = 1 });
        List<HttpStatusCode> codes = [];
        List<string> names = [];
        string? next = null;
        do
        {
            ApiReply page = await cluster.GetAsync($"{Machines}?limit=3&continue={next}");
            codes.Add(page.Code);
            if (page.Code == HttpStatusCode.OK) names.AddRange(page.Names);
            next = page.At("metadata.continue");
        }
        while (!string.IsNullOrEmpty(next));
        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Gone, HttpStatusCode.OK, HttpStatusCode.OK], codes);
        Assert.Equal(12, names.Distinct().Count());
    }

    [Fact]
    public async Task Malformed_items_stand_among_the_good_ones()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.MalformedItems) { Resource = "virtualmachineinstances", Times = 1 });
        JsonElement items = (await cluster.GetAsync(Instances)).Json.GetProperty("items");
        Assert.Equal(8 + 11, items.GetArrayLength());
        Assert.Equal(JsonValueKind.Null, items[0].ValueKind);
        Assert.Equal("vm-00000", items[8].GetProperty("metadata").GetProperty("name").GetString());
    }

    [Fact]
    public async Task Slow_html_and_any_status()
    {
        cluster.Server.Faults.Clear();
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Slow) { Times = 1, Delay = TimeSpan.FromMilliseconds(300) });
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(HttpStatusCode.OK, (await cluster.GetAsync(Machines)).Code);
        Assert.True(watch.ElapsedMilliseconds >= 290, $"It took {watch.ElapsedMilliseconds} ms.");
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Html) { Times = 1 });
        Assert.StartsWith("<!DOCTYPE html>", (await cluster.GetAsync(Machines)).Text, StringComparison.Ordinal);
        cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Status) { Times = 1, StatusCode = 507 });
        Assert.Equal(507, (int)(await cluster.GetAsync(Machines)).Code);
    }
}
