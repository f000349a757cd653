using KubeVirtMonitor.Net;
using KubeVirtMonitor.Prometheus;

namespace KubeVirtMonitor.Alerts;

/// <summary>
/// Evaluates alerts from the stored values of a server, for each of its clusters: the condition as it is meant, over the time that it has to hold. An alert holds if the condition was true at
/// every step of that time, which are at most 240. What the server's own rules say of the same is beside it.
/// </summary>
internal sealed class ServerAlerts
{
    private const int MostSteps = 240;
    private const int AtOnce = 4;

    // Beginnings of one alert that are looked for on narrow steps.
    private const int MostBegins = 8;

    // A condition that has held the whole time to hold is followed back so far for its beginning.
    private static readonly TimeSpan Back = TimeSpan.FromHours(24);
    private static readonly TimeSpan UsualStep = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LeastWindow = TimeSpan.FromMinutes(1);

    // Which of a server's series tell of a KubeVirt, whatever its version. Each has the namespace of KubeVirt.
    private static readonly string[] Signs =
    [
        "kubevirt_info", "kubevirt_virt_controller_leading_status", "kubevirt_virt_controller_leading", "kubevirt_virt_operator_leading_status", "kubevirt_virt_operator_leading",
        "kubevirt_virt_api_ready_status", "kubevirt_virt_handler_ready_status",
    ];

    // What KubeVirt's own rules record: where it is, its alerts are evaluated too.
    private static readonly string[] Recorded = ["cluster:kubevirt_virt_api_up:sum", "kubevirt_virt_api_up", "kubevirt_virt_api_up_total"];

    // One of them is that of the machine, whichever way a cluster is scraped; the other is absent, or the same for all.
    private const string Namespaces = "exported_namespace,namespace";

    private readonly PrometheusServer _server;
    private readonly ServerFacts _facts;
    private readonly AlertQuestion _question;
    private readonly DateTimeOffset _time;
    private readonly List<QueryOutcome> _outcomes = [];
    private string? _clusterLabel;

    private ServerAlerts(PrometheusServer server, ServerFacts facts, AlertQuestion question, TimeProvider time)
    {
        _server = server;
        _facts = facts;
        _question = question;
        _time = question.Time ?? time.GetUtcNow();
    }

    /// <summary>Evaluates.</summary>
    /// <param name="server">The server.</param>
    /// <param name="facts">What is known of it.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="receive">Takes each result, alert by alert in the order of the catalogue.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>How the queries went.</returns>
    /// <exception cref="ScrapeException">The server cannot be asked at all. An alert that alone cannot be asked for is unknown, and says why.</exception>
    public static async Task<IEnumerable<QueryOutcome>> EvaluateAsync(PrometheusServer server, ServerFacts facts, AlertQuestion question, Func<AlertResult, ValueTask> receive, TimeProvider time, CancellationToken cancellationToken)
    {
        ServerAlerts alerts = new(server, facts, question, time);
        await alerts.RunAsync(receive, cancellationToken).ConfigureAwait(false);
        lock (alerts._outcomes) return [.. alerts._outcomes];
    }

