using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Prometheus;

/// <summary>Queries of real servers.</summary>
public class EngineTests
{
    private const long Start = 1_700_000_000;

    // A counter that rises by 6 a minute, and a gauge that has every kind of number; the last sample stands at 600 seconds.
    private static readonly string Samples = string.Concat(Enumerable.Range(0, 11).Select(static i => $"rising_total{{vm=\"a\"}} {i * 6} {Start + (i * 60)}\n"))
        + $"odd{{kind=\"inf\"}} +Inf {Start}\nodd{{kind=\"minus\"}} -Inf {Start}\nodd{{kind=\"nan\"}} NaN {Start}\nodd{{kind=\"tiny\"}} 5e-324 {Start}\nodd{{kind=\"text\",name=\"a\\\"b\\\\c\\nd\"}} 0.1 {Start}\n# EOF\n";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private static DateTimeOffset At(double seconds) => DateTimeOffset.FromUnixTimeMilliseconds((Start * 1000) + (long)(seconds * 1000));

    public static TheoryData<string> Engines => ["prometheus", "victoria-metrics"];

    private static async Task<QueryEngine> OpenAsync(string engine, string samples) =>
        engine == "prometheus" ? await TestKit.PrometheusServer.OverAsync(samples) : await VictoriaMetricsServer.OverAsync(samples);

