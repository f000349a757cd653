using CsCheck;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>What a reader remembers of a target must never change what it reads.</summary>
public class RepeatedScrapeTests
{
    private static readonly MappingOptions Options = new() { IncludeUnmapped = true };

    // Families over machines that come, go, lack a family, repeat within it, or stand in another order; now and then a defect.
    private static readonly Gen<string> Scrapes = Gen.Int[0, 11].SelectMany(machines => Gen.Select(
        Family(0, machines), Family(1, machines), Family(2, machines), Family(3, machines), Family(4, machines), Family(5, machines),
        (a, b, c, d, e, f) => a + b + c + d + e + f));

    [Fact]
    public void A_scrape_reads_the_same_with_and_without_memory_whatever_came_before() => Gen.Select(Scrapes, Gen.OneOf(1000, int.MaxValue)).Array[1, 12].Sample(
        scrapes =>
        {
            TargetMemory memory = new();
            foreach ((string text, int window) in scrapes)
            {
                Mapped fresh = Mapped.Read(text, ComponentKind.Handler, Options);
                Mapped again = Mapped.Read(text, ComponentKind.Handler, Options, memory, window);

                Assert.Equal(fresh.Lines, again.Lines);
                Assert.Equal(fresh.Defects, again.Defects);
                Assert.Equal(fresh.Summary.Families, again.Summary.Families);
            }
        },
        iter: 150,
        print: scrapes => string.Join("\n----\n", scrapes.Select(scrape => scrape.Item1)));

    // Two histograms over the same series, whose buckets come, go, fall, repeat, stand in another order or have other lines in between.
    private static readonly Gen<string> Histograms = Gen.Select(Histogram("a"), Histogram("b"), Gen.Frequency((2, Gen.Const("")), (1, Gen.Const("# EOF\n"))), (a, b, end) => a + b + end);

    [Fact]
    public void The_rules_of_histograms_find_the_same_with_and_without_memory_whatever_came_before() => Histograms.Array[1, 8].Sample(
        scrapes =>
        {
            TargetMemory memory = new();
            foreach (string text in scrapes)
            {
                Mapped fresh = Mapped.Read(text, ComponentKind.Handler, Options);
                Mapped again = Mapped.Read(text, ComponentKind.Handler, Options, memory);

                Assert.Equal(fresh.Lines, again.Lines);
                Assert.Equal(fresh.Defects, again.Defects);
            }
        },
        iter: 250,
        print: scrapes => string.Join("\n----\n", scrapes));

    [Theory]
    [InlineData("2 1 2 4", "a bucket includes the previous one, but 1 is less than 2")]
    [InlineData("2 3 5 4", "a bucket includes the previous one, but 4 is less than 5")]
    [InlineData("1 2 3 9", "the bucket le=\"+Inf\" and the count must be the same number, but they are 9 and 4")]
    [InlineData("1 2 3 4", null)]
    public void A_bucket_that_falls_is_found_where_the_scrape_before_was_right(string values, string? wrong)
    {
        string[] bounds = ["0.1", "1", "5", "+Inf"];
        string Text(string[] of) => "# TYPE h histogram\n" + string.Concat(bounds.Zip(of, (bound, value) => $"h_bucket{{le=\"{bound}\"}} {value}\n")) + "h_sum 1\nh_count 4\n";
        TargetMemory memory = new();
        Assert.Empty(Mapped.Read(Text(["1", "2", "3", "4"]), ComponentKind.Handler, Options, memory).Defects);
        Assert.Empty(Mapped.Read(Text(["1", "1", "4", "4"]), ComponentKind.Handler, Options, memory).Defects);

        Assert.Equal(wrong is null ? [] : [wrong], Mapped.Read(Text(values.Split(' ')), ComponentKind.Handler, Options, memory).Defects.Select(defect => defect.Reason));
    }

    [Fact]
    public void Samples_keep_their_tags_after_later_scrapes_of_the_target()
    {
        TargetMemory memory = new();
        List<(MetricSample Sample, string Expected)> kept = [];
        for (int scrape = 0; scrape < 40; scrape++)
        {
            string text = string.Concat(Enumerable.Range(0, 500).Select(i => $"m{{name=\"vm-{scrape}-{i}\"}} {i}\n"));
            Mapped mapped = Mapped.Read(text, ComponentKind.Handler, Options, memory);
            kept.Add((mapped.Samples[250], $"name=vm-{scrape}-250"));
        }

        Each.Of(kept, item => Assert.Equal(item.Expected, item.Sample.Tags.ToString()));
        Assert.True(memory.Size < 1_000_000, $"{memory.Size} bytes are held for 500 series");
    }

