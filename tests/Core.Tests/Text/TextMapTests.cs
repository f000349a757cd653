using System.Collections;
using System.Text;
using KubeVirtMonitor.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Text;

public sealed class TextMapTests
{
    [Fact]
    public void EntriesKeepTheirOrderAndAreFoundByExactName()
    {
        var map = Read("""{"b":"2","a":"1","B":"3"}""");
        Assert.Equal(["b", "a", "B"], map.Keys);
        Assert.Equal(["2", "1", "3"], map.Values);
        Assert.Equal("1", map["a"]);
        Assert.False(map.TryGetValue("c", out _));
        Assert.Throws<KeyNotFoundException>(() => map["c"]);
        Assert.Equal("b=2, a=1, B=3", map.ToString());
        // What PowerShell goes through.
        Assert.Equal("3", ((IDictionary)map)["B"]);
        Assert.Null(((IDictionary)map)["c"]);
        Assert.Equal(3, ((ICollection)map).Count);
    }

    [Fact]
    public void OfANameThatComesTwiceTheLastValueCounts() => Assert.Equal("a=2, b=3", Read("""{"a":"1","b":"3","a":"2"}""").ToString());

    [Fact]
    public void ManyEntriesAreKept()
    {
        var map = Read("{" + string.Join(',', Enumerable.Range(0, 100).Select(i => $"\"k{i}\":\"v{i}\"")) + "}");
        Assert.Equal(100, map.Count);
        Assert.Equal("v99", map["k99"]);
        Assert.Equal("v0", map["k0"]);
    }

    [Fact]
    public void NothingCanBeChanged()
    {
        var map = (IDictionary<string, string>)Read("""{"a":"1"}""");
        Assert.Throws<NotSupportedException>(() => map["a"] = "2");
        Assert.Throws<NotSupportedException>(() => map.Add("b", "2"));
        Assert.Throws<NotSupportedException>(map.Clear);
    }

    [Fact]
    public void EqualTextsOfAListAreOne()
    {
        TextPool texts = new();
        var first = Read("""{"app":"web","überraschung":"ä"}""", texts);
        var second = Read("""{"app":"web","überraschung":"ä"}""", texts);
        Assert.Same(first["app"], second["app"]);
        Assert.Same(first.Keys.First(), second.Keys.First());
        Assert.Equal("ä", second["überraschung"]);
    }

    [Fact]
    public void TextsOfAnyNumberAreRight()
    {
        TextPool texts = new();
        for (int turn = 0; turn < 2; turn++)
        {
            for (int i = 0; i < 20_000; i++) Assert.Equal($"name-{i}", texts.Get(Encoding.UTF8.GetBytes($"name-{i}")));
        }
    }

    private static System.Collections.ObjectModel.ReadOnlyDictionary<string, string> Read(string json, TextPool? texts = null)
    {
        JsonCursor reader = new(Encoding.UTF8.GetBytes(json));
        return JsonFields.Map(ref reader, "labels", texts);
    }
}
