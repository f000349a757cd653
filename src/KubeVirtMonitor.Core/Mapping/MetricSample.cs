using KubeVirtMonitor.Exposition;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor;

/// <summary>One value of one series at one moment, under the module's name. Names, tags and texts are made when asked for.</summary>
public class MetricSample
{
    private readonly SeriesDescriptor _descriptor;
    private readonly long _explicitTicks;
    private readonly int _labels;

    internal MetricSample(SeriesDescriptor descriptor, int labels, double value, long explicitTicks)
    {
        _descriptor = descriptor;
        _labels = labels;
        _explicitTicks = explicitTicks;
        Value = value;
    }

    /// <summary>Makes a sample that no exposition line holds, such as <c>kubevirt_api.can_connect</c>.</summary>
    /// <param name="definition">What it is.</param>
    /// <param name="value">The value in the definition's unit.</param>
    /// <param name="tags">All its tags.</param>
    /// <param name="target">The address it speaks of.</param>
    /// <param name="timestamp">When it was taken.</param>
    /// <param name="machine">The machine it is of.</param>
    /// <param name="origin">The cluster it is of; null = none, or not known.</param>
    internal static MetricSample Create(MetricDefinition definition, double value, TagSet tags, string target, DateTimeOffset timestamp, MachineIdentity machine = default, SampleOrigin? origin = null)
    {
        SeriesDescriptor descriptor = new()
        {
            Context = new ScrapeContext { Target = target, Timestamp = timestamp, Component = definition.Component, FixedTags = tags, Machine = machine, Origin = origin },
            Name = definition.Name,
            RawName = definition.RawNames.Count > 0 ? definition.RawNames[0] : definition.Name,
            Kind = definition.Kind,
            Unit = definition.Unit,
            Description = definition.Description,
            IsTimestamp = definition.IsTimestamp,
        };
        return new MetricSample(descriptor, -1, value, 0);
    }

    /// <summary>The module's name, such as <c>kubevirt_api.process.open_fds</c>; the raw name for what the catalogue does not know.</summary>
    public string Name => _descriptor.Name;

    /// <summary>The value in <see cref="Unit"/>. NaN and infinities are legal.</summary>
    public double Value { get; }

    /// <summary>Gauge or count.</summary>
    public MetricKind Kind => _descriptor.Kind;

    /// <summary>The unit in the singular, or null.</summary>
    public string? Unit => _descriptor.Unit;

    /// <summary>The time over which the value is an increase or a rate, in seconds; null for a value as an endpoint has it.</summary>
    /// <remarks>An increase is a count with an interval; a rate is a gauge with an interval and a unit such as <c>byte/second</c>.</remarks>
    public double? IntervalSeconds => Interval?.TotalSeconds;

    /// <summary>The time over which the value is an increase or a rate; null for a value as an endpoint has it.</summary>
    internal TimeSpan? Interval => _descriptor.Interval;

    /// <summary>The namespace of the machine it is of; null where it is of none.</summary>
    public string? Namespace => ReadMachine().Namespace;

    /// <summary>The machine it is of, by the name that a VM and its instance share; null where it is of none, such as a work queue.</summary>
    public string? Vmi => ReadMachine().Vmi;

    /// <summary>The node that its labels name, and else, of a virt-handler that was reached through a session, the node of that pod; null where neither is known.</summary>
    public string? Node => ReadMachine().Node;

    /// <summary>The cluster, as <see cref="Session"/> is shown: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString() ?? _descriptor.Context.Cluster;

    /// <summary>The tags, in the order of the scrape, followed by those of the target.</summary>
    public TagSet Tags => _descriptor.Context.GetTags(_labels);

    /// <summary>When the value was taken: the time on the line where it has one; else when the scrape was asked for, or the file was saved; else when it was read.</summary>
    public DateTimeOffset Timestamp => _explicitTicks == 0 ? _descriptor.Context.Timestamp : new DateTimeOffset(_explicitTicks, TimeSpan.Zero);

    /// <summary>The value as a time, for metrics that hold one; null for all others and for 0, which means never.</summary>
    public DateTimeOffset? Time => _descriptor.IsTimestamp ? UnixTime.FromSeconds(Value) : null;

    /// <summary>Whether the value is a point in time.</summary>
    internal bool IsTimestamp => _descriptor.IsTimestamp;

    /// <summary>The component that served it; null where it was neither given nor recognised.</summary>
    public ComponentKind? Component => _descriptor.Context.Component;

    /// <summary>The address or the file it came from.</summary>
    public string Target => _descriptor.Context.Target;

    /// <summary>The name on the endpoint.</summary>
    public string RawName => _descriptor.RawName;

    /// <summary>What the metric means; for what the catalogue does not know, the endpoint's own help text.</summary>
    public string? Description => _descriptor.Description;

    /// <summary>What was corrected on the way from the endpoint, or null.</summary>
    public string? Correction => _descriptor.Correction;

    /// <summary>The session through which it was read; null for files, text and addresses.</summary>
    internal KubeVirtSession? Session => _descriptor.Context.Origin?.Session;

    /// <inheritdoc/>
    public override string ToString() => $"{Name}{{{Tags}}} {Value.ToString("R", System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>The machine it is of.</summary>
    internal MachineIdentity ReadMachine() => _descriptor.Context.ReadMachine(_labels, _descriptor.Machine);