    /// <summary>
    /// Results of endpoints with what a server adds: its answer in place of one that is not known, and beside the others what its own rules say.
    /// </summary>
    /// <param name="seen">The results of endpoints.</param>
    /// <param name="stored">Those of the server, of the same cluster.</param>
    public static IReadOnlyList<AlertResult> Merge(IReadOnlyList<AlertResult> seen, IReadOnlyList<AlertResult> stored)
    {
        List<AlertResult> merged = [];
        ILookup<(string, AlertSeverity), AlertResult> others = stored.ToLookup(static result => (result.Name, result.Severity));
        foreach (IGrouping<(string Name, AlertSeverity Severity), AlertResult> group in seen.GroupBy(static result => (result.Name, result.Severity)))
        {
            AlertResult[] same = [.. others[group.Key]];
            if (group.All(static result => result.State == AlertState.Unknown) && same.Any(static result => result.State != AlertState.Unknown))
            {
                merged.AddRange(same);
                continue;
            }

            foreach (AlertResult result in group)
            {
                AlertResult? own = Array.Find(same, other => result.State is not (AlertState.Ok or AlertState.Unknown) && other.Vmi == result.Vmi && other.Namespace == result.Namespace && other.Node == result.Node && other.State is not (AlertState.Ok or AlertState.Unknown));
                string? state = own?.ServerState ?? (result.State is AlertState.Ok or AlertState.Unknown || result is { Vmi: null, Node: null }
                    ? same.Select(static other => other.ServerState).OrderBy(static text => text switch { "firing" => 0, "pending" => 1, "inactive" => 2, _ => 3 }).FirstOrDefault()
                    : same.Any(static other => other.ServerState is not null) ? "inactive" : null);
                merged.Add(result with { ServerState = state });
            }
        }

        merged.AddRange(stored.Where(static result => result.Source is not null && !AlertCatalog.Default.Names.Contains(result.Name)));
        return merged;
    }

    private async Task RunAsync(Func<AlertResult, ValueTask> receive, CancellationToken cancellationToken)
    {
        List<ServerCluster> clusters = await ClustersAsync(cancellationToken).ConfigureAwait(false);
        await NamesAsync(clusters, cancellationToken).ConfigureAwait(false);
        await SilentAsync(clusters, cancellationToken).ConfigureAwait(false);
        OwnAlerts own = new(await SeriesAsync($"{Selector.Of("ALERTS", Selector.Join("alertstate=~\"firing|pending\"", _question.Matchers))}", null, cancellationToken).ConfigureAwait(false), _clusterLabel);
        AlertDefinition[] definitions = [.. AlertCatalog.Default.Definitions.Where(definition => _question.Filter?.Invoke(definition) ?? true)];
        List<(AlertDefinition Definition, ServerCluster[] Clusters)> work = [.. definitions.Select(definition => (definition, clusters.Where(cluster => cluster.Has(definition)).ToArray())).Where(static each => each.Item2.Length > 0)];

        // Some at once, and their results in order.
        Queue<Task<List<AlertResult>>> running = [];
        for (int next = 0; next < work.Count || running.Count > 0;)
        {
            while (next < work.Count && running.Count < AtOnce)
            {
                var (definition, those) = work[next++];
                running.Enqueue(EvaluateAsync(definition, those, own, cancellationToken));
            }

            foreach (AlertResult result in await running.Dequeue().ConfigureAwait(false)) await receive(result).ConfigureAwait(false);
        }

