using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Lists: pages, restarts, what breaks off, and that nothing comes twice.</summary>
public sealed class ListTests : ClientTests
{
    [Fact]
    public async Task PagesAreFetchedUntilTheLast()
    {
        await StartPagesAsync((context, token) => context.JsonAsync(token switch
        {
            "" => Answers.List([Answers.Pod(1), Answers.Pod(2)], "a&b="),
            "a&b=" => Answers.List([Answers.Pod(3)], "last"),
            _ => Answers.List([]),
        }));
        Assert.Equal(["pod-1", "pod-2", "pod-3"], await NamesAsync(new ListOptions { Namespace = "a", LabelSelector = "x in (y,z)", FieldSelector = "spec.nodeName=n", PageSize = 2 }));
        const string Query = "/api/v1/namespaces/a/pods?labelSelector=x%20in%20%28y%2Cz%29&fieldSelector=spec.nodeName%3Dn&limit=2";
        Assert.Equal([Query, Query + "&continue=a%26b%3D", Query + "&continue=last"], Server.Requests.Select(request => request.Path));
    }

    [Theory]
    [InlineData("""{"items":[],"metadata":{}}""", 0)]
    [InlineData("""{"items":null}""", 0)]
    [InlineData("""{}""", 0)]
    [InlineData("""{"kind":"PodList","metadata":{"resourceVersion":"1","x":{"y":["}]\"{"]}},"items":[{"metadata":{"name":"pod-1"}}]}""", 1)]
    [InlineData("""  {  "items" : [ {"metadata":{"name":"a]}\\"}} , {"metadata":{"name":"b\"}"}} ] , "metadata" : { } , "n":5,"t":true }  """, 2)]
    public async Task TheEnvelopeMayLookInMoreThanOneWay(string json, int count)
    {
        await StartPagesAsync((context, _) => context.JsonAsync(json));
        Assert.Equal(count, (await NamesAsync()).Count);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("""{"kind":"Pod","metadata":{"name":"x"}}""")]
    public async Task WhatIsNoListIsRefused(string body)
    {
        await StartPagesAsync((context, _) => context.JsonAsync(body));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync());
        Assert.Equal(KubernetesError.BadAnswer, exception.Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(1000)]
    public async Task ItemsMayArriveInPieces(int size)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(Answers.List([Answers.Pod(1), Answers.Pod(2, ",\"x\":\"\\\\\\\"é😀{[\""), Answers.Pod(3)]));
        await StartPagesAsync(async (context, _) =>
        {
            for (int i = 0; i < bytes.Length; i += size)
            {
                await context.Response.Body.WriteAsync(bytes.AsMemory(i, Math.Min(size, bytes.Length - i)));
                await context.Response.Body.FlushAsync();
            }
        });
        Assert.Equal(["pod-1", "pod-2", "pod-3"], await NamesAsync());
    }

    [Fact]
    public async Task ItemsLargerThanTheWindowArriveWhole()
    {
        string large = new('x', 700_000);
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List(Enumerable.Range(1, 5).Select(number => Answers.Pod(number, $",\"large\":\"{large}\"")))));
        List<int> lengths = [];
        await foreach (int length in Client.ListAsync(ResourceType.Pods, item => item.Length, null, Token)) lengths.Add(length);
        Assert.Equal(5, lengths.Count);
        Each.Of(lengths, length => Assert.Equal(Answers.Pod(1, $",\"large\":\"{large}\"").Length, length));
    }

    [Fact]
    public async Task AnExpiredListGoesOnWithTheTokenThatTheServerGives()
    {
        await StartPagesAsync((context, token) => token switch
        {
            "" => context.JsonAsync(Answers.List([Answers.Pod(1), Answers.Pod(2)], "old")),
            "old" => context.JsonAsync("""{"kind":"Status","status":"Failure","reason":"Expired","message":"too old","metadata":{"continue":"fresh"},"code":410}""", 410),
            _ => context.JsonAsync(Answers.List([Answers.Pod(2), Answers.Pod(3)])),
        });
        Assert.Equal(["pod-1", "pod-2", "pod-3"], await NamesAsync());
        Assert.Equal(3, Server.Requests.Count);
    }

    [Fact]
    public async Task AnExpiredListWithoutATokenBeginsAgain()
    {
        bool isExpired = false;
        await StartPagesAsync((context, token) =>
        {
            if (token == "") return context.JsonAsync(Answers.List([Answers.Pod(1), Answers.Pod(isExpired ? 4 : 2)], isExpired ? "fresh" : "old"));
            if (token == "fresh") return context.JsonAsync(Answers.List([Answers.Pod(2), Answers.Pod(3)]));
            isExpired = true;
            return context.StatusAsync(410, "Expired", "too old");
        });
        Assert.Equal(["pod-1", "pod-2", "pod-4", "pod-3"], await NamesAsync());
    }

    [Fact]
    public async Task AListThatExpiresForEverEnds()
    {
        await StartPagesAsync((context, token) => token == "" ? context.JsonAsync(Answers.List([Answers.Pod(1)], "old")) : context.StatusAsync(410, "Expired", "too old"));
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync());
        Assert.Equal(KubernetesError.Expired, exception.Error);
        Assert.Equal(12, Server.Requests.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task APageThatBreaksOffIsAskedForAgain(bool cleanEnd)
    {
        int attempts = 0;
        string page = Answers.List(Enumerable.Range(1, 50).Select(number => Answers.Pod(number)), "next");
        await StartPagesAsync(async (context, token) =>
        {
            if (token == "next")
            {
                await context.JsonAsync(Answers.List([Answers.Pod(51)]));
                return;
            }

            int length = (page.Length / 4) * ++attempts;
            if (length >= page.Length - 4)
            {
                await context.JsonAsync(page);
                return;
            }

            await context.Response.WriteAsync(page[..length]);
            await context.Response.Body.FlushAsync();
            if (!cleanEnd) context.Abort();
        });
        Assert.Equal(Enumerable.Range(1, 51).Select(number => $"pod-{number}"), await NamesAsync());
        Assert.Equal(4, attempts);
    }

    [Fact]
    public async Task AListThatAlwaysBreaksOffEnds()
    {
        await StartPagesAsync(async (context, _) =>
        {
            await context.Response.WriteAsync(Answers.List([Answers.Pod(1), Answers.Pod(2)])[..^10]);
            await context.Response.Body.FlushAsync();
        });
        List<string> names = [];
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync(null, names));
        Assert.Equal(KubernetesError.ConnectionFailed, exception.Error);
        Assert.Equal(["pod-1", "pod-2"], names);
        Assert.Equal(6, Server.Requests.Count);
    }

    [Fact]
    public async Task OneBadItemDoesNotHideTheOthers()
    {
        await StartPagesAsync((context, _) => context.JsonAsync(Answers.List([Answers.Pod(1), """{"metadata":{"name":tru"x"}}""", "5", Answers.Pod(2)])));
        List<KubernetesException> bad = [];
        Assert.Equal(["pod-1", "pod-2"], await NamesAsync(new ListOptions { BadItem = bad.Add }));
        Assert.Equal(2, bad.Count);
        Assert.Equal(KubernetesError.BadAnswer, (await Assert.ThrowsAsync<KubernetesException>(() => NamesAsync())).Error);
    }

    [Fact]
    public async Task TheFirstItemIsThereBeforeTheLastIsSent()
    {
        TaskCompletionSource seen = new();
        await StartPagesAsync(async (context, _) =>
        {
            string list = Answers.List([Answers.Pod(1), Answers.Pod(2)]);
            int cut = list.IndexOf("pod-2", StringComparison.Ordinal);
            await context.Response.WriteAsync(list[..cut]);
            await context.Response.Body.FlushAsync();
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(10));
            await context.Response.WriteAsync(list[cut..]);
        });
        await foreach (string _ in Client.ListAsync(ResourceType.Pods, Name, null, Token)) seen.TrySetResult();
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task StoppingEarlyEndsTheRequest()
    {
        TaskCompletionSource ended = new();
        await StartPagesAsync(async (context, _) =>
        {
            context.RequestAborted.Register(() => ended.TrySetResult());
            await context.Response.WriteAsync(Answers.List([Answers.Pod(1), Answers.Pod(2)])[..^20]);
            await context.Response.Body.FlushAsync();
            await ended.Task;
        });
        await foreach (string _ in Client.ListAsync(ResourceType.Pods, Name, null, Token)) break;
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(5), Token);
    }

    [Fact]
    public async Task TenThousandObjectsAreListedInTwentyPages()
    {
        string filling = new('x', 4000);
        await StartPagesAsync((context, token) =>
        {
            int from = token == "" ? 0 : int.Parse(token, System.Globalization.CultureInfo.InvariantCulture);
            return context.JsonAsync(Answers.List(Enumerable.Range(from, 500).Select(number => Answers.Pod(number, $",\"spec\":{{\"a\":\"{filling}\"}}")), from == 9500 ? null : $"{from + 500}"));
        });
        int count = 0;
        long length = 0;
        await foreach (int one in Client.ListAsync(ResourceType.Pods, item => item.Length, null, Token))
        {
            count++;
            length += one;
        }

        Assert.Equal((10_000, 20), (count, Server.Requests.Count));
        Assert.InRange(length, 42_000_000, 44_000_000);
    }

    private static string Name(ReadOnlySpan<byte> item)
    {
        Utf8JsonReader reader = new(item);
        return JsonElement.ParseValue(ref reader).GetProperty("metadata").GetProperty("name").GetString()!;
    }

    private async Task<List<string>> NamesAsync(ListOptions? options = null, List<string>? names = null)
    {
        names ??= [];
        await foreach (string name in Client.ListAsync(ResourceType.Pods, Name, options, Token)) names.Add(name);
        return names;
    }
}
