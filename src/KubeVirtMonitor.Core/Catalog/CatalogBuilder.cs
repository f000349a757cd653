using System.Text;

namespace KubeVirtMonitor.Catalog;

/// <summary>Collects definitions and sample names from the lines of the data files.</summary>
internal sealed class CatalogBuilder
{
    /// <summary>The definitions so far, in the order of the files.</summary>
    public List<MetricDefinition> Definitions { get; } = new(512);

    /// <summary>The entries so far, by component, in the order of the files.</summary>
    public List<CatalogEntry>[] Entries { get; } = [[], [], [], []];

    /// <summary>The sample and family names so far.</summary>
    public SampleNameTable Names { get; } = new();

    /// <summary>Takes in a data file.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read; the message names file, line and reason.</exception>
    public void Read(string file, ReadOnlySpan<byte> data)
    {
        bool header = false;
        for (int number = 1; !data.IsEmpty; number++)
        {
            int end = data.IndexOf((byte)'\n');
            ReadOnlySpan<byte> line = end < 0 ? data : data[..end];
            data = end < 0 ? default : data[(end + 1)..];
            if (!header && !line.IsEmpty && line[0] == '#') continue;
            try
            {
                if (header) AddLine(line);
                else if (!Ascii.Equals(line, CatalogRow.Header)) throw new FormatException("the header is missing or has other columns");
                header = true;
            }
            catch (FormatException e)
            {
                throw new InvalidDataException($"{file}, line {number}: {e.Message}.", e);
            }
        }

        if (!header) throw new InvalidDataException($"{file}: the header is missing.");
    }

    /// <summary>Notes that a component serves a sample, and what it means.</summary>
    public void AddSample(string sampleName, RawMetric[] raw, MetricDefinition definition)
    {
        ComponentKind component = definition.Component;
        CatalogEntry entry = new(sampleName, raw, definition);
        Entries[(int)component].Add(entry);
        Names.GetOrAdd(sampleName).Set(component, entry);
        if (sampleName.Length != raw[0].Name.Length) Names.GetOrAdd(raw[0].Name).Serve(component);
    }

    /// <summary>
    /// Notes <c>NAME_total</c> for every counter without that ending: OpenMetrics appends it, while the 0.0.4 text that KubeVirt sends does not.
    /// A name that some version uses itself stays what it is.
    /// </summary>
    public void AddOpenMetricsNames()
    {
        foreach (List<CatalogEntry> entries in Entries)
        {
            foreach (CatalogEntry entry in entries)
            {
                if (entry.Raw[0].Type != "counter" || entry.SampleName.EndsWith("_total", StringComparison.Ordinal)) continue;
                Names.GetOrAdd(entry.SampleName + "_total").SetWhereUnknown(entry.Definition.Component, entry);
            }
        }
    }

    private void AddLine(ReadOnlySpan<byte> line)
    {
        CatalogRow row = CatalogRow.Parse(line);
        CatalogFamily family = new(row);
        ReadOnlySpan<byte> components = row.Components;
        while (!components.IsEmpty)
        {
            int space = components.IndexOf((byte)' ');
            ReadOnlySpan<byte> word = space < 0 ? components : components[..space];
            components = space < 0 ? default : components[(space + 1)..];
            bool documented = !word.IsEmpty && word[^1] == '*';
            family.AddTo(this, Component(documented ? word[..^1] : word), documented);
        }
    }

    private static ComponentKind Component(ReadOnlySpan<byte> word) =>
        word.SequenceEqual("api"u8) ? ComponentKind.Api
        : word.SequenceEqual("controller"u8) ? ComponentKind.Controller
        : word.SequenceEqual("handler"u8) ? ComponentKind.Handler
        : word.SequenceEqual("operator"u8) ? ComponentKind.Operator
        : throw new FormatException("an unknown component");
}

/// <summary>One line of a data file: one metric family, its nine columns by name. A dash stands for nothing.</summary>
internal readonly ref struct CatalogRow
{
    /// <summary>The first line of every data file, below the comments.</summary>
    public const string Header = "components\tname\tkind\tunit\tcounted\traw\tpresence\tdescription\tnote";

    private CatalogRow(
        ReadOnlySpan<byte> components,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> kind,
        ReadOnlySpan<byte> unit,
        ReadOnlySpan<byte> counted,
        ReadOnlySpan<byte> raw,
        ReadOnlySpan<byte> presence,
        ReadOnlySpan<byte> description)
    {
        Components = components;
        Name = name;
        Kind = kind;
        Unit = unit;
        Counted = counted;
        Raw = raw;
        Presence = presence;
        Description = description;
    }

    /// <summary>The components that serve the family, separated by spaces; an asterisk after those whose Agent check documents it.</summary>
    public ReadOnlySpan<byte> Components { get; }

    /// <summary>The module's name after the component, without the <c>.count</c>, <c>.bucket</c>, <c>.sum</c>, <c>.quantile</c> that the kind adds.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary><c>gauge</c>, <c>count</c>, <c>histogram</c>, <c>summary</c>, or <c>time</c> for a point in time.</summary>
    public ReadOnlySpan<byte> Kind { get; }

    /// <summary>The unit of the values.</summary>
    public ReadOnlySpan<byte> Unit { get; }

    /// <summary>What a histogram or summary counts.</summary>
    public ReadOnlySpan<byte> Counted { get; }

    /// <summary>The raw families, as <see cref="RawMetricList"/> reads them.</summary>
    public ReadOnlySpan<byte> Raw { get; }

    /// <summary>The word for <see cref="MetricPresence"/>.</summary>
    public ReadOnlySpan<byte> Presence { get; }

    /// <summary>The description; <c>{component}</c> stands for the component.</summary>
    public ReadOnlySpan<byte> Description { get; }

    /// <summary>Splits a line. The last column, the note, is for readers of the file.</summary>
    /// <exception cref="FormatException">The line has not exactly nine columns, or one is empty.</exception>
    public static CatalogRow Parse(ReadOnlySpan<byte> line)
    {
        CatalogRow row = new(Next(ref line), Next(ref line), Next(ref line), Next(ref line), Next(ref line), Next(ref line), Next(ref line), Next(ref line));
        if (line.IsEmpty || line.Contains((byte)'\t')) throw new FormatException("not exactly nine columns");
        return row;
    }

    /// <summary>The text of a column, or null for a dash.</summary>
    public static string? Text(ReadOnlySpan<byte> column) => column.SequenceEqual("-"u8) ? null : Encoding.UTF8.GetString(column);

    private static ReadOnlySpan<byte> Next(scoped ref ReadOnlySpan<byte> line)
    {
        int tab = line.IndexOf((byte)'\t');
        if (tab < 0) throw new FormatException("not exactly nine columns");
        if (tab == 0) throw new FormatException("an empty column; write a dash for nothing");
        ReadOnlySpan<byte> column = line[..tab];
        line = line[(tab + 1)..];
        return column;
    }
}