        foreach (AlertResult result in own.Others(clusters, AlertCatalog.Default, _server.Name, _time, _question)) await receive(result).ConfigureAwait(false);
    }

    /// <summary>The clusters of the server, with the namespace and version of their KubeVirt.</summary>
    private async Task<List<ServerCluster>> ClustersAsync(CancellationToken cancellationToken)
    {
        string names = string.Join(',', ServerFacts.ClusterLabels);
        string lately = $"count by ({names},namespace,kubeversion) (last_over_time({Selector.Of(Signs, _question.Matchers)}[1h]))";
        List<FoundSeries> found = await SeriesAsync(lately, null, cancellationToken).ConfigureAwait(false);
        _clusterLabel = Array.Find(ServerFacts.ClusterLabels, label => found.Exists(series => series[label] is { Length: > 0 }));
        List<ServerCluster> clusters = [];
        foreach (IGrouping<string?, FoundSeries> group in found.GroupBy(series => _clusterLabel is null ? null : series[_clusterLabel]))
        {
            KubeVirtVersion? newest = null;
            foreach (FoundSeries series in group)
            {
                if (series["kubeversion"] is { Length: > 0 } text && KubeVirtVersion.TryParse(text, out KubeVirtVersion version) && (newest is null || version > newest)) newest = version;
            }

            clusters.Add(new ServerCluster(group.Key, [.. group.Select(static series => series["namespace"]).OfType<string>().Distinct(StringComparer.Ordinal)], newest ?? VersionOf(_question.Session)));
        }

        if (clusters.Count == 0) clusters.Add(new ServerCluster(null, [], VersionOf(_question.Session)));
        return clusters;
    }

    private static KubeVirtVersion? VersionOf(KubeVirtSession? session) => session?.KubeVirtVersion is { } text && KubeVirtVersion.TryParse(text, out KubeVirtVersion version) ? version : null;

    /// <summary>Finds out which of the metrics that are needed there are.</summary>
    private async Task NamesAsync(List<ServerCluster> clusters, CancellationToken cancellationToken)
    {
        // Labels of nodes are exported where a list allows it, and then not always the one that counts.
        const string Labels = "kube_node_labels";
        string by = _clusterLabel is null ? "" : _clusterLabel + ",";
        string[] names = [.. ServerRules.Default.Needs.Concat(Recorded).Where(static name => name != Labels)];
        foreach (string selector in new[] { Selector.Of(names, _question.Matchers), Selector.Of(Labels, Selector.Join("label_kubevirt_io_schedulable!=\"\"", _question.Matchers)) })
        {
            foreach (FoundSeries series in await SeriesAsync($"count by ({by}__name__) ({selector})", null, cancellationToken).ConfigureAwait(false))
            {
                foreach (ServerCluster cluster in clusters.Where(cluster => cluster.Name is null || series[_clusterLabel!] == cluster.Name)) cluster.Names.Add(series["__name__"] ?? "");
            }
        }
    }

    /// <summary>Finds out which pods of components the server could not scrape: what only they tell is not there, and is not well for that.</summary>
    private async Task SilentAsync(List<ServerCluster> clusters, CancellationToken cancellationToken)
    {
        string by = _clusterLabel is null ? "" : _clusterLabel + ",";
        string up = Selector.Of("up", Selector.Join("pod=~\"virt-(controller|handler|operator)-.*\"", _question.Matchers));
        foreach (FoundSeries series in await SeriesAsync($"count by ({by}namespace,pod) ({up} == 0)", null, cancellationToken).ConfigureAwait(false))
        {
            foreach (ServerCluster cluster in clusters.Where(cluster => (cluster.Name is null || series[_clusterLabel!] == cluster.Name) && (cluster.Namespaces.Count == 0 || cluster.Namespaces.Contains(series["namespace"] ?? ""))))
                cluster.Silent.Add(ForeignText.OfStranger.Line(series["pod"] ?? "", 120));
        }
    }

    // Only what is told of one thing by one pod is missing with it.
    private static string? WhySilent(AlertDefinition definition, ServerCluster cluster)
    {
        bool isOfHandler = definition.Scope is AlertScope.Machine or AlertScope.FileSystem && (definition.Needs & AlertNeeds.VirtHandler) != 0;
        if (!isOfHandler && definition.Rule != AlertRule.WorkQueue) return null;
        string[] silent = [.. cluster.Silent.Where(pod => !isOfHandler || pod.StartsWith("virt-handler-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        return silent.Length == 0 ? null
            : $"The server could not scrape {string.Join(", ", silent.Take(3))}{(silent.Length > 3 ? $" and {silent.Length - 3} more" : "")}, so {(isOfHandler ? "the machines on its node" : "its work queues")} are not known.";
    }

    private async Task<List<AlertResult>> EvaluateAsync(AlertDefinition definition, ServerCluster[] clusters, OwnAlerts own, CancellationToken cancellationToken)
    {
        List<AlertResult> results = [];
        foreach (IGrouping<ServerRule?, ServerCluster> group in clusters.GroupBy(cluster => LineOf(definition, cluster)))
        {
            if (group.Key is not { } line)
            {
                foreach (ServerCluster cluster in group) results.Add(Unknown(definition, cluster, MissingOf(definition, cluster)));
                continue;
            }

            try
            {
                List<Track> tracks = await TracksAsync(definition, line, [.. group], cancellationToken).ConfigureAwait(false);
                foreach (ServerCluster cluster in group) results.AddRange(ResultsOf(definition, line, cluster, [.. tracks.Where(track => cluster.Name is null || track.Series[_clusterLabel!] == cluster.Name)]));
            }
            catch (ScrapeException error)
            {
                foreach (ServerCluster cluster in group) results.Add(Unknown(definition, cluster, $"The server cannot tell: {error.Message}"));
            }
        }

        return [.. results.Select(result => own.Beside(result, clusters.FirstOrDefault(cluster => cluster.Name is null || cluster.Name == result.Cluster)))];
    }

    private static ServerRule? LineOf(AlertDefinition definition, ServerCluster cluster) =>
        ServerRules.Default.Of(definition.Rule).FirstOrDefault(line => line.NeedsOf(definition.Component).All(need => need.Any(cluster.Names.Contains)));

    private static string MissingOf(AlertDefinition definition, ServerCluster cluster)
    {
        IReadOnlyList<ServerRule> lines = ServerRules.Default.Of(definition.Rule);
        if (lines.Count == 0) return "No metric tells it.";
        string[] missing = [.. lines[0].NeedsOf(definition.Component).Where(need => !need.Any(cluster.Names.Contains)).Select(static need => need[0])];
        string whose = missing[0].StartsWith("kube_", StringComparison.Ordinal) ? "The server does not scrape kube-state-metrics, or not all of it"
            : missing[0].StartsWith("apiserver_", StringComparison.Ordinal) ? "The server does not scrape the API server"
            : missing[0].StartsWith("container_", StringComparison.Ordinal) ? "The server does not scrape the kubelets"
            : "The server does not scrape this of KubeVirt";
        return $"{whose}: there is no {string.Join(", no ", missing)}.";
    }

    private AlertResult Unknown(AlertDefinition definition, ServerCluster cluster, string missing) => Result(definition, AlertState.Unknown, cluster) with { Missing = missing };

    private AlertResult Result(AlertDefinition definition, AlertState state, ServerCluster cluster) => definition.Result(state, _question.Thresholds, _time) with
    {
        Subject = definition.Component is { } component ? ComponentFacts.NameOf(component) : null,
        Cluster = cluster.Name ?? _question.Session?.ToString(),
        Source = _server.Name,
        Session = _question.Session,
        WindowSeconds = definition.Window > TimeSpan.Zero ? WindowOf(definition).TotalSeconds : null,
    };

    private TimeSpan WindowOf(AlertDefinition definition)
    {
        TimeSpan window = definition.Window / _question.Pace;

        // Of rules of this module's own, the time is the least that makes sense, and a rate needs some scrapes.
        TimeSpan least = (_facts.ScrapeInterval ?? UsualStep) * 4;
        return definition.Origin == AlertOrigin.Module && window < (least > LeastWindow ? least : LeastWindow) / _question.Pace ? (least > LeastWindow / _question.Pace ? least : LeastWindow / _question.Pace) : window;
    }

    private async Task<List<Track>> TracksAsync(AlertDefinition definition, ServerRule line, ServerCluster[] clusters, CancellationToken cancellationToken)
    {
        string[] spaces = [.. clusters.SelectMany(static cluster => cluster.Namespaces).Distinct(StringComparer.Ordinal)];
        string install = spaces.Length == 0 ? _question.Matchers : Selector.Join(Selector.Wild("namespace", spaces), _question.Matchers);
        ServerSeries series = new(_question.Matchers, install, Namespaces, _clusterLabel);
        string expression = ServerRules.Default.Expression(line, definition, _question.Thresholds, WindowOf(definition), series);
        TimeSpan hold = _question.Thresholds.HoldOf(definition) / _question.Pace;
        List<Track> tracks = await FollowAsync(expression, _time, hold, StepOf(hold), definition, cancellationToken).ConfigureAwait(false);

        // What holds for the whole time began before it.
        if (hold > TimeSpan.Zero && tracks.Exists(static track => track.IsWhole))
        {
            TimeSpan back = Back / _question.Pace > hold * 2 ? Back / _question.Pace : hold * 2;
            TimeSpan wide = StepOf(back);
            List<Track> longer = await FollowAsync(expression, _time, back, wide, definition, cancellationToken).ConfigureAwait(false);
            foreach (Track track in tracks.Where(static track => track.IsWhole))
            {
                Track? before = longer.Find(each => each.Series.Key == track.Series.Key);
                // Between two wide steps it began before the first at which it is seen.
                track.Began = before is { IsWhole: true } ? null : Math.Min(before?.Since ?? long.MaxValue, track.Since!.Value);
            }

            foreach (IGrouping<long?, Track> begun in tracks.Where(static track => track.Began is not null).GroupBy(static track => track.Began).Take(MostBegins))
            {
                // On steps of the clock, so that it is the same whenever somebody asks.
                TimeSpan fine = StepOf(wide) is { Ticks: > 0 } step ? step : UsualStep;
                long unit = Math.Max(1, (long)fine.TotalMilliseconds);
                DateTimeOffset end = DateTimeOffset.FromUnixTimeMilliseconds((begun.Key!.Value + unit - 1) / unit * unit);
                if (end > _time) continue;
                List<Track> exact = await FollowAsync(expression, end, TimeSpan.FromMilliseconds(Math.Ceiling((wide + fine) / fine) * unit), TimeSpan.FromMilliseconds(unit), definition, cancellationToken).ConfigureAwait(false);
                foreach (Track track in begun) track.Began = exact.Find(each => each.Series.Key == track.Series.Key)?.Since ?? track.Began;
            }
        }

        return tracks;
    }

    private TimeSpan StepOf(TimeSpan over)
    {
        if (over <= TimeSpan.Zero) return TimeSpan.Zero;
        TimeSpan least = (_facts.ScrapeInterval ?? UsualStep) is { Ticks: > 0 } interval ? interval : UsualStep;
        return over / Math.Clamp((int)(over / least), 1, MostSteps);
    }

    /// <summary>The series whose condition holds at the end of a time, and since which step.</summary>
    private async Task<List<Track>> FollowAsync(string expression, DateTimeOffset end, TimeSpan over, TimeSpan step, AlertDefinition definition, CancellationToken cancellationToken)
    {
        QueryRange? range = step > TimeSpan.Zero ? new QueryRange(end - over, end, step) : null;
        List<Track> tracks = [];
        foreach (FoundSeries series in await SeriesAsync(expression, range, cancellationToken).ConfigureAwait(false))
        {
            bool Holds(QueryPoint point) => definition.Thresholds.Count == 0 || _question.Thresholds.Of(definition, 0) is not { } threshold || AlertThreshold.Holds(point.Value, definition.Thresholds[0].Comparison, threshold);
            QueryPoint last = series.Points[^1];
            bool isNow = range is null || Math.Abs(last.Milliseconds - end.ToUnixTimeMilliseconds()) <= step.TotalMilliseconds / 2;
            long? since = null;
            bool whole = false;
            for (int i = series.Points.Length - 1; isNow && i >= 0 && Holds(series.Points[i]); i--)
            {
                // Without a point at a step, the condition did not hold there.
                if (since is { } later && later - series.Points[i].Milliseconds > step.TotalMilliseconds * 1.5) break;
                since = series.Points[i].Milliseconds;
                whole = range is null || since <= (end - over).ToUnixTimeMilliseconds() + (step.TotalMilliseconds / 2);
            }

            if (isNow) tracks.Add(new Track(series, last.Value, since, whole));
        }

        return tracks;
    }

    private IEnumerable<AlertResult> ResultsOf(AlertDefinition definition, ServerRule line, ServerCluster cluster, Track[] tracks)
    {
        Track[] holding = [.. tracks.Where(static track => track.Since is not null)];
        foreach (Track track in holding.OrderBy(static track => track.Series.Key, StringComparer.Ordinal)) yield return Named(definition, Result(definition, track.IsWhole || IsProven(definition, track) ? AlertState.Firing : AlertState.Pending, cluster) with
        {
            Value = track.Value,
            Since = SinceOf(definition, track),
        }, track);
        if (WhySilent(definition, cluster) is { } silent)
        {
            yield return Unknown(definition, cluster, silent);
            yield break;
        }

        if (holding.Length > 0) yield break;
        if (!line.ProvesBoth)
        {
            yield return Unknown(definition, cluster, MissingOf(definition, cluster));
            yield break;
        }

        // Of a condition about one thing the value is known also where it does not hold.
        AlertResult well = Result(definition, AlertState.Ok, cluster);
        if (tracks is [{ } one] && definition.Scope == AlertScope.Cluster && !double.IsNaN(one.Value)) well = well with { Value = one.Value };
        yield return well with { Evidence = well.Value is null ? "The condition holds nowhere." : $"The value is {AlertOutcome.Number(well.Value.Value)}{(well.Unit is null ? "" : " " + well.Unit)}." };
    }

    // How long an item has been in hand is what the value says.
    private bool IsProven(AlertDefinition definition, Track track) => definition.Rule == AlertRule.WorkQueue && track.Value >= _question.Thresholds.HoldOf(definition).TotalSeconds;

    private static DateTimeOffset? SinceOf(AlertDefinition definition, Track track)
    {
        if (definition.Hold == TimeSpan.Zero) return null;
        return (track.IsWhole ? track.Began : track.Since) is { } since ? DateTimeOffset.FromUnixTimeMilliseconds(since) : null;
    }

    private AlertResult Named(AlertDefinition definition, AlertResult result, Track track)
    {
        FoundSeries series = track.Series;
        string? space = series["exported_namespace"] ?? series["namespace"];
        string? name = series["name"] ?? series["vmi"];
        if (definition.Rule == AlertRule.LauncherMemory) (space, name) = (series["namespace"], MachineOf(series["pod"]));
        result = definition.Scope switch
        {
            AlertScope.Machine => result with { Namespace = space, Vmi = name, Node = series["node"], Subject = $"{space}/{name}" },
            AlertScope.FileSystem => result with { Namespace = space, Vmi = name, Node = series["node"], Subject = $"{space}/{name} {series["mount_point"]}" },
            AlertScope.Node => result with { Node = series["node"], Subject = series["node"] },
            AlertScope.Component => result with { Subject = series["name"] is { } queue ? $"{series["pod"]} {queue}" : series["pod"] },
            AlertScope.Api => result with { Subject = $"{series["resource"]}.{series["group"]}/{series["version"]}" },
            _ => result,
        };
        string held = result.Since is { } since ? $", since {AlertOutcome.Time(since)}" : result.State == AlertState.Firing && result.HoldSeconds > 0 ? $", for more than {AlertOutcome.Length(TimeSpan.FromSeconds(result.HoldSeconds / _question.Pace))}" : "";
        return result with { Evidence = $"{Shown(result, series)}{held}." };
    }

    private static string Shown(AlertResult result, FoundSeries series)
    {
        if (series["status"] is { } status) return $"The status is {ForeignText.OfStranger.Line(status, 60)}";
        string value = AlertOutcome.Number(result.Value ?? double.NaN);
        string unit = result.Unit is null ? "" : " " + result.Unit;
        return result.Threshold is { } threshold ? $"The value {value}{unit} is {result.Comparison} {AlertOutcome.Number(threshold)}" : $"The value is {value}{unit}";
    }

    private static string? MachineOf(string? pod)
    {
        const string Launcher = "virt-launcher-";
        int end = pod?.LastIndexOf('-') ?? -1;
        return pod is not null && pod.StartsWith(Launcher, StringComparison.Ordinal) && end > Launcher.Length ? pod[Launcher.Length..end] : pod;
    }

    private async Task<List<FoundSeries>> SeriesAsync(string expression, QueryRange? range, CancellationToken cancellationToken)
    {
        Dictionary<string, FoundSeries> found = new(StringComparer.Ordinal);
        QueryOutcome outcome = await _server.QueryAsync(
            new Query { Expression = expression, Range = range, Time = range is null ? _time : null },
            series =>
            {
                FoundSeries one = FoundSeries.Of(series);
                found[one.Key] = found.TryGetValue(one.Key, out FoundSeries? before) ? before with { Points = [.. before.Points, .. one.Points] } : one;
                return ValueTask.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        lock (_outcomes) _outcomes.Add(outcome);
        return [.. found.Values.Where(static series => series.Points.Length > 0)];
    }

    /// <summary>A series whose condition holds, or was looked at.</summary>
    /// <param name="Series">The series.</param>
    /// <param name="Value">Its value now.</param>
    /// <param name="Since">Since which step the condition has held, in milliseconds; null = it does not hold now.</param>
    /// <param name="IsWhole">Whether it has held at every step.</param>
    private sealed record Track(FoundSeries Series, double Value, long? Since, bool IsWhole)
    {
        /// <summary>When what has held at every step began, in milliseconds; null = longer ago than was looked back.</summary>
        public long? Began { get; set; }
    }
}

/// <summary>A cluster of a server.</summary>
/// <param name="Name">The value of the label of clusters; null = the server has no such label.</param>
/// <param name="Namespaces">Where KubeVirt is installed.</param>
/// <param name="Version">Its version; null = not known.</param>
internal sealed record ServerCluster(string? Name, IReadOnlyList<string> Namespaces, KubeVirtVersion? Version)
{
    /// <summary>The metrics that there are, of those that are asked for.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>Pods of components that the server could not scrape.</summary>
    public HashSet<string> Silent { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether an alert is like this in the cluster's version. Of a name and severity, the first of the catalogue counts.</summary>
    public bool Has(AlertDefinition definition) => AlertCatalog.Default.For(Version).Contains(definition);
}

/// <summary>A series of an answer that is kept.</summary>
/// <param name="Key">Its labels in one text, in order.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Points">Its points.</param>
internal sealed record FoundSeries(string Key, IReadOnlyDictionary<string, string> Labels, QueryPoint[] Points)
{
    /// <summary>The value of a label; null where it has none of the name.</summary>
    public string? this[string label] => Labels.GetValueOrDefault(label);

    /// <summary>Keeps a series.</summary>
    public static FoundSeries Of(QuerySeries series)
    {
        SortedDictionary<string, string> labels = new(StringComparer.Ordinal);
        foreach ((string name, string value) in series.Labels) labels[name] = value;
        return new FoundSeries(string.Join('\n', labels.Select(static label => $"{label.Key}={label.Value}")), labels, series.Points.ToArray());
    }
}

/// <summary>What is asked of a server about alerts.</summary>
internal sealed record AlertQuestion
{
    /// <summary>Which series count, in PromQL without braces; empty = all.</summary>
    public string Matchers { get; init; } = "";

    /// <summary>The moment; null = now.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Which alerts; null = all.</summary>
    public Func<AlertDefinition, bool>? Filter { get; init; }

    /// <summary>Whether others than those are of no interest, such as those that the rules of the server have and this module does not know.</summary>
    public bool IsFiltered { get; init; }

    /// <summary>What is compared with.</summary>
    public AlertThresholds Thresholds { get; init; } = AlertThresholds.Usual;

    /// <summary>The session whose server it is; its namespace of KubeVirt counts then. Null = the server was named by its address.</summary>
    public KubeVirtSession? Session { get; init; }

    /// <summary>How many times as fast everything happens there: times to hold and times over which growth counts are so many times as short.</summary>
    public double Pace { get; init; } = 1;
}
