using System.Globalization;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.History;

/// <summary>
/// Samples of a server with stored values, as a scrape of KubeVirt's components gives them: names of all KubeVirt versions are asked for at once, and each series
/// is read as a line of the pod that it was scraped from, so that names, kinds, units, tags and corrections are those of a scrape.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="facts">What was found out of it.</param>
/// <param name="quest">What is asked for.</param>
internal sealed class ServerMetrics(PrometheusServer server, ServerFacts facts, SampleQuest quest)
{
    private const string Own = "kubevirt_";
    private const string PhaseCount = "kubevirt_vmi_phase_count";
    private const string PhaseSource = "kubevirt_vmi_info";
    private const int BatchSize = 256;

    // A query of a server has a limit for the values that it loads (50 million of Prometheus), and its answer has to go through networks.
    private const double PointsOfQuery = 4_000_000;

    // So often in a range, series are counted to know how many values there will be.
    private const int Counts = 4;

    // What may be asked for by name; more is filtered here.
    private const int MostNames = 1000;

    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(15);

    private readonly Dictionary<(string Cluster, string Instance, string Container, string Pod), ServerTarget?> _targets = [];
    private readonly List<KeyValuePair<string, string>> _own = [];
    private readonly List<QueryOutcome> _outcomes = [];
    private readonly List<FamilyObservation> _families = [];
    private readonly bool _isRaw = quest.Mapping.Raw;
    private ServerPods? _pods;
    private List<MetricSample> _samples = new(BatchSize);
    private long _series;

    /// <summary>Samples that were handed on.</summary>
    public long Samples { get; private set; }

    /// <summary>Series that were left out because the server has them twice: scraped by two servers, or under two jobs.</summary>
    public long Repeated { get; private set; }

    /// <summary>The names that came.</summary>
    public IReadOnlyList<FamilyObservation> Families => _families;

    /// <summary>Asks, and hands on samples while the answers arrive.</summary>
    /// <param name="receive">Takes samples, never twice at a time.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>How the queries went.</returns>
    /// <exception cref="ScrapeException">The server cannot be asked, or there are more series than allowed. What was handed on before is right.</exception>
    public async Task<IEnumerable<QueryOutcome>> RunAsync(Func<IReadOnlyList<MetricSample>, ValueTask> receive, CancellationToken cancellationToken)
    {
        bool isWhole = false;
        try
        {
            _pods = await ServerPods.FindAsync(server, quest, cancellationToken).ConfigureAwait(false);
            foreach (string selector in Selectors()) await AskAsync(selector, receive, cancellationToken).ConfigureAwait(false);
            if (quest.IsRange && WantsPhases()) await AskForPhasesAsync(receive, cancellationToken).ConfigureAwait(false);
            isWhole = true;
        }
        catch (ScrapeLimitException e)
        {
            throw LimitFailures.Series(server.Name, quest.Mapping, e);
        }
        finally
        {
            foreach (ServerTarget? target in _targets.Values)
            {
                if (target is null) continue;
                _families.AddRange(target.Complete(isWhole).Families);
                target.Dispose();
            }

            _targets.Clear();
            if (!cancellationToken.IsCancellationRequested) await HandOnAsync(receive, 0).ConfigureAwait(false);
        }

        return _outcomes;
    }

