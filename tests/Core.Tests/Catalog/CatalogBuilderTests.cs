using System.Text;
using KubeVirtMonitor.Catalog;
using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class CatalogBuilderTests
{
    private const string Good = "api*\ta.b\tgauge\tbyte\t-\tx\talways\tA thing.\t-";

    [Theory]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx\talways\tA thing.", "nine columns")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx\talways\tA thing.\t-\t-", "nine columns")]
    [InlineData("api\ta.b\tgauge\t\t-\tx\talways\tA thing.\t-", "empty column")]
    [InlineData("virt-api\ta.b\tgauge\tbyte\t-\tx\talways\tA thing.\t-", "unknown component")]
    [InlineData("api  handler\ta.b\tgauge\tbyte\t-\tx\talways\tA thing.\t-", "unknown component")]
    [InlineData("api\ta.b\tcounter\tbyte\t-\tx\talways\tA thing.\t-", "unknown kind")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx\tsometimes\tA thing.\t-", "unknown presence")]
    [InlineData("api\ta.b\tgauge\tbyte\titem\tx\talways\tA thing.\t-", "count observations")]
    [InlineData("api\ta.b\thistogram\tsecond\titem\tx/1000\talways\tA thing.\t-", "bucket bounds")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx@1.1\talways\tA thing.\t-", "'x@1.1' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx@..\talways\tA thing.\t-", "'x@..' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx@1.2..1.1\talways\tA thing.\t-", "'x@1.2..1.1' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx@one..\talways\tA thing.\t-", "'x@one..' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx/0\talways\tA thing.\t-", "'x/0' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx/10s\talways\tA thing.\t-", "'x/10s' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx:info\talways\tA thing.\t-", "'x:info' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tX\talways\tA thing.\t-", "'X' is not")]
    [InlineData("api\ta.b\tgauge\tbyte\t-\tx  y\talways\tA thing.\t-", "two spaces")]
    [InlineData("", "nine columns")]
    public void A_malformed_line_is_refused_with_its_place(string line, string reason)
    {
        InvalidDataException e = Assert.Throws<InvalidDataException>(() => Read($"# comment\n{CatalogRow.Header}\n{Good}\n{line}\n"));
        Assert.StartsWith("test.tsv, line 4: ", e.Message, StringComparison.Ordinal);
        Assert.Contains(reason, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "the header is missing")]
    [InlineData("# comment only\n", "the header is missing")]
    [InlineData("name\tkind\n", "line 1: the header is missing or has other columns")]
    public void A_file_without_its_header_is_refused(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_line_becomes_one_definition_per_component()
    {
        CatalogBuilder builder = Read($"{CatalogRow.Header}\napi* operator\ta.b\tcount\tbyte\t-\tx_total@1.3.0..1.5.0/1000 y:gauge@..1.3.0\trequest\tBytes of {{component}}.\tnote");
        Assert.Equal(["kubevirt_api.a.b.count", "kubevirt_operator.a.b.count"], builder.Definitions.Select(definition => definition.Name));
        MetricDefinition definition = builder.Definitions[0];
        Assert.Equal("Bytes of virt-api.", definition.Description);
        Assert.Equal((MetricKind.Count, "byte", true, MetricPresence.Request), (definition.Kind, definition.Unit, definition.Documented, definition.Presence));
        Assert.Equal(
            [new RawMetric("x_total", "counter", new KubeVirtVersion(1, 3), new KubeVirtVersion(1, 5), 1000), new RawMetric("y", "gauge", null, new KubeVirtVersion(1, 3), 1)],
            definition.RawMetrics);
        Assert.False(builder.Definitions[1].Documented);
    }

    [Fact]
    public void A_histogram_becomes_three_definitions()
    {
        CatalogBuilder builder = Read($"{CatalogRow.Header}\nhandler\ta.b_seconds\thistogram\tsecond\titem\tx_seconds\talways\tTime.\t-\n");
        Assert.Equal(
            [("kubevirt_handler.a.b_seconds.bucket", "item"), ("kubevirt_handler.a.b_seconds.sum", "second"), ("kubevirt_handler.a.b_seconds.count", "item")],
            builder.Definitions.Select(definition => (definition.Name, definition.Unit!)));
        Each.Of(builder.Definitions, definition => Assert.Equal(MetricKind.Count, definition.Kind));
        Assert.Equal(["x_seconds_bucket", "x_seconds_sum", "x_seconds_count"], builder.Entries[(int)ComponentKind.Handler].Select(entry => entry.SampleName));
    }

    private static CatalogBuilder Read(string text)
    {
        CatalogBuilder builder = new();
        builder.Read("test.tsv", Encoding.UTF8.GetBytes(text));
        return builder;
    }
}
