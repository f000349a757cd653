using KubeVirtMonitor.Prometheus;
using Xunit;

namespace KubeVirtMonitor.Tests.Prometheus;

public sealed class SelectorTests
{
    [Fact]
    public void ANameStandsByItself()
    {
        Assert.Equal("up", Selector.Of("up"));
        Assert.Equal("vmi:kubevirt_vmi_vcpu:count{cluster=\"north\"}", Selector.Of("vmi:kubevirt_vmi_vcpu:count", "cluster=\"north\""));
        Assert.Equal("up{a=\"1\",b=\"2\"}", Selector.Of("up", "", "a=\"1\"", "", "b=\"2\""));
    }

    [Fact]
    public void SeveralNamesAreAlternatives()
    {
        Assert.Equal("{__name__=~\"a|b:c\"}", Selector.Of(["a", "b:c", "a"]));
        Assert.Equal("{__name__=~\"a|b\",cluster=\"north\"}", Selector.Of(["a", "b"], "cluster=\"north\""));
        Assert.Equal("{cluster=\"north\"}", Selector.Of([], "cluster=\"north\""));
    }

    [Fact]
    public void ANameThatNoOldServerKnowsIsQuoted() => Assert.Equal("{__name__=~\"kubevirt\\\\.cpu\"}", Selector.Of("kubevirt.cpu"));

    [Fact]
    public void NothingAtAllIsNoSelector() => Assert.Throws<ArgumentException>(() => Selector.Of([], "", ""));

    [Theory]
    [InlineData("north", "\"north\"")]
    [InlineData("", "\"\"")]
    [InlineData("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [InlineData("line\nnext\ttab\r", "\"line\\nnext\\ttab\\r\"")]
    [InlineData("bell\a\u007f", "\"bell\\x07\\x7f\"")]
    [InlineData("München 🚀 `x` {}", "\"München 🚀 `x` {}\"")]
    public void AValueIsQuotedAsGoDoes(string value, string quoted) => Assert.Equal(quoted, Selector.Quote(value));

    [Theory]
    [InlineData("web-1", "l=\"web-1\"")]
    [InlineData("web*", "l=~\"web.*\"")]
    [InlineData("*", "l=~\".+\"")]
    [InlineData("**", "l=~\".+\"")]
    [InlineData("a**b", "l=~\"a.*b\"")]
    [InlineData("a`**", "l=~\"a\\\\*.*\"")]
    [InlineData("a.b*", "l=~\"a\\\\.b.*\"")]
    [InlineData("a.b", "l=\"a.b\"")]
    [InlineData("w?b", "l=~\"w.b\"")]
    [InlineData("web[1-3x]", "l=~\"web[1-3x]\"")]
    [InlineData("[^a]", "l=~\"[\\\\^a]\"")]
    [InlineData("[a`]b]", "l=~\"[a\\\\]b]\"")]
    [InlineData("[-a]", "l=~\"[\\\\-a]\"")]
    [InlineData("[a-]", "l=~\"[a\\\\-]\"")]
    [InlineData("a`*b", "l=\"a*b\"")]
    [InlineData("a`", "l=\"a`\"")]
    [InlineData("a]", "l=\"a]\"")]
    [InlineData("(a|b)*", "l=~\"\\\\(a\\\\|b\\\\).*\"")]
    [InlineData("", "l=\"\"")]
    public void WildcardsBecomeARegularExpression(string pattern, string matcher) => Assert.Equal(matcher, Selector.Wild("l", [pattern]));

    [Fact]
    public void SeveralPatternsAreAlternatives()
    {
        Assert.Equal("l=~\"a|b.*\"", Selector.Wild("l", ["a", "b*"]));
        Assert.Equal("l=~\".+\"", Selector.Wild("l", ["a", "*"]));
        Assert.Equal("l=\"\"", Selector.Wild("l", []));
        Assert.Equal("l!~\"a|b.*\"", Selector.Wild("l", ["a", "b*"], excludes: true));
        Assert.Equal("l!=\"a\"", Selector.Wild("l", ["a"], excludes: true));
        Assert.Equal("l=\"\"", Selector.Wild("l", ["*"], excludes: true));
        Assert.Equal("l!=\"\"", Selector.Wild("l", [], excludes: true));
    }

