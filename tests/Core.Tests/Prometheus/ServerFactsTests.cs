using System.Globalization;
using System.Text;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Prometheus;

/// <summary>What is found out about real servers.</summary>
public sealed class ServerFactsTests
{
    private const long Start = 1_700_000_000;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string> Engines => ["prometheus", "victoria-metrics"];

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AServerThatHonoursLabels(string engine)
    {
        await using QueryEngine server = await OverAsync(
            engine,
            Every(
                30,
                10,
                // The second virt-handler still tells of a machine that has moved away.
                "kubevirt_vmi_memory_resident_bytes{namespace=\"vms\",name=\"a\",node=\"n1\",pod=\"virt-handler-1\"}",
                "kubevirt_vmi_memory_resident_bytes{namespace=\"vms\",name=\"a\",node=\"n2\",pod=\"virt-handler-2\"}",
                "kubevirt_vmi_memory_resident_bytes{namespace=\"vms\",name=\"b\",node=\"n1\",pod=\"virt-handler-1\"}",
                "kubevirt_vmi_info{namespace=\"other\",name=\"a\",phase=\"running\",pod=\"virt-controller-1\"}",
                "kubevirt_vmi_info{namespace=\"other\",name=\"z\",phase=\"pending\",pod=\"virt-controller-1\"}",
                "kubevirt_info{kubeversion=\"v1.10.0\",namespace=\"kubevirt\",pod=\"virt-handler-2\"}",
                "kubevirt_info{kubeversion=\"v1.9.0\",namespace=\"kubevirt\",pod=\"virt-handler-1\"}",
                "kube_node_info{node=\"n1\"}"));
        ServerFacts facts = await ProbeAsync(server, "", 300);
        Assert.Equal(("namespace", false, true, 3, TimeSpan.FromSeconds(30), true), (facts.NamespaceLabel, facts.IsMixed, facts.HasKubeVirt, facts.Machines, facts.ScrapeInterval, facts.HasKubeState));
        Assert.Equal(["v1.9.0", "v1.10.0"], facts.Versions);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AServerThatDoesNotHonourLabels(string engine)
    {
        await using QueryEngine server = await OverAsync(
            engine,
            Every(
                15,
                10,
                "kubevirt_vmi_memory_resident_bytes{namespace=\"kubevirt\",exported_namespace=\"vms\",name=\"a\",node=\"n1\"}",
                "kubevirt_vmi_memory_resident_bytes{namespace=\"kubevirt\",exported_namespace=\"vms\",name=\"b\",node=\"n1\"}"));
        ServerFacts facts = await ProbeAsync(server, "", 150);
        // Without kubevirt_info, the interval is that of any other series.
        Assert.Equal(("exported_namespace", false, true, 2, TimeSpan.FromSeconds(15), false), (facts.NamespaceLabel, facts.IsMixed, facts.HasKubeVirt, facts.Machines, facts.ScrapeInterval, facts.HasKubeState));
        Assert.Empty(facts.Versions);
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task OnlyTheClusterThatMatchesCounts(string engine)
    {
        await using QueryEngine server = await OverAsync(
            engine,
            Every(
                60,
                5,
                "kubevirt_vmi_memory_resident_bytes{cluster=\"north\",namespace=\"vms\",name=\"a\"}",
                "kubevirt_vmi_memory_resident_bytes{cluster=\"south\",namespace=\"vms\",name=\"a\"}",
                "kubevirt_vmi_memory_resident_bytes{cluster=\"south\",namespace=\"kubevirt\",exported_namespace=\"vms\",name=\"b\"}",
                "kubevirt_info{cluster=\"north\",kubeversion=\"v1.2.0\"}",
                "kubevirt_info{cluster=\"south\",kubeversion=\"v1.9.0\"}"));
        ServerFacts north = await ProbeAsync(server, SeriesMatch.Of(["cluster=nor*"]), 300);
        Assert.Equal((1, false, "v1.2.0"), (north.Machines, north.IsMixed, Assert.Single(north.Versions)));
        ServerFacts all = await ProbeAsync(server, "", 300);
        Assert.Equal((3, true, "namespace"), (all.Machines, all.IsMixed, all.NamespaceLabel));
        ServerFacts none = await ProbeAsync(server, SeriesMatch.Of(["cluster=west"]), 300);
        Assert.Equal((0, false, null), (none.Machines, none.HasKubeVirt, none.ScrapeInterval));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AServerWithoutKubeVirtHasNothingOfIt(string engine)
    {
        await using QueryEngine server = await OverAsync(engine, Every(30, 3, "up{job=\"node\"}", "kube_node_info{node=\"n1\"}"));
        ServerFacts facts = await ProbeAsync(server, "", 60);
        Assert.Equal((false, 0, null, true), (facts.HasKubeVirt, facts.Machines, facts.ScrapeInterval, facts.HasKubeState));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public async Task OfAnyVersionOneComponentIsEnoughToKnowKubeVirt(string engine)
    {
        await using QueryEngine server = await OverAsync(engine, Every(30, 3, "kubevirt_virt_controller_leading{namespace=\"kubevirt\",pod=\"virt-controller-1\"}"));
        ServerFacts facts = await ProbeAsync(server, "", 60);
        Assert.Equal((true, 0, TimeSpan.FromSeconds(30)), (facts.HasKubeVirt, facts.Machines, facts.ScrapeInterval));
    }

    // The end of a range may be long after the last scrape, or in the future, and clusters are switched off within it.
    [Theory]
    [MemberData(nameof(Engines))]
    public async Task ARangeHasTheFactsOfAllOfItsMoments(string engine)
    {
        await using QueryEngine server = await OverAsync(
            engine,
            Every(
                30,
                10,
                "kubevirt_vmi_memory_resident_bytes{cluster=\"north\",namespace=\"kubevirt\",exported_namespace=\"vms\",name=\"a\"}",
                "kubevirt_info{cluster=\"north\",kubeversion=\"v1.2.0\"}"),
            Every(
                30,
                40,
                "kubevirt_vmi_memory_resident_bytes{cluster=\"south\",namespace=\"vms\",name=\"a\"}",
                "kubevirt_info{cluster=\"south\",kubeversion=\"v1.9.0\"}"));
        // North ends after 300 s and south after 1,200.
        ServerFacts all = await ProbeAsync(server, "", 0, 3600);
        Assert.Equal((true, true, TimeSpan.FromSeconds(30)), (all.HasKubeVirt, all.IsMixed, all.ScrapeInterval));
        Assert.Equal(["v1.2.0", "v1.9.0"], all.Versions);
        ServerFacts north = await ProbeAsync(server, "cluster=\"north\"", 0, 3600);
        Assert.Equal((true, "exported_namespace", false, 1, TimeSpan.FromSeconds(30)), (north.HasKubeVirt, north.NamespaceLabel, north.IsMixed, north.Machines, north.ScrapeInterval));
        // Of thirty days, it is five minutes, which lie between the moments that are looked at; or begin with one of them.
        foreach (int shift in new[] { 7200, 0 })
        {
            ServerFacts month = await ProbeAsync(server, "cluster=\"north\"", shift - (10 * 86_400), shift + (20 * 86_400));
            Assert.Equal((true, "exported_namespace", TimeSpan.FromSeconds(30)), (month.HasKubeVirt, month.NamespaceLabel, month.ScrapeInterval));
            Assert.InRange(month.SeenAt!.Value.ToUnixTimeSeconds() - Start, 0, 600);
        }

        ServerFacts before = await ProbeAsync(server, "", -7200, -3600);
        Assert.Equal((false, null), (before.HasKubeVirt, before.SeenAt));
    }

    // Whatever a value is, its matcher fits it and no other.
    [Theory]
    [MemberData(nameof(Engines))]
    public async Task AnyValueIsFoundByItself(string engine)
    {
        Random random = new(7);
        string[] letters = [.. "ab.*+?()[]{}|^$\\\"'`-~&#%=,:; \té/".Select(static c => $"{c}"), "🚀"];
        string[] values = [.. Enumerable.Range(0, 60).Select(_ => string.Concat(random.GetItems(letters, random.Next(1, 9)))).Distinct(StringComparer.Ordinal)];
        await using QueryEngine server = await OverAsync(engine, Every(60, 1, [.. values.Select(static value => $"value{{l={Exposed(value)}}}")]));
        DateTimeOffset at = DateTimeOffset.FromUnixTimeSeconds(Start);
        foreach (string value in values)
        {
            string literal = string.Concat(value.Select(static c => c is '*' or '?' or '[' or ']' or '`' ? $"`{c}" : $"{c}"));
            foreach (string matcher in new[] { Selector.Equal("l", value), Selector.Wild("l", [literal]), Selector.Wild("l", [literal, literal + "nothing"]), $"l=~{Selector.Quote(Selector.Literal(value))}" })
            {
                Asked asked = await Asked.FromAsync(server.Address, new Query { Expression = $"label_replace({Selector.Of("value", matcher)}, \"l\", \"found\", \"l\", \".*\")", Time = at }, cancellationToken: Stop);
                Assert.True(asked.Error is null && asked.Series is ["{__name__=\"value\",l=\"found\"} 1@1700000000"] or ["{l=\"found\"} 1@1700000000"], $"{matcher}: {asked.Error?.Message} {string.Join(' ', asked.Series)}");
            }
        }
    }

    [Theory]
    [InlineData("web*", "web web-1 web.2")]
    [InlineData("*", "web web-1 web.2 db")]
    [InlineData("web?1", "web-1")]
    [InlineData("web.?", "web.2")]
    [InlineData("[a-d]b", "db")]
    public async Task WildcardsFitWhatTheyFitInPowerShell(string pattern, string names)
    {
        await using QueryEngine server = await OverAsync("prometheus", Every(60, 1, "value{name=\"web\"}", "value{name=\"web-1\"}", "value{name=\"web.2\"}", "value{name=\"db\"}", "value{other=\"x\"}"));
        Asked asked = await Asked.FromAsync(server.Address, new Query { Expression = Selector.Of("value", Selector.Wild("name", [pattern])), Time = DateTimeOffset.FromUnixTimeSeconds(Start) }, cancellationToken: Stop);
        Assert.Equal(names.Split(' ').Order(StringComparer.Ordinal), asked.Series.Select(static series => series.Split("name=\"")[1].Split('"')[0]).Order(StringComparer.Ordinal));
    }

    private static string Exposed(string value) => $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}\"";

    private static Task<ServerFacts> ProbeAsync(QueryEngine server, string matchers, int seconds) =>
        ServerFacts.ProbeAsync(new KubeVirtMonitor.Prometheus.PrometheusServer(server.Address, new ScrapeOptions()), matchers, DateTimeOffset.FromUnixTimeSeconds(Start + seconds), Stop);

    private static Task<ServerFacts> ProbeAsync(QueryEngine server, string matchers, int start, int end) =>
        ServerFacts.ProbeAsync(new KubeVirtMonitor.Prometheus.PrometheusServer(server.Address, new ScrapeOptions()), matchers, DateTimeOffset.FromUnixTimeSeconds(Start + start), DateTimeOffset.FromUnixTimeSeconds(Start + end), Stop);

    private static Task<QueryEngine> OverAsync(string engine, params string[] parts) => OverAsync(engine, string.Concat(parts.Select(static part => part.Replace("# EOF\n", "", StringComparison.Ordinal))) + "# EOF\n");

    private static async Task<QueryEngine> OverAsync(string engine, string samples) => engine == "prometheus" ? await TestKit.PrometheusServer.OverAsync(samples) : await VictoriaMetricsServer.OverAsync(samples);

    private static string Every(int seconds, int count, params string[] series)
    {
        StringBuilder text = new();
        foreach (string one in series)
        {
            for (int i = 0; i <= count; i++) text.Append(CultureInfo.InvariantCulture, $"{one} 1 {Start + (i * seconds)}\n");
        }

        return text.Append("# EOF\n").ToString();
    }
}
