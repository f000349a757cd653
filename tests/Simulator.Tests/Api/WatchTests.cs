using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>Watches: what there is, what changes, what is forgotten.</summary>
public class WatchTests
{
    private const string Machines = "/apis/kubevirt.io/v1/namespaces/ns0/virtualmachines";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Present_objects_then_changes()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        await using Events events = await Events.OpenAsync(cluster, $"{Machines}?watch=true");
        Assert.Equal((string?[])["ADDED halted-00000", "ADDED vm-00000", "ADDED vm-00005", "ADDED vm-00010"], (string?[])[await events.NextAsync(), await events.NextAsync(), await events.NextAsync(), await events.NextAsync()]);
        await cluster.PatchAsync(Machines + "/vm-00005", "merge-patch+json", """{"metadata":{"labels":{"a":"b"}}}""");
        Assert.Equal("MODIFIED vm-00005", await events.NextAsync());
        await cluster.SendAsync(HttpMethod.Delete, Machines + "/vm-00005");
        Assert.Equal("DELETED vm-00005", await events.NextAsync());
        await cluster.SendAsync(HttpMethod.Delete, "/apis/kubevirt.io/v1/namespaces/ns1/virtualmachines/vm-00001");
        await cluster.SendAsync(HttpMethod.Post, Machines, """{"apiVersion":"kubevirt.io/v1","kind":"VirtualMachine","metadata":{"name":"late"},"spec":{"template":{}}}""");
        Assert.Equal("ADDED late", await events.NextAsync());
    }

    [Fact]
    public async Task From_a_version_only_what_came_after_it()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        string version = (await cluster.GetAsync(Machines)).At("metadata.resourceVersion")!;
        await cluster.PatchAsync(Machines + "/vm-00000", "merge-patch+json", """{"metadata":{"labels":{"a":"b"}}}""");
        await using Events events = await Events.OpenAsync(cluster, $"{Machines}?watch=true&resourceVersion={version}&timeoutSeconds=1");
        Assert.Equal("MODIFIED vm-00000", await events.NextAsync());
        Assert.Null(await events.NextAsync());
    }

    [Fact]
    public async Task A_change_of_labels_takes_an_object_into_a_selector_and_out_of_it()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        string version = (await cluster.GetAsync(Machines)).At("metadata.resourceVersion")!;
        await using Events events = await Events.OpenAsync(cluster, $"{Machines}?watch=true&resourceVersion={version}&labelSelector=tier%3Dgold");
        await cluster.PatchAsync(Machines + "/vm-00000", "merge-patch+json", """{"metadata":{"labels":{"tier":"gold"}}}""");
        await cluster.PatchAsync(Machines + "/vm-00000", "merge-patch+json", """{"metadata":{"labels":{"tier":"tin"}}}""");
        Assert.Equal((string?[])["ADDED vm-00000", "DELETED vm-00000"], (string?[])[await events.NextAsync(), await events.NextAsync()]);
    }

    [Fact]
    public async Task Bookmarks_come_when_they_are_asked_for()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { BookmarkInterval = TimeSpan.FromMilliseconds(50) });
        string version = (await cluster.GetAsync(Machines)).At("metadata.resourceVersion")!;
        await using Events events = await Events.OpenAsync(cluster, $"{Machines}?watch=true&resourceVersion={version}&allowWatchBookmarks=true");
        Assert.Equal("BOOKMARK ", await events.NextAsync());
    }

    [Fact]
    public async Task A_forgotten_version_is_an_event()
    {
        await using ApiCluster cluster = await ApiCluster.StartAsync();
        string version = (await cluster.GetAsync(Machines)).At("metadata.resourceVersion")!;
        await cluster.PatchAsync(Machines + "/vm-00000", "merge-patch+json", """{"metadata":{"labels":{"a":"b"}}}""");
        cluster.Server.Store["kubevirt.io", "virtualmachines"].Compact();
        await using Events events = await Events.OpenAsync(cluster, $"{Machines}?watch=true&resourceVersion={version}");
        Assert.Equal("ERROR too old resource version", (await events.NextAsync())![..30]);
    }

    private sealed class Events(HttpClient client, HttpResponseMessage answer, StreamReader lines) : IAsyncDisposable
    {
        public static async Task<Events> OpenAsync(ApiCluster cluster, string path)
        {
            HttpClient client = cluster.Client(cluster.Server.Kubeconfig.AdminToken);
            HttpResponseMessage answer = await client.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(new MediaTypeHeaderValue("application/json"), answer.Content.Headers.ContentType);
            return new Events(client, answer, new StreamReader(await answer.Content.ReadAsStreamAsync(Cancellation)));
        }

        public async Task<string?> NextAsync()
        {
            string? line = await lines.ReadLineAsync(Cancellation).AsTask().WaitAsync(TimeSpan.FromSeconds(20), Cancellation);
            if (line is null) return null;
            JsonElement found = JsonDocument.Parse(line).RootElement;
            string kind = found.GetProperty("type").GetString()!;
            JsonElement item = found.GetProperty("object");
            if (kind == "ERROR") return $"ERROR {item.GetProperty("message").GetString()}";
            return $"{kind} {(item.GetProperty("metadata").TryGetProperty("name", out JsonElement name) ? name.GetString() : "")}";
        }

        public ValueTask DisposeAsync()
        {
            lines.Dispose();
            answer.Dispose();
            client.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
