using System.Globalization;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.History;

/// <summary>
/// The expressions in PromQL that usage is made of. Families, their kinds and their labels are those of <see cref="UsageColumns"/>; their names, versions and units those of the catalogue.
/// Each expression has all names of a family at once, gives one series for a machine and whoever reports it, and says in a label which figure it is, so that many are one query.
/// </summary>
internal sealed class UsageQueries
{
    /// <summary>The label with the name of the term.</summary>
    public const string Label = "figure";

    /// <summary>The term with the number of samples in the window, of machines that were not reported all the time.</summary>
    public const string Seen = "Seen";

    /// <summary>The term with the time of their newest sample, in Unix seconds; absent where that is long ago.</summary>
    public const string Last = "Last";

    /// <summary>The term with the time of the newest sample before the window, in Unix seconds; absent where there is none shortly before it.</summary>
    public const string Before = "Before";

    /// <summary>The term with how often counters began anew, of machines whose counters did.</summary>
    public const string Resets = "Resets";

    /// <summary>
    /// The term that only servers answer whose rates are increases divided by the window. VictoriaMetrics divides by the time in which there were samples, and it leaves out what is not a number,
    /// which is how it is known: it has no other mark that all its versions have.
    /// </summary>
    public const string Engine = "Engine";

    /// <summary>The label with the address of the virt-handler.</summary>
    public const string Reporter = "instance";

    // The newest measurement of a migration is 5 seconds old at most when it is scraped, and stays in the scrapes for a while after the migration has ended.
    private static readonly TimeSpan MigrationAge = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan DefaultInterval = TimeSpan.FromSeconds(75);

    /// <summary>Whose newest sample is no older than so many intervals of scraping is still reported: a scrape may have failed.</summary>
    public const double LatestScrapes = 2.5;

    private static readonly string OfMachine = string.Join(",", [.. SeriesOrigin.ClusterLabels, .. MachineFacts.NamespaceLabels, .. MachineFacts.NameLabels]);
    private static readonly string OfReporter = string.Join(",", [OfMachine, .. MachineFacts.NodeLabels, Reporter]);
    private static readonly string OfTarget = string.Join(",", [.. SeriesOrigin.ClusterLabels, Reporter]);

    private readonly List<UsageTerm> _terms = [];
    private readonly string _server;
    private readonly string _machine;
    private readonly string _window;
    private readonly string _latest;
    private readonly TimeSpan _interval;
    private readonly bool _isMean;

    private UsageQueries(TimeSpan window, bool isMean, TimeSpan interval, string server, string machine)
    {
        _window = Duration(window);
        _latest = Duration(LatestScrapes * interval);
        _interval = interval;
        _isMean = isMean;
        _server = server;
        _machine = Selector.Join(server, machine);
    }

    /// <summary>The terms of usage.</summary>
    /// <param name="needs">What is wanted.</param>
    /// <param name="devices">The parts of machines that are wanted in place of machines; null = machines.</param>
    /// <param name="window">The time over which rates are taken.</param>
    /// <param name="isMean">Whether gauges are means over that time too, or else as they are at the moment.</param>
    /// <param name="interval">The time between two scrapes; null where it is not known.</param>
    /// <param name="server">Which series count, in PromQL without braces; empty = all.</param>
    /// <param name="machine">Which series of machines count.</param>
    public static IReadOnlyList<UsageTerm> Of(UsageNeeds needs, IReadOnlyCollection<UsageDevice>? devices, TimeSpan window, bool isMean, TimeSpan? interval, string server, string machine)
    {
        UsageQueries queries = new(window, isMean, interval ?? DefaultInterval, server, machine);
        if (devices is null) queries.AddMachines(needs);
        else queries.AddDevices(needs, devices);
        queries.AddReports(window, interval);
        return queries._terms;
    }

