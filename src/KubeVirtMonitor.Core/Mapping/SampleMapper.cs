using System.Runtime.CompilerServices;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Mapping;

/// <summary>The loop from lines to samples of one scrape.</summary>
internal sealed class SampleMapper
{
    private readonly TargetMemory _memory;
    private readonly MappingOptions _options;
    private readonly NameResolver _names;
    private readonly Action<MetricSample> _onSample;
    private readonly Action<ExpositionDefect>? _onDefect;
    private readonly ScrapeContext _context;
    private readonly LabelTable _labels;
    private readonly List<HeldSample> _held = [];
    private readonly TagFilterCache? _tagFilter;
    private SeriesName? _current;
    private int _lastBlock = -1;
    private int _resumeBlock = -1;

    public SampleMapper(
        TargetInfo target,
        MappingOptions options,
        ComponentKind? component,
        DateTimeOffset timestamp,
        TargetMemory memory,
        Action<MetricSample> onSample,
        Action<ExpositionDefect>? onDefect)
    {
        _memory = memory;
        _options = options;
        _onSample = onSample;
        _onDefect = onDefect;
        TagRules rules = memory.Begin(TagRules.For(component, target, options.Raw));
        _labels = memory.Labels;
        _context = new ScrapeContext { Target = target.Target, Timestamp = timestamp, Component = component, Labels = _labels, Rules = rules };
        _names = new NameResolver(memory, options, _context);
        if (options.TagFilter is { } filter) _tagFilter = new TagFilterCache(filter, _labels, rules);
    }

    public long Series { get; private set; }

    public long Samples { get; private set; }

    public long Defects { get; private set; }

    public VersionTracker Version => _names.Version;

    public ComponentKind? Component => _context.Component;

    /// <summary>Maps what a reader has.</summary>
    [MethodImpl(HotPath.Compile)]
    public void Map(ref ExpositionReader reader)
    {
        while (true)
        {
            if (_current is { } current)
            {
                if (current.Role == SeriesRole.Skip)
                {
                    long skipped = current.IsBare ? reader.SkipSamples(current.Bytes) : 0;
                    current.Series += skipped;
                    Count(skipped, reader.Line);
                }
                else if (current.IsBare && TryReadKnown(ref reader, current))
                {
                    Take(ref reader, current, _lastBlock);
                    continue;
                }
            }

            if (!reader.Read()) return;
            switch (reader.Token)
            {
                case ExpositionToken.Sample:
                    TakeParsed(ref reader);
                    break;
                case ExpositionToken.Help:
                    _names.Help(reader.Name, reader.Text);
                    break;
                case ExpositionToken.Type:
                    if (!_names.Type(reader.Name, reader.Type)) Report(new ExpositionDefect(reader.Line, 1, "a second TYPE line for one family", LabelText.Unescape(reader.Name)));
                    break;
                case ExpositionToken.Defect:
                    Report(reader.Defect!);
                    break;
            }
        }
    }

    /// <summary>Reports a defect.</summary>
    public void Report(ExpositionDefect defect)
    {
        Defects++;
        _onDefect?.Invoke(defect);
    }

    /// <summary>Hands on what had to wait for the end.</summary>
    /// <param name="truncated">Whether the body broke off, so that what is counted over all of it would be too little.</param>
    public IReadOnlyList<FamilyObservation> Complete(bool truncated)
    {
        if (_labels.Blocks.Count > 0 && _held.Count > 0) ObserveNone();
        foreach (HeldSample held in _held)
        {
            if (_names.Settle(held.Name) is { } settled) Emit(settled, held.Labels, held.Value, held.Ticks);
        }

        foreach (MetricSample sample in truncated ? [] : _names.RebuiltPhases())
        {
            if (_options.TagFilter?.Invoke(sample.Tags) == false) continue;
            Samples++;
            _onSample(sample);
        }

        IReadOnlyList<FamilyObservation> seen = _names.Observations();
        _memory.End();
        return seen;
    }

