using System.Net;
using System.Text.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Lists: their form, their pages, what is left out.</summary>
public class ListTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private const string Machines = "/apis/kubevirt.io/v1/virtualmachines";
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Custom_resources_have_their_items_before_the_metadata_and_built_in_ones_behind()
    {
        ApiReply custom = await cluster.GetAsync(Machines + "?limit=2");
        Assert.Equal(["apiVersion", "items", "kind", "metadata"], Keys(custom.Json));
        Assert.Equal(["continue", "remainingItemCount", "resourceVersion"], Keys(custom.Json.GetProperty("metadata")));
        Assert.Equal(["apiVersion", "kind", "metadata", "spec", "status"], Keys(custom.Json.GetProperty("items")[0]));
        ApiReply builtIn = await cluster.GetAsync("/api/v1/pods?limit=2");
        Assert.Equal(["kind", "apiVersion", "metadata", "items"], Keys(builtIn.Json));
        Assert.Equal(["metadata", "spec", "status"], Keys(builtIn.Json.GetProperty("items")[0]));
        Assert.Equal(["kind", "apiVersion", "metadata", "spec", "status"], Keys((await cluster.GetAsync($"/api/v1/namespaces/kubevirt/pods/{cluster.Pod("api/0")}")).Json));
    }

    [Fact]
    public async Task Pages_follow_one_another_in_the_order_of_namespace_and_name()
    {
        List<string> names = [];
        List<int?> remaining = [];
        string? next = null;
        do
        {
            ApiReply page = await cluster.GetAsync($"{Machines}?limit=5&continue={next}");
            Assert.Equal(HttpStatusCode.OK, page.Code);
            names.AddRange(page.Json.GetProperty("items").EnumerateArray().Select(item => $"{item.GetProperty("metadata").GetProperty("namespace").GetString()}/{item.GetProperty("metadata").GetProperty("name").GetString()}"));
            remaining.Add(page.Json.GetProperty("metadata").TryGetProperty("remainingItemCount", out JsonElement count) ? count.GetInt32() : null);
            next = page.At("metadata.continue");
        }
        while (!string.IsNullOrEmpty(next));
        Assert.Equal([7, 2, null], remaining);
        Assert.Equal(
            ["ns0/halted-00000", "ns0/vm-00000", "ns0/vm-00005", "ns0/vm-00010", "ns1/vm-00001", "ns1/vm-00006", "ns2/vm-00002", "ns2/vm-00007", "ns3/vm-00003", "ns3/vm-00008", "ns4/vm-00004", "ns4/vm-00009"],
            names);
    }

    [Fact]
    public async Task Pages_within_a_namespace()
    {
        ApiReply first = await cluster.GetAsync("/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines?limit=3");
        Assert.Equal(["halted-00000", "vm-00000", "vm-00005"], first.Names);
        ApiReply second = await cluster.GetAsync($"/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines?limit=3&continue={first.At("metadata.continue")}");
        Assert.Equal(["vm-00010"], second.Names);
        Assert.Equal("", second.At("metadata.continue"));
    }

    [Fact]
    public async Task Pages_with_a_selector_count_what_matches()
    {
        ApiReply first = await cluster.GetAsync("/api/v1/pods?limit=4&labelSelector=kubevirt.io%3Dvirt-launcher&fieldSelector=spec.nodeName%3Dnode01");
        Assert.Equal(4, first.Names.Length);
        Assert.Null(first.At("metadata.remainingItemCount"));
        ApiReply second = await cluster.GetAsync($"/api/v1/pods?limit=4&labelSelector=kubevirt.io%3Dvirt-launcher&fieldSelector=spec.nodeName%3Dnode01&continue={first.At("metadata.continue")}");
        Assert.Single(second.Names);
    }

    [Fact]
    public async Task Later_pages_show_the_state_of_the_first()
    {
        await using ApiCluster own = await ApiCluster.StartAsync();
        ApiReply first = await own.GetAsync(Machines + "?limit=11");
        await own.SendAsync(HttpMethod.Delete, "/apis/kubevirt.io/v1/namespaces/ns4/virtualmachines/vm-00009");
        ApiReply second = await own.GetAsync($"{Machines}?limit=11&continue={first.At("metadata.continue")}");
        Assert.Equal(["vm-00009"], second.Names);
        Assert.Equal(first.At("metadata.resourceVersion"), second.At("metadata.resourceVersion"));
        Assert.Equal(11, (await own.GetAsync(Machines)).Names.Length);
    }

    [Fact]
    public async Task A_page_of_a_forgotten_state_is_gone_and_says_how_to_go_on()
    {
        await using ApiCluster own = await ApiCluster.StartAsync();
        ApiReply first = await own.GetAsync(Machines + "?limit=7");
        own.Server.Store["kubevirt.io", "virtualmachines"].Compact();
        ApiReply gone = await own.GetAsync($"{Machines}?limit=7&continue={first.At("metadata.continue")}");
        Assert.Equal((HttpStatusCode.Gone, "Expired"), (gone.Code, gone.Reason));
        Assert.StartsWith("The provided continue parameter is too old to display a consistent list result.", gone.Message, StringComparison.Ordinal);
        ApiReply rest = await own.GetAsync($"{Machines}?limit=7&continue={gone.At("metadata.continue")}");
        Assert.Equal(["vm-00007", "vm-00003", "vm-00008", "vm-00004", "vm-00009"], rest.Names);
        Assert.Equal(12, (await own.GetAsync(Machines + "?limit=0")).Names.Length);
    }

    [Theory]
    [InlineData("continue=rubbish", "continue key is not valid")]
    [InlineData("limit=many", "strconv.ParseInt")]
    [InlineData("labelSelector=a+b+c", "unable to parse requirement")]
    [InlineData("fieldSelector=status.phase%3DRunning", "field label not supported: status.phase")]
    public async Task Queries_that_cannot_be_read(string query, string expected)
    {
        ApiReply reply = await cluster.GetAsync($"{Machines}?{query}");
        Assert.Equal((HttpStatusCode.BadRequest, "BadRequest"), (reply.Code, reply.Reason));
        Assert.Contains(expected, reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_has_cells_and_the_metadata_of_each_object()
    {
        ApiReply table = await cluster.GetAsync("/apis/kubevirt.io/v1/namespaces/ns0/virtualmachineinstances?limit=1", Table);
        Assert.Equal("Table", table.At("kind"));
        Assert.Equal(["Name", "Age", "Phase", "IP", "NodeName", "Ready", "Live-Migratable", "Paused"], table.Json.GetProperty("columnDefinitions").EnumerateArray().Select(column => column.GetProperty("name").GetString()!));
        JsonElement cells = table.Json.GetProperty("rows")[0].GetProperty("cells");
        Assert.Equal("vm-00000", cells[0].GetString());
        Assert.Equal(["Running", "2001:db8::1", "node01", "True", "True"], cells.EnumerateArray().Skip(2).Take(5).Select(cell => cell.GetString()!));
        Assert.Equal(JsonValueKind.Null, cells[7].ValueKind);
        Assert.Equal("PartialObjectMetadata", table.At("rows.0.object.kind"));
        Assert.Null(table.At("rows.0.object.spec"));
        Assert.NotNull(table.At("metadata.continue"));
    }

    [Fact]
    public async Task Metadata_alone()
    {
        ApiReply list = await cluster.GetAsync(Machines, "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io");
        Assert.Equal("PartialObjectMetadataList", list.At("kind"));
        Assert.Equal(12, list.Names.Length);
        Assert.Null(list.At("items.0.spec"));
    }

    [Fact]
    public async Task Large_lists_are_compressed_where_that_is_accepted()
    {
        await using ApiCluster own = await ApiCluster.StartAsync(vmis: 100);
        using HttpClient plain = own.Client(own.Server.Kubeconfig.AdminToken);
        using HttpClient compressed = own.Client(own.Server.Kubeconfig.AdminToken, decompress: true);
        string text = await plain.GetStringAsync(Machines, Cancellation);
        Assert.Equal(text, await compressed.GetStringAsync(Machines, Cancellation));
        using HttpRequestMessage request = new(HttpMethod.Get, Machines);
        request.Headers.Add("Accept-Encoding", "gzip");
        using HttpResponseMessage answer = await plain.SendAsync(request, Cancellation);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        Assert.True((await answer.Content.ReadAsByteArrayAsync(Cancellation)).Length < text.Length / 5);
        using HttpRequestMessage small = new(HttpMethod.Get, Machines + "?limit=1");
        small.Headers.Add("Accept-Encoding", "gzip");
        using HttpResponseMessage smallAnswer = await plain.SendAsync(small, Cancellation);
        Assert.Empty(smallAnswer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task Ten_thousand_instances_in_pages()
    {
        await using ApiCluster own = await ApiCluster.StartAsync(vmis: 5000);
        HashSet<string> uids = [];
        string? next = null;
        int pages = 0;
        do
        {
            ApiReply page = await own.GetAsync($"/apis/kubevirt.io/v1/virtualmachineinstances?limit=500&continue={next}");
            foreach (JsonElement item in page.Json.GetProperty("items").EnumerateArray()) uids.Add(item.GetProperty("metadata").GetProperty("uid").GetString()!);
            next = page.At("metadata.continue");
            pages++;
        }
        while (!string.IsNullOrEmpty(next));
        Assert.Equal((10_001, 21), (uids.Count, pages));
    }

    private static string[] Keys(JsonElement map) => [.. map.EnumerateObject().Select(property => property.Name)];
}
