using System.Globalization;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.History;

/// <summary>Samples of real servers that scrape simulated clusters, held against direct scrapes of the same pods.</summary>
public sealed class ServerMetricsTests(ScrapedClusters clusters) : IClassFixture<ScrapedClusters>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public async Task AServerOfThreeVersionsGivesWhatScrapesGive(string engine)
    {
        Uri server = (await clusters.EngineAsync(engine, honorLabels: true, ScrapedClusters.Versions)).Address;
        HashSet<string> names = [];
        foreach (string version in ScrapedClusters.Versions)
        {
            Dictionary<string, string> direct = await clusters.ScrapeAsync(version);
            List<MetricSample> samples = await SamplesAsync(server, new SampleQuest { Matchers = $"cluster=\"k{version}\"", Mapping = new MappingOptions() });
            Assert.All(samples, sample => Assert.Equal($"k{version}", sample.Cluster));
            SameAs(direct, samples);
            names.UnionWith(samples.Select(static sample => sample.Name));
        }

        // What is no value of an endpoint is no value of a server: the health check, and the counts of objects.
        Assert.Equal(
            MetricCatalog.Default.Definitions.Where(static definition => definition.Documented && (definition.RawNames.Count > 0 || definition.DerivedFrom is not null)).Select(static definition => definition.Name).Order(StringComparer.Ordinal),
            names.Where(static name => MetricCatalog.Default.Find(name)!.Documented).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("prometheus", "1.9")]
    [InlineData("prometheus", "1.0")]
    [InlineData("victoria-metrics", "1.2")]
    public async Task WithoutHonorLabelsItGivesTheSame(string engine, string version)
    {
        Uri server = (await clusters.EngineAsync(engine, honorLabels: false, [version])).Address;
        SameAs(await clusters.ScrapeAsync(version), await SamplesAsync(server, new SampleQuest { Mapping = new MappingOptions() }));
    }

    [Theory]
    [InlineData("prometheus", true)]
    [InlineData("prometheus", false)]
    [InlineData("victoria-metrics", true)]
    public async Task MachinesNamespacesAndNodesAreChosenByTheServer(string engine, bool honorLabels)
    {
        Uri server = (await clusters.EngineAsync(engine, honorLabels, ["1.9"])).Address;
        Dictionary<string, string> direct = await clusters.ScrapeAsync("1.9", new MappingOptions { MachineFilter = static machine => machine.Vmi == "vm-00001" });
        List<MetricSample> samples = await SamplesAsync(server, new SampleQuest
        {
            Mapping = new MappingOptions { MachineFilter = static machine => machine.Vmi == "vm-00001" },
            Machines = ["VM-00001"],
            Namespaces = ["ns*"],
            MayHave = static (_, name) => MachineFacts.Of(name) == MachineLabels.Machine,
        });
        SameAs(direct, samples);
        Assert.All(samples, static sample => Assert.Equal("vm-00001", sample.Vmi));
    }

    [Theory]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public async Task EveryStoredValueOfARangeHasItsOwnTime(string engine)
    {
        QueryEngine started = await clusters.EngineAsync(engine, honorLabels: true, ScrapedClusters.Versions);
        DateTimeOffset end = DateTimeOffset.UtcNow;
        DateTimeOffset start = end - TimeSpan.FromSeconds(30);
        SampleQuest quest = new()
        {
            Matchers = "cluster=\"k1.9\"",
            Start = start,
            End = end,
            Mapping = new MappingOptions { NameFilter = static (name, _) => name == "kubevirt_handler.vmi.memory_resident_bytes" },
        };
        List<MetricSample> samples = await SamplesAsync(started.Address, quest);
        var stored = await started.PointsAsync("kubevirt_vmi_memory_resident_bytes{cluster=\"k1.9\"}[30s]", end.ToUnixTimeMilliseconds());
        Assert.Equal(10, stored.Count);
        Assert.Equal(
            stored.SelectMany(static series => series.Value.Select(point => $"{series.Key.Split(',').First(static label => label.StartsWith("name=", StringComparison.Ordinal))[5..]} {point.Milliseconds} {point.Value}")).Order(StringComparer.Ordinal),
            samples.Select(static sample => $"{sample.Vmi} {sample.Timestamp.ToUnixTimeMilliseconds()} {sample.Value}").Order(StringComparer.Ordinal));
        Assert.All(samples, static sample => Assert.IsType<StoredSample>(sample));
    }

    [Theory]
    [InlineData("prometheus")]
    [InlineData("victoria-metrics")]
    public async Task AStepGivesValuesAtItsMoments(string engine)
    {
        QueryEngine started = await clusters.EngineAsync(engine, honorLabels: true, ScrapedClusters.Versions);
        // VictoriaMetrics before 1.93 has no values of the last 30 seconds in the answer to a query of a range.
        int late = engine == "prometheus" ? 1 : 32;
        DateTimeOffset end = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        await Task.Delay(TimeSpan.FromSeconds(late), Stop);
        Dictionary<string, string> direct = await clusters.ScrapeAsync("1.9");
        List<MetricSample> samples = await SamplesAsync(started.Address, new SampleQuest
        {
            Matchers = "cluster=\"k1.9\"",
            Start = end - TimeSpan.FromMilliseconds(1500),
            End = end,
            Step = TimeSpan.FromMilliseconds(500),
            Mapping = new MappingOptions { NameFilter = static (name, _) => name is "kubevirt_controller.vmi.phase_count" or "kubevirt_handler.vmi.cpu_usage_seconds.count" },
        });
        foreach (string name in new[] { "kubevirt_controller.vmi.phase_count", "kubevirt_handler.vmi.cpu_usage_seconds.count" })
        {
            ILookup<string, MetricSample> series = samples.Where(sample => sample.Name == name).ToLookup(ScrapedClusters.KeyOf);
            Assert.Equal(direct.Keys.Where(key => key.StartsWith($"{name} ", StringComparison.Ordinal)).Order(StringComparer.Ordinal), series.Select(static one => one.Key).Order(StringComparer.Ordinal));
            Assert.All(series, one =>
            {
                Assert.Equal([end.AddMilliseconds(-1500), end.AddMilliseconds(-1000), end.AddMilliseconds(-500), end], one.Select(static sample => sample.Timestamp));
                Assert.All(one, sample => Assert.StartsWith($"{direct[one.Key].Split(' ')[0]} ", ScrapedClusters.TextOf(sample), StringComparison.Ordinal));
            });
        }
    }

    [Fact]
    public async Task WhatIsScrapedUnderTwoJobsIsGivenOnce()
    {
        Uri address = (await clusters.EngineAsync("prometheus", honorLabels: true, ["1.9", "1.9"])).Address;
        KubeVirtMonitor.Prometheus.PrometheusServer server = new(address, new ScrapeOptions());
        ServerMetrics metrics = new(server, await ServerFacts.ProbeAsync(server, "", null, Stop), new SampleQuest { Mapping = new MappingOptions() });
        List<MetricSample> samples = [];
        await metrics.RunAsync(Take(samples), Stop);
        Dictionary<string, string> direct = await clusters.ScrapeAsync("1.9");
        SameAs(direct, samples);
        // Of each series that is scraped, one too many; what is counted of several comes from none.
        Assert.InRange(metrics.Repeated, direct.Count - 100, direct.Count + 100);
    }

    [Fact]
    public async Task RawIsWhatTheServerHas()
    {
        QueryEngine started = await clusters.EngineAsync("prometheus", honorLabels: false, ["1.9"]);
        List<MetricSample> samples = await SamplesAsync(started.Address, new SampleQuest
        {
            Names = ["kubevirt_vmi_memory_res*"],
            Mapping = new MappingOptions { Raw = true, NameFilter = static (name, _) => name.StartsWith("kubevirt_vmi_memory_res", StringComparison.Ordinal) },
        });
        MetricSample sample = Assert.Single(samples, static sample => sample.Tags["name"] == "vm-00001");
        Assert.Equal("kubevirt_vmi_memory_resident_bytes", sample.Name);
        Assert.Equal("ns1", sample.Tags["exported_namespace"]);
        Assert.Equal("kubevirt", sample.Tags["namespace"]);
        Assert.Equal("kubevirt-prometheus-metrics", sample.Tags["job"]);
    }

    [Fact]
    public async Task MoreSeriesThanAllowedEndTheQuery()
    {
        Uri server = (await clusters.EngineAsync("prometheus", honorLabels: true, ScrapedClusters.Versions)).Address;
        ScrapeException error = await Assert.ThrowsAsync<ScrapeException>(() => SamplesAsync(server, new SampleQuest { Mapping = new MappingOptions { MaxSeries = 100 } }));
        Assert.Equal((ScrapeError.TooManySeries, "it has more than the 100 series allowed; the samples before that are complete"), (error.Cause, error.What));
    }

    private static Func<IReadOnlyList<MetricSample>, ValueTask> Take(List<MetricSample> into) => samples =>
    {
        into.AddRange(samples);
        return ValueTask.CompletedTask;
    };

    private static async Task<List<MetricSample>> SamplesAsync(Uri address, SampleQuest quest)
    {
        KubeVirtMonitor.Prometheus.PrometheusServer server = new(address, new ScrapeOptions());
        ServerFacts facts = await ServerFacts.ProbeAsync(server, quest.Matchers, null, Stop);
        ServerMetrics metrics = new(server, facts, quest);
        List<MetricSample> samples = [];
        await metrics.RunAsync(Take(samples), Stop);
        return samples;
    }

    private static bool IsSame(string[] left, string[] right)
    {
        double a = double.Parse(left[0], CultureInfo.InvariantCulture);
        double b = double.Parse(right[0], CultureInfo.InvariantCulture);
        return left[1] == right[1] && (a.Equals(b) || Math.Abs(a - b) <= Math.Abs(a) * 1e-15);
    }

    private static void SameAs(Dictionary<string, string> direct, List<MetricSample> samples)
    {
        Dictionary<string, string> served = samples.ToDictionary(ScrapedClusters.KeyOf, ScrapedClusters.TextOf);
        Assert.Equal(direct.Keys.Order(StringComparer.Ordinal), served.Keys.Order(StringComparer.Ordinal));
        // VictoriaMetrics keeps 17 digits of a number, and then divides by a power of ten.
        Assert.Equal([], direct.Where(pair => !IsSame(pair.Value.Split(' ', 2), served[pair.Key].Split(' ', 2))).Select(pair => $"{pair.Key}: {pair.Value} / {served[pair.Key]}").Take(5));
    }
}
