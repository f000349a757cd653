using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using KubeVirtMonitor.Prometheus;
using Xunit;

namespace KubeVirtMonitor.Tests.Prometheus;

/// <summary>Answers in the forms in which servers write them, and in any others that JSON allows.</summary>
public sealed class AnswerReaderTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly JsonSerializerOptions Compact = new();

    // As Prometheus 2.42 writes a vector.
    private const string Vector = """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"__name__":"up","job":"a"},"value":[1795895592.824,"1"]},{"metric":{"__name__":"up","job":"b"},"value":[1795895592.824,"0"]}]}}""";

    // As Prometheus 3 writes a range with native histograms, statistics, a warning and a remark.
    private const string Modern = """
        {"status":"success","data":{"resultType":"matrix","result":[{"metric":{"le":"x"},"values":[[1700000000,"NaN"],[1700000015.5,"+Inf"],[1700000030,"-Inf"]],"histograms":[[1700000045,{"count":"3","sum":"0.5","buckets":[[0,"0.1","0.2","1"],[3,"-0.001","0.001","2"]]}],[1700000060,{"count":"0","sum":"0"}]]},{"metric":{"only":"histogram"},"histograms":[[1700000045,{"count":"1","sum":"1","buckets":[[0,"0.5","1","1"]]}]]}],"stats":{"timings":{"evalTotalTime":0.0001},"samples":{"totalQueryableSamples":3,"peakSamples":3}}},"warnings":["PromQL warning: encountered a mix of histograms and floats for metric name \"m\" (1:6)"],"infos":["PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"m\" (1:6)"]}

        """;

    // As Thanos writes it where a store does not answer.
    private const string Thanos = """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"cluster":"north"},"value":[1700000000,"4.5e-05"]}],"analysis":{"name":"","children":null}},"warnings":["receive series from Addr: 10.0.0.7:10901 LabelSets: {cluster=\"south\"}: rpc error: code = Unavailable desc = connection refused"]}""";

    // As the cluster of VictoriaMetrics writes it, with a trace.
    private const string Cluster = """{"status":"success","isPartial":true,"data":{"resultType":"matrix","result":[{"metric":{"__name__":"m","text":"a\"b\\c\nd\u00e9\ud83d\ude00"},"values":[[1700000000,"1"]]},{"metric":{},"values":[]}]},"stats":{"seriesFetched": "1","executionTimeMsec":0},"trace":{"duration_msec":0.1,"message":"[\"]}{","children":[{"duration_msec":0,"message":"x"}]}}""";

    public static TheoryData<string, string> Answers => new()
    {
        { Vector, "success vector  0 | {__name__=\"up\",job=\"a\"} 1@1795895592.824 | {__name__=\"up\",job=\"b\"} 0@1795895592.824" },
        { Modern, "success matrix  3 | {le=\"x\"} NaN@1700000000 Infinity@1700000015.5 -Infinity@1700000030 | W:PromQL warning: encountered a mix of histograms and floats for metric name \"m\" (1:6) | I:PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: \"m\" (1:6)" },
        { Thanos, "success vector  0 | {cluster=\"north\"} 4.5E-05@1700000000 | W:receive series from Addr: 10.0.0.7:10901 LabelSets: {cluster=\"south\"}: rpc error: code = Unavailable desc = connection refused" },
        { Cluster, "success matrix True 0 | {__name__=\"m\",text=\"a\"b\\c\ndé😀\"} 1@1700000000" },
        { """{"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"histogram":[1700000000.1,{"count":"2","sum":"1"}]}]}}""", "success vector  1" },
        { """{"status":"success","data":{"resultType":"scalar","result":[1795895592.768,"1"]}}""", "success scalar  0 | {} 1@1795895592.768" },
        { """{"status":"success","data":{"resultType":"string","result":[1795895592.781,"7"]}}""", "success string  0 | {} 7@1795895592.781 '7'" },
        { """{"status":"success","data":{"resultType":"string","result":[1795895592.781,"x"]}}""", "success string  0 | {} NaN@1795895592.781 'x'" },
        { """{"status":"success","data":{"resultType":"matrix","result":[]}}""", "success matrix  0" },
        { """{"status":"success","data":{"resultType":"matrix","result":null}}""", "success matrix  0" },
        { """{"status":"success","data":{}}""", "success   0" },
        { """{"status":"error","errorType":"bad_data","error":"invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis"}""", "error   0 bad_data invalid parameter \"query\": 1:5: parse error: unclosed left parenthesis" },
        // What a proxy makes of it that sorts the names and sets white space: the type of the result, and whether it is one, come last.
        { """
          {
            "data" : {
              "result" : [ { "metric" : { "a" : "b" } , "values" : [ [ 1700000000 , "1" ] , [ 1.7e9, "2" ], [ 1700000000.0005, 3 ] ] } ,
                           { "values": [[1700000000,"5"]], "metric": {"late":"yes"} } ],
              "resultType" : "matrix"
            } ,
            "status" : "success"
          }
          """, "success matrix  0 | {a=\"b\"} 1@1700000000 2@1700000000 3@1700000000 | {late=\"yes\"} 5@1700000000" },
    };

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_is_read_whole(string json, string expected) => Assert.Equal(expected, Read(json));

    [Theory]
    [MemberData(nameof(Answers))]
    public void In_whatever_pieces_it_comes_it_is_the_same(string json, string expected) =>
        Gen.Int[1, 40].Array[1, 60].Sample(pieces => Assert.Equal(expected, Read(json, pieces)));

    [Theory]
    [MemberData(nameof(Answers))]
    public void An_answer_that_breaks_off_is_not_complete_and_gives_whole_series_only(string json, string expected)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(json.Trim());
        for (int length = 0; length < bytes.Length; length++)
        {
            using AnswerReader reader = new();
            List<string> series = Feed(reader, bytes[..length], [7]);
            Assert.False(reader.IsComplete);
            Assert.All(series, one => Assert.Contains(one, expected, StringComparison.Ordinal));
        }

        // Without its last bracket, it has given all of them.
        using AnswerReader whole = new();
        using AnswerReader cut = new();
        Assert.Equal(Feed(whole, bytes, [7]), Feed(cut, bytes[..^1], [7]));
    }

    [Theory]
    [InlineData("[]", "no object begins at byte 0")]
    [InlineData("{\"status\":\"success\"} x", "something follows the answer at byte 21")]
    [InlineData("{status:1}", "a field has no name at byte 1")]
    [InlineData("{\"status\" \"x\"}", "a field has no value at byte 1")]
    [InlineData("{\"data\":{\"result\":[1]}}", "a point is no pair of time and value at byte 18")]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{},\"values\":[[1,\"x\"]]}]}}", "a point is no pair of time and value at byte 42")]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{},\"values\":[[1]]}]}}", "a point is no pair of time and value at byte 42")]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{},\"values\":[[\"x\",\"1\"]]}]}}", "a time is no number at byte 42")]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{},\"values\":[7]}]}}", "a point is no pair of time and value at byte 42")]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{}},7]}}", "a series is no object at byte 33")]
    public void What_is_no_answer_is_refused_and_the_place_is_named(string json, string expected)
    {
        JsonException e = Assert.Throws<JsonException>(() => Read(json, [1024]));
        Assert.Equal(expected, e.Message);
    }

    [Fact]
    public void Values_and_labels_are_those_that_System_Text_Json_reads() =>
        Gen.Select(
            Gen.Select(Gen.String, Gen.String).Array[0, 4],
            Gen.Select(Gen.Long[-5_000_000_000_000, 5_000_000_000_000], Gen.Frequency((5, Gen.Double), (3, Gen.Int[0, 1000].Select(static i => i / 4d)), (1, Gen.OneOf(double.NaN, double.PositiveInfinity, double.NegativeInfinity)))).Array[1, 30],
            Gen.Int[1, 64].Array[1, 20],
            Gen.Bool).Sample((labels, points, pieces, indented) =>
            {
                string json = JsonSerializer.Serialize(
                    new
                    {
                        status = "success",
                        data = new
                        {
                            resultType = "matrix",
                            result = new[]
                            {
                                new
                                {
                                    metric = labels.DistinctBy(static label => label.Item1).ToDictionary(static label => label.Item1, static label => label.Item2),
                                    values = points.Select(static point => new object[] { point.Item1 / 1000m, GoText(point.Item2) }).ToArray(),
                                },
                            },
                        },
                    },
                    indented ? Indented : Compact);
                using JsonDocument document = JsonDocument.Parse(json);
                JsonElement series = document.RootElement.GetProperty("data").GetProperty("result")[0];
                string expected = "{" + string.Join(',', series.GetProperty("metric").EnumerateObject().Select(static label => $"{label.Name}=\"{label.Value.GetString()}\"")) + "}"
                    + string.Concat(series.GetProperty("values").EnumerateArray().Select(static pair => string.Create(CultureInfo.InvariantCulture, $" {ValueOf(pair[1].GetString()!)}@{pair[0].GetDecimal()}")));
                using AnswerReader reader = new();
                Assert.Equal(expected, Assert.Single(Feed(reader, Encoding.UTF8.GetBytes(json), pieces)));
                Assert.True(reader.IsComplete);
            });

    [Fact]
    public void A_long_answer_is_read_in_a_small_buffer()
    {
        using AnswerReader reader = new();
        StringBuilder json = new("""{"status":"success","trace":[""" + string.Join(',', Enumerable.Repeat("{\"a\":\"]}\"}", 200_000)) + """],"data":{"resultType":"matrix","result":[""");
        for (int i = 0; i < 200; i++) json.Append(CultureInfo.InvariantCulture, $"{(i > 0 ? "," : "")}{{\"metric\":{{\"i\":\"{i}\"}},\"values\":[{string.Join(',', Enumerable.Range(0, 1000).Select(static t => $"[{t},\"1\"]"))}]}}");
        json.Append("]}}");
        byte[] bytes = Encoding.UTF8.GetBytes(json.ToString());
        int series = 0;
        for (int at = 0; at < bytes.Length; at += 65536)
        {
            Memory<byte> room = reader.GetMemory(65536);
            Assert.InRange(room.Length, 65536, 1 << 18);
            int count = Math.Min(65536, bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(room.Span);
            reader.Advance(count);
            while (reader.Read())
            {
                Assert.Equal((1000, $"{series++}"), (reader.Series.Points.Length, reader.Series["i"]));
            }
        }

        Assert.Equal(200, series);
        Assert.True(reader.IsComplete);
    }

    [Fact]
    public void A_value_without_an_end_is_given_up()
    {
        using AnswerReader reader = new();
        JsonException e = Assert.Throws<JsonException>(() => Feed(reader, Encoding.UTF8.GetBytes("{\"error\":\"" + new string('x', 5 << 20)), [65536]));
        Assert.StartsWith("a value is too long", e.Message, StringComparison.Ordinal);
    }

    private static string GoText(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => double.IsNaN(value) ? "NaN" : value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e'),
    };

    private static double ValueOf(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private static string Read(string json, int[]? pieces = null)
    {
        using AnswerReader reader = new();
        List<string> series = Feed(reader, Encoding.UTF8.GetBytes(json), pieces ?? [1 << 20]);
        Assert.True(reader.IsComplete);
        string error = reader.Error is null ? "" : $" {reader.ErrorType} {reader.Error}";
        return string.Join(" | ", [$"{reader.Status} {reader.ResultType} {reader.IsPartial} {reader.Histograms}{error}", .. series, .. reader.Warnings.Select(static text => "W:" + text), .. reader.Infos.Select(static text => "I:" + text)]);
    }

    private static List<string> Feed(AnswerReader reader, byte[] bytes, int[] pieces)
    {
        List<string> series = [];
        for ((int at, int i) = (0, 0); at < bytes.Length; i++)
        {
            int count = Math.Min(pieces[i % pieces.Length], bytes.Length - at);
            bytes.AsSpan(at, count).CopyTo(reader.GetMemory(count).Span);
            reader.Advance(count);
            at += count;
            while (reader.Read()) series.Add(Asked.TextOf(reader.Series));
        }

        return series;
    }
}
