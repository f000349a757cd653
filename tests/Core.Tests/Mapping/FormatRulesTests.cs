using CsCheck;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>Rules of the formats that go beyond one line. Cases are written one line behind the other, with a bar for the line end.</summary>
public class FormatRulesTests
{
    private static readonly MappingOptions Raw = new() { Raw = true };

    // The types that only OpenMetrics has are a contradiction too, told once at the end.
    [Theory]
    [InlineData("# TYPE c counter|c 1|# TYPE c gauge|", 3, "second TYPE", false)]
    [InlineData("# TYPE c counter|# TYPE c counter|", 2, "second TYPE", false)]
    [InlineData("# HELP c One.|# HELP c Two.|c 1|", 2, "second HELP", false)]
    [InlineData("c 1|# TYPE c counter|c{a=\"1\"} 2|", 2, "TYPE line after", false)]
    [InlineData("# TYPE c counter|c 1|# HELP c Late.|", 3, "HELP line after", true)]
    [InlineData("h_sum 1|h_count 1|# TYPE h histogram|", 3, "TYPE line after", false)]
    [InlineData("# TYPE c counter|c -1|", 2, "at least 0", true)]
    [InlineData("# TYPE c counter|c NaN|", 2, "at least 0", true)]
    [InlineData("# TYPE c_total counter|c_total{a=\"1\"} 3|c_total{a=\"2\"} -0.5|", 3, "at least 0", true)]
    [InlineData("# TYPE s summary|s_sum -3|s_count -1|", 3, "at least 0", true)]
    [InlineData("# TYPE s summary|s{quantile=\"1.5\"} 1|", 2, "from 0 to 1", true)]
    [InlineData("# TYPE s summary|s{quantile=\"half\"} 1|", 2, "from 0 to 1", true)]
    [InlineData("# TYPE s summary|s{quantile=\"\"} 1|", 2, "from 0 to 1", true)]
    [InlineData("# TYPE s summary|s{a=\"1\"} 1|", 2, "without the label quantile", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"1\"} 5|h_bucket{le=\"2\"} 4|h_bucket{le=\"+Inf\"} 6|h_sum 1|h_count 6|", 3, "4 is less than 5", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"2\"} 5|h_bucket{le=\"1\"} 5|h_bucket{le=\"+Inf\"} 6|h_sum 1|h_count 6|", 3, "ascending order of le", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"1\"} 5|h_sum 1|h_count 5|", 4, "without its last bucket", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"1\"} 5|h_bucket{le=\"+Inf\"} 6|h_sum 1|h_count 7|", 5, "6 and 7", true)]
    [InlineData("# TYPE h histogram|h_bucket{a=\"x\",le=\"+Inf\"} 6|h_bucket{a=\"y\",le=\"+Inf\"} 7|h_count{a=\"x\"} 6|h_count{a=\"y\"} 8|", 5, "7 and 8", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"+Inf\",a=\"x\"} 6|h_count{a=\"x\"} 7|", 3, "6 and 7", true)]
    [InlineData("# TYPE h histogram|h_bucket 5|", 2, "without the label le", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"many\"} 5|", 2, "must be a number", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"+Inf\"} -1|", 2, "at least 0", true)]
    [InlineData("# TYPE h histogram|h_bucket{le=\"+Inf\"} NaN|", 2, "at least 0", true)]
    [InlineData("# TYPE h histogram|h_bucket{a=\",le=\",le=\"1\"} 3|h_bucket{a=\",le=\",le=\"+Inf\"} 2|", 3, "2 is less than 3", true)]
    [InlineData("# TYPE i info|i_info{a=\"1\"} 2|", 2, "the value 1", true, 2)]
    [InlineData("# TYPE i stateset|i{i=\"on\"} 0.5|", 2, "0 or 1", true, 2)]
    [InlineData("# TYPE i stateset|i 1|", 2, "without the label i", true, 2)]
    [InlineData("g{a=\"1\"} 1|g{a=\"2\"} 2|g{a=\"1\"} 3|", 3, "twice", false)]
    [InlineData("g 1|g 2|", 2, "twice", false)]
    [InlineData("g 1|g 2 1795176000000|", 2, "twice", false)]
    [InlineData("g 1 1795176000000|g 2|", 2, "twice", false)]
    [InlineData("g 1 1795176001000|g 2 1795176000000|", 2, "back in time", true)]
    [InlineData("a{x=\"1\"} 1|b{x=\"1\"} 2|a{x=\"2\"} 3|", 3, "must be together", true)]
    [InlineData("a{x=\"1\"} 1|b{x=\"1\"} 2|a{x=\"2\"} 3|b{x=\"2\"} 4|a{x=\"3\"} 5|", 3, "must be together", true, 2)]
    public void Reports_what_breaks_a_rule_of_both_formats(string text, int line, string reason, bool isKept, int count = 1)
    {
        Mapped text004 = Mapped.Read(text.Replace('|', '\n'), options: Raw, format: ExpositionFormat.PrometheusText);

        Assert.Equal(count, text004.Defects.Count);
        Assert.Equal((line, isKept), (text004.Defects[0].Line, text004.Defects[0].IsKept));
        Assert.Contains(reason, text004.Defects[0].Reason, StringComparison.Ordinal);
        long left = text.Split('|').Count(part => part.Length > 0 && part[0] != '#') - (isKept || reason.Contains("TYPE", StringComparison.Ordinal) || reason.Contains("HELP", StringComparison.Ordinal) ? 0 : 1);
        Assert.Equal(left, text004.Samples.Count);
    }

