using System.Text;
using CsCheck;
using KubeVirtMonitor.Exposition;
using Xunit;

namespace KubeVirtMonitor.Tests.Exposition;

public class ExpositionReaderTests
{
    [Fact]
    public void Reads_help_type_and_samples()
    {
        Scrape scrape = Scrape.Read(
            "# HELP x_total Text with \\\\ and\\nlines.\n# TYPE x_total counter\nx_total{a=\"1\",b=\"two\"} 3\nx_total 4.5\n");

        Assert.Equal(["Help x_total Text with \\ and\nlines.", "Type x_total Counter"], scrape.Metadata);
        Assert.Equal(
            [new ScrapeSample(3, "x_total", "a=1|b=two", 3, null, ""), new ScrapeSample(4, "x_total", "", 4.5, null, "")],
            scrape.Samples);
        Assert.Empty(scrape.Defects);
    }

    [Theory]
    [InlineData("x{a=\"C:\\\\Windows\"} 1", "a=C:\\Windows")]
    [InlineData("x{a=\"say \\\"hi\\\"\"} 1", "a=say \"hi\"")]
    [InlineData("x{a=\"one\\ntwo\"} 1", "a=one\ntwo")]
    [InlineData("x{a=\"a\\qb\"} 1", "a=a\\qb")]
    [InlineData("x{a=\"}\",b=\"{\",c=\"# , =\"} 1", "a=}|b={|c=# , =")]
    [InlineData("x{a=\"\"} 1", "a=")]
    [InlineData("x{} 1", "")]
    [InlineData("x{a=\"1\",} 1", "a=1")]
    [InlineData("x { a = \"1\" , b = \"2\" , }\t1", "a=1|b=2")]
    [InlineData("\t x{a=\"1\"}1", "a=1")]
    [InlineData("x{a=\"Grüße, 世界 🌍\"} 1", "a=Grüße, 世界 🌍")]
    [InlineData("{\"x\",a=\"1\"} 1", "a=1")]
    [InlineData("{\"x\", \"my.label\"=\"1\", b=\"2\"} 1", "my.label=1|b=2")]
    [InlineData("{\"x\"} 1", "")]
    [InlineData("x{\"näme\"=\"1\"} 1", "näme=1")]
    public void Reads_label_blocks(string line, string labels)
    {
        Scrape scrape = Scrape.Read(line);

        Assert.Empty(scrape.Defects);
        ScrapeSample sample = Assert.Single(scrape.Samples);
        Assert.Equal(("x", labels, 1d), (sample.Name, sample.Labels, sample.Value));
    }

    [Fact]
    public void Reads_quoted_UTF8_names_in_metadata_too()
    {
        Scrape scrape = Scrape.Read("# HELP \"größe.m\" Help.\n# TYPE \"größe.m\" gauge\n{\"größe.m\",a=\"1\"} 2\n{\"with \\\"quote\\\"\"} 3\n");

        Assert.Equal(["Help größe.m Help.", "Type größe.m Gauge"], scrape.Metadata);
        Assert.Equal(["größe.m", "with \"quote\""], scrape.Samples.Select(sample => sample.Name));
    }

