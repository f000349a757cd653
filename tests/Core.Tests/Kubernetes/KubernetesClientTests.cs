using System.IO.Compression;
using System.Net;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Single requests: what is sent, and what becomes of the answers.</summary>
public sealed class KubernetesClientTests : ClientTests
{
    [Theory]
    [InlineData(HttpProtocols.Http1, "HTTP/1.1")]
    [InlineData(HttpProtocols.Http1AndHttp2, "HTTP/2")]
    public async Task TheServerPicksTheVersionAndConnectionsAreKept(HttpProtocols protocols, string version)
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("""{"major":"1"}"""), protocols: protocols);
        Client = Clients.ByToken(Server, Folder);
        for (int i = 0; i < 5; i++) Assert.Equal("1", (string?)(await Client.GetAsync("/version", Token))!["major"]);
        Each.Of(Server.Requests, request => Assert.Equal((version, "Bearer the-token"), (request.Protocol, request.Authorization)));
        Assert.Single(Server.Requests.Select(request => request.Connection).Distinct());
    }

    [Fact]
    public async Task AnswersMayBeCompressed()
    {
        await StartAsync(async context =>
        {
            Assert.Contains("gzip", context.Request.Headers.AcceptEncoding.ToString(), StringComparison.Ordinal);
            context.Response.Headers.ContentEncoding = "gzip";
            await using GZipStream gzip = new(context.Response.Body, CompressionLevel.Fastest);
            await gzip.WriteAsync("""{"a":1}"""u8.ToArray());
        });
        Assert.Equal(1, (int?)(await Client.GetAsync("/x", Token))!["a"]);
    }

    [Fact]
    public async Task TheServersPathPrecedesThatOfTheRequest()
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), plain: true);
        string config = $"current-context: a\ncontexts: [{{name: a, context: {{cluster: a}}}}]\nclusters: [{{name: a, cluster: {{server: '{Server.Address}k8s/clusters/c-1/'}}}}]\n";
        Client = new KubernetesClient(KubeConfig.Load(new KubeConfigOptions { Path = Folder.Write("config", config), Yaml = new Yaml.YamlReader() }).Resolve(), Clients.Library);
        await Client.GetAsync("/version?x=y", Token);
        FakeApiServer.Asked asked = Server.Requests.Single();
        Assert.Equal(("/k8s/clusters/c-1/version?x=y", ""), (asked.Path, asked.Authorization));
    }

    [Theory]
    [InlineData(PatchKind.Merge, "application/merge-patch+json")]
    [InlineData(PatchKind.Json, "application/json-patch+json")]
    internal async Task PatchesSayWhatTheyAre(PatchKind kind, string contentType)
    {
        await StartAsync(context => context.JsonAsync("""{"patched":true}"""));
        JsonNode? answer = await Client.PatchAsync(
            ResourceType.Pods.PathOf("a", "b"), kind, new JsonObject { ["x"] = "é" }, new WriteOptions { DryRun = true, FieldManager = "me & you", FieldValidation = "Strict" }, Token);
        Assert.True((bool?)answer!["patched"]);
        FakeApiServer.Asked asked = Server.Requests.Single();
        Assert.Equal(("PATCH", $"/api/v1/namespaces/a/pods/b?dryRun=All&fieldManager=me%20%26%20you&fieldValidation=Strict", contentType), (asked.Method, asked.Path, asked.Headers["Content-Type"]));
        Assert.Equal("é", (string?)JsonNode.Parse(asked.Body)!["x"]);
    }

    [Fact]
    public async Task ObjectsAreMadeChangedAndDeleted()
    {
        await StartAsync(context => context.Request.Method == "PATCH" ? Task.CompletedTask : context.JsonAsync("{}"));
        await Client.CreateAsync("/api/v1/namespaces", new JsonObject { ["a"] = 1 }, new WriteOptions { DryRun = true }, Token);
        Assert.Null(await Client.PatchAsync("/apis/x?y=z", PatchKind.Merge, new JsonObject(), new WriteOptions { DryRun = true }, Token));
        await Client.DeleteAsync("/api/v1/namespaces/a", null, Token);
        Assert.Equal(
            ["POST /api/v1/namespaces?dryRun=All {\"a\":1}", "PATCH /apis/x?y=z&dryRun=All {}", "DELETE /api/v1/namespaces/a "],
            Server.Requests.Select(request => $"{request.Method} {request.Path} {request.Body}"));
    }

    [Fact]
    public async Task ReviewsAreAsked()
    {
        await StartAsync(context => context.JsonAsync("""{"status":{"allowed":true,"reason":"RBAC: allowed by \u001b[1mx"}}""", 201));
        Assert.Equal(
            new AccessDecision(true, "RBAC: allowed by x", ""),
            await Client.CanUserAsync("system:serviceaccount:a:b", ["g"], new AccessQuestion("get", ResourceType.Pods, "a", "proxy", "p"), Token));
        FakeApiServer.Asked asked = Assert.Single(Server.Requests);
        Assert.Equal("/apis/authorization.k8s.io/v1/subjectaccessreviews", asked.Path);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""{"apiVersion":"authorization.k8s.io/v1","kind":"SubjectAccessReview","spec":{"user":"system:serviceaccount:a:b","groups":["g"],"resourceAttributes":{"verb":"get","group":"","version":"v1","resource":"pods","subresource":"proxy","namespace":"a","name":"p"}}}"""), JsonNode.Parse(asked.Body)), asked.Body);
    }

    [Fact]
    public async Task AReviewThatEchoesTheTokenDoesNotShowIt()
    {
        await StartAsync(context => context.JsonAsync($$$"""{"status":{"allowed":false,"reason":"policy.example refused {{{context.Request.Headers.Authorization}}}","evaluationError":"no webhook for the-token"}}""", 201));
        AccessDecision decision = await Client.CanUserAsync("u", [], new AccessQuestion("list", ResourceType.Pods, "a"), Token);
        Assert.Equal(("policy.example refused Bearer [redacted]", "no webhook for [redacted]"), (decision.Reason, decision.EvaluationError));
    }

    [Fact]
    public async Task AMissingPermissionIsNamed()
    {
        await StartAsync(context => context.StatusAsync(403, "Forbidden", "virtualmachines.kubevirt.io is forbidden: User \"jane\" cannot list resource \"virtualmachines\" in API group \"kubevirt.io\" in the namespace \"prod\""));
        KubernetesException exception = await FailAsync(KubernetesError.Forbidden, 403);
        Assert.StartsWith("user 'jane' may not list virtualmachines.kubevirt.io in namespace prod.", exception.Message, StringComparison.Ordinal);
        Assert.Contains("kubectl auth can-i list virtualmachines.kubevirt.io -n prod", exception.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMissingPermissionOfTheWholeClusterIsNamed()
    {
        await StartAsync(context => context.StatusAsync(403, "Forbidden", "pods is forbidden: User \"system:anonymous\" cannot create resource \"pods/exec\" in API group \"\" at the cluster scope"));
        Assert.StartsWith("user 'system:anonymous' may not create pods/exec in the whole cluster.", (await FailAsync(KubernetesError.Forbidden, 403)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsInvalidIsListed()
    {
        await StartAsync(context => context.StatusAsync(
            422, "Invalid", "VirtualMachine \"x\" is invalid",
            ""","details":{"name":"x","kind":"VirtualMachine","causes":[{"reason":"FieldValueInvalid","message":"must be positive","field":"spec.running"},{"message":"and more"}]}"""));
        KubernetesException exception = await FailAsync(KubernetesError.Invalid, 422);
        Assert.Contains("(VirtualMachine \"x\" is invalid) (spec.running: must be positive; and more)", exception.Message, StringComparison.Ordinal);
        Assert.Equal(new KubernetesStatusCause("FieldValueInvalid", "spec.running", "must be positive"), exception.Status!.Causes[0]);
    }

    [Theory]
    [InlineData(404, "NotFound", KubernetesError.NotFound)]
    [InlineData(409, "Conflict", KubernetesError.Conflict)]
    [InlineData(409, "AlreadyExists", KubernetesError.Conflict)]
    [InlineData(400, "BadRequest", KubernetesError.Invalid)]
    [InlineData(415, "UnsupportedMediaType", KubernetesError.Invalid)]
    [InlineData(410, "Expired", KubernetesError.Expired)]
    [InlineData(405, "MethodNotAllowed", KubernetesError.BadAnswer)]
    public async Task OtherStatusesKeepTheServersWords(int code, string reason, KubernetesError error)
    {
        await StartAsync(context => context.StatusAsync(code, reason, "the server's own words"));
        KubernetesException exception = await FailAsync(error, code);
        Assert.Contains("the server's own words", exception.Message, StringComparison.Ordinal);
        Assert.Equal((reason, code), (exception.Status!.Reason, exception.Status.Code));
    }

    [Fact]
    public async Task ATokenThatTheServerEchoesIsNeverShown()
    {
        const string Secret = "t0ken-Value+of/some=Length";
        string json = System.Text.Json.JsonSerializer.Serialize(new
        {
            kind = "Status",
            status = "Failure",
            message = $"pods is forbidden: \"Bearer {Secret}\" is nobody",
            reason = Secret,
            code = 403,
            details = new { name = Secret, kind = Secret, group = Secret, causes = new[] { new { reason = Secret, message = "x " + Secret, field = Secret } } },
            metadata = new Dictionary<string, string> { ["continue"] = Secret },
        });
        int[] codes = [401, 403, 404, 409, 410, 418, 422, 500, 503];
        foreach (int code in codes)
        {
            foreach (string body in new[] { json, $"no, {Secret}", $"<html><h1>{Uri.EscapeDataString(Secret)}</h1></html>", new string('x', 190) + Secret, Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes("Bearer " + Secret)) })
            {
                await using FakeApiServer server = await FakeApiServer.StartAsync(async context =>
                {
                    context.Response.StatusCode = code;
                    context.Response.ContentType = body[0] == '{' ? "application/json" : "text/plain";
                    await context.Response.WriteAsync(body);
                });
                using TempFolder folder = new();
                using KubernetesClient client = new(Clients.ByUser(folder, server.Address, "token: " + Secret), Clients.Library, new KubernetesClientOptions { MaximumRetryCount = 0 });
                KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/x", TestContext.Current.CancellationToken));
                string all = exception + System.Text.Json.JsonSerializer.Serialize(exception.Status);
                Assert.DoesNotContain("t0ken", all, StringComparison.OrdinalIgnoreCase);
                Assert.DoesNotContain("some", all, StringComparison.Ordinal);
                Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(Secret))[4..20], all, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task APageOfAProxyLosesItsTags()
    {
        await StartAsync(async context =>
        {
            context.Response.StatusCode = 502;
            await context.Response.WriteAsync("<html><head><title>x</title><style>p{}</style></head><body><h1>Bad\n gateway</h1>\u001b[31m</body></html>");
        });
        Assert.Contains("the server failed (502) (Bad gateway)", (await FailAsync(KubernetesError.ServerError, 502)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "<html>Log in</html>", "not JSON")]
    [InlineData(302, "", "redirect")]
    public async Task SomethingElseThanAnApiServerIsNoticed(int code, string body, string words)
    {
        await StartAsync(context =>
        {
            context.Response.StatusCode = code;
            context.Response.Headers.Location = "https://elsewhere/";
            return context.Response.WriteAsync(body);
        });
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/x", Token));
        Assert.Equal(KubernetesError.BadAnswer, exception.Error);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheHandlerServesOthersAndNoOtherHost()
    {
        int refused = 0;
        await StartAsync(context => context.Request.Path.Value!.Contains("proxy", StringComparison.Ordinal) && refused++ == 0
            ? context.StatusAsync(503, "ServiceUnavailable", "no endpoints")
            : context.JsonAsync("{}"));
        using HttpMessageInvoker invoker = new(Client.CreateHandler());
        using HttpRequestMessage message = new(HttpMethod.Get, new Uri(Server.Address, ResourceType.Pods.PathOf("a", "https:b:8443", "proxy/metrics")));
        message.Headers.TryAddWithoutValidation("Accept", "text/plain");
        using HttpResponseMessage response = await invoker.SendAsync(message, Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        FakeApiServer.Asked asked = Server.Requests.Single();
        Assert.Equal(("/api/v1/namespaces/a/pods/https:b:8443/proxy/metrics", "Bearer the-token", "text/plain"), (asked.Path, asked.Authorization, asked.Headers["Accept"]));

        using HttpRequestMessage elsewhere = new(HttpMethod.Get, "https://elsewhere.example/");
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => invoker.SendAsync(elsewhere, Token));
        Assert.Equal(KubernetesError.ArgumentInvalid, exception.Error);
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData("")]
    [InlineData("a%2fb")]
    [InlineData("a\nb")]
    public void NamesThatCouldLeadElsewhereAreRefused(string name)
    {
        Assert.Equal(KubernetesError.ArgumentInvalid, Assert.Throws<KubernetesException>(() => ResourceType.Pods.PathOf("a", name)).Error);
        Assert.Equal(KubernetesError.ArgumentInvalid, Assert.Throws<KubernetesException>(() => ResourceType.Pods.PathOf(name, "a")).Error);
    }

    [Fact]
    public void PathsFollowTheKind()
    {
        ResourceType machines = new("kubevirt.io", "v1", "virtualmachines");
        ResourceType nodes = new("", "v1", "nodes", IsNamespaced: false);
        Assert.Equal("/apis/kubevirt.io/v1/virtualmachines", machines.PathOf());
        Assert.Equal("/apis/kubevirt.io/v1/namespaces/a/virtualmachines/b%20c/status", machines.PathOf("a", "b c", "status"));
        Assert.Equal("/api/v1/nodes/n", nodes.PathOf(name: "n"));
        Assert.Equal(Setting.Namespace, Assert.Throws<KubernetesException>(() => machines.PathOf(name: "b")).Setting);
        Assert.Throws<KubernetesException>(() => nodes.PathOf("a"));
    }

    private async Task<KubernetesException> FailAsync(KubernetesError error, int code)
    {
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.CreateAsync("/apis/x", new JsonObject(), null, Token));
        Assert.Equal((error, code), (exception.Error, exception.StatusCode));
        Assert.Single(Server.Requests);
        return exception;
    }
}
