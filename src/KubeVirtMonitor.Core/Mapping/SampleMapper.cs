using System.Buffers;
using System.Runtime.CompilerServices;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Mapping;

/// <summary>The loop from lines to samples of one scrape.</summary>
internal sealed class SampleMapper
{
    private readonly TargetMemory _memory;
    private readonly MappingOptions _options;
    private readonly NameResolver _names;
    private readonly FormatRules _rules;
    private readonly Action<ExpositionDefect>? _onDefect;
    private readonly ScrapeContext _context;
    private readonly LabelTable _labels;
    private readonly List<HeldSample> _held = [];
    private readonly BlockFilter? _tagFilter;
    private readonly BlockFilter?[]? _machineFilters;
    private Action<MetricSample> _onSample;
    private List<(MetricSample Sample, bool IsUnitKnown)>? _undated;
    private Action<MetricSample>? _onward;
    private bool _isUnitKnown = true;
    private long _seriesAtEof = -1;
    private SeriesDescriptor? _beyondFrom;
    private SeriesDescriptor? _beyond;
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
        _context = new ScrapeContext { Target = target.Target, Timestamp = timestamp, Component = component, Origin = target.Origin, Cluster = target.Cluster, Node = target.Node, PodName = target.PodName, Labels = _labels, Rules = rules };
        _rules = new FormatRules(memory, Report);
        _names = new NameResolver(memory, options, _context, _rules);
        if (options.TagFilter is { } wanted)
        {
            // Apart from the table's own tags, so that a filter over many machines leaves nothing in memory.
            TagBuilder builder = new(rules);
            _tagFilter = new BlockFilter(_labels, block => wanted(builder.Build(block)));
        }

