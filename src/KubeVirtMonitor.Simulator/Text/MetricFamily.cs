using System.Text;

namespace KubeVirtMonitor.Simulator;

/// <summary>A family: its HELP and TYPE lines and its series in the order in which they are written.</summary>
public sealed class MetricFamily
{
    internal MetricFamily(string name, string help, string type, IReadOnlyList<Series> series)
    {
        Name = name;
        Type = type;
        Series = series as Series[] ?? [.. series];
        NameBytes = Encoding.UTF8.GetBytes(name);
        string escaped = help.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        Header = Encoding.UTF8.GetBytes($"# HELP {name} {escaped}\n# TYPE {name} {type}\n");
    }

    private MetricFamily(MetricFamily other, Series[] series)
    {
        Name = other.Name;
        Type = other.Type;
        NameBytes = other.NameBytes;
        Header = other.Header;
        Series = series;
    }

    /// <summary>The family name.</summary>
    public string Name { get; }

    /// <summary>The type on the TYPE line.</summary>
    public string Type { get; }

    /// <summary>Number of lines.</summary>
    public int Count => Series.Length;

    internal Series[] Series { get; }

    internal byte[] NameBytes { get; }

    internal byte[] Header { get; }

    /// <summary>The same family with more lines.</summary>
    internal MetricFamily With(Series[] more) => new(this, [.. Series, .. more]);

    /// <summary>The same family with other lines.</summary>
    internal MetricFamily With(Func<Series, Series> change) => new(this, [.. Series.Select(change)]);
}