    /// <summary>
    /// The expression with the number of moments of a time at which a server has anything of KubeVirt, for each cluster. Pods of one cluster are scraped at different times, so one of their samples
    /// is always near.
    /// </summary>
    /// <param name="length">The time.</param>
    /// <param name="step">The time between two moments, at least one interval of scraping.</param>
    /// <param name="interval">The time between two scrapes.</param>
    /// <param name="hasInfo">Whether the server has <c>kubevirt_info</c>, which each pod of KubeVirt serves; or else the first family of machines is looked at.</param>
    /// <param name="server">Which series count, in PromQL without braces; empty = all.</param>
    public static string Covered(TimeSpan length, TimeSpan step, TimeSpan interval, bool hasInfo, string server)
    {
        string[] names = hasInfo ? ["kubevirt_info"] : [.. Definition(UsageColumns.NameOf(UsageColumns.FamiliesOf(UsageShape.Machine)[0])).RawNames];
        return $"count_over_time((count by({string.Join(",", SeriesOrigin.ClusterLabels)})(last_over_time({Selector.Of(names, "", server)}[{Duration(interval)}])))[{Duration(length)}:{Duration(step)}])";
    }

    /// <summary>The expression with the time of the last value of each machine.</summary>
    /// <param name="length">How far back they are looked for.</param>
    /// <param name="server">Which series count, in PromQL without braces; empty = all.</param>
    public static string SeenMachines(TimeSpan length, string server)
    {
        string times = string.Join(" or ", Definition(UsageColumns.NameOf(UsageColumns.FamiliesOf(UsageShape.Machine)[0])).RawNames.Select(name => $"timestamp({Selector.Of(name, server)})"));
        // Each minute, because a server has values for five minutes after the last one; and the moment itself, which may be less than a minute after the first.
        return $"max by({OfMachine})({times} or max_over_time(({times})[{Duration(length)}:60s]))";
    }

    /// <summary>One expression of several. A server joins two at a time, so they are joined like the matches of a cup, and not one after the other.</summary>
    public static string Join(ReadOnlySpan<UsageTerm> terms) => terms switch
    {
        [var one] => one.Expression,
        [var one, var other] => $"{one.Expression} or {other.Expression}",
        _ => $"({Join(terms[..(terms.Length / 2)])}) or ({Join(terms[(terms.Length / 2)..])})",
    };

