using System.Globalization;
using System.Text;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>What a scrape is, and where it ends, when nobody says so.</summary>
public class FormatAndEndTests
{
    private const string Corpus =
        "# HELP kubevirt_info Té\\\\xt.\n# TYPE kubevirt_info gauge\nkubevirt_info{goversion=\"go1.21\",kubeversion=\"v1.9.0\"} 1\r\n"
        + "# TYPE h histogram\nh_bucket{a=\"x\\\"y\\\\\",le=\"1e-3\"} 3\nh_bucket{a=\"x\\\"y\\\\\",le=\"+Inf\"} 4\nh_sum{a=\"x\\\"y\\\\\"} 5.25e-1\nh_count{a=\"x\\\"y\\\\\"} 4\n"
        + "\n  \t\n# a comment # {\n{\"q.n\",\"l.m\"=\"ü\"} -Inf 1795176000500\nz { b = \"1\" , a = \"2\" , }\t123456789\n";

    private const string OpenCorpus =
        "# HELP c Text.\n# TYPE c counter\n# UNIT c_s s\nc_total{a=\"1\",b=\"}\"} 12 1795176000.25 # {trace_id=\"a#\\\"b\"} 0.75 1795176000\nc_total{a=\"2\",b=\" # \"} 345 1795176001\n"
        + "# TYPE i info\ni_info{v=\"1\"} 1\n# EOF\n";

    private static readonly MappingOptions Raw = new() { Raw = true };

    [Theory]
    [InlineData(Corpus, ExpositionFormat.Unknown)]
    [InlineData(Corpus, ExpositionFormat.PrometheusText)]
    [InlineData(OpenCorpus, ExpositionFormat.Unknown)]
    [InlineData(OpenCorpus, ExpositionFormat.OpenMetrics)]
    internal void Cut_at_any_byte_it_gives_the_samples_before_and_no_other(string text, ExpositionFormat format)
    {
        byte[] whole = Encoding.UTF8.GetBytes(text);
        string[] all = [.. Lines(whole, format, int.MaxValue, BodyEnd.Whole)];
        Assert.Equal(text == Corpus ? 7 : 3, all.Length);
        for (int length = 0; length <= whole.Length; length++)
        {
            int ended = 0;
            foreach (BodyEnd end in new[] { BodyEnd.Unproven, BodyEnd.Broken })
            {
                string[] some = [.. Lines(whole[..length], format, int.MaxValue, end)];
                Assert.Equal(all[..some.Length], some);
                ended = some.Length;
            }

            foreach (int window in new[] { 1, 2, 3, 7, 64 })
                Assert.Equal(all[..ended], Lines(whole[..length], format, window, BodyEnd.Unproven));
        }
    }

    [Fact]
    public void Blanks_behind_the_last_line_end_are_nothing()
    {
        foreach (string end in new[] { "", " ", "    ", "\t", "\r", " \t\r", "\n", "\n ", "\r\n\r\n  " })
        {
            foreach (BodyEnd kind in Enum.GetValues<BodyEnd>())
            {
                Mapped scrape = Mapped.Read("# TYPE kubevirt_vmi_memory_domain_bytes gauge\nkubevirt_vmi_memory_domain_bytes{name=\"a\",namespace=\"n\",node=\"x\"} 6.4e+07\n" + end, end: kind);
                Assert.Equal(6.4e7, Assert.Single(scrape.Samples).Value);
                Assert.Empty(scrape.Defects);
            }
        }
    }

