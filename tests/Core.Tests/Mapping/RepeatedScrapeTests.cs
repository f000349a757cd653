using System.Text;
using KubeVirtMonitor.Mapping;
using Xunit;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>What a reader remembers of a target must never change what it reads.</summary>
public class RepeatedScrapeTests
{
    private static readonly MappingOptions Options = new() { IncludeUnmapped = true };

    [Fact]
    public void A_scrape_reads_the_same_with_and_without_memory_whatever_came_before()
    {
        Random random = new(42);
        TargetMemory memory = new();
        for (int round = 0; round < 300; round++)
        {
            string text = Scrape(random);

            Mapped fresh = Mapped.Read(text, ComponentKind.Handler, Options);
            Mapped again = Mapped.Read(text, ComponentKind.Handler, Options, memory, window: round % 3 == 0 ? 1000 : int.MaxValue);

            Assert.Equal(fresh.Lines, again.Lines);
            Assert.Equal(fresh.Defects, again.Defects);
            Assert.Equal(fresh.Summary.Families, again.Summary.Families);
        }
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

        Assert.All(kept, item => Assert.Equal(item.Expected, item.Sample.Tags.ToString()));
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

        Parallel.For(0, 4, _ => Assert.All(mapped.Samples, sample => Assert.Equal($"name=vm-{sample.Value}", sample.Tags.ToString())));
    }

    // Families over machines that come, go, lack a family, repeat within it, or stand in another order; now and then a defect.
    private static string Scrape(Random random)
    {
        StringBuilder text = new();
        int machines = random.Next(0, 12);
        for (int family = 0; family < 6; family++)
        {
            if (random.Next(8) == 0) continue;
            text.Append("# TYPE kubevirt_vmi_f").Append(family).Append(" gauge\n");
            foreach (int machine in Enumerable.Range(0, machines).OrderBy(i => random.Next(10) == 0 ? random.Next() : i))
            {
                if (random.Next(6) == 0) continue;
                text.Append("kubevirt_vmi_f").Append(family);
                if (family % 3 == 2) text.Append("{drive=\"d\",name=\"vm").Append(machine).Append("\"} ");
                else if (random.Next(12) == 0) text.Append(' ');
                else text.Append("{name=\"vm").Append(machine).Append("\",namespace=\"n\"} ");
                text.Append(random.Next(20) == 0 ? "oops" : random.Next(1000).ToString(System.Globalization.CultureInfo.InvariantCulture));
                if (random.Next(15) == 0) text.Append(" 1000");
                text.Append(random.Next(30) == 0 ? "\r\n" : "\n");
            }
        }

        return text.ToString();
    }
}
