using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Benchmarks.Cases;

/// <summary>Read, mapped, and an object made of every sample, those included that the catalogue does not know.</summary>
/// <param name="memory">The target's memory where its scrapes are repeated; null where each is the first.</param>
/// <param name="keep">Whether all objects of a scrape are kept until its end, as a variable would, or let go one by one.</param>
/// <param name="tags">Whether the tags of every object are asked for, which makes their texts.</param>
internal sealed class MappingCase(TargetMemory? memory, bool keep, bool tags = false) : IParseCase
{
    private static readonly TargetInfo Target = new() { Target = "big.prom" };
    private static readonly MappingOptions Everything = new() { IncludeUnmapped = true };

    // What holds the objects is the caller's, and not counted with them.
    private MetricSample?[] _kept = [];
    private int _count;
    private int _untagged;

    /// <inheritdoc/>
    public long Run(byte[] scrape)
    {
        ArgumentNullException.ThrowIfNull(scrape);
        Array.Clear(_kept);
        _count = _untagged = 0;
        using ScrapeReader reader = new(
            Target, Everything, Take, defect => throw new InvalidOperationException(defect.ToString()), memory: memory);
        reader.ReadWhole(scrape);
        return _count;
    }

    private void Take(MetricSample sample)
    {
        if (tags && sample.Tags.Count == 0) _untagged++;
        if (keep)
        {
            if (_count == _kept.Length) Array.Resize(ref _kept, Math.Max(1024, _count * 2));
            _kept[_count] = sample;
        }

        _count++;
    }
}