    [Theory]
    [InlineData("a 1\nb 12", BodyEnd.Whole, ExpositionFormat.Unknown, 2, 0)]
    [InlineData("a 1\nb 12", BodyEnd.Unproven, ExpositionFormat.Unknown, 1, 1)]
    [InlineData("a 1\nb 12", BodyEnd.Unproven, ExpositionFormat.PrometheusText, 1, 1)]
    [InlineData("a 1\nb 12", BodyEnd.Broken, ExpositionFormat.Unknown, 1, 0)]
    [InlineData("a 1\nb 12\r", BodyEnd.Unproven, ExpositionFormat.Unknown, 1, 1)]
    [InlineData("a 1\n# TYPE b ga", BodyEnd.Unproven, ExpositionFormat.Unknown, 1, 1)]
    [InlineData("a 1\nb 12", BodyEnd.Whole, ExpositionFormat.OpenMetrics, 1, 2)]
    [InlineData("a 1\nb 12", BodyEnd.Unproven, ExpositionFormat.OpenMetrics, 1, 2)]
    [InlineData("a 1\nb 12\n", BodyEnd.Whole, ExpositionFormat.OpenMetrics, 2, 1)]
    [InlineData("a 1\nb 12\n# EO", BodyEnd.Unproven, ExpositionFormat.OpenMetrics, 2, 2)]
    [InlineData("a 1\nb 12\n# EOF", BodyEnd.Unproven, ExpositionFormat.OpenMetrics, 2, 0)]
    [InlineData("a 1\nb 12\n# EOF", BodyEnd.Unproven, ExpositionFormat.Unknown, 2, 0)]
    [InlineData("# TYPE a info\na_info 1\nb 12", BodyEnd.Whole, ExpositionFormat.Unknown, 1, 2)]
    internal void A_last_line_that_may_be_cut_is_reported_and_not_kept(string text, BodyEnd end, ExpositionFormat format, int samples, int defects)
    {
        Mapped scrape = Mapped.Read(text, options: Raw, format: format, end: end);
        Assert.Equal((samples, defects), (scrape.Samples.Count, scrape.Defects.Count));

        int kept = text.EndsWith("12", StringComparison.Ordinal) || text.EndsWith('\r') ? 2 : samples;
        Mapped trusting = Mapped.Read(text, options: Raw with { AllowMissingFinalNewline = true }, format: format, end: end);
        Assert.Equal(end == BodyEnd.Broken ? 1 : kept, trusting.Samples.Count);
    }

    [Fact]
    public void Nothing_is_rebuilt_from_a_scrape_whose_last_line_is_cut()
    {
        const string Text = "kubevirt_vmi_info{name=\"a\",phase=\"running\"} 1\nkubevirt_vmi_info{name=\"b\",phase=\"runn";

        Assert.DoesNotContain(Mapped.Read(Text, ComponentKind.Controller, end: BodyEnd.Unproven).Samples, sample => sample.Name.EndsWith("phase_count", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("a 1 1795176000\n# EOF\n", "2026-11-20T12:00:00", ExpositionFormat.OpenMetrics, 0)]
    [InlineData("a 1 1795176000.5\n", "2026-11-20T12:00:00.5", ExpositionFormat.OpenMetrics, 1)]
    [InlineData("a 1 1795176000500\n", "2026-11-20T12:00:00.5", ExpositionFormat.PrometheusText, 0)]
    [InlineData("a 1 5\n# EOF\n", "1970-01-01T00:00:05", ExpositionFormat.OpenMetrics, 0)]
    [InlineData("a 1 5\nb 1\n# UNIT c_s s\n", "1970-01-01T00:00:05", ExpositionFormat.OpenMetrics, 1)]
    [InlineData("a 1 5\n# TYPE c counter\nc_total 1\n# EOF\n", "1970-01-01T00:00:05", ExpositionFormat.OpenMetrics, 0)]
    [InlineData("a 1 5\nb 1 # {} 1\n# EOF\n", "1970-01-01T00:00:05", ExpositionFormat.OpenMetrics, 0)]
    [InlineData("a 1 5\nb 1 0.5\n# EOF\n", "1970-01-01T00:00:05", ExpositionFormat.OpenMetrics, 0)]
    [InlineData("a 1 5\nb 1\n", "1970-01-01T00:00:00.005", ExpositionFormat.PrometheusText, 0)]
    [InlineData("a 1 5\n# EOF\nb 1\n", "1970-01-01T00:00:00.005", ExpositionFormat.PrometheusText, 0)]
    internal void Timestamps_have_the_unit_that_the_lines_show_however_late(string text, string expected, ExpositionFormat format, int defects)
    {
        foreach (int window in new[] { 1, 5, int.MaxValue })
        {
            // So much in between that the sign is far behind what is read first.
            string far = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"filler{{i=\"{i}\"}} {i}\n"));
            int cut = text.IndexOf('\n', StringComparison.Ordinal) + 1;
            Mapped scrape = Mapped.Read(window == int.MaxValue ? text[..cut] + far + text[cut..] : text, options: Raw, window: window == int.MaxValue ? 16384 : window);

            Assert.Equal(DateTimeOffset.Parse(expected + "Z", CultureInfo.InvariantCulture), scrape.Samples[0].Timestamp);
            Assert.Equal("a", scrape.Samples[0].Name);
            Assert.Equal((format, defects), (scrape.Summary.Format, scrape.Defects.Count));
        }
    }

