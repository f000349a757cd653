using System.Text;

namespace KubeVirtMonitor.Catalog;

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

    /// <summary>The components that serve the family, separated by spaces; a star behind those whose Agent check documents it.</summary>
    public ReadOnlySpan<byte> Components { get; }

    /// <summary>The module's name behind the component, without the <c>.count</c>, <c>.bucket</c>, <c>.sum</c>, <c>.quantile</c> that the kind adds.</summary>
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
