using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Json;

public sealed class QuantityTests
{
    [Theory]
    [InlineData("2", "2")]
    [InlineData("1536Mi", "1610612736")]
    [InlineData("1Gi", "1073741824")]
    [InlineData("2Ti", "2199023255552")]
    [InlineData("3Ki", "3072")]
    [InlineData("1k", "1000")]
    [InlineData("64M", "64000000")]
    [InlineData("1G", "1000000000")]
    [InlineData("1E", "1000000000000000000")]
    [InlineData("500m", "0.5")]
    [InlineData("250u", "0.00025")]
    [InlineData("7910m", "7.91")]
    [InlineData("1.5Gi", "1610612736")]
    [InlineData("1e3", "1000")]
    [InlineData("12E2", "1200")]
    [InlineData("5e-1", "0.5")]
    [InlineData("1e+2", "100")]
    public void QuantitiesAreReadAsKubernetesWritesThem(string text, string value)
    {
        Assert.True(Quantity.TryParse(Encoding.UTF8.GetBytes(text), out decimal read));
        Assert.Equal(decimal.Parse(value, System.Globalization.CultureInfo.InvariantCulture), read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Gi")]
    [InlineData("1gi")]
    [InlineData("1KiB")]
    [InlineData("1e")]
    [InlineData("1e99")]
    [InlineData("1 Gi")]
    [InlineData("79228162514264337593543950335Ei")]
    public void WhatIsNoQuantityIsNone(string text) => Assert.False(Quantity.TryParse(Encoding.UTF8.GetBytes(text), out _));

    [Fact]
    public void NodesMayBeTextsOrNumbers()
    {
        JsonNode node = JsonNode.Parse("""{"text":"2Gi","number":1024,"flag":true,"nothing":null}""")!;
        Assert.Equal([2147483648m, 1024m, null, null, null], new[] { "text", "number", "flag", "nothing", "missing" }.Select(name => Quantity.Of(node[name])));
    }

    [Fact]
    public void BytesAreRoundedUp() => Assert.Equal([1L, 3L, null, null], new decimal?[] { 0.2m, 3m, -1m, null }.Select(Quantity.Bytes));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1536L << 20, "1536Mi")]
    [InlineData(2L << 30, "2Gi")]
    [InlineData(1000, "1000")]
    [InlineData(3L << 40, "3Ti")]
    public void BytesAreShownInTheLargestUnitThatHoldsThem(long bytes, string text) => Assert.Equal(text, Quantity.Text(bytes));
}
