using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Json;

/// <summary>Foreign JSON as nodes, read as Go reads it.</summary>
public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""{"a":1,"b":{"c":1,"c":2},"a":3}""", """{"a":3,"b":{"c":2}}""")]
    [InlineData(""" [1.0, 1e1, 12345678901234567890, -0, "\u00e9", true, null, {}] """, """[1.0,1e1,12345678901234567890,-0,"\u00E9",true,null,{}]""")]
    [InlineData("null", "null")]
    public void OfAKeyThatComesTwiceTheLastCountsAndNumbersStayAsTheyAre(string json, string same) =>
        Assert.Equal(same, JsonText.Parse(json)?.ToJsonString() ?? "null");

    [Theory]
    [InlineData("")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":1}x")]
    [InlineData("{\"a\":}")]
    [InlineData("\"half of one: \\ud800\"")]
    [InlineData("{\"\\udc00\":1}")]
    public void WhatIsNoJsonIsNone(string json)
    {
        Assert.ThrowsAny<JsonException>(() => JsonText.Parse(json));
        Assert.Null(JsonText.ObjectOf(json));
    }

    [Fact]
    public void WhereAKeyMustNotComeTwiceItIsAnError()
    {
        Assert.Throws<FormatException>(() => JsonText.Parse("""[{"a":{"b":1,"c":2,"b":3}}]""", isStrict: true));
        Assert.Equal("""[{"a":{"b":1}},{"a":2}]""", JsonText.Parse("""[{"a":{"b":1}},{"a":2}]""", isStrict: true)!.ToJsonString());
    }

    [Fact]
    public void APathEndsWhereSomethingElseThanAnObjectIs()
    {
        Assert.Equal("x", JsonText.Of(JsonText.At(JsonText.Parse("""{"a":{"b":"x"}}"""), "a", "b")));
        Assert.Null(JsonText.At(JsonText.Parse("""{"a":["b"]}"""), "a", "b"));
        Assert.Null(JsonText.At(null, "a"));
    }

    [Fact]
    public void HalfACharacterInATextOfAnObjectIsNoJson() => Assert.Throws<JsonException>(() => new JsonCursor(Encoding.UTF8.GetBytes("\"\\ud800\"")).ReadText());
}
