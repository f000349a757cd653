namespace KubeVirtMonitor.Prometheus;

/// <summary>What has to be known of a server before KubeVirt's series are asked for: found out by a probe, once.</summary>
internal sealed record ServerFacts
{
    private const string Own = "namespace";
    private const string Exported = "exported_namespace";

    /// <summary>A label that no server has of its own, to tell the parts of one answer apart.</summary>
    public const string Part = "kubevirtmonitor_part";

    /// <summary>The labels that tell clusters apart on servers of several, the best first: those of Thanos, Mimir, Open Cluster Management and OpenShift.</summary>
    public static readonly string[] ClusterLabels = ["cluster", "clusterName", "cluster_name", "clusterID", "cluster_id"];

    // Long enough for an interval of five minutes, and short enough for every virt-handler of a large cluster.
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(15);

    // So many moments of a range are looked at, which no server is asked too much by.
    private const int Moments = 48;

    // For so long, servers take a value for that of later moments.
    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(5);

    // Of every version of KubeVirt, and of each component at least one, so that a server that scrapes only some of them is known too. None is of each machine.
    private static readonly string[] Signs =
    [
        "kubevirt_info", "kubevirt_virt_controller_leading", "kubevirt_virt_controller_leading_status", "kubevirt_virt_controller_ready", "kubevirt_virt_controller_ready_status",
        "kubevirt_virt_operator_leading", "kubevirt_virt_operator_leading_status", "kubevirt_virt_operator_ready", "kubevirt_virt_operator_ready_status",
        "kubevirt_virt_api_up", "kubevirt_virt_controller_up", "kubevirt_virt_operator_up", "kubevirt_virt_handler_up",
        "cluster:kubevirt_virt_api_up:sum", "cluster:kubevirt_virt_controller_up:sum", "cluster:kubevirt_virt_operator_up:sum", "cluster:kubevirt_virt_handler_up:sum",
        "kubevirt_number_of_vms", "kubevirt_vmi_phase_count", "node:kubevirt_vmi_phase:sum",
    ];

    /// <summary>The label with the namespace of a machine: <c>namespace</c>, or <c>exported_namespace</c> where the server scrapes without <c>honorLabels</c>.</summary>
    public string NamespaceLabel { get; init; } = Own;

    /// <summary>Whether some machines have their namespace in the other label: a server of several clusters, not all of which scrape alike.</summary>
    public bool IsMixed { get; init; }

    /// <summary>Whether there is any series of KubeVirt.</summary>
    public bool HasKubeVirt { get; init; }

    /// <summary>How many machines run, in all clusters that match.</summary>
    public int Machines { get; init; }

    /// <summary>The clusters that have machines, each as its label and the value of that; none where nothing tells clusters apart.</summary>
    public IReadOnlyList<(string Label, string Value)> Clusters { get; init; } = [];

    /// <summary>The KubeVirt versions, as <c>kubevirt_info</c> has them, such as <c>v1.9.0</c>, in their order.</summary>
    public IReadOnlyList<string> Versions { get; init; } = [];

    /// <summary>The time between two scrapes of KubeVirt's components, in whole seconds where it is longer than one; null where it does not show.</summary>
    public TimeSpan? ScrapeInterval { get; init; }

    /// <summary>Whether the server has series of kube-state-metrics.</summary>
    public bool HasKubeState { get; init; }

    /// <summary>What the server warned of while it was asked, each once.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The last moment that was asked for at which there is anything of KubeVirt; null where there is nothing, and of the moment now.</summary>
    public DateTimeOffset? SeenAt { get; init; }

    /// <summary>Asks the server: one query for what there is, and one or two more for the interval.</summary>
    /// <param name="server">The server.</param>
    /// <param name="matchers">Which series count, in PromQL without braces, such as <c>cluster="north"</c>; empty = all.</param>
    /// <param name="time">The moment; null = now.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ScrapeException">The server cannot be asked.</exception>
    public static Task<ServerFacts> ProbeAsync(PrometheusServer server, string matchers, DateTimeOffset? time, CancellationToken cancellationToken) => ProbeAsync(new Probe(server, matchers) { Time = time }, cancellationToken);