    [Fact]
    public void Another_set_of_added_tags_does_not_show_the_tags_of_the_call_before()
    {
        TargetMemory memory = new();
        TargetInfo one = new() { Target = "t", AddTags = [new("run", "1")] };
        TargetInfo two = new() { Target = "t", AddTags = [new("run", "2")] };

        MetricSample first = Mapped.Read("m{a=\"1\"} 1\n", ComponentKind.Handler, Options, memory, target: one).Samples[0];
        Assert.Equal("a=1, run=1", first.Tags.ToString());
        MetricSample second = Mapped.Read("m{a=\"1\"} 1\n", ComponentKind.Handler, Options, memory, target: two).Samples[0];

        Assert.Equal("a=1, run=2", second.Tags.ToString());
        Assert.Equal("a=1, run=1", first.Tags.ToString());
    }

    [Fact]
    public void Tags_may_be_read_on_many_threads()
    {
        string text = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"m{{name=\"vm-{i}\"}} {i}\n"));
        Mapped mapped = Mapped.Read(text, ComponentKind.Handler, Options);

        Parallel.For(0, 4, _ => Each.Of(mapped.Samples, sample => Assert.Equal($"name=vm-{sample.Value}", sample.Tags.ToString())));
    }

    private static Gen<string> Family(int family, int machines) => Gen.Select(
        Gen.Frequency((7, Gen.Const(true)), (1, Gen.Const(false))),
        Gen.Frequency((9, Gen.Const(Enumerable.Range(0, machines).ToArray())), (3, Gen.Int[0, 11].Array[machines]), (2, Gen.Shuffle(Enumerable.Range(0, machines).ToArray()))),
        Line(family).Array[machines],
        (isThere, order, lines) => isThere ? $"# TYPE kubevirt_vmi_f{family} gauge\n{string.Concat(order.Zip(lines, (machine, line) => line.Replace("N", $"{machine}", StringComparison.Ordinal)))}" : "");

    private static Gen<string> Histogram(string name) => Gen.Select(
        Series(name, "{x=\"1\","), Series(name, "{x=\"2\","), Series(name, "{"),
        Gen.Frequency((6, Gen.Const("histogram")), (1, Gen.Const("gaugehistogram"))),
        (one, two, three, type) => $"# TYPE h_{name} {type}\n{one}{two}{three}");

    private static Gen<string> Series(string name, string labels) => Gen.Select(
        Gen.Frequency((8, Gen.Const<string[]>(["0.1", "1", "5", "10", "+Inf"])), (1, Gen.Shuffle(new[] { "0.1", "1", "5", "10", "+Inf" })), (1, Gen.Const<string[]>(["-1", "0", "1", "5", "3", "+Inf"])), (1, Gen.Const<string[]>(["0.1", "1", "1", "5", "x"]))),
        Gen.Int[0, 3].Array[6],
        Gen.Frequency((12, Gen.Const(-1)), (2, Gen.Int[0, 5])),
        Gen.Frequency((8, Gen.Const("")), (1, Gen.Const(" 1000"))),
        Gen.Frequency((4, Gen.Const("")), (1, Gen.Const("sum 1\n")), (1, Gen.Const("count 2\n"))),
        (bounds, steps, falling, time, between) =>
        {
            int value = 3;
            string lines = "";
            for (int i = 0; i < bounds.Length; i++)
            {
                value = i == falling ? value - 2 : value + steps[i];
                lines += $"h_{name}_bucket{labels}le=\"{bounds[i]}\"}} {value}{time}\n";
                if (i == 2 && between.Length > 0) lines += $"h_{name}_{between}";
            }

            return lines + $"h_{name}_count{(labels == "{" ? "" : labels.TrimEnd(',') + "}")} {value}\n";
        });

    // A line of the machine N, or none.
    private static Gen<string> Line(int family) => Gen.Select(
        Gen.Frequency((5, Gen.Const(true)), (1, Gen.Const(false))),
        family % 3 == 2 ? Gen.Const("{drive=\"d\",name=\"vmN\"} ") : Gen.Frequency((11, Gen.Const("{name=\"vmN\",namespace=\"n\"} ")), (1, Gen.Const(" "))),
        Gen.Frequency((19, Gen.Int[0, 999].Select(value => $"{value}")), (1, Gen.Const("oops"))),
        Gen.Frequency((14, Gen.Const("")), (1, Gen.Const(" 1000"))),
        Gen.Frequency((29, Gen.Const("\n")), (1, Gen.Const("\r\n"))),
        (isThere, labels, value, time, end) => isThere ? $"kubevirt_vmi_f{family}{labels}{value}{time}{end}" : "");
}
