using System.Text;

namespace KubeVirtMonitor.Simulator;

/// <summary>The labels of a series, sorted by name. Sets are ordered as Go's registry orders series: fewer labels first, then value by value.</summary>
internal sealed class LabelSet : IComparable<LabelSet>
{
    private readonly (string Name, string Value)[] _labels;

    /// <summary>Takes labels in any order.</summary>
    public LabelSet(params IEnumerable<(string Name, string Value)> labels)
    {
        _labels = [.. labels];
        Array.Sort(_labels, (x, y) => string.CompareOrdinal(x.Name, y.Name));
    }

    /// <summary>The labels, sorted by name.</summary>
    public IReadOnlyList<(string Name, string Value)> Labels => _labels;

    /// <summary>A set with one more label.</summary>
    public LabelSet With(string name, string value) => new(_labels.Append((name, value)));

    /// <inheritdoc/>
    public int CompareTo(LabelSet? other)
    {
        if (other is null) return 1;
        if (_labels.Length != other._labels.Length) return _labels.Length.CompareTo(other._labels.Length);
        for (int i = 0; i < _labels.Length; i++)
        {
            int order = string.CompareOrdinal(_labels[i].Value, other._labels[i].Value);
            if (order != 0) return order;
        }

        return 0;
    }

    /// <summary>The label block as it stands on a line, with the braces; nothing for no labels.</summary>
    /// <param name="last">A label that follows the sorted ones, as <c>le</c> and <c>quantile</c> do.</param>
    public byte[] Render((string Name, string Value)? last = null)
    {
        if (_labels.Length == 0 && last is null) return [];
        StringBuilder text = new("{");
        foreach ((string name, string value) in _labels) Append(text, name, value);
        if (last is { } extra) Append(text, extra.Name, extra.Value);
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }

    /// <inheritdoc/>
    public override string ToString() => Encoding.UTF8.GetString(Render());

    private static void Append(StringBuilder text, string name, string value)
    {
        if (text.Length > 1) text.Append(',');
        text.Append(name).Append("=\"").Append(value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)).Append('"');
    }
}