    [Fact]
    public void ObjectsAreInLowerCaseWhateverIsTyped() => Assert.Equal("namespace=~\"web.*|db\"", Selector.WildObject("namespace", ["Web*", "DB"]));

    [Theory]
    [InlineData("a[b", "'a[b' has a bracket that is not closed")]
    [InlineData("a[]b", "'a[]b' has brackets with nothing in them")]
    [InlineData("[z-a]", "'[z-a]' has a range that ends before it begins")]
    public void AMalformedPatternIsRefused(string pattern, string what) => Assert.Equal(what, Assert.Throws<FormatException>(() => Selector.Wild("l", [pattern])).Message);
}

public sealed class SeriesMatchTests
{
    [Theory]
    [InlineData("cluster=north", "cluster=\"north\"")]
    [InlineData("cluster=prod*", "cluster=~\"prod.*\"")]
    [InlineData(" cluster = prod ", "cluster=\"prod\"")]
    [InlineData("cluster!=test*", "cluster!~\"test.*\"")]
    [InlineData("cluster!=test", "cluster!=\"test\"")]
    [InlineData("cluster=~prod|t.st", "cluster=~\"prod|t.st\"")]
    [InlineData("cluster!~prod\\d", "cluster!~\"prod\\\\d\"")]
    [InlineData("cluster=\"a*\"", "cluster=\"a*\"")]
    [InlineData("cluster=~\"a\\\\.b\"", "cluster=~\"a\\\\.b\"")]
    [InlineData("cluster=", "cluster=\"\"")]
    [InlineData("env=a=b", "env=\"a=b\"")]
    [InlineData("env=a\",x=\"b", "env=\"a\\\",x=\\\"b\"")]
    public void ATextIsAMatcher(string text, string matcher) => Assert.Equal(matcher, SeriesMatch.Of([text]));

    [Fact]
    public void ValuesOfOneLabelAreAlternatives() =>
        Assert.Equal("cluster=~\"a|b.*\",env=\"x\",zone!=\"q\"", SeriesMatch.Of(["cluster=a", "zone!=q", "env=x", "cluster=b*"]));

    [Fact]
    public void NothingSaysNothing() => Assert.Equal("", SeriesMatch.Of(Array.Empty<string>()));

    [Fact]
    public void ATableSaysTheSame() => Assert.Equal(
        "cluster=~\"a|b.*\",env=\"\",zone!=\"q\",rack=~\"r[0-9]\",row!~\"x|y\"",
        SeriesMatch.OfTable(
        [
            new("cluster", ["a", "b*"]), new("env", []), new("zone!", ["q"]), new("rack", ["~r[0-9]"]), new("row!", ["~x", "~y"]),
        ]));

    [Theory]
    [InlineData("north", "'north' is not LABEL=VALUE")]
    [InlineData("=north", "'' in '=north' is not the name of a label")]
    [InlineData("my-label=x", "'my-label' in 'my-label=x' is not the name of a label")]
    [InlineData("a!b=c", "'a!b=c' is not LABEL=VALUE")]
    [InlineData("a=[", "'[' has a bracket that is not closed")]
    [InlineData("a=\"b\",c=\"d\"", "'a=\"b\",c=\"d\"' has a quotation mark within its value")]
    [InlineData("a=\"b\\\"", "'a=\"b\\\"' has a quotation mark within its value")]
    public void WhatIsNoMatcherIsRefused(string text, string what)
    {
        ScrapeException error = Assert.Throws<ScrapeException>(() => SeriesMatch.Of([text]));
        Assert.Equal((ScrapeError.InvalidOption, Setting.Match, what), (error.Cause, error.Setting, error.What));
    }
}
