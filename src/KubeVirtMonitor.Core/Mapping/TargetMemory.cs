namespace KubeVirtMonitor.Mapping;

/// <summary>What is worth keeping of a target between two scrapes. Used by one <see cref="ScrapeReader"/> at a time.</summary>
internal sealed class TargetMemory
{
    // A table that has doubled since it was made is mostly of machines that are gone.
    private const int Staleness = 2;
    private const int SmallTable = 1024;

    private readonly List<SeriesName> _names = [];
    private readonly List<MetricFamily> _families = [];
    private ByteTable _nameBytes = new();
    private ByteTable _familyBytes = new();
    private int _freshBlocks;
    private int _namesMet;
    private int _familiesMet;

    /// <summary>Bytes held, about.</summary>
    public long Size => Labels.Size + _nameBytes.Size + _familyBytes.Size + ((_names.Count + _families.Count) * 384L);

    internal LabelTable Labels { get; private set; } = new();

    internal TagRules? Rules { get; private set; }

    internal long Scrape { get; private set; }

    internal int NameCount => _names.Count;

    /// <summary>Starts a scrape under the rules of its target.</summary>
    internal TagRules Begin(TagRules rules)
    {
        Scrape++;
        _namesMet = _familiesMet = 0;
        Labels.ForgetTags();
        if (Rules is not { } known || !known.MakesSameTags(rules)) Rules = rules;
        return Rules!;
    }

    /// <summary>Ends a scrape.</summary>
    internal void End()
    {
        if (_freshBlocks == 0) _freshBlocks = Labels.Blocks.Count;
        if (Labels.Blocks.Count > SmallTable + (_freshBlocks * Staleness))
        {
            Labels = new LabelTable();
            _freshBlocks = 0;
        }

        if (_names.Count <= SmallTable + (_namesMet * Staleness)) return;
        _names.Clear();
        _families.Clear();
        _nameBytes = new ByteTable();
        _familyBytes = new ByteTable();
    }

    /// <summary>Names of samples of the current scrape, or its families where there are more of them.</summary>
    internal int Met => Math.Max(_namesMet, _familiesMet);

    /// <summary>The state of a sample name, new where the name is.</summary>
    internal SeriesName Name(ReadOnlySpan<byte> bytes, bool isBare)
    {
        int index = _nameBytes.FindOrAdd(bytes, out bool added);
        if (added) _names.Add(new SeriesName(bytes.ToArray()) { IsBare = isBare });
        SeriesName name = _names[index];
        if (name.Scrape != Scrape) _namesMet++;
        return name;
    }

    /// <summary>Whether the current scrape has named a family so far.</summary>
    internal bool HasFamily(ReadOnlySpan<byte> bytes) => _familyBytes.Find(bytes) is >= 0 and var index && _families[index].Scrape == Scrape;

    /// <summary>A name of the current scrape; null where it has none.</summary>
    internal SeriesName? FindName(ReadOnlySpan<byte> bytes) => _nameBytes.Find(bytes) is >= 0 and var index && _names[index].Scrape == Scrape ? _names[index] : null;

    /// <summary>A family of the current scrape, new where it is.</summary>
    internal MetricFamily Family(ReadOnlySpan<byte> bytes)
    {
        int index = _familyBytes.FindOrAdd(bytes, out bool added);
        if (added) _families.Add(new MetricFamily(bytes.ToArray()));
        if (_families[index].Enter(Scrape)) _familiesMet++;
        return _families[index];
    }
}
