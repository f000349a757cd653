using System.Management.Automation;
using System.Text;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;

namespace KubeVirtMonitor.Binding;

/// <summary>The names of metrics that a cmdlet is asked for without wildcards: which of them there are.</summary>
internal sealed class MetricNames
{
    private readonly Dictionary<string, string> _unknown = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);

    private MetricNames(IEnumerable<string> unknown)
    {
        foreach (string name in unknown) _unknown[name] = name;
    }

    /// <summary>All names of the catalogue, the module's and the raw ones.</summary>
    public static IEnumerable<string> All => MetricCatalog.Default.Definitions.Select(definition => definition.Name).Concat(Raw);

    /// <summary>The names that are neither in the catalogue nor, so far, in a scrape.</summary>
    public IReadOnlyCollection<string> Unknown => _unknown.Values;

    /// <summary>What the scrapes have, and the catalogue.</summary>
    public IEnumerable<string> Candidates => _seen.Concat(All);

    private static IEnumerable<string> Raw => Enum.GetValues<ComponentKind>().SelectMany(MetricCatalog.Default.Entries).Select(entry => entry.SampleName).Distinct(StringComparer.Ordinal);

    /// <summary>The names without wildcards that the catalogue does not have.</summary>
    /// <param name="names">The names and patterns; null = none.</param>
    /// <param name="raw">Whether only raw names count.</param>
    public static MetricNames Of(string[]? names, bool raw)
    {
        string[] literal = [.. (names ?? []).Where(name => !WildcardPattern.ContainsWildcardCharacters(name))];
        if (literal.Length == 0) return new MetricNames([]);
        return new MetricNames(literal.Where(name => !IsRaw(name) && (raw || MetricCatalog.Default.Find(name) is null)));
    }

    /// <summary>Takes what a scrape has.</summary>
    public void Take(IReadOnlyList<FamilyObservation> families)
    {
        if (_unknown.Count == 0) return;
        foreach (FamilyObservation family in families)
        {
            _seen.Add(family.SampleName);
            _unknown.Remove(family.SampleName);
        }
    }

    /// <summary>Takes a sample, whose name may be of nobody's but a configuration's making.</summary>
    public void Take(MetricSample sample)
    {
        if (_unknown.Count > 0) _unknown.Remove(sample.Name);
    }

    private static bool IsRaw(string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name.ToLowerInvariant());
        return Array.Exists(Enum.GetValues<ComponentKind>(), component => MetricCatalog.Default.Find(component, bytes) is not null);
    }
}
