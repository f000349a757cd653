using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Lists that end early, that do not end, and names that selectors would take apart.</summary>
public sealed class ListEndTests : ClientTests
{
    [Fact]
    public async Task AConnectionRefusedBetweenTwoPagesIsTriedAgain()
    {
        using GoneServer server = new(Page([1, 2], "next", 1), TimeSpan.FromMilliseconds(300), Page([3], null));
        using KubernetesClient client = server.Client(5);
        Assert.Equal(["pod-1", "pod-2", "pod-3"], await NamesAsync(client));
    }

    [Fact]
    public async Task AListThatEndsEarlySaysHowFarItCame()
    {
        using GoneServer server = new(Page([1, 2], "next", 1523), null, "");
        using KubernetesClient client = server.Client(2);
        List<string> names = [];
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(client, names: names));
        Assert.Equal(["pod-1", "pod-2"], names);
        Assert.Equal(KubernetesError.ConnectionFailed, exception.Error);
        Assert.StartsWith(
            $"cannot list pods in all namespaces completely: the list ended after 2 objects, and about 1523 more were expected ({server.Address.GetLeftPart(UriPartial.Authority)} cannot be reached: the connection was refused). Check the address",
            exception.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatWasNeverThereIsNotWaitedFor()
    {
        using GoneServer server = new(null, null, "");
        using KubernetesClient client = server.Client(5);
        Stopwatch clock = Stopwatch.StartNew();
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(client));
        Assert.Contains("cannot be reached: the connection was refused", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("to the end", exception.Message, StringComparison.Ordinal);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task ABusyServerIsAskedAgainForTheNextPage(int code)
    {
        int busy = 0;
        await StartPagesAsync((context, token) =>
        {
            if (token == "") return context.JsonAsync(Answers.List([Answers.Pod(1)], "next"));
            if (busy++ >= 2) return context.JsonAsync(Answers.List([Answers.Pod(2)]));
            context.Response.Headers.RetryAfter = "0";
            context.Response.StatusCode = code;
            return context.Response.WriteAsync("Too many requests, please try again later.\n");
        });
        Assert.Equal(["pod-1", "pod-2"], await NamesAsync(Client));
    }

    [Theory]
    [InlineData(403, KubernetesError.Forbidden)]
    [InlineData(500, KubernetesError.ServerError)]
    [InlineData(401, KubernetesError.Unauthorized)]
    public async Task ARefusalBetweenTwoPagesSaysHowFarTheListCame(int code, KubernetesError error)
    {
        await StartPagesAsync((context, token) => token == "" ? context.JsonAsync(Page([1, 2, 3], "next", 40)) : context.StatusAsync(code, "X", "no more"));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(Client));
        Assert.Equal((error, code), (exception.Error, exception.StatusCode));
        Assert.StartsWith("cannot list pods in all namespaces completely: the list ended after 3 objects, and about 40 more were expected (", exception.Message, StringComparison.Ordinal);
        Assert.Equal(code, exception.Status!.Code);
    }

    [Fact]
    public async Task APageThatIsSilentIsAskedForOnceMore()
    {
        int asked = 0;
        Server = await FakeApiServer.StartAsync(async context =>
        {
            if (context.Request.Query["continue"].ToString() == "")
            {
                await context.JsonAsync(Answers.List([Answers.Pod(1)], "next"));
                return;
            }

            if (asked++ > 0)
            {
                await context.JsonAsync(Answers.List([Answers.Pod(2)]));
                return;
            }

            await Task.Delay(TimeSpan.FromSeconds(30), context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        Client = Clients.ByToken(Server, Folder, new KubernetesClientOptions { Timeout = TimeSpan.FromSeconds(6), RetryInterval = TimeSpan.FromMilliseconds(5) });
        Assert.Equal(["pod-1", "pod-2"], await NamesAsync(Client));
    }

    [Fact]
    public async Task TheSameContinueTokenAgainEndsTheList()
    {
        await StartPagesAsync((context, token) => context.JsonAsync(Answers.List([Answers.Pod(token == "" ? 1 : 2)], "same")));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(Client));
        Assert.Equal(KubernetesError.BadAnswer, exception.Error);
        Assert.Contains("after 2 objects", exception.Message, StringComparison.Ordinal);
        Assert.Contains("the same continue token that it received", exception.Message, StringComparison.Ordinal);
        Assert.Equal(2, Server.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PagesThatBringNothingNewEndTheList(bool areEmpty)
    {
        int page = 0;
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List(areEmpty ? [] : [Answers.Pod(1), Answers.Pod(2)], $"token-{page++}")));
        List<string> names = [];
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(Client, names: names));
        Assert.Equal(KubernetesError.BadAnswer, exception.Error);
        Assert.Contains("pages without new objects", exception.Message, StringComparison.Ordinal);
        Assert.Equal(areEmpty ? 0 : 2, names.Count);
        Assert.InRange(Server.Requests.Count, 11, 12);
    }

    [Fact]
    public async Task AListThatBeginsAgainMayRepeatAllItsPages()
    {
        // 30 pages, then it expires without a token, and everything comes a second time.
        bool isExpired = false;
        await StartPagesAsync((context, token) =>
        {
            int page = token == "" ? 0 : int.Parse(token, CultureInfo.InvariantCulture);
            if (page == 30 && !isExpired)
            {
                isExpired = true;
                return context.StatusAsync(410, "Expired", "too old");
            }

            return context.JsonAsync(Answers.List([Answers.Pod(page)], page == 31 ? null : $"{page + 1}"));
        });
        Assert.Equal(32, (await NamesAsync(Client)).Count);
    }

    [Fact]
    public async Task TooManyObjectsEndTheList()
    {
        int number = 0;
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List(Enumerable.Range(0, 10).Select(_ => Answers.Pod(number++)), $"token-{number}")));
        using ApiTransport transport = new(Client.Connection, Clients.Quick);
        using ListItems items = new(transport, ResourceType.Pods, new ListOptions(), Token, most: 95);
        int count = 0;
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(async () =>
        {
            while (await items.NextAsync()) count++;
        });
        Assert.Equal(95, count);
        Assert.Contains("the list does not end: more than 95 objects were received", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"items\":[", "        ", "an item of the list is larger than")]
    [InlineData("{\"items\":[", ",,,,,,,,", "an item of the list is larger than")]
    [InlineData("{\"kind\":\"PodList\",\"x\":\"", "xxxxxxx\\\\", "an item of the list is larger than")]
    [InlineData("{\"x\":", "12345678", "an item of the list is larger than")]
    [InlineData("{", "\"a\":1,  ", "an item of the list is larger than")]
    [InlineData("{\"items\":[{\"a\":\"", "xxxxxxxx", "an item of the list is larger than")]
    [InlineData("{\"items\":[", "[[[[[[[[", "an item of the list is larger than")]
    public async Task WhatNeverBecomesAnItemEndsTheList(string start, string repeated, string words)
    {
        await StartPagesAsync(async (context, _) =>
        {
            await context.Response.WriteAsync(start);
            string piece = string.Concat(Enumerable.Repeat(repeated, 8192));
            while (!context.RequestAborted.IsCancellationRequested) await context.Response.WriteAsync(piece, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
        });
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(Client));
        Assert.Equal(KubernetesError.BadAnswer, exception.Error);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task APageWithoutEndIsStreamedAndCanBeCancelled(bool areNew)
    {
        await StartPagesAsync(async (context, _) =>
        {
            await context.Response.WriteAsync("{\"items\":[");
            for (int number = 0; !context.RequestAborted.IsCancellationRequested; number += 100)
            {
                string piece = string.Join(',', Enumerable.Range(number, 100).Select(one => Answers.Pod(areNew ? one : 7))) + ",";
                await context.Response.WriteAsync(piece, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        });
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        int count = 0;
        if (!areNew) cancel.CancelAfter(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (int _ in Client.ListAsync(ResourceType.Pods, item => item.Length, null, cancel.Token))
            {
                if (++count == 5000) await cancel.CancelAsync();
            }
        });
        Assert.InRange(count, areNew ? 5000 : 1, areNew ? 10_000 : 1);
    }

    [Fact]
    public async Task LongTextsAreScannedOnce()
    {
        // 15 MiB of one text in pieces of 512 bytes: scanned anew with each piece, that would be 230 GB.
        byte[] list = Encoding.UTF8.GetBytes($"{{\"x\":\"{new string('x', 15 * 1024 * 1024)}\\\\\\\"\",\"items\":[{Answers.Pod(1)}]}}");
        await StartPagesAsync((context, _) => context.JsonAsync("{}"));
        using ApiTransport transport = new(Client.Connection, Clients.Quick);
        using AnswerReader answer = new(transport, new Pieces(list, 512), Token);
        using ListPageReader page = new(answer);
        TimeSpan before = Process.GetCurrentProcess().UserProcessorTime;
        Assert.True(await page.NextAsync());
        Assert.Equal(Answers.Pod(1), Encoding.UTF8.GetString(page.Current));
        Assert.InRange((Process.GetCurrentProcess().UserProcessorTime - before).TotalSeconds, 0, 10);
        Assert.False(await page.NextAsync());
    }

    [Fact]
    public async Task ManyBadItemsAreCountedAndTheGoodOnesKept()
    {
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List([.. Enumerable.Repeat("{}", 1500), Answers.Pod(1)])));
        List<KubernetesException> bad = [];
        Assert.Equal(["pod-1"], await NamesAsync(Client, new ListOptions { BadItem = bad.Add }));
        Assert.Equal(1001, bad.Count);
        Assert.Contains("500 more items of the list cannot be read", bad[^1].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain", "f=plain")]
    [InlineData("b,1", @"f=b\,1")]
    [InlineData("a=b", @"f=a\=b")]
    [InlineData(@"a\b", @"f=a\\b")]
    [InlineData(@"\,=", @"f=\\\,\=")]
    [InlineData("a!b c", "f=a!b c")]
    public void ValuesOfFieldsAreEscapedAsTheServerReadsThem(string value, string selector) => Assert.Equal(selector, ListOptions.Fields(("f", value)));

    [Fact]
    public async Task ANameIsAFieldLikeOthers()
    {
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List([])));
        await NamesAsync(Client, new ListOptions { Name = "web-1.example", FieldSelector = "spec.nodeName=n", PageSize = 0 });
        Assert.Equal("/api/v1/pods?fieldSelector=metadata.name%3Dweb-1.example%2Cspec.nodeName%3Dn", Server.Requests.Single().Path);
    }

