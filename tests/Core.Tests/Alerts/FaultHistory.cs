using System.Buffers;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Alerts;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Microsoft.Extensions.Time.Testing;

namespace KubeVirtMonitor.Tests.Alerts;

/// <summary>
/// What a Prometheus has stored of a cluster in which things go wrong: the components, scraped through KubeVirt's ServiceMonitor, kube-state-metrics and the API server, as far as
/// rules of KubeVirt and of the module ask for them. The clock is the test's, so that a day takes seconds.
/// </summary>
internal sealed partial class FaultHistory : IAsyncDisposable
{
    private static readonly Lazy<HashSet<string>> Wanted = new(static () => [.. new[] { "kubevirt-rules-1.9.0.tsv", "kubevirt-rules-1.2.2.tsv" }.Select(Resource).Append(OfCore("server-rules.tsv"))
        .SelectMany(static text => Name().Matches(text).Select(static match => match.Value)), "kubevirt_info", "kubevirt_vmi_memory_resident_bytes", "rest_client_requests_total", "kubevirt_rest_client_requests_total",
        "kubevirt_virt_controller_ready_status", "kubevirt_virt_controller_ready", "kubevirt_virt_controller_leading_status", "kubevirt_virt_controller_leading"]);

    private readonly FakeTimeProvider _time = new(Start);
    private readonly List<long> _moments = [];
    private readonly Dictionary<string, List<(int Moment, string Value)>> _series = new(StringComparer.Ordinal);
    private ApiCluster? _cluster;

    private FaultHistory()
    {
    }

    /// <summary>When the cluster began.</summary>
    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>The cluster as it is now.</summary>
    public ApiCluster Cluster => _cluster!;

    /// <summary>The clock of the cluster.</summary>
    public FakeTimeProvider Time => _time;

    /// <summary>Begins one: two nodes with five machines each, in which nothing is wrong.</summary>
    /// <param name="version">The KubeVirt version.</param>
    /// <param name="events">What happens.</param>
    public static async Task<FaultHistory> BeginAsync(string version, params string[] events)
    {
        FaultHistory history = new();
        history._cluster = await ApiCluster.StartAsync(
            new ApiServerOptions { KubeState = true, KubeStateNodeLabels = true }, time: history._time,
            change: options => options with { Version = KubeVirtVersion.Parse(version), Calm = true, Events = [.. events.Select(ClusterEvent.Parse)] });
        return history;
    }

    /// <summary>Goes on until a time after the start, and scrapes at each step.</summary>
    public void Until(TimeSpan time, TimeSpan step)
    {
        while (_time.GetUtcNow() + step <= Start + time)
        {
            _time.Advance(step);
            Scrape();
        }
    }

    /// <summary>What the module says of the cluster as it is now, from its endpoints and the Kubernetes API, in two looks that are 20 seconds apart.</summary>
    public async Task<IReadOnlyList<AlertResult>> LookAsync(CancellationToken cancellationToken)
    {
        using KubeVirtSession session = await KubeVirtSession.OpenAsync(
            new KubernetesClient(Cluster.Connection(), Clients.Library, new KubernetesClientOptions { RetryInterval = TimeSpan.FromMilliseconds(10) }), new KubeVirtSessionOptions { Route = ComponentRoute.Direct, Time = _time }, cancellationToken);
        IReadOnlyList<AlertDefinition> alerts = AlertCatalog.Default.For(KubeVirtVersion.Parse(session.KubeVirtVersion!));
        AlertLooks looks = new();
        HashSet<string> names = AlertLooks.NamesFor(alerts, withGrowth: true);
        async Task ScrapeAsync()
        {
            var survey = await session.FindComponentsAsync(null, withLeaders: false, cancellationToken);
            SessionScraper scraper = new(session, new ScrapeOptions { MaximumRetryCount = 0 }, new MappingOptions { NameFilter = (name, _) => names.Contains(name) }) { IsRepeated = true };
            foreach (FanOutItem item in scraper.Run(survey.Components, cancellationToken))
            {
                foreach (MetricSample sample in item.Samples.Span) looks.Take(sample);
                if (item.Result is { } result) looks.End(result);
            }
        }

        AlertReader reader = new(session, alerts.Aggregate(AlertNeeds.None, static (all, alert) => all | alert.Needs));
        AlertFacts facts = await reader.ReadAsync(cancellationToken);
        facts.Looks = looks;
        await ScrapeAsync();
        looks.Turn();
        _time.Advance(TimeSpan.FromSeconds(20));
        Cluster.Host.Cluster.Settle();
        await reader.ReadAgainAsync(facts, cancellationToken);
        await ScrapeAsync();
        looks.Complete((space, name) => facts.Instances.TryGetValue((space ?? "", name), out AlertInstance instance) ? instance.Node : null);

        // The API server dates its answers by the clock of the machine, and what it tells by that of the test.
        facts.Now = _time.GetUtcNow();
        return new AlertEvaluator(facts).Evaluate(alerts);
    }

