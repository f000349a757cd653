using System.Globalization;
using System.Text;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Series;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Tests.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Series;

/// <summary>The Prometheus of this machine, asked for rates and quantiles of the same samples. It may be an older one, which asks in another order where a window's series begins; see <see cref="Restated"/>.</summary>
public sealed class PrometheusAgreementTests
{
    // In the past, within one block of two hours.
    private static readonly long Epoch = DateTimeOffset.Parse("2026-11-20T12:00:00Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();
    private static readonly long[] Ranges = [30_000, 60_000, 300_000, 1_200_000];
    private static readonly double[] Qs = [-1, 0, 0.1, 0.5, 0.9, 0.99, 1, 2, double.NaN];
    private static readonly string[] Bounds = ["-0.5", "0", "0.1", "0.25", "1", "2.5", "+Inf"];

    [Fact]
    public async Task RateIncreaseAndQuantilesAreThose()
    {
        Data data = Data.Make(new Random(20261128));
        await using PrometheusServer server = await PrometheusServer.OverAsync(data.OpenMetrics);
        // Between the points of all series, which are at even milliseconds, so that nothing is at an edge of a window: the two versions differ there.
        long[] times = [.. Enumerable.Range(1, 25).Select(at => Epoch + (at * 69_146L) + 1)];
        int same = 0;
        int older = 0;
        foreach (long time in times)
        {
            foreach (long range in Ranges)
            {
                var increases = await server.QueryAsync($"increase(c_total[{range}ms])", time);
                var rates = await server.QueryAsync($"rate(c_total[{range}ms])", time);
                foreach (var (labels, all) in data.Counters)
                {
                    var points = Counters.Within(ToPoints(all), Ticks(time - range), Ticks(time));
                    Assert.Equal(increases.ContainsKey(labels), points.Length >= 2);
                    if (points.Length < 2) continue;
                    double theirs = increases[labels];
                    double old = Restated.Increase(all, time, range, older: true)!.Value;
                    double current = Restated.Increase(all, time, range)!.Value;
                    Assert.True(IsClose(theirs, old) || IsClose(theirs, current), $"{labels} at {time} over {range}: {theirs}, and not {old} or {current}");
                    if (!IsClose(old, current))
                    {
                        older++;
                        continue;
                    }
                    same++;
                    CountersTests.Close(theirs, Counters.Increase(points, Ticks(time - range), Ticks(time))!.Value);
                    CountersTests.Close(rates[labels], Counters.Rate(points, Ticks(time - range), Ticks(time))!.Value);
                }
            }
        }
        // Where the two differ is the exception.
        Assert.InRange(same, 1000, int.MaxValue);
        Assert.InRange(older, 1, same / 10);

        foreach (double q in Qs)
        {
            string text = q.ToString(CultureInfo.InvariantCulture);
            foreach (long time in times.Where((_, at) => at % 5 == 4))
            {
                var quantiles = await server.QueryAsync($"histogram_quantile({text}, h_bucket)", time);
                var recent = await server.QueryAsync($"histogram_quantile({text}, sum by (le) (increase(h_bucket[5m])))", time);
                Assert.Equal(data.Histograms.Count, quantiles.Count);
                foreach (var (labels, buckets) in data.Histograms)
                    CountersTests.Close(quantiles[labels], Quantiles.OfBuckets(q, [.. buckets.Select(bucket => new Bucket(Number(bucket.Bound), bucket.Points.Last(point => point.Ms <= time).Value))], out _));
                Bucket[] growth = [.. data.Histograms.Values.SelectMany(buckets => buckets).Select(bucket => new Bucket(
                    Number(bucket.Bound), Counters.Increase(Counters.Within(ToPoints(bucket.Points), Ticks(time - 300_000), Ticks(time)), Ticks(time - 300_000), Ticks(time)) ?? 0))];
                // The same number of the same points of each series, so that the older order has no say.
                CountersTests.Close(recent[""], Quantiles.OfBuckets(q, growth, out _));
                var values = await server.QueryAsync($"quantile({text}, g)", time);
                CountersTests.Close(values[""], Quantiles.OfValues(q, [.. data.Gauges.Values.Select(points => points.Last(point => point.Ms <= time).Value)]));
            }
        }
    }

    [Fact]
    public async Task GroupsOfSamplesAreThose()
    {
        Data data = Data.Make(new Random(7));
        await using PrometheusServer server = await PrometheusServer.OverAsync(data.OpenMetrics);
        foreach (long time in new[] { Epoch + 700_001, Epoch + 1_500_001 })
        {
            // The older order has no say in what is added up here, which is seen below.
            const long range = 300_000;
            var end = DateTimeOffset.FromUnixTimeMilliseconds(time);
            MetricMeasurer measurer = new(new MeasureOptions
            {
                Statistics = [MetricStatistic.Rate, MetricStatistic.Increase, MetricStatistic.Quantile, MetricStatistic.Average, MetricStatistic.Maximum, MetricStatistic.Last],
                Quantiles = [0.5, 0.95],
                By = ["group"],
                Window = TimeSpan.FromMilliseconds(range),
                End = end,
            });
            foreach (MetricSample sample in Mapped.Read(data.Text, options: new MappingOptions { IncludeUnmapped = true }).Samples) measurer.Add(sample);
            MetricMeasure[] measures = [.. measurer.Measure()];
            await Same("sum by (group) (rate(c_total[5m]))", "c_total", MetricStatistic.Rate);
            await Same("sum by (group) (increase(c_total[5m]))", "c_total", MetricStatistic.Increase);
            await Same("histogram_quantile(0.5, sum by (group, le) (rate(h_bucket[5m])))", "h_bucket", MetricStatistic.Quantile, 0.5);
            await Same("histogram_quantile(0.95, sum by (group, le) (increase(h_bucket[5m])))", "h_bucket", MetricStatistic.Quantile, 0.95);
            await Same("sum by (group) (sum_over_time(g[5m])) / sum by (group) (count_over_time(g[5m]))", "g", MetricStatistic.Average);
            await Same("max by (group) (max_over_time(g[5m]))", "g", MetricStatistic.Maximum);
            await Same("sum by (group) (last_over_time(g[5m]))", "g", MetricStatistic.Last);

            async Task Same(string query, string name, MetricStatistic statistic, double? q = null)
            {
                var theirs = await server.QueryAsync(query, time);
                var ours = measures.Where(one => one.Name == name && one.Statistic == statistic && one.Quantile == q).ToDictionary(one => $"group={one.Tags["group"]}", one => one.Value!.Value);
                Assert.Equal(theirs.Keys.Order(), ours.Keys.Order());
                Assert.Equal(2, ours.Count);
                bool isOlder = name == "c_total" && data.Counters.Values.Any(all => Restated.Increase(all, time, range) is { } current && !IsClose(current, Restated.Increase(all, time, range, older: true)!.Value));
                Assert.False(isOlder, "the data must not depend on the version of Prometheus here");
                foreach (var (group, value) in theirs) CountersTests.Close(value, ours[group]);
            }
        }
    }

    [Fact]
    public async Task WhatItScrapedOfTheSimulatorItselfHasThatRate()
    {
        Tool.Require("prometheus");
        await using ApiCluster cluster = await ApiCluster.StartAsync(handlers: 2, vmis: 3);
        await using PrometheusServer server = await PrometheusServer.ScrapingAsync(PrometheusConfiguration.For(cluster.Host, "1s"));
        long time = 0;
        for (int waited = 0; waited < 60; waited++)
        {
            await Task.Delay(1000, TestContext.Current.CancellationToken);
            // A scrape is stored under the time at which it began, and may last a second: what is older does not change between two queries.
            time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 3000;
            if ((await server.QueryAsync("min(count_over_time(kubevirt_vmi_cpu_usage_seconds_total[1m])) >= 6", time)).Count > 0) break;
        }
        int held = 0;
        foreach (string name in new[] { "kubevirt_vmi_cpu_usage_seconds_total", "kubevirt_vmi_storage_iops_read_total", "kubevirt_vmi_network_receive_bytes_total", "process_cpu_seconds_total" })
        {
            var stored = await server.PointsAsync($"{name}[1m]", time);
            var rates = await server.QueryAsync($"rate({name}[1m])", time);
            Assert.True(stored.Count >= 4, $"{stored.Count} series of {name}");
            Assert.Equal(stored.Where(series => series.Value.Length > 1).Select(series => series.Key).Order(), rates.Keys.Order());
            foreach (var (labels, all) in stored.Where(series => series.Value.Length > 1))
            {
                double old = Restated.Increase(all, time, 60_000, older: true)!.Value;
                double current = Restated.Increase(all, time, 60_000)!.Value;
                if (!IsClose(old, current)) CountersTests.Close(old / 60, rates[labels]);
                else
                {
                    CountersTests.Close(rates[labels], Counters.Rate(ToPoints(all), Ticks(time - 60_000), Ticks(time))!.Value);
                    held++;
                }
            }

            Assert.Contains(rates, rate => rate.Value > 0);
        }

        Assert.True(held > 0, "In no series do both orders of the rules agree, so nothing of ours was compared.");
    }

    // The same cases as promtool's users write them, with values worked out by hand. Points are a minute apart, and windows begin between them.
    public static TheoryData<string, string, string, int, double> Cases { get; } = new()
    {
        { "0+60x5", "increase", "4m30s", 300, 270 },
        { "0+60x5", "rate", "4m30s", 300, 1 },
        { "0 10 20 5 10", "increase", "3m30s", 240, 20 * 210.0 / 180 },
        { "0 1 61 121 181", "increase", "3m30s", 240, 181 },
        { "_ _ _ 1 1 1", "increase", "4m30s", 300, 0 },
        { "_ _ _ _ 100 110 120", "increase", "5m30s", 360, 25 },
        { "_ 100 110 120", "increase", "4m30s", 300, 20 * (120 + 30 + 30) / 120.0 },
        { "0+10x3 0+10x3", "increase", "6m30s", 420, (20 + 30 + 30 - 30) * 390.0 / 360 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task CasesOfPromtoolHaveTheValueThatWasWorkedOut(string notation, string function, string window, int at, double expected)
    {
        using TempFolder folder = new();
        string rules = folder.Write("rules.yml", $$"""
            rule_files: []
            evaluation_interval: 1m
            tests:
              - interval: 1m
                input_series:
                  - series: 'c_total'
                    values: '{{notation}}'
                promql_expr_test:
                  - expr: 'round({{function}}(c_total[{{window}}]), 0.000001)'
                    eval_time: {{at}}s
                    exp_samples:
                      - labels: '{}'
                        value: {{Math.Round(expected, 6).ToString(CultureInfo.InvariantCulture)}}
            """);
        string[] parts = window.Split('m', 's');
        long range = ((int.Parse(parts[0], CultureInfo.InvariantCulture) * 60) + int.Parse(parts[1], CultureInfo.InvariantCulture)) * 1000L;
        var points = Counters.Within(ToPoints(Expand(notation)), Ticks((at * 1000L) - range), Ticks(at * 1000L));
        double? actual = function == "rate" ? Counters.Rate(points, Ticks((at * 1000L) - range), Ticks(at * 1000L)) : Counters.Increase(points, Ticks((at * 1000L) - range), Ticks(at * 1000L));
        CountersTests.Close(expected, actual!.Value);
        ToolResult result = await Tool.RunAsync("promtool", ["test", "rules", rules]);
        Assert.True(result.Code == 0, result.Output + result.Errors);
    }

    private static List<(long Ms, double Value)> Expand(string notation)
    {
        List<(long, double)> points = [];
        long at = 0;
        foreach (string part in notation.Split(' '))
        {
            if (part == "_") at += 60_000;
            else if (part.Contains('x', StringComparison.Ordinal))
            {
                string[] numbers = part.Split('+', 'x');
                for (int i = 0; i <= int.Parse(numbers[2], CultureInfo.InvariantCulture); i++, at += 60_000) points.Add((at, Number(numbers[0]) + (i * Number(numbers[1]))));
            }
            else
            {
                points.Add((at, Number(part)));
                at += 60_000;
            }
        }
        return points;
    }

    private static bool IsClose(double left, double right) => left.Equals(right) || Math.Abs(left - right) <= 1e-9 * Math.Max(Math.Abs(left), Math.Abs(right));

    private static long Ticks(long milliseconds) => milliseconds * TimeSpan.TicksPerMillisecond;

    private static double Number(string text) => text == "+Inf" ? double.PositiveInfinity : double.Parse(text, CultureInfo.InvariantCulture);

    private static SeriesPoint[] ToPoints(IEnumerable<(long Ms, double Value)> all) => [.. all.Select(point => new SeriesPoint(Ticks(point.Ms), point.Value))];

    /// <summary>Half an hour of counters, histograms and gauges in two groups.</summary>
    private sealed record Data(
        Dictionary<string, (long Ms, double Value)[]> Counters, Dictionary<string, List<(string Bound, (long Ms, double Value)[] Points)>> Histograms, Dictionary<string, (long Ms, double Value)[]> Gauges)
    {
        /// <summary>As OpenMetrics, with its times in seconds.</summary>
        public string OpenMetrics => Write(static ms => (ms / 1000m).ToString(CultureInfo.InvariantCulture)) + "# EOF\n";

        /// <summary>As the text format has it, in milliseconds.</summary>
        public string Text => Write(static ms => ms.ToString(CultureInfo.InvariantCulture));

        public static Data Make(Random random)
        {
            Data data = new([], [], []);
            for (int i = 0; i < 24; i++)
            {
                // Scrapes every 5 to 60 seconds, some with jitter, some with gaps of minutes, some late, some that end early.
                int step = new[] { 5_000, 15_000, 30_000, 60_000 }[i % 4];
                long start = Epoch + (2 * random.Next(0, step / 2)) + (i % 6 == 5 ? 600_000 : 0);
                long end = Epoch + (i % 8 == 7 ? 1_200_000 : 1_800_000);
                double value = i % 3 == 0 ? random.Next(0, 3) : random.NextDouble() * 1e6;
                List<(long, double)> points = [];
                for (long at = start; at < end; at += step + (i % 3 == 1 ? 2 * random.Next(0, 500) : 0))
                {
                    bool isGap = i % 5 == 4 && (at - Epoch) / 180_000 % 2 == 1;
                    if (!isGap) points.Add((at, value));
                    value = random.Next(0, 12) == 0 && i % 2 == 0 ? random.Next(0, 5) : i % 3 == 0 ? value + random.Next(0, 4) : value + (random.NextDouble() * 100);
                }
                data.Counters.Add($"group={(char)('a' + (i % 2))},id={i}", [.. points]);
            }
            for (int i = 0; i < 6; i++)
            {
                double[] counts = new double[Bounds.Length];
                List<(long, double)>[] series = [.. Bounds.Select(_ => new List<(long, double)>())];
                for (long at = Epoch + (2 * random.Next(0, 7_000)); at < Epoch + 1_800_000; at += 15_000)
                {
                    if (i == 3 && at - Epoch is > 700_000 and < 715_000) counts = new double[Bounds.Length];
                    for (int b = 0; b < Bounds.Length; b++)
                    {
                        counts[b] += i == 0 ? 0 : random.Next(0, 30);
                        // The fifth has buckets that fall behind smaller ones, which a real one cannot have.
                        series[b].Add((at, i == 4 ? counts[b] : counts.Take(b + 1).Sum()));
                    }
                }
                data.Histograms.Add($"group={(char)('a' + (i % 2))},id={i}", [.. Bounds.Select((bound, b) => (bound, series[b].ToArray()))]);
                data.Gauges.Add($"group={(char)('a' + (i % 2))},id={i}", [.. Enumerable.Range(0, 120).Select(at => (Epoch + (at * 15_000L) + 2, (random.NextDouble() - 0.5) * 1000))]);
            }
            return data;
        }

        private string Write(Func<long, string> time)
        {
            StringBuilder text = new();
            text.Append("# TYPE c counter\n");
            foreach (var (labels, points) in Counters) Append("c_total", labels, "", points);
            text.Append("# TYPE h histogram\n");
            foreach (var (labels, buckets) in Histograms)
                foreach (var (bound, points) in buckets) Append("h_bucket", labels, $",le=\"{bound}\"", points);
            text.Append("# TYPE g gauge\n");
            foreach (var (labels, points) in Gauges) Append("g", labels, "", points);
            return text.ToString();

            void Append(string name, string labels, string more, (long Ms, double Value)[] points)
            {
                string block = string.Join(",", labels.Split(',').Select(label => label.Split('=')).Select(pair => $"{pair[0]}=\"{pair[1]}\"")) + more;
                foreach (var (ms, value) in points)
                    text.Append(name).Append('{').Append(block).Append("} ").Append(value.ToString("R", CultureInfo.InvariantCulture)).Append(' ').Append(time(ms)).Append('\n');
            }
        }
    }
}
