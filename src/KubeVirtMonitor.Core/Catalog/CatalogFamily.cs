using System.Text;

namespace KubeVirtMonitor.Catalog;

/// <summary>One line of a data file, and the definitions and sample names that follow from it on each of its components.</summary>
internal sealed class CatalogFamily
{
    private static readonly string[] Prefixes = ["kubevirt_api.", "kubevirt_controller.", "kubevirt_handler.", "kubevirt_operator."];

    private readonly string _name;
    private readonly string _type;
    private readonly string? _unit;
    private readonly string? _counted;
    private readonly string _description;
    private readonly bool _isTimestamp;
    private readonly MetricPresence _presence;
    private readonly RawMetric[] _raw;
    private readonly string? _derivedFrom;

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">A column says what it must not say.</exception>
    public CatalogFamily(CatalogRow row)
    {
        _name = Encoding.UTF8.GetString(row.Name);
        _isTimestamp = row.Kind.SequenceEqual("time"u8);
        _type = _isTimestamp ? "gauge" : Type(row.Kind);
        _unit = CatalogRow.Text(row.Unit);
        _counted = CatalogRow.Text(row.Counted);
        _description = Encoding.UTF8.GetString(row.Description);
        _raw = RawMetricList.Parse(row.Raw, _type, out _derivedFrom);
        if (!MetricPresenceNames.TryParse(row.Presence, out _presence)) throw new FormatException("an unknown presence");
        if (_type is "histogram" or "summary")
        {
            foreach (RawMetric raw in _raw)
            {
                if (raw.Divisor != 1) throw new FormatException("a divisor would have to reach the bucket bounds too");
            }
        }
        else if (_counted is not null)
        {
            throw new FormatException("only histograms and summaries count observations");
        }
    }

    /// <summary>Adds what the family means on one component.</summary>
    public void AddTo(CatalogBuilder builder, ComponentKind component, bool documented)
    {
        Target target = new(builder, component, documented, _description.Replace("{component}", ComponentFacts.NameOf(component), StringComparison.Ordinal));
        switch (_type)
        {
            case "gauge":
                Add(target, "", "", MetricKind.Gauge, _unit, "");
                return;
            case "counter":
                Add(target, ".count", "", MetricKind.Count, _unit, "");
                return;
            case "histogram":
                Add(target, ".bucket", "_bucket", MetricKind.Count, _counted, " Observations up to the tag upper_bound.");
                break;
            default:
                Add(target, ".quantile", "", MetricKind.Gauge, _unit, " The value at the tag quantile.");
                break;
        }

        Add(target, ".sum", "_sum", MetricKind.Count, _unit, " Sum of all observations.");
        Add(target, ".count", "_count", MetricKind.Count, _counted, " Number of observations.");
    }

    private static string Type(ReadOnlySpan<byte> kind) =>
        kind.SequenceEqual("gauge"u8) ? "gauge"
        : kind.SequenceEqual("count"u8) ? "counter"
        : kind.SequenceEqual("histogram"u8) ? "histogram"
        : kind.SequenceEqual("summary"u8) ? "summary"
        : throw new FormatException("an unknown kind");

    private void Add(Target target, string nameSuffix, string sampleSuffix, MetricKind kind, string? unit, string remark)
    {
        MetricDefinition definition = new(
            string.Concat(Prefixes[(int)target.Component], _name, nameSuffix),
            kind,
            unit,
            string.Concat(target.Description, remark),
            target.Component,
            _raw,
            target.Documented,
            _isTimestamp,
            _derivedFrom,
            _presence);
        target.Builder.Definitions.Add(definition);
        for (int i = 0; i < _raw.Length; i++)
        {
            if (IndexOf(_raw[i].Name) == i) target.Builder.AddSample(string.Concat(_raw[i].Name, sampleSuffix), SpansOf(i), definition);
        }
    }

    private int IndexOf(string rawName)
    {
        int i = 0;
        while (_raw[i].Name != rawName) i++;
        return i;
    }

    private RawMetric[] SpansOf(int index)
    {
        if (_raw.Length == 1) return _raw;
        List<RawMetric> spans = new(_raw.Length);
        for (int i = index; i < _raw.Length; i++)
        {
            if (_raw[i].Name == _raw[index].Name) spans.Add(_raw[i]);
        }

        return [.. spans];
    }

    private readonly record struct Target(CatalogBuilder Builder, ComponentKind Component, bool Documented, string Description);
}
