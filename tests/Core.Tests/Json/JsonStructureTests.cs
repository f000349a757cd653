using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using KubeVirtMonitor.Json;
using Xunit;

namespace KubeVirtMonitor.Tests.Json;

/// <summary>Where values end, against the runtime's own reader, and the cursor over single fields.</summary>
public sealed class JsonStructureTests
{
    private static readonly Gen<string> Texts =
        Gen.OneOf("{", "}", "[", "]", @"\\", @"\""", @"\n", @"\u0022", "abc", "é", "😀", ",", ":", @"\\\\\""", "{}{}}}").Array[0, 11].Select(pieces => $"\"{string.Concat(pieces)}\"");

    private static readonly Gen<string> Containers = Gen.Recursive<string>((depth, inner) =>
    {
        Gen<string> value = depth > 5 ? Scalar() : Gen.Frequency((1, inner), (2, Scalar()));
        Gen<string> field = Gen.Select(Texts, Gen.OneOf(":", " : "), value, (name, colon, item) => name + colon + item);
        return Gen.OneOf(
            Gen.Select(field.Array[0, 4], Gen.OneOf(",", " ,\n"), (fields, comma) => $"{{{string.Join(comma, fields)}}}"),
            value.Array[0, 4].Select(items => $"[{string.Join(',', items)}]"));
    });

    [Fact]
    public void TheEndIsWhereTheTokenizerFindsIt() => Gen.Select(Containers, Gen.Double[0, 0.999]).Sample(
        (text, cut) =>
        {
            byte[] value = Encoding.UTF8.GetBytes(text);
            byte[] followed = [.. value, .. " , {\"next\": \"]}\"}"u8];
            Utf8JsonReader reader = new(followed, isFinalBlock: false, default);
            reader.Read();
            Assert.True(reader.TrySkip());
            Assert.Equal(value.Length, (int)reader.BytesConsumed);

            JsonStructure whole = default;
            Assert.Equal(value.Length, whole.FindEnd(followed));
            // In two pieces, cut anywhere.
            int first = (int)(cut * value.Length);
            JsonStructure pieces = default;
            Assert.Equal(-1, pieces.FindEnd(followed.AsSpan(0, first)));
            Assert.Equal(value.Length - first, pieces.FindEnd(followed.AsSpan(first)));
        },
        iter: 5_000);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(128)]
    [InlineData(129)]
    public void RunsOfBackslashesMayCrossBlocks(int length)
    {
        for (int offset = 0; offset < 130; offset++)
        {
            // An even run leaves the quote to end the text; an odd one escapes it.
            string run = new('\\', length);
            string value = "{\"" + new string('a', offset) + run + (length % 2 == 0 ? "\"" : "\"}{[\"") + ":1}";
            JsonStructure structure = default;
            Assert.Equal(value.Length, structure.FindEnd(Encoding.UTF8.GetBytes(value + "}}]]\"")));
        }
    }

    [Fact]
    public void FieldsAreReadAndTheRestIsPassedOver()
    {
        byte[] json = """
            { "skip" : {"a":[1,{"b":"]}\""}]} , "name":"caf\u00e9 \"x\"", "count" : -12 , "flag":true,"none":null, "list":[ "a" , 5, {"x":1} ], "empty":{},"time":"2026-11-20T22:07:35Z","last":1.5}
            """u8.ToArray();
        JsonCursor cursor = new(json);
        Dictionary<string, object?> found = [];
        Assert.True(cursor.EnterObject());
        while (cursor.NextField(out ReadOnlySpan<byte> name))
        {
            string field = Encoding.UTF8.GetString(name);
            switch (field)
            {
                case "skip":
                    cursor.Skip();
                    break;
                case "name":
                    found[field] = cursor.ReadText();
                    break;
                case "count":
                    found[field] = cursor.ReadNumber();
                    break;
                case "flag":
                    found[field] = cursor.ReadFlag();
                    break;
                case "time":
                    found[field] = cursor.ReadTime();
                    break;
                case "list":
                    List<string> items = [];
                    Assert.True(cursor.EnterArray());
                    while (cursor.NextItem()) items.Add(Encoding.UTF8.GetString(cursor.ReadRaw()));
                    found[field] = string.Join('|', items);
                    break;
                case "empty":
                    Assert.True(cursor.EnterObject());
                    Assert.False(cursor.NextField(out _));
                    break;
                case "none":
                    Assert.Equal(JsonValueKind.Null, cursor.Kind);
                    found[field] = cursor.ReadText();
                    break;
                default:
                    Assert.Equal("last", field);
                    found[field] = cursor.ReadNumber();
                    break;
            }
        }

        Assert.Equal("café \"x\"", found["name"]);
        Assert.Equal(-12L, found["count"]);
        Assert.Equal(true, found["flag"]);
        Assert.Null(found["none"]);
        Assert.Equal("\"a\"|5|{\"x\":1}", found["list"]);
        Assert.Equal(new DateTimeOffset(2026, 11, 20, 22, 7, 35, TimeSpan.Zero), found["time"]);
        Assert.Null(found["last"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{\"a\"")]
    [InlineData("{\"a\":")]
    [InlineData("{\"a\":\"b")]
    [InlineData("{\"a\":\"b\\")]
    [InlineData("{\"a\":{\"b\":1")]
    [InlineData("{\"a\" 1}")]
    [InlineData("{a:1}")]
    [InlineData("{\"a\":}")]
    public void BrokenTextIsAnErrorAndNoCrash(string json) => Assert.Throws<JsonException>(() =>
    {
        JsonCursor cursor = new(Encoding.UTF8.GetBytes(json));
        cursor.EnterObject();
        while (cursor.NextField(out _)) cursor.Skip();
    });

    [Theory]
    [InlineData("2026-11-20T22:07:35Z", "2026-11-20 22:07:35.000000 +00:00")]
    [InlineData("2024-02-29T00:00:00Z", "2024-02-29 00:00:00.000000 +00:00")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01 00:00:00.000000 +00:00")]
    [InlineData("9999-12-31T23:59:59Z", "9999-12-31 23:59:59.000000 +00:00")]
    [InlineData("2026-11-20T22:07:35.123456Z", "2026-11-20 22:07:35.123456 +00:00")]
    [InlineData("2026-11-20T22:07:35+09:00", "2026-11-20 22:07:35.000000 +09:00")]
    [InlineData("2026-02-29T00:00:00Z", null)]
    [InlineData("2026-13-01T00:00:00Z", null)]
    [InlineData("2026-00-01T00:00:00Z", null)]
    [InlineData("2026-01-00T00:00:00Z", null)]
    [InlineData("2026-01-01T25:00:00Z", null)]
    [InlineData("2026-01-01T00:60:00Z", null)]
    [InlineData("2026-01-01T00:00:61Z", null)]
    [InlineData("0000-01-01T00:00:00Z", null)]
    [InlineData("2026-1a-01T00:00:00Z", null)]
    [InlineData("2026-11-20 22:07:35Z", null)]
    [InlineData("2026-11-20T22:07:35X", null)]
    [InlineData("yesterday", null)]
    [InlineData("", null)]
    public void TimesAreReadInTheFormsOfKubernetes(string text, string? expected) =>
        Assert.Equal(expected, new JsonCursor(Encoding.UTF8.GetBytes($"\"{text}\"")).ReadTime()?.ToString("yyyy-MM-dd HH:mm:ss.ffffff zzz", CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("-12.5e3,", "-12.5e3")]
    [InlineData("true}", "true")]
    [InlineData("null]", "null")]
    [InlineData("7", "7")]
    [InlineData("false\t", "false")]
    [InlineData("1\n}", "1")]
    public void AScalarEndsWhereTheNextThingBegins(string json, string expected) =>
        Assert.Equal(expected, Encoding.UTF8.GetString(new JsonCursor(Encoding.UTF8.GetBytes(json)).ReadRaw()));

    [Fact]
    public void ValuesOfAnotherKindAreSkipped()
    {
        JsonCursor cursor = new("[1, {\"a\":1}, \"x\", [2], true]"u8);
        Assert.True(cursor.EnterArray());
        Assert.True(cursor.NextItem());
        Assert.Null(cursor.ReadText());
        Assert.True(cursor.NextItem());
        Assert.Null(cursor.ReadNumber());
        Assert.True(cursor.NextItem());
        Assert.Null(cursor.ReadFlag());
        Assert.True(cursor.NextItem());
        Assert.False(cursor.EnterObject());
        Assert.True(cursor.NextItem());
        Assert.False(cursor.EnterArray());
        Assert.False(cursor.NextItem());
    }

    private static Gen<string> Scalar() => Gen.OneOf(Gen.Int[-1000, 999].Select(number => $"{number}"), Gen.Const("null"), Texts);
}