    /// <summary>All samples with their times, as OpenMetrics.</summary>
    public string ToOpenMetrics()
    {
        StringBuilder text = new();
        foreach ((string series, List<(int Moment, string Value)> points) in _series)
        {
            foreach ((int moment, string value) in points) text.Append(CultureInfo.InvariantCulture, $"{series} {value} {_moments[moment] / 1000m}\n");
        }

        return text.Append("# EOF\n").ToString();
    }

    /// <summary>All samples as input of promtool's tests of rules, for steps of a minute. What vanishes is marked as stale, as a Prometheus does that scrapes.</summary>
    public string ToInputSeries()
    {
        StringBuilder text = new();
        long first = Start.ToUnixTimeMilliseconds();
        foreach ((string series, List<(int Moment, string Value)> points) in _series)
        {
            text.Append("  - series: '").Append(series.Replace("'", "''", StringComparison.Ordinal)).Append("'\n    values: '");
            int minute = 0;
            int? before = null;
            foreach ((int moment, string value) in points)
            {
                if (before is { } last && last + 1 < moment) Skip(last + 1, "stale ");
                Skip(moment, value + " ");
                before = moment;
            }

            if (before is { } end && end + 1 < _moments.Count) Skip(end + 1, "stale ");
            text.Append("'\n");

            void Skip(int moment, string value)
            {
                int at = (int)((_moments[moment] - first) / 60_000);
                if (at > minute) text.Append(CultureInfo.InvariantCulture, $"_x{at - minute} ");
                text.Append(value);
                minute = at + 1;
            }
        }

        return text.ToString();
    }