    /// <summary>The selectors of what is wanted: of KubeVirt's own families, and of those that any program has.</summary>
    internal IEnumerable<string> Selectors()
    {
        SortedSet<string> own = new(StringComparer.Ordinal);
        SortedSet<string> common = new(StringComparer.Ordinal);
        foreach (ComponentKind component in Enum.GetValues<ComponentKind>().Where(component => quest.Components?.Contains(component) != false && !_isRaw))
        {
            foreach (CatalogEntry entry in MetricCatalog.Default.Entries(component).Where(entry => IsWanted(component, entry)))
                (entry.SampleName.StartsWith(Own, StringComparison.Ordinal) ? own : common).Add(entry.SampleName);
        }

        if (!quest.IsRange && WantsPhases()) own.Add(PhaseSource);
        bool isOpen = _isRaw || quest.Mapping.IncludeUnmapped;
        string machines = MachineMatchers();
        // Other names are those that KubeVirt's pods have, whatever they are.
        if (isOpen)
        {
            string names = quest.Names is { } patterns ? Selector.WildObject("__name__", [.. patterns, .. own, .. common]) : $"__name__=~{Selector.Quote($"{Own}.+")}";
            if (quest.Names is null)
            {
                yield return Selector.Of([], names, machines, quest.Matchers);
                if (machines.Length == 0 && _pods!.Matcher is { } ofPods) yield return Selector.Of([], $"__name__!~{Selector.Quote($"{Own}.+")}", ofPods, quest.Matchers);
            }
            else if (_pods!.Matcher is { } ofPods)
            {
                yield return Selector.Of([], names, machines, ofPods, quest.Matchers);
            }

            yield break;
        }

        // Only families that name a machine under one label for all are asked for by it.
        string[] byMachine = machines.Length == 0 ? [] : [.. own.Where(HasMachine)];
        string[] others = [.. own.Except(byMachine)];
        if (byMachine.Length > 0) yield return Selector.Of(byMachine, machines, quest.Matchers);
        if (others.Length > 0) yield return Selector.Of(others, quest.Matchers);
        if (common.Count > 0 && _pods!.Matcher is { } matcher) yield return Selector.Of([.. common], matcher, quest.Matchers);
    }

    private static bool HasMachine(string name) => MachineFacts.Of(name) == MachineLabels.Machine
        && (name.StartsWith("kubevirt_vmi_", StringComparison.Ordinal) || name.StartsWith("kubevirt_vm_", StringComparison.Ordinal))
        && !name.Contains("migration", StringComparison.Ordinal);

    private string MachineMatchers()
    {
        string space = quest.Namespaces is { Count: > 0 and <= MostNames } spaces && !facts.IsMixed ? Selector.WildObject(facts.NamespaceLabel, spaces) : "";
        string name = quest.Machines is { Count: > 0 and <= MostNames } machines ? Selector.WildObject("name", machines) : "";
        return Selector.Join(space, name);
    }

    private bool IsWanted(ComponentKind component, CatalogEntry entry)
    {
        for (CatalogEntry? one = entry; one is not null; one = one.Alternative)
        {
            if ((!quest.Mapping.Documented || one.Definition.Documented) && quest.Mapping.NameFilter?.Invoke(one.Definition.Name, one.SampleName) != false && quest.MayHave?.Invoke(component, one.SampleName) != false)
                return true;
        }

        return false;
    }

    private bool WantsPhases() => !_isRaw && quest.Components?.Contains(ComponentKind.Controller) != false
        && MetricCatalog.Default.Find(ComponentKind.Controller, "kubevirt_vmi_phase_count"u8) is { } entry && IsWanted(ComponentKind.Controller, entry);