/// <summary>One line of a data file, and the definitions and sample names that follow from it on each of its components.</summary>
internal sealed class CatalogFamily
{
    private static readonly string[] Prefixes = [.. Enum.GetValues<ComponentKind>().Select(static component => ComponentFacts.CheckNameOf(component) + ".")];

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

/// <summary>
/// Reads the column of raw families: names separated by spaces, newest first, each as
/// <c>NAME[:TYPE][@SINCE..UNTIL][/DIVISOR]</c>, with either version left out where there is no limit.
/// <c>=NAME</c> names the family that the metric is computed from in versions that lack one of its own.
/// </summary>
internal static class RawMetricList
{
    /// <summary>Reads the column.</summary>
    /// <param name="column">The column; a dash is an empty list.</param>
    /// <param name="defaultType">The type of families that name none.</param>
    /// <param name="derivedFrom">The name after <c>=</c>, or null.</param>
    /// <exception cref="FormatException">An item cannot be read.</exception>
    public static RawMetric[] Parse(ReadOnlySpan<byte> column, string defaultType, out string? derivedFrom)
    {
        derivedFrom = null;
        if (column.SequenceEqual("-"u8)) return [];
        List<RawMetric> list = new(2);
        while (!column.IsEmpty)
        {
            int space = column.IndexOf((byte)' ');
            ReadOnlySpan<byte> item = space < 0 ? column : column[..space];
            column = space < 0 ? default : column[(space + 1)..];
            if (item.IsEmpty) throw new FormatException("two spaces between raw families");
            if (item[0] == '=') derivedFrom = Name(Cut(ref item, (byte)'@')[1..]);
            else list.Add(ParseItem(item, defaultType));
        }

        return [.. list];
    }

    private static RawMetric ParseItem(ReadOnlySpan<byte> item, string defaultType)
    {
        ReadOnlySpan<byte> rest = item;
        ReadOnlySpan<byte> head = Cut(ref rest, (byte)'/');
        double divisor = 1;
        if (!rest.IsEmpty && (!System.Buffers.Text.Utf8Parser.TryParse(rest, out divisor, out int used) || used != rest.Length || !(divisor > 0)))
            throw Malformed(item);

        ReadOnlySpan<byte> span = head;
        head = Cut(ref span, (byte)'@');
        KubeVirtVersion? since = null, until = null;
        if (!span.IsEmpty)
        {
            int dots = span.IndexOf(".."u8);
            if (dots < 0) throw Malformed(item);
            since = Version(span[..dots], item);
            until = Version(span[(dots + 2)..], item);
            if (since is null && until is null) throw Malformed(item);
            if (since is { } first && until is { } end && first >= end) throw Malformed(item);
        }

        ReadOnlySpan<byte> type = head;
        head = Cut(ref type, (byte)':');
        return new RawMetric(Name(head), type.IsEmpty ? defaultType : Type(type, item), since, until, divisor);
    }

    /// <summary>Cuts at a separator: what is before it is returned, and what is after it stays.</summary>
    private static ReadOnlySpan<byte> Cut(scoped ref ReadOnlySpan<byte> text, byte separator)
    {
        int at = text.IndexOf(separator);
        ReadOnlySpan<byte> head = at < 0 ? text : text[..at];
        text = at < 0 ? default : text[(at + 1)..];
        return head;
    }

    private static string Name(ReadOnlySpan<byte> name)
    {
        bool good = !name.IsEmpty && name[0] is >= (byte)'a' and <= (byte)'z';
        foreach (byte b in name) good &= b is (>= (byte)'a' and <= (byte)'z') or (>= (byte)'0' and <= (byte)'9') or (byte)'_';
        return good ? Encoding.UTF8.GetString(name) : throw Malformed(name);
    }

    private static string Type(ReadOnlySpan<byte> type, ReadOnlySpan<byte> item) =>
        type.SequenceEqual("counter"u8) ? "counter" : type.SequenceEqual("gauge"u8) ? "gauge" : throw Malformed(item);

    private static KubeVirtVersion? Version(ReadOnlySpan<byte> text, ReadOnlySpan<byte> item)
    {
        if (text.IsEmpty) return null;
        return KubeVirtVersion.TryParse(Encoding.UTF8.GetString(text), out KubeVirtVersion version) ? version : throw Malformed(item);
    }

    private static FormatException Malformed(ReadOnlySpan<byte> item) =>
        new($"'{Encoding.UTF8.GetString(item)}' is not NAME[:TYPE][@SINCE..UNTIL][/DIVISOR]");
}