    /// <summary>The same of a range: the facts of all of its moments together, since its end may be after the last scrape, and clusters come and go.</summary>
    /// <param name="server">The server.</param>
    /// <param name="matchers">Which series count.</param>
    /// <param name="start">The first moment.</param>
    /// <param name="end">The last moment, which counts.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ScrapeException">The server cannot be asked.</exception>
    public static async Task<ServerFacts> ProbeAsync(PrometheusServer server, string matchers, DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken)
    {
        // Whole milliseconds, back from the end, so that the newest are of it.
        TimeSpan step = TimeSpan.FromMilliseconds(Math.Max(1000, Math.Floor((end - start).TotalMilliseconds / Moments)));
        long steps = (long)Math.Floor((end - start) / step);
        Probe probe = new(server, matchers) { Range = new QueryRange(end - (step * steps), end, step) };
        ServerFacts facts = await ProbeAsync(probe, cancellationToken).ConfigureAwait(false);
        // VictoriaMetrics leaves the last 30 seconds out of ranges, and not out of moments.
        if (!facts.HasKubeVirt && await ProbeAsync(new Probe(server, matchers) { Time = end }, cancellationToken).ConfigureAwait(false) is { HasKubeVirt: true } newest) return newest;
        // Little of a long range may lie between the moments, and VictoriaMetrics takes a value for that of the next moment, however late that is.
        if (facts is { HasKubeVirt: true, ScrapeInterval: not null } || await probe.LastAsync(start, end, cancellationToken).ConfigureAwait(false) is not { } last) return facts;
        DateTimeOffset from = last - Lookback > start ? last - Lookback : start;
        DateTimeOffset to = last + Lookback < end ? last + Lookback : end;
        ServerFacts near = await ProbeAsync(new Probe(server, matchers) { Range = new QueryRange(from, to, Lookback / 10) }, cancellationToken).ConfigureAwait(false);
        return facts.HasKubeVirt ? facts with { ScrapeInterval = near.ScrapeInterval, SeenAt = near.SeenAt ?? facts.SeenAt } : near;
    }

    private static async Task<ServerFacts> ProbeAsync(Probe probe, CancellationToken cancellationToken)
    {
        await probe.CountAsync(cancellationToken).ConfigureAwait(false);
        // Whatever is scraped of KubeVirt is scraped at the one interval of its ServiceMonitor.
        TimeSpan? interval = await probe.IntervalAsync(Selector.Of("kubevirt_info", probe.Matchers), cancellationToken).ConfigureAwait(false);
        if (interval is null && probe.HasAny && await probe.OneSeriesAsync(cancellationToken).ConfigureAwait(false) is { } one)
            interval = await probe.IntervalAsync(one, cancellationToken).ConfigureAwait(false);
        return probe.ToFacts(interval);
    }

    /// <summary>Whether the server has any series of KubeVirt now: the cheapest of questions.</summary>
    /// <inheritdoc cref="ProbeAsync(PrometheusServer, string, DateTimeOffset?, CancellationToken)"/>
    public static async Task<bool> HasSeriesAsync(PrometheusServer server, CancellationToken cancellationToken)
    {
        QueryOutcome outcome = await server.QueryAsync(new Query { Expression = $"count({Selector.Of(Signs)})" }, static _ => ValueTask.CompletedTask, cancellationToken).ConfigureAwait(false);
        return outcome.Series > 0;
    }