    /// <summary>A text that the tests or Core have with them.</summary>
    public static string Resource(string name)
    {
        using StreamReader reader = new(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private static string OfCore(string name)
    {
        using StreamReader reader = new(typeof(ServerRules).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private void Scrape()
    {
        int moment = _moments.Count;
        _moments.Add(_time.GetUtcNow().ToUnixTimeMilliseconds());
        Cluster.Host.Cluster.Settle();
        foreach (SimulatedEndpoint endpoint in Cluster.Host.Endpoints)
        {
            // A pod without an address is no target.
            if (!endpoint.IsOpen) continue;
            (string, string)[] target =
            [
                ("container", $"virt-{endpoint.Pod.ComponentName}"), ("endpoint", "metrics"), ("instance", $"{endpoint.Address}:8443"), ("job", "kubevirt-prometheus-metrics"), ("namespace", endpoint.Pod.Namespace),
                ("pod", endpoint.Pod.Name), ("service", "kubevirt-prometheus-metrics"),
            ];
            ArrayBufferWriter<byte> body = new();
            Cluster.Host.Cluster.BeginScrape(endpoint.Pod).WriteAll(body);
            Add(moment, Encoding.UTF8.GetString(body.WrittenSpan), target);
            Add(moment, "up 1", target);
        }

        Add(moment, new KubeState(Cluster.Server.Store, nodeLabels: true).Write(), [("instance", "10.0.0.9:8080"), ("job", "kube-state-metrics")]);
        Add(moment, ApiServerMetrics.Write(Cluster.Host.Cluster), [("instance", "10.0.0.1:6443"), ("job", "apiserver")]);
    }

    /// <summary>Adds a scrape. Labels of the target are added where it has none of the name, as honorLabels has it.</summary>
    private void Add(int moment, string text, (string Name, string Value)[] target)
    {
        foreach (string line in text.Split('\n'))
        {
            if (line.Length == 0 || line[0] == '#') continue;
            int open = line.IndexOf('{', StringComparison.Ordinal);
            int blank = line.IndexOf(' ', StringComparison.Ordinal);
            int end = open >= 0 && open < blank ? line.LastIndexOf('}') : blank - 1;
            string name = line[..(open >= 0 && open < blank ? open : blank)];
            if (!Wanted.Value.Contains(name)) continue;
            string labels = open >= 0 && open < blank ? line[(open + 1)..end].TrimEnd(',') : "";
            foreach ((string label, string value) in target)
            {
                if (!labels.StartsWith(label + "=", StringComparison.Ordinal) && !labels.Contains("," + label + "=", StringComparison.Ordinal)) labels += $"{(labels.Length == 0 ? "" : ",")}{label}=\"{value}\"";
            }

            string series = $"{name}{{{labels}}}";
            if (!_series.TryGetValue(series, out List<(int, string)>? points)) _series.Add(series, points = []);
            points.Add((moment, line[(end + 1)..].Trim().Split(' ')[0]));
        }
    }

    [GeneratedRegex("(kube|kubevirt|apiserver|container|rest_client|up)[a-zA-Z0-9_]*")]
    private static partial Regex Name();
}

/// <summary>KubeVirt's own rules.</summary>
internal static class KubeVirtRules
{
    /// <summary>The rules of a version as a file of Prometheus.</summary>
    /// <param name="version">The version.</param>
    /// <param name="space">The namespace of KubeVirt.</param>
    /// <param name="pace">How many times as fast everything happens: times to hold and times in brackets are so many times as short.</param>
    public static string Write(string version, string space = "kubevirt", double pace = 1)
    {
        StringBuilder text = new("groups:\n- name: kubevirt.rules\n  rules:\n");
        foreach (string line in FaultHistory.Resource($"kubevirt-rules-{version}.tsv").Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Skip(1))
        {
            string[] columns = line.Split('\t');
            string expression = Faster(columns[6].Replace("'NS'", $"'{space}'", StringComparison.Ordinal).Replace("\"NS\"", $"\"{space}\"", StringComparison.Ordinal), pace);
            text.Append(CultureInfo.InvariantCulture, $"  - {columns[0]}: {columns[1]}\n    expr: '{expression.Replace("'", "''", StringComparison.Ordinal)}'\n");
            if (columns[5] != "-") text.Append(CultureInfo.InvariantCulture, $"    labels: {{{columns[5].Replace("=", ": ", StringComparison.Ordinal)}}}\n");
            if (columns[0] == "alert") text.Append(CultureInfo.InvariantCulture, $"    for: {Faster($"[{columns[2]}]", pace)[1..^1]}\n    labels: {{severity: {columns[3]}, operator_health_impact: {columns[4]}, kubernetes_operator_part_of: kubevirt, kubernetes_operator_component: kubevirt}}\n");
        }

        return text.ToString();
    }

    private static string Faster(string text, double pace) => pace == 1 ? text : Regex.Replace(text, @"(\[|offset )(\d+)([smhd])", match =>
    {
        double seconds = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture) * match.Groups[3].Value switch { "s" => 1, "m" => 60, "h" => 3600, _ => 86400 };
        return string.Create(CultureInfo.InvariantCulture, $"{match.Groups[1].Value}{(long)Math.Round(seconds * 1000 / pace)}ms");
    });
}
