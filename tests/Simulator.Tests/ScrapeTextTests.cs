using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>The text of the scrapes, checked by means that share nothing with the code that wrote it.</summary>
public class ScrapeTextTests
{
    public static TheoryData<string, string> Scraped
    {
        get
        {
            TheoryData<string, string> data = [];
            foreach (string version in (string[])["1.0", "1.2", "1.9"])
            {
                foreach (string id in (string[])["api/0", "controller/0", "controller/1", "handler/0", "operator/0"]) data.Add(version, id);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Scraped))]
    public void Every_line_follows_the_format_and_families_are_sorted_and_whole(string version, string id)
    {
        string text = Scrapes.Text(Scrapes.Cluster(version), id);
        IReadOnlyList<TextFamily> families = TextFamily.Read(text);

        Assert.EndsWith("\n", text, StringComparison.Ordinal);
        Assert.Equal(families.Select(family => family.Name).Order(StringComparer.Ordinal).Distinct(), families.Select(family => family.Name));
        Each.Of(families, family =>
        {
            Assert.NotEmpty(family.Lines);
            Assert.NotEmpty(family.Help);
            Assert.Contains(family.Type, (string[])["counter", "gauge", "histogram", "summary"]);
        });
    }

    [Theory]
    [MemberData(nameof(Scraped))]
    public void Series_are_sorted_and_unique(string version, string id)
    {
        Each.Of(Scrapes.Read(Scrapes.Cluster(version), id).Where(family => family.Type is "counter" or "gauge"), family =>
        {
            Assert.Equal(family.Lines.Count, family.Lines.Select(line => (string.Join(",", line.Labels), line.Timestamp)).Distinct().Count());
            for (int i = 1; i < family.Lines.Count; i++) Assert.True(Compare(family.Lines[i - 1], family.Lines[i]) < 0, $"{family.Lines[i - 1]} stands before {family.Lines[i]}");
        });
    }

    [Theory]
    [MemberData(nameof(Scraped))]
    public void Labels_are_sorted_by_name(string version, string id)
    {
        Each.Of(Scrapes.Read(Scrapes.Cluster(version), id).SelectMany(family => family.Lines), line =>
        {
            string[] keys = line.Labels.Select(label => label.Key).Where(key => key is not "le").ToArray();
            Assert.Equal(keys.Order(StringComparer.Ordinal), keys);
        });
    }

    [Theory]
    [MemberData(nameof(Scraped))]
    public void Histograms_add_up(string version, string id)
    {
        SimulatedCluster cluster = Scrapes.Cluster(version);
        ((FakeTimeProvider)cluster.Options.TimeProvider).Advance(TimeSpan.FromSeconds(1234));
        var histograms = Scrapes.Read(cluster, id).Where(family => family.Type == "histogram");
        Each.Of(histograms.SelectMany(family => family.Lines.GroupBy(line => string.Join(",", line.Labels.Where(label => label.Key != "le")))), series =>
        {
            double[] buckets = series.Where(line => line.Name.EndsWith("_bucket", StringComparison.Ordinal)).Select(line => line.Value).ToArray();
            Assert.Equal(buckets.Order(), buckets);
            TextLine last = series.Last(line => line.Name.EndsWith("_bucket", StringComparison.Ordinal));
            Assert.Equal("+Inf", last["le"]);
            Assert.Equal(last.Value, series.Single(line => line.Name.EndsWith("_count", StringComparison.Ordinal)).Value);
            Assert.True(series.Single(line => line.Name.EndsWith("_sum", StringComparison.Ordinal)).Value >= 0);
        });
    }

    [Theory]
    [MemberData(nameof(Scraped))]
    public async Task Promtool_parses_it(string version, string id)
    {
        string output = await PromtoolAsync(Scrapes.Text(Scrapes.Cluster(version), id));

        // What it says about the naming of metrics is KubeVirt's affair; what it cannot parse is ours.
        Assert.DoesNotContain("error while linting", output, StringComparison.Ordinal);
        Assert.DoesNotContain("parsing error", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Promtool_would_notice_a_broken_line() =>
        Assert.Contains("parsing error", await PromtoolAsync(Scrapes.Text(Scrapes.Cluster("1.9"), "api/0") + "broken{ 1\n"), StringComparison.Ordinal);

    private static async Task<string> PromtoolAsync(string scrape)
    {
        ToolResult result = await Tool.RunAsync("promtool", ["check", "metrics"], scrape);
        return result.Output + result.Errors;
    }

    [Fact]
    public void Writing_piece_by_piece_gives_the_same_bytes()
    {
        SimulatedCluster cluster = Scrapes.Cluster("1.9", vmis: 30);
        string whole = Scrapes.Text(cluster, "handler/0");
        System.Buffers.ArrayBufferWriter<byte> buffer = new();
        ScrapeWriter writer = cluster.BeginScrape(cluster.Pods.First(pod => pod.Id == "handler/0"));
        int pieces = 1;
        while (writer.WriteSome(buffer, 1000)) pieces++;
        Assert.True(pieces > 10);
        Assert.Equal(whole, System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan));
        MemoryStream stream = new();
        Assert.Equal(buffer.WrittenCount, cluster.BeginScrape(cluster.Pods.First(pod => pod.Id == "handler/0")).WriteAll(stream));
        Assert.Equal(buffer.WrittenSpan.ToArray(), stream.ToArray());
    }

    private static int Compare(TextLine left, TextLine right)
    {
        if (left.Labels.Count != right.Labels.Count) return left.Labels.Count.CompareTo(right.Labels.Count);
        int values = left.Labels.Zip(right.Labels, (x, y) => string.CompareOrdinal(x.Value, y.Value)).FirstOrDefault(order => order != 0);
        return values != 0 ? values : Comparer<long?>.Default.Compare(left.Timestamp, right.Timestamp);
    }
}