    /// <summary>The expression of the first query: a series for each fact, with the name of the fact in a label.</summary>
    /// <param name="matchers">Which series count.</param>
    internal static string CountExpression(string matchers)
    {
        // A machine that moves is told of by two virt-handlers, and by each replica of a server.
        string machines = $"{Selector.Of("kubevirt_vmi_memory_resident_bytes", matchers)} or {Selector.Of("kubevirt_vmi_info", Selector.Join(Selector.Equal("phase", "running"), matchers))}";
        string labels = string.Join(", ", ClusterLabels);
        return string.Join(
            " or ",
            Named("machines", $"count by ({Own}, {Exported}, {labels}) (max by ({Own}, {Exported}, name, {labels}) ({machines}))"),
            Named("versions", $"count by (kubeversion) ({Selector.Of("kubevirt_info", matchers)})"),
            Named("signs", $"count({Selector.Of(Signs, matchers)})"),
            Named("nodes", $"count({Selector.Of(["kube_node_info", "kube_node_status_allocatable", "kube_pod_info"], matchers)})"));
    }

    private static string Named(string part, string expression) => $"label_replace({expression}, \"{Part}\", \"{part}\", \"\", \"\")";

    /// <summary>One probe of one server.</summary>
    private sealed class Probe(PrometheusServer server, string matchers)
    {
        private readonly Dictionary<string, double> _machines = [];
        private readonly SortedSet<string> _versions = new(Comparer<string>.Create(static (left, right) => Compare(left, right)));
        private readonly HashSet<(string Label, string Value)> _clusters = [];
        private readonly List<string> _warnings = [];
        private bool _hasSigns;
        private bool _hasKubeState;
        private long _seen = long.MinValue;

        public string Matchers => matchers;

        public DateTimeOffset? Time { get; init; }

        public QueryRange? Range { get; init; }

        public bool HasAny => _hasSigns || _machines.Count > 0;

        public Task CountAsync(CancellationToken cancellationToken) => AskAsync(new Query { Expression = CountExpression(matchers), Time = Time, Range = Range }, Take, cancellationToken);

        /// <summary>The last moment of a range at which there is anything; null where there is nothing.</summary>
        public async Task<DateTimeOffset?> LastAsync(DateTimeOffset start, DateTimeOffset end, CancellationToken cancellationToken)
        {
            TimeSpan step = TimeSpan.FromSeconds(Math.Clamp(Math.Floor((end - start).TotalSeconds / 1000), 1, Lookback.TotalSeconds));
            double? last = null;
            // What each machine has is asked for only where there is nothing else.
            foreach (string newest in new[] { Selector.NewestTime(Signs, matchers), Selector.NewestTime(["kubevirt_vmi_memory_resident_bytes"], matchers) })
            {
                string expression = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"max(max_over_time(({newest})[{(end - start).TotalSeconds:0}s:{step.TotalSeconds:0}s]))");
                await AskAsync(
                    new Query { Expression = expression, Time = end },
                    series =>
                    {
                        if (series.Points.Length > 0) last = series.Points.Span[^1].Value;
                    },
                    cancellationToken).ConfigureAwait(false);
                if (last is not null) break;
            }