    private static Task<Asked> AskAsync(QueryEngine server, string expression, double time) =>
        Asked.FromAsync(server.Address, new Query { Expression = expression, Time = At(time) }, cancellationToken: Stop);

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Every_kind_of_result_is_read(string engine)
    {
        await using QueryEngine server = await OpenAsync(engine, Samples);

        Asked instant = await Asked.FromAsync(server.Address, new Query { Expression = "rising_total", Time = At(600) }, cancellationToken: Stop);
        Assert.Null(instant.Error);
        Assert.Equal(["{__name__=\"rising_total\",vm=\"a\"} 60@1700000600"], instant.Series);
        Assert.Equal("vector", instant.Outcome!.ResultType);
        Asked range = await Asked.FromAsync(server.Address, new Query { Expression = "rising_total", Range = new(At(0), At(120), TimeSpan.FromMinutes(1)) }, cancellationToken: Stop);
        Assert.Equal(["{__name__=\"rising_total\",vm=\"a\"} 0@1700000000 6@1700000060 12@1700000120"], range.Series);
        Assert.Equal(("matrix", 1, 3), (range.Outcome!.ResultType, range.Outcome.Series, range.Outcome.Points));
        Asked stored = await Asked.FromAsync(server.Address, new Query { Expression = "rising_total[90s]", Time = At(600) }, cancellationToken: Stop);
        Assert.Equal(["{__name__=\"rising_total\",vm=\"a\"} 54@1700000540 60@1700000600"], stored.Series);
        Asked scalar = await Asked.FromAsync(server.Address, new Query { Expression = "scalar(rising_total) + 1", Time = At(600) }, cancellationToken: Stop);
        Assert.Equal(["{} 61@1700000600"], scalar.Series);

        // VictoriaMetrics has no texts as results, and gives none.
        Asked text = await AskAsync(server, "\"seven\"", 600);
        Assert.Equal(engine == "prometheus" ? ["{} NaN@1700000600 'seven'"] : [], text.Series);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task Every_kind_of_number_and_label_is_read(string engine)
    {
        await using QueryEngine server = await OpenAsync(engine, Samples);
        string[] read = [.. (await AskAsync(server, "odd", 0)).Series.Order(StringComparer.Ordinal)];
        // VictoriaMetrics leaves NaN out.
        string[] expected =
        [
            "{__name__=\"odd\",kind=\"inf\"} Infinity@1700000000", "{__name__=\"odd\",kind=\"minus\"} -Infinity@1700000000", "{__name__=\"odd\",kind=\"nan\"} NaN@1700000000",
            "{__name__=\"odd\",kind=\"text\",name=\"a\"b\\c\nd\"} 0.1@1700000000", "{__name__=\"odd\",kind=\"tiny\"} 5E-324@1700000000",
        ];
        Assert.Equal(expected.Where(line => engine == "prometheus" || !line.Contains("nan", StringComparison.Ordinal)), read.Where(line => engine == "prometheus" || !line.Contains("tiny", StringComparison.Ordinal)).Concat(engine == "prometheus" ? [] : ["{__name__=\"odd\",kind=\"tiny\"} 5E-324@1700000000"]));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_long_range_comes_in_parts_and_each_moment_once(string engine)
    {
        await using QueryEngine server = await OpenAsync(engine, Samples);
        long expected = Start * 1000;
        int parts = 0;
        // 50,001 moments on a grid of no round time. All of them have a value, of which the engine needs no sample.
        QueryRange range = new(At(0).AddMilliseconds(1), At(150_000).AddMilliseconds(1), TimeSpan.FromSeconds(3));
        QueryOutcome outcome = await new KubeVirtMonitor.Prometheus.PrometheusServer(server.Address, new ScrapeOptions()).QueryAsync(
            new Query { Expression = "vector(time())", Range = range },
            series =>
            {
                parts++;
                foreach (QueryPoint point in series.Points.Span)
                {
                    Assert.Equal((expected + 1, (expected + 1) / 1000d), (point.Milliseconds, point.Value));
                    expected += 3000;
                }

                return ValueTask.CompletedTask;
            },
            Stop);
        Assert.Equal((50_001, range.Count), (outcome.Points, outcome.Points));
        Assert.Equal((Start * 1000) + (50_001 * 3000), expected);
        // Prometheus in parts of 11,000 moments; VictoriaMetrics, once it is known, in parts of 30,000.
        Assert.Equal(engine == "prometheus" ? 5 : 3, parts);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task The_newest_sample_is_there_at_once_and_at_its_own_time(string engine)
    {
        DateTimeOffset now = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        string samples = string.Concat(Enumerable.Range(0, 60).Select(i => $"fresh {i} {now.ToUnixTimeSeconds() - 59 + i}\n")) + "# EOF\n";
        await using QueryEngine server = await OpenAsync(engine, samples);
        Asked instant = await Asked.FromAsync(server.Address, new Query { Expression = "fresh", Time = now }, cancellationToken: Stop);
        Assert.Equal([$"{{__name__=\"fresh\"}} 59@{now.ToUnixTimeSeconds()}"], instant.Series);
        Asked range = await Asked.FromAsync(server.Address, new Query { Expression = "fresh", Range = new(now.AddSeconds(-58), now, TimeSpan.FromSeconds(1)) }, cancellationToken: Stop);
        // VictoriaMetrics before 1.84 knows no parameter for it, and repeats in the last half minute of a range with a short step what was there before.
        int newest = engine == "prometheus" ? 59 : 20;
        Assert.StartsWith($"{{__name__=\"fresh\"}}{string.Concat(Enumerable.Range(1, newest).Select(i => $" {i}@{now.ToUnixTimeSeconds() - 59 + i}"))}", Assert.Single(range.Series), StringComparison.Ordinal);
        Assert.Equal(59, range.Outcome!.Points);
    }

    [Theory]
    [InlineData("prometheus", "sum(", ScrapeError.QueryRefused, "the server does not accept the query (400 bad_data): invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis")]
    [InlineData("victoria-metrics", "sum(", ScrapeError.QueryRefused, "the server does not accept the query (422): ")]
    [InlineData("prometheus", "odd + on() odd", ScrapeError.QueryRefused, "the server does not accept the query (422 execution): found duplicate series for the match group {}")]
    public async Task A_real_refusal_is_quoted(string engine, string expression, ScrapeError cause, string begins)
    {
        await using QueryEngine server = await OpenAsync(engine, Samples);
        Asked asked = await AskAsync(server, expression, 0);
        Assert.Equal(cause, asked.Error!.Cause);
        Assert.StartsWith(begins, asked.Error.What, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task A_wrong_path_is_known_as_one(string engine)
    {
        await using QueryEngine server = await OpenAsync(engine, Samples);
        Asked asked = await Asked.FromAsync(new Uri(server.Address, "wrong"), new Query { Expression = "1" }, cancellationToken: Stop);
        Assert.Equal(ScrapeError.NotQueryAnswer, asked.Error!.Cause);
        Assert.StartsWith("there is no API of Prometheus at this address: the server answered 4", asked.Error.What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_API_knows_of_itself_is_read()
    {
        await using QueryEngine server = await TestKit.PrometheusServer.OverAsync(Samples);
        System.Text.Json.Nodes.JsonNode? data = await new KubeVirtMonitor.Prometheus.PrometheusServer(server.Address, new ScrapeOptions()).ReadAsync("status/buildinfo", [], Stop);
        Assert.Matches("^[0-9]+[.][0-9]+", (string?)data!["version"]);
    }
}