    [Theory]
    [InlineData("b,1")]
    [InlineData("a=b")]
    [InlineData("a!b")]
    [InlineData(@"a\b")]
    [InlineData("Web")]
    [InlineData("web_1")]
    [InlineData("-web")]
    [InlineData("web-")]
    [InlineData("web..1")]
    [InlineData("web 1")]
    [InlineData("")]
    [InlineData("wéb")]
    public async Task ANameThatNothingCanHaveIsNotAskedFor(string name)
    {
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List([])));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(Client, new ListOptions { Name = name }));
        Assert.Equal(KubernetesError.ArgumentInvalid, exception.Error);
        Assert.StartsWith($"'{name}' is not a name that pods can have. Names consist of at most 253 lower-case letters", exception.Message, StringComparison.Ordinal);
        exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(Client, new ListOptions { Namespace = name }));
        if (name != "") Assert.StartsWith($"'{name}' is not a name that a namespace can have.", exception.Message, StringComparison.Ordinal);
        Assert.Empty(Server.Requests);
    }

    private static string Page(IEnumerable<int> numbers, string? token, int? remaining = null) =>
        $$$"""{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"{{{(token is null ? "" : $",\"continue\":\"{token}\"")}}}{{{(remaining is null ? "" : $",\"remainingItemCount\":{remaining}")}}}},"items":[{{{string.Join(',', numbers.Select(number => Answers.Pod(number)))}}}]}""";

    private static string Name(ReadOnlySpan<byte> item)
    {
        Utf8JsonReader reader = new(item);
        return JsonElement.ParseValue(ref reader) is { ValueKind: JsonValueKind.Object } pod && pod.TryGetProperty("metadata", out JsonElement metadata)
            ? metadata.GetProperty("name").GetString()!
            : throw new FormatException("no pod");
    }

    private static async Task<List<string>> NamesAsync(KubernetesClient client, ListOptions? options = null, List<string>? names = null)
    {
        names ??= [];
        await foreach (string name in client.ListAsync(ResourceType.Pods, Name, options, Token)) names.Add(name);
        return names;
    }

    /// <summary>A server that answers once, is gone, and may come back to answer once more.</summary>
    private sealed class GoneServer : IDisposable
    {
        private TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly string? _first;
        private readonly TimeSpan? _back;
        private readonly string _second;

        public GoneServer(string? first, TimeSpan? back, string second)
        {
            (_first, _back, _second) = (first, back, second);
            _listener.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
            if (first is null) _listener.Stop();
            else _ = Task.Run(RunAsync);
        }

        public Uri Address { get; }

        public KubernetesClient Client(int retries) => new(
            new KubernetesConnection(Address, NoCredential.Instance),
            Clients.Library,
            new KubernetesClientOptions { MaximumRetryCount = retries, RetryInterval = TimeSpan.FromMilliseconds(retries > 2 ? 100 : 5) });

        public void Dispose() => _listener.Stop();

        private static async Task AnswerAsync(TcpClient client, string body)
        {
            using (client)
            {
                NetworkStream stream = client.GetStream();
                byte[] request = new byte[4096];
                Assert.True(await stream.ReadAsync(request) > 0);
                await stream.WriteAsync(Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}"));
            }
        }

        private async Task RunAsync()
        {
            TcpClient first = await _listener.AcceptTcpClientAsync();
            _listener.Stop();
            await AnswerAsync(first, _first!);
            if (_back is not { } pause) return;
            await Task.Delay(pause);
            _listener = new TcpListener(IPAddress.Loopback, Address.Port);
            _listener.Start();
            await AnswerAsync(await _listener.AcceptTcpClientAsync(), _second);
        }
    }

    /// <summary>Bytes that arrive a few at a time.</summary>
    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