        if (options.MachineFilter is { } ofMachine)
        {
            string? node = target.Origin?.Node ?? target.Node;
            BlockFilter Of(MachineLabels labels) => new(_labels, block => ofMachine(MachineIdentity.Read(block, labels, node)));
            _machineFilters = [null, Of(MachineLabels.Node), Of(MachineLabels.Namespace), Of(MachineLabels.Machine)];
        }
    }

    public long Series { get; private set; }

    public long Samples { get; private set; }

    public long Defects { get; private set; }

    /// <summary>Whether the last line that said anything was <c># EOF</c>.</summary>
    public bool EndedByEof => _seriesAtEof == Series;

    /// <summary>Whether families have samples under names that only OpenMetrics gives them.</summary>
    public bool ShowsOpenMetrics => _names.ShowsOpenMetrics;

    public VersionTracker Version => _names.Version;

    public ComponentKind? Component => _context.Component;

    /// <summary>When the process started, in seconds since 1970, see <see cref="ScrapeSummary.ProcessStart"/>.</summary>
    public double? ProcessStart { get; private set; }

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

            if (!reader.Read()) break;
            switch (reader.Token)
            {
                case ExpositionToken.Sample:
                    TakeParsed(ref reader);
                    break;
                case ExpositionToken.Help or ExpositionToken.Type or ExpositionToken.Unit:
                    _names.TakeMetadata(ref reader);
                    break;
                case ExpositionToken.Eof:
                    _seriesAtEof = Series;
                    break;
                case ExpositionToken.Defect:
                    Report(reader.Defect!);
                    break;
            }
        }

        if (_undated is not null && (reader.IsOpenMetrics || ShowsOpenMetrics)) Date(isOpenMetrics: true);
    }

    /// <summary>Reports a defect.</summary>
    public void Report(ExpositionDefect defect)
    {
        Defects++;
        _onDefect?.Invoke(defect);
    }

    /// <summary>Hands on what had to wait for the end.</summary>
    /// <param name="truncated">Whether the body broke off, so that what is counted over all of it would be too little.</param>
    /// <param name="isOpenMetrics">What the scrape turned out to be.</param>
    public IReadOnlyList<FamilyObservation> Complete(bool truncated, bool isOpenMetrics)
    {
        if (truncated) _rules.Drop();
        else _rules.Leave();
        if (_undated is not null) Date(isOpenMetrics);
        if (_labels.Blocks.Count > 0 && _held.Count > 0) ObserveNone();
        foreach (HeldSample held in _held)
        {
            if (_names.Settle(held.Name) is { } settled) Emit(settled, held.Labels, held.Value, held.IsUnitKnown || !isOpenMetrics ? held.Ticks : InSeconds(held.Ticks));
        }

        foreach (MetricSample sample in truncated ? [] : _names.RebuiltPhases())
        {
            if (_options.TagFilter?.Invoke(sample.Tags) == false || _options.MachineFilter?.Invoke(sample.ReadMachine()) == false) continue;
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
        if (current is null || !reader.Name.SequenceEqual(current.Bytes))
        {
            current = _current = _names.Resolve(ref reader);
            _rules.Enter(ref reader, current);
        }

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
        if (!(reader.Value >= name.Unquestioned) || reader.HasTimestamp || !name.TryFollow(block))
        {
            TakeUncommon(ref reader, name, block);
            return;
        }

        if (name.Rule == SeriesRule.Bucket) _rules.TakeNextBucket(name, block, reader.Value, reader.Line);
        Emit(name.Descriptor!, block, reader.Value, 0);
    }

    // What has a time, follows a rule, breaks the order or is not simply handed on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TakeUncommon(ref ExpositionReader reader, SeriesName name, int block)
    {
        if (name.Role == SeriesRole.Skip) return;
        long ticks = 0;
        bool isNew = name.Add(block);
        if (reader.HasTimestamp)
        {
            ticks = reader.TimestampTicks;
            if (!TakeStamped(ref reader, name, block, isNew)) return;
        }
        else if (!isNew)
        {
            _rules.ReportRepeated(ref reader);
            return;
        }

        if (name.Rule == SeriesRule.Bucket || !(reader.Value >= name.Unquestioned)) _rules.Check(ref reader, name, block);
        if (name.Role == SeriesRole.Emit) Emit(name.Descriptor!, block, reader.Value, ticks);
        else TakeSpecial(name, block, reader.Value, ticks);
    }

    private void TakeSpecial(SeriesName name, int block, double value, long ticks)
    {
        ReadOnlySpan<byte> labels = block < 0 ? default : _labels.Blocks.Get(block);
        switch (name.Role)
        {
            case SeriesRole.Hold:
                _held.Add(new HeldSample(name, block, value, ticks, ticks == 0 || _isUnitKnown));
                break;
            case SeriesRole.Version:
                _names.ReadVersion(labels);
                break;
            case SeriesRole.PhaseSource:
                _names.Phases.Add(labels);
                break;
            case SeriesRole.ProcessStart:
                // Several are those of several processes, which a collector has put together.
                ProcessStart = name.Series == 1 && ticks == 0 && double.IsFinite(value) ? value : null;
                break;
        }

        if (name.Role != SeriesRole.Hold && name.Descriptor is { } wanted) Emit(wanted, block, value, ticks);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Emit(SeriesDescriptor descriptor, int block, double value, long ticks)
    {
        if (_machineFilters is not null && _machineFilters[(int)descriptor.Machine]?.Keeps(block) == false) return;
        if (_tagFilter is not null && !_tagFilter.Keeps(block)) return;
        Samples++;
        if (ticks != 0 && (ticks == TimestampReader.Earliest || ticks == TimestampReader.Latest)) descriptor = Beyond(descriptor);
        double scaled = descriptor.Divisor == 1 ? value : value / descriptor.Divisor;
        _onSample(new MetricSample(descriptor, block, scaled, ticks));
    }

    private bool TakeStamped(ref ExpositionReader reader, SeriesName name, int block, bool isNew)
    {
        _isUnitKnown = reader.HasUnitOfTimestamp;
        if (!_isUnitKnown && _undated is null)
        {
            // Milliseconds or seconds: what comes later tells, and until then nothing is handed on, so that the order stays.
            _undated = [];
            _onward = _onSample;
            _onSample = AddUndated;
        }

        return _rules.TakeStamped(ref reader, name, block, isNew);
    }

    private void AddUndated(MetricSample sample) => _undated!.Add((sample, _isUnitKnown));

    private void Date(bool isOpenMetrics)
    {
        List<(MetricSample Sample, bool IsUnitKnown)> undated = _undated!;
        _undated = null;
        _onSample = _onward!;
        foreach ((MetricSample sample, bool isUnitKnown) in undated)
            _onSample(isUnitKnown || !isOpenMetrics || sample.Ticks == 0 ? sample : sample.At(InSeconds(sample.Ticks)));
    }

    // Read as milliseconds, and seconds after all.
    private static long InSeconds(long ticks) =>
        ticks == 0 ? 0 : DateTime.UnixEpoch.Ticks + ((ticks - DateTime.UnixEpoch.Ticks) * (TimeSpan.TicksPerSecond / TimeSpan.TicksPerMillisecond));

    private SeriesDescriptor Beyond(SeriesDescriptor descriptor)
    {
        if (_beyondFrom == descriptor) return _beyond!;
        _beyondFrom = descriptor;
        return _beyond = descriptor.With("the timestamp on the line is outside the calendar, and was replaced with the nearest valid time");
    }

    private void Count(long series, long line)
    {
        Series += series;
        if (Series > _options.MaxSeries) EndByLimit(line);
    }

    private void EndByLimit(long line) =>
        throw new ScrapeLimitException(
            nameof(_options.MaxSeries),
            $"The scrape of {_context.Target} has more than {_options.MaxSeries} series (at line {line}).");

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

/// <summary>A sample whose meaning waits for the KubeVirt version.</summary>
internal readonly record struct HeldSample(SeriesName Name, int Labels, double Value, long Ticks, bool IsUnitKnown);

/// <summary>Whether series with a label block are wanted.</summary>
internal delegate bool BlockPredicate(ReadOnlySpan<byte> block);

/// <summary>Asks a filter once per distinct label block and remembers the answer for the scrape.</summary>
internal sealed class BlockFilter(LabelTable labels, BlockPredicate keeps)
{
    private const byte Keep = 1;
    private const byte Drop = 2;

    private readonly byte[] _noLabels = new byte[1];
    private byte[] _answers = new byte[256];

    /// <summary>Whether samples of the block are kept.</summary>
    public bool Keeps(int block)
    {
        ref byte answer = ref _noLabels[0];
        if (block >= 0)
        {
            if (block >= _answers.Length) Array.Resize(ref _answers, Math.Max(labels.Blocks.Count, block + 1) * 2);
            answer = ref _answers[block];
        }

        if (answer == 0) answer = keeps(block < 0 ? default : labels.Blocks.Get(block)) ? Keep : Drop;
        return answer == Keep;
    }
}

/// <summary>
/// Counts VMIs per phase and kind from <c>kubevirt_vmi_info</c>, as <c>kubevirt_vmi_phase_count</c> did on the endpoint until
/// KubeVirt 1.3 made it a recording rule.
/// </summary>
internal sealed class PhaseCounter
{
    /// <summary>The family that is rebuilt.</summary>
    public const string RebuiltName = "kubevirt_vmi_phase_count";

    /// <summary>The labels that KubeVirt's rule groups by: guest_os_arch since 1.4. That of 1.5 and 1.6 had vmi_pod as well, by which every count was 1.</summary>
    public static readonly string[] Labels =
    [
        "flavor", "guest_os_arch", "guest_os_kernel_release", "guest_os_machine", "guest_os_name", "guest_os_version_id", "instance_type", "node", "os",
        "phase", "preference", "workload",
    ];

    private readonly ByteTable _groups = new();
    private readonly List<int> _counts = [];
    private readonly ArrayBufferWriter<byte> _key = new();

    /// <summary>Counts one series of <c>kubevirt_vmi_info</c>.</summary>
    public void Add(ReadOnlySpan<byte> block)
    {
        _key.ResetWrittenCount();
        _key.Write("{"u8);
        LabelReader labels = new(block);
        while (labels.Read())
        {
            if (!IsGrouping(labels.Name)) continue;
            _key.Write(labels.Name);
            _key.Write("=\""u8);
            _key.Write(labels.Value);
            _key.Write("\","u8);
        }

        _key.Write("}"u8);
        int group = _groups.FindOrAdd(_key.WrittenSpan, out bool added);
        if (added) _counts.Add(0);
        _counts[group]++;
    }

    /// <summary>Every group and its number of instances, in order of first appearance.</summary>
    public IEnumerable<KeyValuePair<TagSet, int>> Groups(TagRules rules)
    {
        TagBuilder builder = new(rules);
        for (int group = 0; group < _counts.Count; group++)
        {
            yield return new(builder.Build(_groups.Get(group)), _counts[group]);
        }
    }

    private static bool IsGrouping(ReadOnlySpan<byte> name)
    {
        foreach (string label in Labels)
        {
            if (System.Text.Ascii.Equals(name, label)) return true;
        }

        return false;
    }
}
