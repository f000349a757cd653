using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Which families of a scrape are wanted, and under which names.</summary>
internal sealed record MetricRules
{
    public IReadOnlySet<string> ExcludedFamilies { get; init; } = new HashSet<string>();

    public Regex? ExcludedPattern { get; init; }

    /// <summary>Names of the user's own; null = those of the catalogue.</summary>
    public FamilyNames? Names { get; init; }

    /// <summary>Whether only families with a name of the user's own are wanted.</summary>
    public bool OnlyNamed { get; init; }

    public bool WithBuckets { get; init; } = true;

    public bool Decumulate { get; init; }

    public Regex? IncludedNames { get; init; }

    public Regex? ExcludedNames { get; init; }

    public Regex? LineFilter { get; init; }

    public string? RawPrefix { get; init; }

    public bool ChangeLines => LineFilter is not null || RawPrefix is not null;

    public bool ChangeNothing =>
        ExcludedFamilies.Count == 0 && ExcludedPattern is null && Names is null && WithBuckets && !Decumulate && IncludedNames is null && ExcludedNames is null;

    public bool IsExcluded(string family) => ExcludedFamilies.Contains(family) || ExcludedPattern?.IsMatch(family) == true;

    public bool IsNameWanted(string name) => IncludedNames?.IsMatch(name) != false && ExcludedNames?.IsMatch(name) != true;
}
