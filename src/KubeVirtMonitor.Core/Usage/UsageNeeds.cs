using System.Reflection;

namespace KubeVirtMonitor.Usage;

/// <summary>What properties of usage are made of, down to what series have. It is read off the properties themselves.</summary>
internal sealed class UsageNeeds
{
    private readonly HashSet<UsageFigure> _figures = [];
    private readonly HashSet<UsageFact> _facts = [];

    private UsageNeeds()
    {
    }

    /// <summary>The figures that are not made of others.</summary>
    public IReadOnlySet<UsageFigure> Figures => _figures;

    /// <summary>The facts.</summary>
    public IReadOnlySet<UsageFact> Facts => _facts;

    /// <summary>What all properties are made of.</summary>
    public static UsageNeeds All { get; } = Of(typeof(KubeVirtUsage).GetProperties().Select(static property => property.Name));

    /// <summary>What properties of machines are made of. Names of others are made of nothing.</summary>
    public static UsageNeeds Of(IEnumerable<string> properties) => Read(properties, static sums => new KubeVirtUsage(sums));

    /// <summary>What properties of parts of machines are made of.</summary>
    /// <param name="properties">The properties; null = all.</param>
    public static UsageNeeds OfDetails(IEnumerable<string>? properties) =>
        Read(properties ?? typeof(KubeVirtUsageDetail).GetProperties().Select(static property => property.Name), static sums => new KubeVirtUsageDetail(sums) { Kind = default, Device = "" });

    private static UsageNeeds Read<T>(IEnumerable<string> properties, Func<UsageSums, T> create)
        where T : class
    {
        UsageNeeds needs = new();
        foreach (string name in properties)
        {
            PropertyInfo? property = typeof(T).GetProperty(name, BindingFlags.Public | BindingFlags.Instance | BindingFlags.IgnoreCase);
            switch (property?.Name)
            {
                case null:
                    break;
                case nameof(KubeVirtUsage.StatusSeconds):
                    needs._facts.Add(UsageFact.StatusSince);
                    break;
                case nameof(KubeVirtUsage.MigrationSeconds):
                    needs._facts.UnionWith([UsageFact.MigrationStart, UsageFact.MigrationEnd]);
                    break;
                default:
                    // Some read one figure only where another has a value, or has none.
                    foreach (double value in (ReadOnlySpan<double>)[1, double.NaN])
                    {
                        UsageSums sums = new() { Asked = needs.Add };
                        foreach (UsageFigure figure in Enum.GetValues<UsageFigure>()) sums.Set(figure, value);
                        property.GetValue(create(sums));
                    }

                    break;
            }
        }

        return needs;
    }

    private void Add(UsageFigure figure)
    {
        if (Array.Find(DerivedFigure.All, derived => derived.Figure == figure) is { } made)
        {
            _figures.UnionWith(made.Of);
            return;
        }

        switch (figure)
        {
            case UsageFigure.LauncherOverhead:
                _facts.Add(UsageFact.LauncherOverhead);
                break;
            case UsageFigure.MemoryBallooned:
                _facts.Add(UsageFact.ConfiguredMemory);
                _figures.Add(UsageFigure.MemoryBalloon);
                break;
            case UsageFigure.VCpusWithRun:
                _figures.UnionWith([UsageFigure.VCpus, UsageFigure.VCpuRun]);
                break;
            case UsageFigure.VCpusWithReady:
                _figures.UnionWith([UsageFigure.VCpus, UsageFigure.VCpuReady]);
                break;
            default:
                _figures.Add(figure);
                break;
        }
    }
}