            // One that is known at the start of the range may be older than that.
            return last is { } seconds && DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000)) is var time && time >= start ? time : null;
        }

        /// <summary>The usual distance of two points; null where no series has two.</summary>
        public async Task<TimeSpan?> IntervalAsync(string selector, CancellationToken cancellationToken)
        {
            List<long> distances = [];
            if (Range is not null && Moment is null) return null;
            await AskAsync(
                new Query { Expression = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{selector}[{(Around == Moment ? Window : 2 * Window).TotalSeconds:0}s]"), Time = Around },
                series =>
                {
                    ReadOnlySpan<QueryPoint> points = series.Points.Span;
                    for (int i = 1; i < points.Length; i++) distances.Add(points[i].Milliseconds - points[i - 1].Milliseconds);
                },
                cancellationToken).ConfigureAwait(false);
            distances.RemoveAll(static distance => distance <= 0);
            if (distances.Count == 0) return null;
            distances.Sort();
            double usual = distances[distances.Count / 2];
            return TimeSpan.FromMilliseconds(usual < 1000 ? usual : Math.Round(usual / 1000) * 1000);
        }

        /// <summary>A selector of one series of KubeVirt, whichever; null where there is none.</summary>
        public async Task<string?> OneSeriesAsync(CancellationToken cancellationToken)
        {
            string? found = null;
            await AskAsync(
                new Query { Expression = $"topk(1, {Selector.Of([.. Signs, "kubevirt_vmi_memory_resident_bytes"], matchers)})", Time = Moment },
                series => found ??= Selector.Of([series["__name__"]!], [.. series.Labels.Where(static label => label.Key != "__name__").Select(static label => Selector.Equal(label.Key, label.Value))]),
                cancellationToken).ConfigureAwait(false);
            return found;
        }

        public ServerFacts ToFacts(TimeSpan? interval)
        {
            double own = _machines.GetValueOrDefault(Own);
            double exported = _machines.GetValueOrDefault(Exported);
            return new ServerFacts
            {
                NamespaceLabel = exported > own ? Exported : Own,
                IsMixed = exported > 0 && own > 0,
                HasKubeVirt = HasAny,
                SeenAt = Moment,
                Machines = (int)Math.Min(own + exported, int.MaxValue),
                Clusters = [.. _clusters.OrderBy(static cluster => cluster.Value, StringComparer.Ordinal)],
                Versions = [.. _versions],
                ScrapeInterval = interval,
                HasKubeState = _hasKubeState,
                Warnings = [.. _warnings],
            };
        }

        // The last of a range at which there is something.
        private DateTimeOffset? Moment => Range is null ? Time : _seen == long.MinValue ? null : DateTimeOffset.FromUnixTimeMilliseconds(_seen);

        // The moment may be that of the first scrape of all, or minutes after the last one.
        private DateTimeOffset? Around => Range is { } range && Moment is { } moment ? moment + (2 * Lookback) < range.End ? moment + (2 * Lookback) : range.End : Moment;

        private void Take(QuerySeries series)
        {
            if (series.Points.Length == 0) return;
            double count = 0;
            foreach (QueryPoint point in series.Points.Span) count = Math.Max(count, point.Value);
            if (series[Part] != "nodes") _seen = Math.Max(_seen, series.Points.Span[^1].Milliseconds);
            switch (series[Part])
            {
                case "machines":
                    string label = series[Exported] is { Length: > 0 } ? Exported : Own;
                    _machines[label] = _machines.GetValueOrDefault(label) + count;
                    if (Array.Find(ClusterLabels, name => series[name] is { Length: > 0 }) is { } named) _clusters.Add((named, series[named]!));
                    break;
                case "versions" when series["kubeversion"] is { Length: > 0 } version:
                    _versions.Add(version);
                    break;
                case "signs":
                    _hasSigns = true;
                    break;
                case "nodes":
                    _hasKubeState = true;
                    break;
            }
        }

        private async Task AskAsync(Query query, Action<QuerySeries> take, CancellationToken cancellationToken)
        {
            QueryOutcome outcome = await server.QueryAsync(
                query,
                series =>
                {
                    take(series);
                    return ValueTask.CompletedTask;
                },
                cancellationToken).ConfigureAwait(false);
            foreach (string warning in outcome.Warnings)
            {
                if (!_warnings.Contains(warning)) _warnings.Add(warning);
            }
        }

        // Version 1.10 is later than 1.9.
        private static int Compare(string left, string right)
        {
            int order = Comparer<Version>.Default.Compare(NumberOf(left), NumberOf(right));
            return order != 0 ? order : string.CompareOrdinal(left, right);
        }

        private static Version? NumberOf(string version) => Version.TryParse(version.TrimStart('v').Split('-', '+')[0], out Version? number) ? number : null;
    }
}
