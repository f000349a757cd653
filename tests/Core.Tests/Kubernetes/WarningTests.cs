using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using KubeVirtMonitor.Net;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Warnings that an API server sends beside its answers.</summary>
public sealed class WarningTests : ClientTests
{
    [Theory]
    [InlineData("299 - \"spec.running is deprecated, please use spec.runStrategy instead.\"", "spec.running is deprecated, please use spec.runStrategy instead.")]
    [InlineData("299 - \"unknown field \\\"spec.nosuch\\\"\"", "unknown field \"spec.nosuch\"")]
    [InlineData("299 - \"one, with a comma\", 299 agent:80 \"two \\\\ three\" \"Fri, 27 Nov 2026 22:39:33 GMT\",299 - \"four\"", "one, with a comma|two \\ three|four")]
    [InlineData("110 proxy \"Response is stale\", 299 - \"mine\"", "mine")]
    [InlineData("299 - \"\"", "")]
    [InlineData("rubbish, 299 - \"after rubbish\"", "after rubbish")]
    [InlineData("299 - \"never closed", "never closed")]
    [InlineData("299 - \"cut at a backslash\\", "cut at a backslash\\")]
    [InlineData(", ,, 299", "")]
    [InlineData("", "")]
    [InlineData("299 - \"caf\u00c3\u00a9\"", "café")]
    [InlineData("299 - \"caf\u00e9\"", "café")]
    public void HeadersAreReadAsTheRfcWritesThem(string header, string texts) =>
        Assert.Equal(texts.Split('|', StringSplitOptions.RemoveEmptyEntries), ServerWarnings.Read(header));

    [Fact]
    public async Task WarningsOfReadsAndWritesAreKeptOnceUntilTheyAreTaken()
    {
        Server = await FakeApiServer.StartAsync(context =>
        {
            context.Response.Headers.Append("Warning", "299 - \"unknown field \\\"spec.nosuch\\\"\"");
            context.Response.Headers.Append("Warning", $"299 - \"{context.Request.Method} is deprecated\"");
            return context.Request.Method == "POST" ? context.StatusAsync(422, "Invalid", "no") : context.JsonAsync(Answers.List([Answers.Pod(1)]));
        });
        Client = Clients.ByToken(Server, Folder);
        Assert.Empty(Client.TakeWarnings());
        await foreach (int _ in Client.ListAsync(ResourceType.Pods, item => item.Length, null, Token)) await Client.GetAsync("/x", Token);
        await Client.PatchAsync("/x", PatchKind.Merge, new JsonObject(), null, Token);
        await Assert.ThrowsAsync<KubernetesException>(() => Client.CreateAsync("/x", new JsonObject(), null, Token));
        Assert.Equal(["unknown field \"spec.nosuch\"", "GET is deprecated", "PATCH is deprecated", "POST is deprecated"], Client.TakeWarnings());
        Assert.Empty(Client.TakeWarnings());
        await Client.GetAsync("/x", Token);
        Assert.Equal(["unknown field \"spec.nosuch\"", "GET is deprecated"], Client.TakeWarnings());
    }

    [Fact]
    public void AWarningHoldsNoSecretsAndSteersNoTerminal()
    {
        using HttpResponseMessage response = new();
        response.Headers.TryAddWithoutValidation("Warning", "299 - \"you sent the-token\tand \u001b[31m more\"");
        ServerWarnings warnings = new();
        warnings.Add(response, new ForeignText(["the-token"]));
        string shown = Assert.Single(warnings.Take());
        Assert.StartsWith("you sent [redacted]", shown, StringComparison.Ordinal);
        Assert.EndsWith("more", shown, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', shown);
    }

    [Fact]
    public async Task AServerThatWarnsWithoutEndIsCutShort()
    {
        int count = 0;
        Server = await FakeApiServer.StartAsync(context =>
        {
            for (int i = 0; i < 60; i++) context.Response.Headers.Append("Warning", $"299 - \"number {count++}\"");
            return context.JsonAsync("{}");
        });
        Client = Clients.ByToken(Server, Folder);
        for (int i = 0; i < 5; i++) await Client.GetAsync("/x", Token);
        IReadOnlyList<string> warnings = Client.TakeWarnings();
        Assert.Equal(101, warnings.Count);
        Assert.Equal("number 99", warnings[99]);
        Assert.Contains("more than 100", warnings[100], StringComparison.Ordinal);
    }
}