    [Theory]
    [InlineData("a 1 1795176000500\n# EOF\n", ExpositionFormat.OpenMetrics, "in milliseconds")]
    [InlineData("a 1 1795176000.5\n", ExpositionFormat.PrometheusText, "this line is OpenMetrics")]
    [InlineData("a 1 1795176000500 # {} 1\n", ExpositionFormat.PrometheusText, "this line is OpenMetrics")]
    [InlineData("a 1 1795176000500\nb 1 1795176001\n", ExpositionFormat.Unknown, "of OpenMetrics and of the Prometheus text format")]
    internal void What_contradicts_the_announcement_is_read_and_told_once(string text, ExpositionFormat said, string reason)
    {
        Mapped scrape = Mapped.Read(text, options: Raw, format: said);

        Assert.Equal(new DateTimeOffset(2026, 11, 20, 12, 0, 0, 500, TimeSpan.Zero), scrape.Samples[0].Timestamp);
        ExpositionDefect defect = Assert.Single(scrape.Defects);
        Assert.True(defect.IsKept);
        Assert.Contains(reason, defect.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_timestamp_beyond_the_calendar_is_said_on_the_sample()
    {
        Mapped scrape = Mapped.Read("a 1 12345678901234567890.5\nb 2 1795176000.5\n# EOF\n", options: Raw, format: ExpositionFormat.OpenMetrics);

        Assert.Empty(scrape.Defects);
        Assert.Equal((9999, 2026), (scrape.Samples[0].Timestamp.Year, scrape.Samples[1].Timestamp.Year));
        Assert.Contains("outside the calendar", scrape.Samples[0].Correction, StringComparison.Ordinal);
        Assert.Null(scrape.Samples[1].Correction);
    }

    [Fact]
    public void Names_without_end_are_a_limit_with_its_parameter()
    {
        MappingOptions options = Raw with { MaxNames = 100 };
        string names = string.Concat(Enumerable.Range(0, 101).Select(i => $"m{i} 1\n"));
        string families = string.Concat(Enumerable.Range(0, 101).Select(i => $"# HELP m{i} Text.\n"));

        Assert.Equal("MaxNames", Assert.Throws<ScrapeLimitException>(() => Mapped.Read(names, options: options)).Limit);
        Assert.Equal("MaxNames", Assert.Throws<ScrapeLimitException>(() => Mapped.Read(families, options: options)).Limit);
        Assert.Equal("MaxNames", Assert.Throws<ScrapeLimitException>(() => Mapped.Read(names, options: options with { NameFilter = (_, _) => false })).Limit);
        Assert.Equal(101, Mapped.Read(names, options: options with { MaxNames = 101 }).Samples.Count);
    }

    private static List<string> Lines(byte[] bytes, ExpositionFormat format, int window, BodyEnd end)
    {
        List<string> samples = [];
        using ScrapeReader reader = new(new TargetInfo { Target = "t" }, Raw, sample => samples.Add($"{sample} {sample.Timestamp:O}"), null, format, timestamp: Mapped.At);
        for (int position = 0; position < bytes.Length;)
        {
            Memory<byte> room = reader.GetMemory();
            int length = Math.Min(Math.Min(room.Length, window), bytes.Length - position);
            bytes.AsSpan(position, length).CopyTo(room.Span);
            reader.Advance(length);
            position += length;
        }

        reader.Complete(end);
        return samples;
    }
}