    [Fact]
    public void Reads_milliseconds_in_the_text_format_and_seconds_in_OpenMetrics()
    {
        DateTimeOffset expected = new(2026, 11, 20, 12, 0, 0, 500, TimeSpan.Zero);

        Assert.Equal(expected, Scrape.Read("x 1 1795176000500").Samples.Single().Timestamp);
        Assert.Equal(expected, Scrape.Read("x 1 1795176000.5\n# EOF\n", ExpositionFormat.OpenMetrics).Samples.Single().Timestamp);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMilliseconds(-1), Scrape.Read("x 1 -1").Samples.Single().Timestamp);
    }

    [Theory]
    [InlineData("x 1 12:00", "whole number of milliseconds")]
    [InlineData("x 1 NaN", "whole number of milliseconds")]
    [InlineData("x 1 1e999", "whole number of milliseconds")]
    [InlineData("x 1 2 3", "end of the line")]
    public void Reports_wrong_timestamps(string line, string reason)
    {
        Scrape scrape = Scrape.Read(line + "\ny 2\n");

        Assert.Contains(reason, Assert.Single(scrape.Defects).Reason, StringComparison.Ordinal);
        Assert.Equal("y", Assert.Single(scrape.Samples).Name);
    }

    [Fact]
    public void Reads_exemplars_units_created_and_EOF_of_OpenMetrics()
    {
        Scrape scrape = Scrape.Read(
            "# TYPE h histogram\n# UNIT h seconds\nh_bucket{le=\"1.0\"} 3 # {trace_id=\"a#b\"} 0.7 1795176000\nh_bucket{le=\"+Inf\"} 4 1795176000 # {} 2\nh_count 4\nh_sum 5\nh_created 1795170000.25\n# EOF\n",
            ExpositionFormat.OpenMetrics);

        Assert.Empty(scrape.Defects);
        Assert.True(scrape.Ended);
        Assert.Equal(["Type h Histogram", "Unit h seconds"], scrape.Metadata);
        Assert.Equal(["{trace_id=\"a#b\"} 0.7 1795176000", "{} 2", "", "", ""], scrape.Samples.Select(sample => sample.Exemplar));
        Assert.Equal([3d, 4, 4, 5, 1795170000.25], scrape.Samples.Select(sample => sample.Value));
    }

    [Fact]
    public void Takes_CRLF_blank_lines_comments_and_a_missing_last_line_end()
    {
        Scrape scrape = Scrape.Read("\r\n# a comment\r\n#\r\n  \t\r\n# HELP x Text.\r\n# TYPE x gauge\r\nx{a=\"1\"} 1\r\n\r\n\nx{a=\"2\"} 2 1000\r\nx 3");

        Assert.Empty(scrape.Defects);
        Assert.Equal(["Help x Text.", "Type x Gauge"], scrape.Metadata);
        Assert.Equal([(7L, 1d), (10L, 2d), (11L, 3d)], scrape.Samples.Select(sample => (sample.Line, sample.Value)));
    }

    [Fact]
    public void Keeps_series_that_repeat_within_a_scrape()
    {
        Scrape scrape = Scrape.Read("m{a=\"1\"} 1 1000\nm{a=\"1\"} 2 2000\nm{a=\"1\"} 3 3000\n");

        Assert.Equal([1d, 2, 3], scrape.Samples.Select(sample => sample.Value));
        Assert.Equal([1, 2, 3], scrape.Samples.Select(sample => sample.Timestamp!.Value.ToUnixTimeSeconds()));
    }

    [Theory]
    [InlineData("x{a=\"1\" 5", 9, "',' or '}'", "5")]
    [InlineData("x{a=\"1} 5", 5, "not closed", "\"1} 5")]
    [InlineData("x{a=1} 5", 5, "expected '\"'", "1} 5")]
    [InlineData("x{1a=\"1\"} 5", 3, "label name", "1a=\"1\"} 5")]
    [InlineData("x{=\"1\"} 5", 3, "label name", "=\"1\"} 5")]
    [InlineData("x{a} 5", 4, "expected '='", "} 5")]
    [InlineData("x{a=\"1\",a=\"2\"} 5", 2, "twice", "{a=\"1\",a=\"2\"} 5")]
    [InlineData("x{b=\"1\",a=\"2\",b=\"3\"} 5", 2, "twice", "{b=\"1\",a=\"2\",b=\"3\"} 5")]
    [InlineData("x", 2, "value is missing", "")]
    [InlineData("x{a=\"1\"}", 9, "value is missing", "")]
    [InlineData("x five", 3, "not a number", "five")]
    [InlineData("x-y 5", 2, "metric name", "-y 5")]
    [InlineData("9x 5", 1, "must start", "9x 5")]
    [InlineData("{a=\"1\"} 5", 1, "without a metric name", "{a=\"1\"} 5")]
    [InlineData("{\"\"} 5", 2, "must not be empty", "\"\"} 5")]
    [InlineData("x 1e999", 3, "larger than any", "1e999")]
    [InlineData("# TYPE x conter", 10, "unknown metric type", "conter")]
    [InlineData("# TYPE 1x counter", 8, "metric name", "1x counter")]
    [InlineData("ä 5", 1, "must start", "ä 5")]
    [InlineData("x{a=\"äö\"} five", 11, "not a number", "five")]
    public void Reports_line_column_reason_and_text_and_keeps_the_lines_around(string line, int column, string reason, string text)
    {
        Scrape scrape = Scrape.Read($"before 1\n{line}\nafter 2\n");

        ExpositionDefect defect = Assert.Single(scrape.Defects);
        Assert.Equal((2L, column, text), (defect.Line, defect.Column, defect.Text));
        Assert.Contains(reason, defect.Reason, StringComparison.Ordinal);
        Assert.Equal(["before", "after"], scrape.Samples.Select(sample => sample.Name));
    }

    [Fact]
    public void Reports_text_that_is_not_UTF8()
    {
        byte[] bytes = [.. "x{a=\""u8, 0xC3, 0x28, .. "\"} 1\nx{a=\"ok\"} 2\n# HELP x "u8, 0xFF, .. "\n"u8];

        Scrape scrape = Scrape.Read(bytes);

        Assert.Equal([1L, 3L], scrape.Defects.Select(defect => defect.Line));
        Assert.Equal(2, Assert.Single(scrape.Samples).Value);
    }

    [Fact]
    public void Cuts_the_offending_text_to_eighty_characters()
    {
        ExpositionDefect defect = Assert.Single(Scrape.Read("x " + new string('z', 5000)).Defects);

        Assert.Equal(80, defect.Text.Length);
        Assert.EndsWith("…", defect.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_more_labels_than_the_limit()
    {
        string Series(int labels) => "x{" + string.Join(",", Enumerable.Range(0, labels).Select(i => $"l{i:000}=\"v\"")) + "} 1";

        Scrape scrape = Scrape.Read(Series(20) + "\n" + Series(21) + "\n", maxLabels: 20);

        Assert.Equal(1, Assert.Single(scrape.Samples).Line);
        Assert.Contains("more than 20 labels", Assert.Single(scrape.Defects).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Reports_what_follows_EOF()
    {
        Scrape scrape = Scrape.Read("x 1\n# EOF\ny 2\n", ExpositionFormat.OpenMetrics);

        Assert.Equal("x", Assert.Single(scrape.Samples).Name);
        Assert.Equal(3, Assert.Single(scrape.Defects).Line);
    }

    [Theory]
    [InlineData("x 1 1795176000500", ExpositionFormat.OpenMetrics, 1795176000500, true, false)]
    [InlineData("x 1 1795176000.5", ExpositionFormat.PrometheusText, 1795176000500, false, true)]
    [InlineData("x 1 1.7951760005e9", ExpositionFormat.PrometheusText, 1795176000500, false, true)]
    [InlineData("x 1 1795176000", ExpositionFormat.PrometheusText, 1795176000000, false, true)]
    [InlineData("x 1 1795176000", ExpositionFormat.Unknown, 1795176000000, false, true)]
    [InlineData("x 1 1795176000500", ExpositionFormat.Unknown, 1795176000500, true, false)]
    [InlineData("x 1 1.7951760005e12", ExpositionFormat.Unknown, 1795176000500, true, false)]
    [InlineData("x 1 1000", ExpositionFormat.PrometheusText, 1000, false, false)]
    [InlineData("x 1 1000", ExpositionFormat.OpenMetrics, 1000000, false, false)]
    [InlineData("x 1 0.25", ExpositionFormat.Unknown, 250, false, true)]
    internal void The_size_of_a_timestamp_goes_before_what_the_scrape_is_said_to_be(string line, ExpositionFormat said, long milliseconds, bool isText, bool isOpenMetrics)
    {
        ExpositionReader reader = new(Encoding.ASCII.GetBytes(line + "\n"), isFinalBlock: true, said);

        Assert.True(reader.Read());
        Assert.Equal(ExpositionToken.Sample, reader.Token);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), reader.Timestamp);
        Assert.Equal((isText ? 1L : 0, isOpenMetrics ? 1L : 0), (reader.State.TextLine, reader.State.OpenMetricsLine));
    }

    [Theory]
    [InlineData("x 1 99999999999999999", ExpositionFormat.PrometheusText, 9999)]
    [InlineData("x 1 -99999999999999999", ExpositionFormat.PrometheusText, 1)]
    [InlineData("x 1 99999999999999999999999", ExpositionFormat.Unknown, 9999)]
    [InlineData("x 1 12345678901234567890.5", ExpositionFormat.OpenMetrics, 9999)]
    [InlineData("x 1 -1e300", ExpositionFormat.OpenMetrics, 1)]
    [InlineData("x 1 9223372036854775807", ExpositionFormat.OpenMetrics, 9999)]
    internal void A_timestamp_beyond_the_calendar_is_its_end(string line, ExpositionFormat said, int year)
    {
        Scrape scrape = Scrape.Read(line, said);

        Assert.Empty(scrape.Defects);
        Assert.Equal(year, Assert.Single(scrape.Samples).Timestamp!.Value.Year);
    }

    [Theory]
    [InlineData("  ")]
    [InlineData("\t")]
    [InlineData("\r")]
    [InlineData(" \t \r")]
    [InlineData("\r\r")]
    [InlineData("#")]
    [InlineData("# ")]
    [InlineData("# HELP")]
    [InlineData("# TYPE ")]
    public void Nothing_behind_the_last_line_end_is_nothing(string end)
    {
        foreach (ExpositionFormat format in Enum.GetValues<ExpositionFormat>())
        {
            Scrape scrape = Scrape.Read("x{a=\"1\"} 6.4e+07\n" + end, format);

            Assert.Equal(6.4e7, Assert.Single(scrape.Samples).Value);
        }
    }

    [Fact]
    public void Labels_in_any_number_and_order_are_compared_in_linear_time()
    {
        const int Many = 200_000;
        string labels = string.Join(',', Enumerable.Range(0, Many).Select(i => $"l{(i * 7919L) % Many}=\"\""));
        System.Diagnostics.Stopwatch watch = System.Diagnostics.Stopwatch.StartNew();

        Scrape once = Scrape.Read($"x{{{labels}}} 1", maxLabels: Many);
        Scrape twice = Scrape.Read($"x{{{labels},l199999=\"\"}} 1", maxLabels: Many + 1);

        Assert.Empty(once.Defects);
        Assert.Contains("twice", Assert.Single(twice.Defects).Reason, StringComparison.Ordinal);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"{watch.Elapsed} for {Many} labels");
    }

    [Fact]
    public void Passes_over_a_byte_order_mark()
    {
        Assert.Equal("x", Assert.Single(Scrape.Read("\uFEFFx 1\n").Samples).Name);
    }

    [Fact]
    public void Reads_the_same_in_blocks_of_any_size()
    {
        string text = "# HELP x Täxt.\n# TYPE x gauge\nx{a=\"1\",b=\"ü\"} 1\nx{a=\"2\",b=\"ö\"} 2 1000\nbad line\n\ny{c=\"\\\\\"} NaN\n{\"q.n\",a=\"1\"} 4\nx{b=\"1\",a=\"2\"} 5";
        Scrape whole = Scrape.Read(text);
        Assert.Equal(5, whole.Samples.Count);
        for (int block = 1; block <= Encoding.UTF8.GetByteCount(text); block++)
        {
            Scrape parts = Scrape.Read(text, block: block);

            Assert.Equal(whole.Samples, parts.Samples);
            Assert.Equal(whole.Metadata, parts.Metadata);
            Assert.Equal(whole.Defects, parts.Defects);
        }
    }

    [Fact]
    public void Checks_every_line_although_label_names_repeat()
    {
        Scrape scrape = Scrape.Read("x{a=\"1\",b=\"2\"} 1\nx{a=\"1\",a=\"2\"} 2\nx{a=\"1\",b=\"2\"} 3\nx{a=\"1\",b=\"2\",b=\"3\"} 4\nx{b=\"1\",b=\"2\"} 5\nx{b=\"1\",a=\"2\"} 6\nx{a=\"1\",b=\"2\",a=\"3\"} 7\n");

        Assert.Equal([1d, 3, 6], scrape.Samples.Select(sample => sample.Value));
        Assert.Equal([2L, 4, 5, 7], scrape.Defects.Select(defect => defect.Line));
    }

    [Fact]
    public void Never_fails_on_rubbish()
    {
        byte[] alphabet = "abx_:09{}\"\\\n\r\t =,#.+-eEHELPTYPEINFnan\xFF\xC3"u8.ToArray();
        Gen.Select(Gen.OneOf(alphabet).Array[0, 150], Gen.OneOf(Enum.GetValues<ExpositionFormat>()), Gen.Int[1, 40]).Sample(
            (bytes, format, block) =>
            {
                Scrape whole = Scrape.Read(bytes, format);
                Scrape parts = Scrape.Read(bytes, format, block);

                Assert.Equal(whole.Samples, parts.Samples);
                Assert.Equal(whole.Defects, parts.Defects);
            },
            iter: 50_000,
            print: rubbish => $"{Convert.ToHexString(rubbish.Item1)}, {rubbish.Item2}, in blocks of {rubbish.Item3}");
    }
}
