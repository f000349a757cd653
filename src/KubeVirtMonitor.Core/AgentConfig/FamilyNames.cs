using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>The names that <c>metrics</c> and <c>extra_metrics</c> give to families.</summary>
/// <param name="space">The first part of each name.</param>
internal sealed class FamilyNames(string space)
{
    private readonly Dictionary<string, FamilyName> _exact = new(StringComparer.Ordinal);
    private readonly List<(Regex Pattern, FamilyName Name)> _patterns = [];

    public void Add(string family, FamilyName name) => _exact[family] = name;

    public void Add(Regex pattern, FamilyName name) => _patterns.Add((pattern, name));

    /// <summary>The name and kind of a family's samples; null where the user gave none.</summary>
    /// <param name="family">The family, of a counter without <c>_total</c>.</param>
    /// <param name="suffix">What the Agent puts behind the name by the type on the endpoint.</param>
    public (string Name, MetricKind Kind)? Find(string family, string suffix)
    {
        if (!_exact.TryGetValue(family, out FamilyName? found)) found = _patterns.Find(entry => entry.Pattern.IsMatch(family)).Name;
        if (found is null) return null;
        string end = found.Kind switch
        {
            MetricKind.Gauge => "",
            MetricKind.Count => ".count",
            _ => suffix,
        };
        MetricKind kind = found.Kind ?? (suffix is "" or ".quantile" ? MetricKind.Gauge : MetricKind.Count);
        string first = space.Length == 0 ? "" : space + ".";
        return (first + (found.Name ?? family) + end, kind);
    }
}

/// <summary>What a user calls a family.</summary>
/// <param name="Name">The name; null = as on the endpoint.</param>
/// <param name="Kind">The kind; null = by the type on the endpoint.</param>
internal sealed record FamilyName(string? Name, MetricKind? Kind);