    // Series come in the same order in every scrape, and mostly in every family: the block after the last one, the one after
    // that where a machine lacks this family, or the one behind the place where a new machine broke the order.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryReadKnown(ref ExpositionReader reader, SeriesName name)
    {
        ByteTable blocks = _labels.Blocks;
        int next = _lastBlock + 1;
        if ((uint)next < (uint)blocks.Count && reader.TryReadKnown(name.Bytes, blocks.Get(next)))
        {
            _lastBlock = next;
            return reader.Token == ExpositionToken.Sample || Failed(ref reader);
        }

        return reader.StartsWith(name.Bytes) && TryReadNear(ref reader, name, next);
    }

    private bool TryReadNear(ref ExpositionReader reader, SeriesName name, int next)
    {
        ByteTable blocks = _labels.Blocks;
        Span<int> guesses = [next + 1, _resumeBlock + 1];
        foreach (int guess in guesses)
        {
            if ((uint)guess >= (uint)blocks.Count || !reader.TryReadKnown(name.Bytes, blocks.Get(guess))) continue;
            _lastBlock = guess;
            return reader.Token == ExpositionToken.Sample || Failed(ref reader);
        }

        return false;
    }

    private bool Failed(ref ExpositionReader reader)
    {
        Report(reader.Defect!);
        return false;
    }

    [MethodImpl(HotPath.Compile)]
    private void TakeParsed(ref ExpositionReader reader)
    {
        SeriesName? current = _current;
        if (current is null || !reader.Name.SequenceEqual(current.Bytes)) current = _current = _names.Resolve(ref reader);
        int block = -1;
        if (!reader.Labels.IsEmpty && current.Role != SeriesRole.Skip)
        {
            block = _labels.Blocks.FindOrAdd(reader.Labels, out _);
            if (block != _lastBlock + 1) _resumeBlock = _lastBlock;
            _lastBlock = block;
        }

        Take(ref reader, current, block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Take(ref ExpositionReader reader, SeriesName name, int block)
    {
        name.Series++;
        Count(1, reader.Line);
        long ticks = reader.HasTimestamp ? reader.TimestampTicks : 0;
        if (name.Role == SeriesRole.Emit) Emit(name.Descriptor!, block, reader.Value, ticks);
        else if (name.Role != SeriesRole.Skip) TakeSpecial(name, block, reader.Value, ticks);
    }

    private void TakeSpecial(SeriesName name, int block, double value, long ticks)
    {
        ReadOnlySpan<byte> labels = block < 0 ? default : _labels.Blocks.Get(block);
        switch (name.Role)
        {
            case SeriesRole.Hold:
                _held.Add(new HeldSample(name, block, value, ticks));
                break;
            case SeriesRole.Version:
                _names.ReadVersion(labels);
                break;
            case SeriesRole.PhaseSource:
                _names.Phases.Add(labels);
                break;
        }

        if (name.Role != SeriesRole.Hold && name.Descriptor is { } wanted) Emit(wanted, block, value, ticks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Emit(SeriesDescriptor descriptor, int block, double value, long ticks)
    {
        if (_tagFilter is not null && !_tagFilter.Keeps(block)) return;
        Samples++;
        double scaled = descriptor.Divisor == 1 ? value : value / descriptor.Divisor;
        _onSample(new MetricSample(descriptor, block, scaled, ticks));
    }

    private void Count(long series, long line)
    {
        Series += series;
        if (Series <= _options.MaxSeries) return;
        throw new ScrapeLimitException(
            "MaximumSeries",
            $"The scrape of {_context.Target} has more than {_options.MaxSeries} series (at line {line}). Raise -MaximumSeries if that is intended.");
    }

    private void ObserveNone()
    {
        for (int block = 0; block < _labels.Blocks.Count; block++)
        {
            if (_labels.Blocks.Get(block).IndexOf("=\"<none>\""u8) < 0) continue;
            Version.ObserveNone();
            return;
        }
    }
}