    [Theory]
    [InlineData("# TYPE h histogram|h_sum NaN|h_count 0|", 2, "a sum is a number")]
    [InlineData("# TYPE h histogram|h_bucket{le=\"-1\"} 1|h_bucket{le=\"+Inf\"} 1|h_sum 2|h_count 1|", 5, "no sum")]
    [InlineData("# TYPE h histogram|h_bucket{le=\"+Inf\"} 1|h_sum 2|", 3, "without a count")]
    [InlineData("# TYPE h histogram|h_bucket{le=\"+Inf\"} 1|h_count 1|", 3, "without a sum")]
    [InlineData("# TYPE h gaugehistogram|h_bucket{le=\"+Inf\"} 1|h_gsum -2|h_gcount 1|", 4, "without negative buckets")]
    [InlineData("# TYPE h histogram|h_bucket{le=\"+inf\"} 1|", 2, "le=\"+Inf\"")]
    [InlineData("# TYPE h gaugehistogram|h_gcount{a=\"1\"} 1|h_gcount{a=\"2\"} 1|h_gsum{a=\"1\"} 1|h_gsum{a=\"2\"} 1|", 4, "must be together", 2)]
    [InlineData("# TYPE s summary|s_sum -1|s_count 1|", 2, "at least 0")]
    [InlineData("# TYPE s summary|s{quantile=\"0.5\"} -1|", 2, "at least 0")]
    [InlineData("# TYPE c_created gauge|# TYPE c counter|", 2, "has a name that belongs to c")]
    [InlineData("# TYPE c counter|# TYPE c_total gauge|", 2, "has a name that belongs to c")]
    [InlineData("# TYPE g gauge|# UNIT g_s s|g 1|# UNIT g_s s|", 4, "second UNIT")]
    [InlineData("# UNIT g seconds|", 1, "the end of the family's name")]
    [InlineData("# TYPE i_s info|# UNIT i_s s|", 2, "cannot have a unit")]
    public void Reports_what_breaks_a_rule_of_OpenMetrics_and_only_there(string text, int line, string reason, int count = 1)
    {
        Mapped open = Mapped.Read(text.Replace('|', '\n') + "# EOF\n", options: Raw, format: ExpositionFormat.OpenMetrics);

        Assert.Equal(count, open.Defects.Count);
        Assert.Equal(line, open.Defects[0].Line);
        Assert.Contains(reason, open.Defects[0].Reason, StringComparison.Ordinal);
        Assert.DoesNotContain(
            Mapped.Read(text.Replace('|', '\n'), options: Raw, format: ExpositionFormat.PrometheusText).Defects,
            defect => !defect.Reason.Contains("this line is OpenMetrics", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("# TYPE c counter|c_total 1|c_created 1795176000|")]
    [InlineData("# TYPE c_seconds counter|# UNIT c_seconds seconds|# HELP c_seconds |c_seconds_total{} 0 123 # {a=\"b\"} 0.5|")]
    [InlineData("# TYPE h histogram|h_bucket{le=\"-1.0\"} 0|h_bucket{le=\"1e-04\"} 1|h_bucket{le=\"1e+05\"} 1|h_bucket{le=\"+Inf\"} 3|")]
    [InlineData("# TYPE h histogram|h_bucket{a=\"1\",le=\"+Inf\"} 3|h_count{a=\"1\"} 3|h_sum{a=\"1\"} 2|h_created{a=\"1\"} 5|h_bucket{a=\"2\",le=\"+Inf\"} 0|h_count{a=\"2\"} 0|h_sum{a=\"2\"} 0|")]
    [InlineData("# TYPE h gaugehistogram|h_bucket{le=\"-1.0\"} 1|h_bucket{le=\"+Inf\"} 3|h_gcount 3|h_gsum -5|")]
    [InlineData("# TYPE s summary|s_count 1|s_sum 2|s{quantile=\"0\"} NaN|s{quantile=\"1.0\"} 0.7|")]
    [InlineData("# TYPE s stateset|s{s=\"off\"} 0|s{s=\"on\"} 1.0|")]
    [InlineData("# TYPE i info|i_info{a=\"1\"} 1 1|i_info{a=\"2\"} 1 0|")]
    [InlineData("# TYPE g gauge|g{a=\"1\"} 1 0|g{a=\"1\"} 2 0|g{a=\"1\"} 3 0.5|g{a=\"2\"} -4 0|g{a=\"2\"} NaN 1|")]
    [InlineData("g -Inf|")]
    public void Takes_what_follows_the_rules_without_a_word(string text) =>
        Assert.Empty(Mapped.Read(text.Replace('|', '\n') + "# EOF\n", options: Raw, format: ExpositionFormat.OpenMetrics).Defects);

    [Fact]
    public void A_histogram_whose_count_nobody_asked_for_lacks_nothing()
    {
        const string Text = "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\nh_sum 2\nh_count 1\n# EOF\n";

        Assert.Empty(Mapped.Read(Text, options: Raw with { NameFilter = (_, raw) => raw != "h_count" }, format: ExpositionFormat.OpenMetrics).Defects);
    }

    [Fact]
    public void The_first_of_two_contradicting_lines_holds()
    {
        Mapped scrape = Mapped.Read("# HELP c First.\n# TYPE c counter\nc 1\n# TYPE c gauge\n# HELP c Second.\nc 2\nc{a=\"1\"} 3\n", options: Raw);

        Assert.Equal([1d, 3], scrape.Samples.Select(sample => sample.Value));
        Each.Of(scrape.Samples, sample => Assert.Equal((MetricKind.Count, "First."), (sample.Kind, sample.Description)));
    }

    // Runs, gaps, single blocks in no order, and with the larger ones more of them than are kept as runs.
    [Fact]
    public void A_series_is_found_again_in_any_order() =>
        Gen.Frequency((9, Gen.Int[1, 100]), (1, Gen.Const(5000))).SelectMany(many => Gen.Shuffle(Enumerable.Range(0, many).ToArray())).SelectMany(order => Gen.Select(Gen.Const(order), Gen.Int[0, order.Length - 1])).Sample(
            (order, again) =>
            {
                string first = string.Concat(Enumerable.Range(0, order.Length).Select(i => $"a{{i=\"{i}\"}} 1\n"));
                string second = string.Concat(order.Select(i => $"b{{i=\"{i}\"}} 2\n"));

                Assert.Empty(Mapped.Read(first + second, options: Raw).Defects);
                Mapped scrape = Mapped.Read($"{first}{second}b{{i=\"{again}\"}} 3\n", options: Raw);
                Assert.Equal((2 * order.Length) + 1, Assert.Single(scrape.Defects).Line);
                Assert.Equal(2 * order.Length, scrape.Samples.Count);
            },
            iter: 200,
            print: shuffled => $"{shuffled.Item2} again behind {string.Join(' ', shuffled.Item1)}");

    [Fact]
    public void A_scrape_of_the_same_target_starts_anew()
    {
        const string Text = "# HELP g Text.\n# TYPE g gauge\ng{a=\"1\"} 1\ng{a=\"2\"} 2\n# TYPE h histogram\nh_bucket{a=\"1\",le=\"+Inf\"} 1\nh_sum{a=\"1\"} 1\nh_count{a=\"1\"} 1\n";
        TargetMemory memory = new();

        for (int i = 0; i < 4; i++) Assert.Empty(Mapped.Read(Text, options: Raw, memory: memory).Defects);
    }

    [Theory]
    [InlineData("other", 1)]
    [InlineData("kubevirt_vmi_migration_data_remaining_bytes", 0)]
    public void A_series_that_goes_back_in_time_is_reported_unless_KubeVirt_serves_it_so(string name, int defects)
    {
        Mapped mapped = Mapped.Read($"# TYPE {name} gauge\n{name}{{name=\"a\"}} 80 1700000010000\n{name}{{name=\"a\"}} 100 1700000005000\n", ComponentKind.Handler, new() { IncludeUnmapped = true });
        Assert.Equal([80, 100], mapped.Samples.Select(sample => sample.Value));
        Assert.Equal(Enumerable.Repeat("a series goes back in time", defects), mapped.Defects.Select(defect => defect.Reason));
    }
}