    /// <summary>What all samples of its name in its scrape have in common; another object in every scrape.</summary>
    internal SeriesDescriptor Descriptor => _descriptor;

    /// <summary>The number of its labels in the table of its scrape, see <see cref="ScrapeContext.Labels"/>; -1 where it has none.</summary>
    internal int Block => _labels;

    /// <summary>The value of one label, as text; null where it has none of the name.</summary>
    internal string? ReadLabel(ReadOnlySpan<byte> name)
    {
        if (_labels < 0) return null;
        LabelReader labels = new(_descriptor.Context.Labels!.Blocks.Get(_labels));
        while (labels.Read())
        {
            if (labels.Name.SequenceEqual(name)) return LabelText.Unescape(labels.Value);
        }

        return null;
    }

    /// <summary>How the endpoint has it.</summary>
    internal MetricForm Form => new(
        Kind,
        _descriptor.Type == MetricType.Untyped ? null : _descriptor.Type.ToString().ToLowerInvariant(),
        MetricForm.UnitOf(Unit, _descriptor.Divisor),
        _descriptor.Reading?.Name ?? (IsRebuilt && RawName == Name ? null : RawName));

    /// <summary>Whether the endpoint tells the type of its family.</summary>
    internal bool IsTyped => _descriptor.Type != MetricType.Untyped;

    /// <summary>The time on the line; 0 where it has none.</summary>
    internal long Ticks => _explicitTicks;

    /// <summary>The time of its scrape, whatever time the line has.</summary>
    internal DateTimeOffset ScrapeTime => _descriptor.Context.Timestamp;

    /// <summary>How labels became tags.</summary>
    internal TagRules? Rules => _descriptor.Context.Rules ?? _descriptor.Context.FixedTags?.Rules;

    /// <summary>Whether it was counted and not read, so that it has tags and no labels.</summary>
    internal bool IsRebuilt => _descriptor.Context.FixedTags is not null;

    /// <summary>The family and the Agent's ending, see <see cref="SampleFamily"/>.</summary>
    internal (string Family, string Suffix) Family => IsRebuilt ? (PhaseCounter.RebuiltName, "") : SampleFamily.Of(RawName, _descriptor.Type);

    /// <summary>The labels as the endpoint has them; for a rebuilt sample, its tags. Only to be called while its scrape is being read.</summary>
    internal List<KeyValuePair<string, string>> ReadLabels()
    {
        if (IsRebuilt) return [.. Tags.Where(tag => Rules?.IsReplaced(tag.Key) != true)];
        List<KeyValuePair<string, string>> read = [];
        if (_labels < 0) return read;
        LabelReader labels = new(_descriptor.Context.Labels!.Blocks.Get(_labels));
        while (labels.Read()) read.Add(new(LabelText.Unescape(labels.Name), LabelText.Unescape(labels.Value)));
        return read;
    }

    /// <summary>The same sample at another time.</summary>
    internal MetricSample At(long ticks) => new(_descriptor, _labels, Value, ticks);

    /// <summary>The same sample, of a target that is looked at again and again.</summary>
    internal WatchedSample Watched() => new(_descriptor, _labels, Value, _explicitTicks);

    /// <summary>The same sample, of a server that has stored it beside those of other times.</summary>
    internal StoredSample Stored() => new(_descriptor, _labels, Value, _explicitTicks);

    /// <summary>The same sample with another value, which is an increase or a rate.</summary>
    /// <param name="descriptor">What <see cref="SeriesDescriptor.Increase"/> or <see cref="SeriesDescriptor.Rate"/> made of its descriptor; one serves all samples of a name.</param>
    /// <param name="value">The increase in the unit of the sample, or the rate in that unit per second.</param>
    internal WatchedSample With(SeriesDescriptor descriptor, double value) => new(descriptor, _labels, value, _explicitTicks);

    /// <summary>The same sample under another name and with other tags.</summary>
    internal MetricSample With(string name, MetricKind kind, double value, TagSet tags) =>
        new(_descriptor.For(_descriptor.Context.With(tags), name, kind), _labels, value, _explicitTicks);
}

/// <summary>A sample of a target that is looked at again and again. It is a type of its own so that it has a view of its own, which tells looks from each other, and increases from totals.</summary>
internal sealed class WatchedSample : MetricSample
{
    internal WatchedSample(SeriesDescriptor descriptor, int labels, double value, long explicitTicks)
        : base(descriptor, labels, value, explicitTicks)
    {
    }
}

/// <summary>A sample of a query of a user's own. It is a type of its own so that it has a view of its own, which shows all labels, and the query once.</summary>
internal sealed class QueriedSample : MetricSample
{
    internal QueriedSample(SeriesDescriptor descriptor, int labels, double value, long explicitTicks)
        : base(descriptor, labels, value, explicitTicks)
    {
    }
}

/// <summary>A sample of a range of time, from a server that stores them. It is a type of its own so that it has a view of its own, which shows the values of a series over time.</summary>
internal sealed class StoredSample : MetricSample
{
    internal StoredSample(SeriesDescriptor descriptor, int labels, double value, long explicitTicks)
        : base(descriptor, labels, value, explicitTicks)
    {
    }
}
