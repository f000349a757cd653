using System.Text;

namespace KubeVirtMonitor.Catalog;

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
    /// <param name="derivedFrom">The name behind <c>=</c>, or null.</param>
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

    /// <summary>Cuts at a separator: what stands before it is returned, what stands behind it stays.</summary>
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
