using System.Text;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Tests.Mapping;

/// <summary>A scrape mapped to the end.</summary>
internal sealed record Mapped(IReadOnlyList<MetricSample> Samples, IReadOnlyList<ExpositionDefect> Defects, ScrapeSummary Summary)
{
    public static readonly DateTimeOffset At = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    public static Mapped Read(
        string text,
        ComponentKind? component = null,
        MappingOptions? options = null,
        TargetMemory? memory = null,
        int window = int.MaxValue,
        TargetInfo? target = null,
        ExpositionFormat format = ExpositionFormat.Unknown,
        BodyEnd end = BodyEnd.Whole,
        DateTimeOffset? at = null)
    {
        List<MetricSample> samples = [];
        List<ExpositionDefect> defects = [];
        target = (target ?? new TargetInfo { Target = "test" }) with { Component = component };
        using ScrapeReader reader = new(target, options ?? new MappingOptions(), samples.Add, defects.Add, format, memory, timestamp: at ?? At);
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        if (window == 0) return new Mapped(samples, defects, reader.ReadWhole(bytes));
        for (int position = 0; position < bytes.Length;)
        {
            Memory<byte> room = reader.GetMemory();
            int length = Math.Min(Math.Min(room.Length, window), bytes.Length - position);
            bytes.AsSpan(position, length).CopyTo(room.Span);
            reader.Advance(length);
            position += length;
        }

        ScrapeSummary summary = reader.Complete(end);
        return new Mapped(samples, defects, summary);
    }

    /// <summary>Everything a sample says, as text to compare.</summary>
    public IEnumerable<string> Lines => Samples.Select(sample => $"{sample} {sample.Kind} {sample.Unit} {sample.RawName} {sample.Timestamp:O} {sample.Correction}");
}
