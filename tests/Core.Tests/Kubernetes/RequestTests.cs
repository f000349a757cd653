using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>
/// Every kind of request that the module makes, with all headers that go out. What is right is what client-go, kubectl and virtctl send, as real servers (Kubernetes 1.36,
/// KubeVirt 1.9) accept it: JSON before anything else for objects; no Accept and no Accept-Encoding for an upgrade, since virt-api answers 406 to
/// <c>Accept: application/json</c> there and to nothing else; no field manager where no field is set.
/// </summary>
public sealed class RequestTests : ClientTests
{
    private const string Read = "Accept: application/json, */*; Accept-Encoding: gzip";

    private const string Write = Read + "; Content-Type: ";

    private const string Upgrade = "Connection: Upgrade; Sec-WebSocket-Protocol: {0}; Sec-WebSocket-Version: 13; Upgrade: websocket";

    private static readonly string[] NotCompared = ["Host", "User-Agent", "Authorization", "Content-Length", "Sec-WebSocket-Key"];

    public static TheoryData<string, string, string> Kinds => new()
    {
        { "version", "GET /version", Read },
        { "get", "GET /apis/apps/v1/namespaces/kubevirt/deployments/virt-operator", Read },
        { "list", "GET /apis/kubevirt.io/v1/virtualmachines?labelSelector=a%3Db&fieldSelector=metadata.name%3Dvm-1&limit=500", Read },
        { "next page", "GET /apis/kubevirt.io/v1/virtualmachines?limit=500|GET /apis/kubevirt.io/v1/virtualmachines?limit=500&continue=next", Read },
        { "create", "POST /apis/rbac.authorization.k8s.io/v1/clusterrolebindings?dryRun=All&fieldManager=KubeVirtMonitor", Write + "application/json" },
        { "merge patch", "PATCH /apis/kubevirt.io/v1/namespaces/kubevirt/kubevirts/kubevirt?fieldManager=KubeVirtMonitor", Write + "application/merge-patch+json" },
        { "json patch", "PATCH /apis/kubevirt.io/v1/namespaces/a/virtualmachines/vm-1?fieldValidation=Strict", Write + "application/json-patch+json" },
        // Its answer is the same with and without a field manager, which has no meaning for it.
        { "delete", "DELETE /apis/rbac.authorization.k8s.io/v1/clusterrolebindings/x?dryRun=All", Read },
        { "may they", "POST /apis/authorization.k8s.io/v1/subjectaccessreviews", Write + "application/json" },
        { "exec", "GET /api/v1/namespaces/a/pods/p/exec?stdout=true&stderr=true&container=compute&command=true", Of(Upgrade, "v5.channel.k8s.io, v4.channel.k8s.io") },
        { "pod port", "GET /api/v1/namespaces/a/pods/p/portforward?ports=8443", Of(Upgrade, "v4.channel.k8s.io") },
        { "machine port", "GET /apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/vm-1/portforward/22/tcp", Of(Upgrade, "plain.kubevirt.io") },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task EachKindSendsWhatOthersSend(string kind, string requests, string headers)
    {
        Server = await FakeApiServer.StartAsync(Answer);
        Client = Clients.ByToken(Server, Folder);
        await SendAsync(kind);
        FakeApiServer.Asked[] asked = [.. Server.Requests];
        Assert.Equal(requests.Split('|'), asked.Select(one => $"{one.Method} {one.Path}"));
        Each.Of(asked, one =>
        {
            Assert.Equal(("Bearer the-token", "KubeVirtMonitor/0.1.0"), (one.Authorization, one.Headers["User-Agent"]));
            Assert.Equal(headers, string.Join("; ", one.Headers.Where(header => !NotCompared.Contains(header.Key)).OrderBy(header => header.Key, StringComparer.Ordinal).Select(header => $"{header.Key}: {header.Value}")));
        });
    }

    [Fact]
    public async Task AServerAsStrictAsVirtApiLetsTheStreamThrough()
    {
        // go-restful's rule for a route that produces */* alone.
        Server = await FakeApiServer.StartAsync(async context =>
        {
            string accept = context.Request.Headers.Accept.ToString();
            if (accept.Length > 0 && !accept.Contains("*/*", StringComparison.Ordinal))
            {
                context.Response.StatusCode = 406;
                await context.Response.WriteAsync("406: Not Acceptable\n\nAvailable representations: ");
                return;
            }

            using var socket = await context.WebSockets.AcceptWebSocketAsync("plain.kubevirt.io");
            await socket.SendAsync("SSH-2.0-guest\r\n"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Binary, true, default);
        });
        Client = Clients.ByToken(Server, Folder);
        await using Stream stream = await Client.OpenStreamAsync("/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/vm-1/portforward/22/tcp", "plain.kubevirt.io", Token);
        byte[] greeting = new byte[15];
        await stream.ReadExactlyAsync(greeting, Token);
        Assert.Equal("SSH-2.0-guest\r\n"u8.ToArray(), greeting);
    }

    [Fact]
    public async Task ADeleteBringsNoFields()
    {
        Server = await FakeApiServer.StartAsync(Answer);
        Client = Clients.ByToken(Server, Folder);
        await Client.DeleteAsync("/x", new WriteOptions { FieldManager = "m", FieldValidation = "Strict" }, Token);
        Assert.Equal("/x", Server.Requests.Single().Path);
    }

    private static string Of(string format, string value) => format.Replace("{0}", value, StringComparison.Ordinal);

    private static Task Answer(HttpContext context)
    {
        if (context.WebSockets.IsWebSocketRequest) return context.StatusAsync(400, "BadRequest", "enough seen");
        bool isFirst = context.Request.Query["limit"].Count > 0 && context.Request.Query["continue"].Count == 0 && context.Request.Query["labelSelector"].Count == 0;
        return context.JsonAsync(context.Request.Query["limit"].Count > 0 ? Answers.List([Answers.Pod(isFirst ? 1 : 2)], isFirst ? "next" : null) : """{"status":{"allowed":true}}""");
    }

    private async Task SendAsync(string kind)
    {
        WriteOptions owned = new() { FieldManager = "KubeVirtMonitor" };
        ResourceType bindings = new("rbac.authorization.k8s.io", "v1", "clusterrolebindings", IsNamespaced: false);
        AccessQuestion question = new("get", ResourceType.Pods, "a");
        switch (kind)
        {
            case "version":
                await Client.GetAsync("/version", Token);
                break;
            case "get":
                await Client.GetAsync(new ResourceType("apps", "v1", "deployments").PathOf("kubevirt", "virt-operator"), Token);
                break;
            case "list":
                await ListAsync(new ListOptions { Name = "vm-1", LabelSelector = "a=b" });
                break;
            case "next page":
                await ListAsync(null);
                break;
            case "create":
                await Client.CreateAsync(bindings.PathOf(), new JsonObject(), owned with { DryRun = true }, Token);
                break;
            case "merge patch":
                await Client.PatchAsync(KubeVirtResources.Installations.PathOf("kubevirt", "kubevirt"), PatchKind.Merge, new JsonObject(), owned, Token);
                break;
            case "json patch":
                await Client.PatchAsync(KubeVirtResources.VirtualMachines.PathOf("a", "vm-1"), PatchKind.Json, new JsonArray(), new WriteOptions { FieldValidation = "Strict" }, Token);
                break;
            case "delete":
                await Client.DeleteAsync(bindings.PathOf(name: "x"), owned with { DryRun = true }, Token);
                break;
            case "may they":
                await Client.CanUserAsync("u", [], question, Token);
                break;
            case "exec":
                await Assert.ThrowsAsync<KubernetesException>(() => Client.ExecAsync(new PodExecRequest { Namespace = "a", Pod = "p", Container = "compute", Command = ["true"] }, Token));
                break;
            case "pod port":
                await Assert.ThrowsAsync<KubernetesException>(() => Client.PortForwardAsync("a", "p", 8443, Token));
                break;
            default:
                await Assert.ThrowsAsync<KubernetesException>(() => Client.OpenStreamAsync("/apis/subresources.kubevirt.io/v1/namespaces/a/virtualmachineinstances/vm-1/portforward/22/tcp", "plain.kubevirt.io", Token));
                break;
        }
    }

    private async Task ListAsync(ListOptions? options)
    {
        await foreach (int _ in Client.ListAsync(KubeVirtResources.VirtualMachines, item => item.Length, options, Token))
        {
            // Only the requests are looked at.
        }
    }
}