    /// <summary>A duration in PromQL.</summary>
    public static string Duration(TimeSpan time) => time.Ticks % TimeSpan.TicksPerSecond == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / TimeSpan.TicksPerSecond}s")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, time.Ticks / TimeSpan.TicksPerMillisecond)}ms");

    private void AddMachines(UsageNeeds needs)
    {
        foreach (UsageShape shape in (ReadOnlySpan<UsageShape>)[UsageShape.Machine, UsageShape.VCpu, UsageShape.Drive, UsageShape.Interface])
        {
            string parts = string.Join(",", [OfReporter, .. UsageColumns.LabelsOf(shape)]);
            foreach (UsageColumns.Family family in UsageColumns.FamiliesOf(shape))
            {
                if (family is { Kind: UsageKind.Migration } && _isMean) continue;
                string all = Values(family);
                // Who runs at all is known from a figure that every machine has.
                if (needs.Figures.Contains(family.Figure) || (needs.Figures.Count == 0 && family.Figure == UsageFigure.MemoryDomain))
                    Add($"{family.Figure}", family.Kind is UsageKind.Counter or UsageKind.SlowCounter ? UsageTermKind.Rate : UsageTermKind.Gauge, family.Figure, shape == UsageShape.Machine ? $"max by({OfReporter})({all})" : $"sum by({OfReporter})(max by({parts})({all}))");
                if (family.Figure == UsageFigure.VCpuReady && needs.Figures.Contains(UsageFigure.VCpuReadyMax))
                    Add($"{UsageFigure.VCpuReadyMax}", UsageTermKind.Rate, UsageFigure.VCpuReadyMax, $"max by({OfReporter})({all})");
                if (family.Figure == UsageFigure.VCpuRun && needs.Figures.Contains(UsageFigure.VCpus))
                    Add($"{UsageFigure.VCpus}", UsageTermKind.Highest, UsageFigure.VCpus, $"count by({OfReporter})(max by({parts})({Union(family, isPlain: true, Present)}))");
            }
        }

        if (needs.Figures.Contains(UsageFigure.FileSystemMax)) Add($"{UsageFigure.FileSystemMax}", UsageTermKind.Gauge, UsageFigure.FileSystemMax, $"max by({OfReporter})({FileSystemPart()})");
        foreach (UsageFact fact in needs.Facts) AddFact(fact);
    }

    private void AddDevices(UsageNeeds needs, IReadOnlyCollection<UsageDevice> devices)
    {
        foreach (UsageDevice device in devices.Distinct())
        {
            UsageShape shape = ShapeOf(device);
            string parts = string.Join(",", [OfReporter, .. UsageColumns.LabelsOf(shape)]);
            foreach (UsageColumns.Family family in UsageColumns.FamiliesOf(shape))
            {
                if (!needs.Figures.Contains(family.Figure)) continue;
                _terms.Add(new UsageTerm($"{family.Figure}", Named($"{family.Figure}", $"max by({parts})({Values(family)})"), family.Kind == UsageKind.Gauge ? UsageTermKind.Gauge : UsageTermKind.Rate)
                {
                    Figure = family.Figure,
                    Device = device,
                });
            }
        }
    }

    private static UsageShape ShapeOf(UsageDevice device) => device switch
    {
        UsageDevice.VCpu => UsageShape.VCpu,
        UsageDevice.Drive => UsageShape.Drive,
        UsageDevice.Interface => UsageShape.Interface,
        _ => UsageShape.FileSystem,
    };

    // Who reports a machine, and how long, is that of its first family, which all versions have.
    private void AddReports(TimeSpan window, TimeSpan? interval)
    {
        UsageColumns.Family first = UsageColumns.FamiliesOf(UsageShape.Machine)[0];
        Add(Engine, UsageTermKind.Report, null, "vector(NaN)", isRare: true);
        Add(Resets, UsageTermKind.Report, null, $"max by({OfReporter})({Union(first, isPlain: true, selector => $"resets({selector}[{_window}])")})>0", isRare: true);
        if (interval is not { } known || window / known is not (>= 2 and var expected)) return;
        string few = string.Create(CultureInfo.InvariantCulture, $"max by({OfReporter})({Union(first, isPlain: true, selector => $"count_over_time({selector}[{_window}])")})<{expected - 0.5:0.##}");
        Add(Seen, UsageTermKind.Report, null, few, isRare: true);
        Add(Last, UsageTermKind.Report, null, $"max by({OfReporter})({Union(first, isPlain: true, static selector => $"timestamp({selector})")})and({few})", isRare: true);
        Add(Before, UsageTermKind.Report, null, $"max by({OfReporter})({Union(first, isPlain: true, selector => $"timestamp({selector} offset {_window})")})and({few})", isRare: true);
    }

    private void AddFact(UsageFact fact)
    {
        string[] names = [.. UsageColumns.NamesOf(fact).SelectMany(static name => Definition(name).RawNames).Distinct()];
        string labels = fact == UsageFact.ConfiguredMemory ? Selector.Join(Selector.Equal("resource", UsageColumns.ConfiguredResource), Selector.Equal("source", UsageColumns.ConfiguredSource)) : "";
        _terms.Add(new UsageTerm($"{fact}", Named($"{fact}", $"max by({OfMachine})({Selector.Of(names, labels, _machine)})"), UsageTermKind.Fact) { Fact = fact });
    }

    private void Add(string name, UsageTermKind kind, UsageFigure? figure, string expression, bool isRare = false) => _terms.Add(new UsageTerm(name, Named(name, expression), kind) { Figure = figure, IsRare = isRare });

    private static string Named(string name, string expression) => $"label_replace({expression},\"{Label}\",\"{name}\",\"\",\"\")";

    private string Values(UsageColumns.Family family) => family.Kind switch
    {
        UsageKind.Gauge => Union(family, isPlain: false, Level),
        UsageKind.Migration => Union(family, isPlain: false, selector => $"last_over_time({selector}[{Duration(MigrationAge + _interval)}])"),
        _ => Union(family, isPlain: false, selector => $"rate({selector}[{_window}])"),
    };

    // At a moment, the latest: without a range, a server has values for five minutes after their series has ended, unless it saw that itself.
    private string Level(string selector) => _isMean ? $"avg_over_time({selector}[{_window}])" : Latest(selector);

    private string Present(string selector) => _isMean ? $"last_over_time({selector}[{_window}])" : Latest(selector);

    private string Latest(string selector) => $"last_over_time({selector}[{_latest}])";

    // Of each file system, and only then the fullest. What has no size is none.
    private string FileSystemPart()
    {
        Span<string> sides = new string[2];
        ReadOnlySpan<UsageColumns.Family> families = UsageColumns.FamiliesOf(UsageShape.FileSystem);
        string labels = Selector.Join(
            $"mount_point!={Selector.Quote(FileSystems.Reserved)}",
            Selector.Wild("file_system_type", [.. FileSystems.PseudoTypes], excludes: true));
        for (int i = 0; i < sides.Length; i++) sides[i] = Union(families[i], isPlain: false, Level, labels);
        return $"100*({sides[0]})/(({sides[1]})>0)";
    }

    private static MetricDefinition Definition(string name) => MetricCatalog.Default.Find(name) ?? throw new InvalidOperationException($"{name} is not in the catalogue.");

    // All names of a family in all versions, the newest first: a series that has one of them is not looked for under the next.
    private string Union(UsageColumns.Family family, bool isPlain, Func<string, string> of, string labels = "")
    {
        MetricDefinition definition = Definition(UsageColumns.NameOf(family));
        List<string> alternatives = [];
        foreach (string name in definition.RawNames)
        {
            string values = of(Selector.Of(name, labels, _machine));
            (MetricDefinition Definition, RawMetric Raw)[] meanings =
            [
                .. MetricCatalog.Default.Definitions.Where(other => other.Component == definition.Component).SelectMany(static other => other.RawMetrics.Select(raw => (other, raw))).Where(meaning => meaning.raw.Name == name),
            ];
            foreach (IGrouping<double, RawMetric> group in definition.RawMetrics.Where(raw => raw.Name == name).GroupBy(raw => isPlain ? 1 : raw.Divisor))
            {
                RawMetric[] others = [.. meanings.Where(meaning => meaning.Definition != definition || (!isPlain && !meaning.Raw.Divisor.Equals(group.Key))).Select(static meaning => meaning.Raw)];
                string scaled = group.Key.Equals(1d) ? values : string.Create(CultureInfo.InvariantCulture, $"{values}/{group.Key}");
                // What a name means depends on the version that serves it; where that is not known, it is the newest.
                if (others.Length == 0) alternatives.Add(scaled);
                else if (group.Any(static raw => raw.Until is null)) alternatives.Add($"{scaled} unless on({OfTarget}){Info(others)}");
                else alternatives.Add($"{scaled} and on({OfTarget}){Info([.. group])}");
            }
        }

        return string.Join(" or ", alternatives);
    }

    private string Info(IReadOnlyCollection<RawMetric> raws) => $"last_over_time({Selector.Of("kubevirt_info", $"kubeversion=~{Selector.Quote(VersionPattern.Of(raws))}", _server)}[{_window}])";
}

/// <summary>A part of a query.</summary>
/// <param name="Name">What its label says.</param>
/// <param name="Expression">The expression.</param>
/// <param name="Kind">What its values are.</param>
internal sealed record UsageTerm(string Name, string Expression, UsageTermKind Kind)
{
    /// <summary>The figure that it gives; null where it gives none.</summary>
    public UsageFigure? Figure { get; init; }

    /// <summary>The fact that it gives.</summary>
    public UsageFact Fact { get; init; }

    /// <summary>The parts of machines that it is of; null = of machines.</summary>
    public UsageDevice? Device { get; init; }

    /// <summary>Whether few machines have it.</summary>
    public bool IsRare { get; init; }
}

/// <summary>How values of one machine by several virt-handlers become one.</summary>
internal enum UsageTermKind
{
    /// <summary>A rate over the window: those who reported the machine one after the other have parts of it.</summary>
    Rate,

    /// <summary>A value as it is: the same from all who report it at the same time, and over a longer time the mean.</summary>
    Gauge,

    /// <summary>A number of which the highest counts.</summary>
    Highest,

    /// <summary>What is known of the machine by virt-controller.</summary>
    Fact,

    /// <summary>What is known of the reports themselves.</summary>
    Report,
}
