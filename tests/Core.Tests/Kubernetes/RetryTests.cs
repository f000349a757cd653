using System.Globalization;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>When a request is sent again, and after how long.</summary>
public sealed class RetryTests : ClientTests
{
    private readonly WaitlessTime _time = new();

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(504)]
    public async Task AGetIsRepeated(int status)
    {
        await StartAsync((context, attempt) => attempt < 3 ? context.StatusAsync(status, "X", "busy") : context.JsonAsync("{}"));
        await Client.GetAsync("/x", Token);
        Assert.Equal(4, Server.Requests.Count);
        // 100 ms, doubling, each between half of it and all of it.
        Assert.Equal(3, _time.Waits.Count);
        for (int i = 0; i < 3; i++) Assert.InRange(_time.Waits[i].TotalMilliseconds, 50 << i, 100 << i);
    }

    [Fact]
    public async Task TheServerSaysHowLongToWait()
    {
        await StartAsync((context, attempt) =>
        {
            if (attempt == 0) context.Response.Headers.RetryAfter = "3";
            return attempt switch
            {
                0 => context.StatusAsync(429, "TooManyRequests", "slow down"),
                1 => context.StatusAsync(503, "ServiceUnavailable", "starting", ""","details":{"retryAfterSeconds":5}"""),
                _ => context.JsonAsync("{}"),
            };
        });
        await Client.GetAsync("/x", Token);
        Assert.InRange(_time.Waits[0].TotalSeconds, 3, 3.1);
        Assert.InRange(_time.Waits[1].TotalSeconds, 5, 5.1);
    }

    [Fact]
    public async Task NobodyWaitsForTooLong()
    {
        await StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "3600";
            return context.StatusAsync(429, "TooManyRequests", "come back tomorrow");
        });
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/x", Token));
        Assert.Equal(KubernetesError.Throttled, exception.Error);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task AfterTheLastRetryTheErrorIsThatOfTheServer()
    {
        await StartAsync((context, _) => context.StatusAsync(500, "InternalError", "etcd is gone"));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/x", Token));
        Assert.Contains("etcd is gone", exception.Message, StringComparison.Ordinal);
        Assert.Equal(6, Server.Requests.Count);
    }

    [Theory]
    // client-go's checkWait: 429 and every 5xx, and only with the header; the body of a Status does not count.
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    [InlineData(507)]
    public async Task AWriteIsSentAgainWhenTheServerSaysWhen(int status)
    {
        await StartAsync((context, attempt) =>
        {
            if (attempt % 2 == 1) return context.JsonAsync("{}");
            context.Response.Headers.RetryAfter = "2";
            return context.StatusAsync(status, "TooManyRequests", "too many requests, please try again later");
        });
        JsonObject body = new() { ["a"] = 1 };
        await Client.CreateAsync("/x", body, null, Token);
        await Client.PatchAsync("/x", PatchKind.Merge, body, null, Token);
        await Client.DeleteAsync("/x", null, Token);
        Assert.Equal(
            ["POST {\"a\":1}", "POST {\"a\":1}", "PATCH {\"a\":1}", "PATCH {\"a\":1}", "DELETE ", "DELETE "],
            Server.Requests.Select(request => $"{request.Method} {request.Body}"));
        Assert.Equal(3, _time.Waits.Count);
        Each.Of(_time.Waits, wait => Assert.InRange(wait.TotalSeconds, 2, 2.1));
    }

    [Theory]
    [InlineData(409)]
    [InlineData(422)]
    [InlineData(403)]
    public async Task AWriteThatIsRefusedForGoodIsNotSentAgain(int status)
    {
        await StartAsync((context, _) =>
        {
            context.Response.Headers.RetryAfter = "1";
            return context.StatusAsync(status, "Conflict", "no", ""","details":{"retryAfterSeconds":1}""");
        });
        await Assert.ThrowsAsync<KubernetesException>(() => Client.CreateAsync("/x", new JsonObject(), null, Token));
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task WithoutAWordOfTheServerNothingElseThanAGetIsRepeated()
    {
        await StartAsync((context, _) => context.StatusAsync(429, "TooManyRequests", "busy"));
        await Assert.ThrowsAsync<KubernetesException>(() => Client.CreateAsync("/x", new JsonObject(), null, Token));
        await Assert.ThrowsAsync<KubernetesException>(() => Client.PatchAsync("/x", PatchKind.Merge, new JsonObject(), null, Token));
        await Assert.ThrowsAsync<KubernetesException>(() => Client.DeleteAsync("/x", null, Token));
        Assert.Equal(3, Server.Requests.Count);
    }

    [Fact]
    public async Task AConnectionThatIsDroppedIsOpenedAgain()
    {
        await StartAsync((context, attempt) =>
        {
            if (attempt >= 2) return context.JsonAsync("{}");
            context.Abort();
            return Task.CompletedTask;
        });
        await Client.GetAsync("/x", Token);
        Assert.Equal(3, Server.Requests.Count);
    }

    [Fact]
    public async Task AServerThatIsSilentTimesOut()
    {
        Server = await FakeApiServer.StartAsync(context => Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default));
        Client = Clients.ByToken(Server, Folder, new KubernetesClientOptions { Timeout = TimeSpan.FromMilliseconds(300), MaximumRetryCount = 0 });
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/x", Token));
        Assert.Equal(KubernetesError.TimedOut, exception.Error);
        Assert.Contains("within 0.3 seconds", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnswerThatStopsInTheMiddleTimesOut()
    {
        Server = await FakeApiServer.StartAsync(async context =>
        {
            await context.Response.WriteAsync("{\"a\":");
            await context.Response.Body.FlushAsync();
            await Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        Client = Clients.ByToken(Server, Folder, new KubernetesClientOptions { Timeout = TimeSpan.FromMilliseconds(300), MaximumRetryCount = 0 });
        Assert.Equal(KubernetesError.TimedOut, (await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/x", Token))).Error);
    }

    [Fact]
    public void NumbersInErrorsAreWrittenTheSameInEveryCulture()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        CultureInfo comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = ",";
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal("0,5", $"{0.5:0.#}");
            KubernetesConnection connection = KubernetesConnection.FromToken(new Uri("https://a:1"), "t");
            Assert.Contains("did not answer within 0.5 seconds", ConnectionErrors.TimedOut(connection, TimeSpan.FromSeconds(0.5)).Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public async Task CancellingEndsTheWait()
    {
        Server = await FakeApiServer.StartAsync(context => context.StatusAsync(503, "X", "busy"));
        Client = Clients.ByToken(Server, Folder, new KubernetesClientOptions { RetryInterval = TimeSpan.FromSeconds(20) });
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task<System.Text.Json.Nodes.JsonNode?> request = Client.GetAsync("/x", cancel.Token);
        while (Server.Requests.IsEmpty) await Task.Delay(10, Token);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => request);
    }

    [Theory]
    [InlineData(0, null, 0.0, 0.5)]
    [InlineData(0, null, 1.0, 1.0)]
    [InlineData(3, null, 1.0, 8.0)]
    [InlineData(30, null, 1.0, 10.0)]
    [InlineData(1, 4.0, 0.0, 4.0)]
    [InlineData(1, 4.0, 0.5, 4.5)]
    [InlineData(4, 4.0, 1.0, 10.0)]
    public void WaitsDoubleUpToALimitAndNeverUndercutTheServer(int attempt, double? asked, double jitter, double expected)
    {
        RetryPolicy policy = new(5, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeProvider.System, () => jitter);
        Assert.Equal(TimeSpan.FromSeconds(expected), policy.Delay(attempt, asked is { } seconds ? TimeSpan.FromSeconds(seconds) : null));
    }

    private async Task StartAsync(Func<HttpContext, int, Task> answer)
    {
        int attempts = 0;
        Server = await FakeApiServer.StartAsync(context => answer(context, attempts++));
        Client = Clients.ByToken(Server, Folder, new KubernetesClientOptions { Time = _time, RetryInterval = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromMinutes(2) });
    }
}
