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