    private async Task AskAsync(string selector, Func<IReadOnlyList<MetricSample>, ValueTask> receive, CancellationToken cancellationToken)
    {
        if (!quest.IsRange)
        {
            await QueryAsync(new Query { Expression = selector, Time = quest.Time }, long.MinValue, long.MaxValue, receive, cancellationToken).ConfigureAwait(false);
            return;
        }

        DateTimeOffset start = quest.Start!.Value;
        TimeSpan interval = quest.Step ?? facts.ScrapeInterval ?? UsualInterval;
        TimeSpan part = await PartAsync(selector, interval, cancellationToken).ConfigureAwait(false);
        if (quest.Step is { } step)
        {
            // Whole steps, so that all parts are on one grid.
            TimeSpan whole = step * Math.Max(0, Math.Floor(part / step) - 1);
            for (DateTimeOffset from = start; from <= quest.End; from += whole + step)
            {
                DateTimeOffset to = from + whole < quest.End ? from + whole : quest.End;
                await QueryAsync(new Query { Expression = selector, Range = new QueryRange(from, to, step) }, long.MinValue, long.MaxValue, receive, cancellationToken).ConfigureAwait(false);
            }

            return;
        }

        long first = start.ToUnixTimeMilliseconds();
        long last = quest.End.ToUnixTimeMilliseconds();
        long width = Math.Max(1000, (long)part.TotalMilliseconds);
        // Servers before version 3 take the moment at which a range begins for a part of it, later ones do not: a little more is asked for, and it is decided here.
        for (long from = first - 1; from < last; from += width)
        {
            long to = Math.Min(from + width, last);
            Query query = new() { Expression = string.Create(CultureInfo.InvariantCulture, $"{selector}[{to - from}ms]"), Time = DateTimeOffset.FromUnixTimeMilliseconds(to) };
            await QueryAsync(query, from + 1, to, receive, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The part of the range of which the values are not too many for one query.</summary>
    private async Task<TimeSpan> PartAsync(string selector, TimeSpan interval, CancellationToken cancellationToken)
    {
        TimeSpan whole = quest.End - quest.Start!.Value + interval;
        if (whole / interval < 2) return whole;
        double series = 1000;
        // At its end, there may be nothing any more.
        TimeSpan step = TimeSpan.FromMilliseconds(Math.Max(1000, Math.Floor((quest.End - quest.Start.Value).TotalMilliseconds / Counts)));
        await server.QueryAsync(
            new Query { Expression = $"count({selector})", Range = new QueryRange(quest.Start.Value, quest.End, step) },
            one =>
            {
                foreach (QueryPoint point in one.Points.Span) series = Math.Max(series, point.Value);
                return ValueTask.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        double steps = Math.Max(1, Math.Floor(PointsOfQuery / series));
        return interval * Math.Min(steps, Math.Ceiling(whole / interval));
    }

    // Rebuilt as from a scrape, in the server: the instances of each phase at each moment.
    private Task AskForPhasesAsync(Func<IReadOnlyList<MetricSample>, ValueTask> receive, CancellationToken cancellationToken)
    {
        IEnumerable<string> by = PhaseCounter.Labels.Concat(["pod", "container", "instance"]).Concat(SeriesOrigin.ClusterLabels);
        string expression = $"count by ({string.Join(", ", by)}) (max without ({string.Join(", ", SeriesOrigin.SourceLabels)}) ({Selector.Of(PhaseSource, quest.Matchers)}))";
        QueryRange range = new(quest.Start!.Value, quest.End, quest.Step ?? facts.ScrapeInterval ?? UsualInterval);
        return QueryAsync(new Query { Expression = expression, Range = range }, long.MinValue, long.MaxValue, receive, cancellationToken, PhaseCount);
    }

    private async Task QueryAsync(Query query, long from, long to, Func<IReadOnlyList<MetricSample>, ValueTask> receive, CancellationToken cancellationToken, string? name = null)
    {
        QueryOutcome outcome = await server.QueryAsync(
            query,
            series =>
            {
                Take(name ?? series["__name__"] ?? "", series, from, to);
                return _samples.Count >= BatchSize ? HandOnAsync(receive, BatchSize) : ValueTask.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        _outcomes.Add(outcome);
        // What waits in the targets for more lines is whole.
        foreach (ServerTarget? target in _targets.Values) target?.Flush();
        await HandOnAsync(receive, 0).ConfigureAwait(false);
    }

    private async ValueTask HandOnAsync(Func<IReadOnlyList<MetricSample>, ValueTask> receive, int atLeast)
    {
        if (_samples.Count <= atLeast && (atLeast > 0 || _samples.Count == 0)) return;
        List<MetricSample> full = _samples;
        _samples = new List<MetricSample>(BatchSize);
        Samples += full.Count;
        await receive(full).ConfigureAwait(false);
    }

    private void Take(string name, QuerySeries series, long from, long to)
    {
        if (++_series > quest.Mapping.MaxSeries)
            throw new ScrapeLimitException(nameof(MappingOptions.MaxSeries), $"The answers of {server.Name} have more than {quest.Mapping.MaxSeries} series.");
        ReadOnlySpan<QueryPoint> points = Within(series.Points.Span, from, to);
        if (points.IsEmpty) return;
        SeriesOrigin origin = SeriesOrigin.Read(name, series.Labels, _own);
        // What a rule of the server wrote is no line of any scrape.
        bool isRule = !origin.IsScraped;
        if (isRule && !_isRaw && !quest.Mapping.IncludeUnmapped) return;
        (string, string, string, string) key = (origin.Cluster, origin.Instance, origin.Container, isRule ? "" : origin.Pod);
        if (!_targets.TryGetValue(key, out ServerTarget? target)) _targets.Add(key, target = Open(origin, name, points[0].Milliseconds));
        if (target is null) return;
        if (!isRule && origin.Source != target.Source && name != PhaseCount)
        {
            Repeated++;
            return;
        }

        if (name == PhaseCount)
        {
            if (target.HasPhases && series["__name__"] is null) return;
            target.HasPhases |= series["__name__"] is not null;
        }

        if (SeriesOrigin.IsDoubtful(name)) SeriesOrigin.Correct(name, _own, _pods!.Of(origin, name));
        target.Add(name, _isRaw ? [.. series.Labels.Where(static label => label.Key != "__name__")] : _own, points);
    }

    private static ReadOnlySpan<QueryPoint> Within(ReadOnlySpan<QueryPoint> points, long from, long to)
    {
        while (!points.IsEmpty && points[0].Milliseconds < from) points = points[1..];
        while (!points.IsEmpty && points[^1].Milliseconds > to) points = points[..^1];
        return points;
    }

    private ServerTarget? Open(SeriesOrigin origin, string name, long time)
    {
        ServerPod pod = _pods!.Of(origin, name);
        if (quest.Components is { } wanted && (pod.Component is not { } component || !wanted.Contains(component))) return null;
        bool isOfSession = quest.Session is not null && origin.Cluster.Length == 0;
        string address = origin.Instance.Length > 0 ? $"https://{origin.Instance}/{ComponentFacts.MetricsPath}" : server.Name;
        TargetInfo info = new()
        {
            Target = address,
            Endpoint = origin.Instance.Length > 0 ? address : null,
            PodName = pod.Name,
            KubeNamespace = pod.Namespace,
            Component = pod.Component,
            Origin = isOfSession ? new SampleOrigin(quest.Session!, pod.Node) : null,
            Cluster = origin.Cluster.Length > 0 ? origin.Cluster : null,
            Node = pod.Node,
            AddTags = quest.AddTags,
        };
        MappingOptions mapping = quest.Mapping with
        {
            Version = pod.Version ?? quest.Mapping.Version,
            IsVersionCertain = pod.Version is not null,
            MaxSeries = long.MaxValue,
        };
        return new ServerTarget(info, mapping, origin.Source, DateTimeOffset.FromUnixTimeMilliseconds(time), quest.IsRange, Keep);
    }

    private void Keep(MetricSample sample) => _samples.Add(quest.IsRange ? sample.Stored() : sample);
}

/// <summary>Which samples a server is asked for.</summary>
internal sealed record SampleQuest
{
    /// <summary>Which series count, in PromQL without braces; empty = all.</summary>
    public string Matchers { get; init; } = "";

    /// <summary>The session whose server it is; null = none.</summary>
    public KubeVirtSession? Session { get; init; }

    /// <summary>The moment; null = now, or a range.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The first moment of a range, which counts; null = one moment.</summary>
    public DateTimeOffset? Start { get; init; }

    /// <summary>The last moment of a range, which counts.</summary>
    public DateTimeOffset End { get; init; }

    /// <summary>The time between two values of a range; null = every value that is stored, at its own time.</summary>
    public TimeSpan? Step { get; init; }

    /// <summary>What to keep, and how to name it.</summary>
    public required MappingOptions Mapping { get; init; }

    /// <summary>The components that are wanted; null = all.</summary>
    public IReadOnlyCollection<ComponentKind>? Components { get; init; }

    /// <summary>Whether a family of a component can have what is wanted; null = it can.</summary>
    public Func<ComponentKind, string, bool>? MayHave { get; init; }

    /// <summary>Wildcards on raw names, where names are wanted that the catalogue does not know; null = all of them.</summary>
    public IReadOnlyList<string>? Names { get; init; }

    /// <summary>Wildcards on the namespaces of machines; null = all.</summary>
    public IReadOnlyCollection<string>? Namespaces { get; init; }

    /// <summary>Wildcards on the names of machines; null = all.</summary>
    public IReadOnlyCollection<string>? Machines { get; init; }

    /// <summary>Wildcards on nodes; null = all.</summary>
    public IReadOnlyCollection<string>? Nodes { get; init; }

    /// <summary>Tags for every sample.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];

    /// <summary>Whether it is a range.</summary>
    public bool IsRange => Start is not null;
}
