using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.History;

/// <summary>
/// The values of all machines at some moments, one after the other, until usage is made of them. Used again for the next moments. A machine has a row for each virt-handler
/// that reports it, one for what virt-controller knows, and one for each of its parts.
/// </summary>
/// <param name="server">The name of the server.</param>
/// <param name="terms">The terms of the queries.</param>
/// <param name="request">What is asked.</param>
/// <param name="interval">The time between two scrapes; null where it is not known.</param>
/// <param name="window">The time over which rates are taken.</param>
internal sealed class UsageSlice(string server, IReadOnlyList<UsageTerm> terms, UsageRequest request, TimeSpan? interval, TimeSpan window)
{
    private readonly Dictionary<string, int> _columns = terms.Select(static (term, column) => (term.Name, column)).ToDictionary(StringComparer.Ordinal);
    private readonly Dictionary<MachineKey, Machine> _machines = [];
    private readonly int _seen = IndexOf(terms, UsageQueries.Seen);
    private readonly int _last = IndexOf(terms, UsageQueries.Last);
    private readonly int _before = IndexOf(terms, UsageQueries.Before);
    private readonly int _resets = IndexOf(terms, UsageQueries.Resets);
    private readonly UsageFigure?[] _figures = [.. terms.Select(static term => term.Figure)];
    private readonly int[] _facts = [.. Enumerable.Range(0, terms.Count).Where(column => terms[column].Kind == UsageTermKind.Fact)];
    private readonly DerivedFigure[] _derived = [.. DerivedFigure.All.Where(derived => derived.Of.All(figure => terms.Any(term => term.Figure == figure)))];
    private readonly bool _hasVCpus = terms.Any(static term => term.Figure == UsageFigure.VCpus);
    private readonly List<Report> _reports = [];
    private readonly Dictionary<string, double> _covered = [];
    private Machine[]? _ordered;
    private string[] _clusters = [];
    private QueryRange? _range;
    private int _moments;
    private long _milliseconds;
    private bool _isOfWindow;

    /// <summary>The part of the whole range for which the server has anything of a cluster, by its name; empty where the window is another one, or it is not known.</summary>
    public IReadOnlyDictionary<string, double> Covered { get; init; } = new Dictionary<string, double>();

    /// <summary>Begins with other moments.</summary>
    /// <param name="range">The moments; null = one.</param>
    /// <param name="moments">How many.</param>
    public void Begin(QueryRange? range, int moments)
    {
        _range = range;
        _moments = moments;
        _milliseconds = 0;
        _isOfWindow = false;
        foreach (Machine machine in _machines.Values)
        {
            foreach (Row row in machine.Rows) row.Clear(terms.Count * moments);
        }
    }

    /// <summary>Takes a series.</summary>
    public void Add(QuerySeries series)
    {
        if (series[UsageQueries.Label] is not { } name || !_columns.TryGetValue(name, out int column)) return;
        if (name == UsageQueries.Engine) _isOfWindow = true;
        MachineIdentity identity = MachineIdentity.Read(series.Labels);
        if (identity.Vmi is not { } vmi) return;
        MachineKey key = new(ClusterOf(series), identity.Namespace, vmi);
        if (!_machines.TryGetValue(key, out Machine? machine))
        {
            _machines.Add(key, machine = new Machine(key));
            _ordered = null;
        }

        UsageTerm term = terms[column];
        Row row = machine.Find(term.Kind == UsageTermKind.Fact ? default : new RowKey(identity.Node, series[UsageQueries.Reporter], DeviceOf(term, series)), terms.Count * _moments);
        ReadOnlySpan<QueryPoint> points = series.Points.Span;
        if (_range is not { } range)
        {
            if (points.Length == 0) return;
            _milliseconds = Math.Max(_milliseconds, points[^1].Milliseconds);
            row.Values[column] = points[^1].Value;
            return;
        }

        long start = range.Start.ToUnixTimeMilliseconds();
        double step = range.Step.TotalMilliseconds;
        foreach (QueryPoint point in points)
        {
            long at = (long)(((point.Milliseconds - start) / step) + 0.5);
            if (at >= 0 && at < _moments) row.Values[(at * terms.Count) + column] = point.Value;
        }
    }

    /// <summary>The usage at each moment at which there is any, in order.</summary>
    public IEnumerable<UsageLook> Looks()
    {
        if (_ordered is null)
        {
            _ordered = [.. _machines.Values.OrderBy(static machine => machine.Key.Cluster, StringComparer.Ordinal).ThenBy(static machine => machine.Key.Namespace, StringComparer.Ordinal).ThenBy(static machine => machine.Key.Vmi, StringComparer.Ordinal)];
            string? own = request.Session?.ToString();
            _clusters = [.. _ordered.Select(machine => machine.Key.Cluster ?? own ?? server).Distinct()];
        }

        for (int at = 0; at < _moments; at++)
        {
            DateTimeOffset time = _range is { } range ? range.Start.ToUniversalTime() + (at * range.Step) : request.Time?.ToUniversalTime() ?? DateTimeOffset.FromUnixTimeMilliseconds(_milliseconds);
            UsageMoment moment = new(time, window, _clusters, IsStored: true);
            UsageLook look = new();
            _covered.Clear();
            foreach (Machine machine in _ordered) Take(look, machine, at, moment);
            Weigh(look);
            if (look.Machines.Count > 0 || look.Details.Count > 0) yield return look;
        }
    }

    private static int IndexOf(IReadOnlyList<UsageTerm> terms, string name)
    {
        for (int i = 0; i < terms.Count; i++)
        {
            if (terms[i].Name == name) return i;
        }

        return -1;
    }

    /// <summary>The cluster of a series; null where it names none.</summary>
    public static string? ClusterOf(QuerySeries series)
    {
        foreach (string label in SeriesOrigin.ClusterLabels)
        {
            if (series[label] is { Length: > 0 } cluster) return cluster;
        }

        return null;
    }

    private static DeviceKey? DeviceOf(UsageTerm term, QuerySeries series) => term.Device switch
    {
        null => null,
        UsageDevice.FileSystem => new DeviceKey(UsageDevice.FileSystem, series["mount_point"] ?? "", series["disk_name"], series["file_system_type"]),
        UsageDevice.VCpu => new DeviceKey(UsageDevice.VCpu, series["id"] ?? "", null, null),
        UsageDevice.Drive => new DeviceKey(UsageDevice.Drive, series["drive"] ?? "", null, null),
        _ => new DeviceKey(UsageDevice.Interface, series["interface"] ?? "", null, null),
    };

    private void Take(UsageLook look, Machine machine, int at, UsageMoment moment)
    {
        FindReports(machine, at, moment.Time);
        // Of what does not run, virt-controller knows something too.
        if (_reports.Count == 0) return;
        string cluster = machine.Key.Cluster ?? "";
        _covered[cluster] = Math.Max(_covered.GetValueOrDefault(cluster), PartOf(_reports));
        if (request.ByNode)
        {
            foreach (IGrouping<string?, Report> node in _reports.GroupBy(static report => report.Row.Key.Node)) TakePlace(look, machine, [.. node], at, moment);
        }
        else
        {
            TakePlace(look, machine, _reports, at, moment);
        }
    }

    private void TakePlace(UsageLook look, Machine machine, List<Report> reports, int at, UsageMoment moment)
    {
        Report place = Newest(reports);
        if (request.Filter?.Invoke(new MachineIdentity(machine.Key.Namespace, machine.Key.Vmi, place.Row.Key.Node)) == false) return;
        if (request.Devices is not null)
        {
            foreach (IGrouping<DeviceKey, Report> device in reports.Where(static report => report.Row.Key.Device is not null).GroupBy(static report => report.Row.Key.Device!.Value))
                look.Details.Add(ToDetail(machine, device.Key, [.. device], place, at, moment.Time));
            return;
        }

        UsageSums sums = new() { Part = PartOf(reports), PartHasGauges = request.Whole is not null };
        bool isRestarted = Combine(sums, reports, at);
        if (sums.IsEmpty && reports.TrueForAll(static report => report.IsGone)) return;
        if (_hasVCpus && sums[UsageFigure.VCpus] is { } count)
        {
            if (sums[UsageFigure.VCpuRun] is not null) sums.Set(UsageFigure.VCpusWithRun, count);
            if (sums[UsageFigure.VCpuReady] is not null) sums.Set(UsageFigure.VCpusWithReady, count);
        }

        sums.Derive(_derived);
        MachineKnowledge? known = _facts.Length == 0 ? null : KnowledgeOf(machine, at);
        known?.AddTo(sums);
        look.Machines.Add(new KubeVirtUsage(sums)
        {
            Namespace = machine.Key.Namespace,
            Vmi = machine.Key.Vmi,
            Node = place.Row.Key.Node,
            NamedCluster = machine.Key.Cluster,
            Session = machine.Key.Cluster is null ? request.Session : null,
            Timestamp = moment.Time,
            Interval = sums.Part * window,
            Restarted = isRestarted,
            StatusAge = known?.Since(UsageFact.StatusSince, moment.Time),
            MigrationDuration = known?.MigrationDuration(moment.Time),
            Moment = moment,
        });
    }

    // Among others, a machine counts as long as it was there, of the time for which there is anything of its cluster.
    private void Weigh(UsageLook look)
    {
        foreach (KubeVirtUsage usage in look.Machines)
        {
            string cluster = usage.NamedCluster ?? "";
            double all = Math.Max(_covered.GetValueOrDefault(cluster), Covered.GetValueOrDefault(cluster));
            if (all > 0) usage.Sums.Part = Math.Min(1, usage.Sums.Part / all);
        }
    }

    private static double PartOf(List<Report> reports) => reports.TrueForAll(static report => report.Row.Key.Device is null)
        ? Math.Min(1, reports.Sum(static report => report.Part))
        // Each part of a machine is reported by all who report the machine.
        : Math.Min(1, reports.Where(static report => report.Row.Key.Device is not null).GroupBy(static report => (report.Row.Key.Node, report.Row.Key.Reporter)).Sum(static own => own.Max(static report => report.Part)));

    private KubeVirtUsageDetail ToDetail(Machine machine, DeviceKey device, List<Report> reports, Report place, int at, DateTimeOffset time)
    {
        UsageSums sums = new();
        Combine(sums, reports, at);
        return new KubeVirtUsageDetail(sums)
        {
            Kind = device.Kind,
            Device = device.Name,
            IsTimed = _range is not null,
            Disk = device.Disk,
            FileSystemType = device.Type,
            Namespace = machine.Key.Namespace,
            Vmi = machine.Key.Vmi,
            Node = place.Row.Key.Node,
            NamedCluster = machine.Key.Cluster,
            Session = machine.Key.Cluster is null ? request.Session : null,
            Timestamp = time,
            Interval = PartOf(reports) * window,
        };
    }

    private ReadOnlySpan<double> ValuesOf(Row row, int at) => row.Values.AsSpan(at * terms.Count, terms.Count);

    // The rows that have anything at a moment, and what part of the window they are of.
    private void FindReports(Machine machine, int at, DateTimeOffset time)
    {
        _reports.Clear();
        foreach (Row row in machine.Rows)
        {
            ReadOnlySpan<double> values = ValuesOf(row, at);
            if (row.Key == default || !HasAny(values)) continue;
            if (row.Key.Device is not null && machine.Rows.Find(other => other.Key == row.Key with { Device = null }) is { } whole) values = ValuesOf(whole, at);
            _reports.Add(ToReport(row, values, time));
        }
    }

    /// <summary>
    /// How long a machine was reported so. Prometheus' <c>rate</c> goes on from the first and last samples to the edges of the window where these are near, and by half an interval where they are not
    /// (extrapolatedRate in promql/functions.go); the time that it takes the increase for is what the increase has to be divided by.
    /// </summary>
    private Report ToReport(Row row, ReadOnlySpan<double> values, DateTimeOffset time)
    {
        if (_seen < 0 || interval is not { TotalSeconds: var each } || double.IsNaN(values[_seen])) return new Report(row, 1, 1, false);
        double seconds = window.TotalSeconds, samples = values[_seen];
        double end = time.ToUnixTimeMilliseconds() / 1000.0;
        double late = end - values[_last], early = end - seconds - values[_before];
        bool isGone = !(late <= UsageQueries.LatestScrapes * each), isNew = !(early <= UsageQueries.LatestScrapes * each);
        // What began and ended as usual was there all the time, and scrapes of it are missing; unless it began anew, and was away in between.
        if (!isGone && !isNew && double.IsNaN(values[_resets])) return new Report(row, 1, 1, false);
        // A sample at the very beginning of the window is in it in Prometheus, and not in VictoriaMetrics.
        double edges = (isNew ? each / 2 : early <= 0 && _isOfWindow ? 0 : Math.Max(0, each - early)) + (isGone ? each / 2 : Math.Min(late, each));
        double part = Math.Clamp((((samples - 1) * each) + edges) / seconds, Math.Min(1, each / 2 / seconds), 1);
        return new Report(row, part, isGone || isNew ? part : 1, isGone);
    }

    private static bool HasAny(ReadOnlySpan<double> values)
    {
        foreach (double value in values)
        {
            if (!double.IsNaN(value)) return true;
        }

        return false;
    }

    // Where a machine is: with who reports it now, and of several, who began last.
    private static Report Newest(List<Report> reports)
    {
        Report newest = reports[0];
        foreach (Report report in reports)
        {
            if ((newest.IsGone && !report.IsGone) || (newest.IsGone == report.IsGone && (report.IsGone ? report.Part > newest.Part : report.Part < newest.Part))) newest = report;
        }

        return newest;
    }

    /// <summary>
    /// Makes one machine of what several virt-handlers say of it, because it migrated, or because they were replaced: the mean over the time in which it was reported. Who reported it one after the other
    /// has parts of that time, and who did so at the same time says the same twice, so a mean that counts each as long as it reported is right of both.
    /// </summary>
    private bool Combine(UsageSums sums, List<Report> reports, int at)
    {
        bool isRestarted = false;
        foreach (Report report in reports) isRestarted |= !double.IsNaN(ValuesOf(report.Row, at)[_resets]) || report.Row.Key.Node != reports[0].Row.Key.Node;
        bool isOfMoment = request.Whole is null;
        for (int column = 0; column < _figures.Length; column++)
        {
            UsageTerm term = terms[column];
            if (_figures[column] is not { } figure) continue;
            double sum = 0, parts = 0, highest = double.NaN;
            foreach (Report report in reports)
            {
                double value = report.Row.Values[(at * terms.Count) + column];
                if (!double.IsFinite(value) || (isOfMoment && term.Kind != UsageTermKind.Rate && report.IsGone)) continue;
                if (!(value <= highest)) highest = value;
                // Prometheus divides an increase by the window; VictoriaMetrics by the time from the first sample to the last.
                sum += value * (term.Kind != UsageTermKind.Rate ? report.Part : _isOfWindow ? 1 : report.Spread);
                parts += report.Part;
            }

            if (double.IsNaN(highest)) continue;
            sums.Set(figure, term.Kind switch
            {
                UsageTermKind.Rate => parts.Equals(1d) ? sum : sum / parts,
                UsageTermKind.Gauge when !isOfMoment && reports.Count > 1 => sum / parts,
                _ => highest,
            });
        }

        return isRestarted;
    }

    private MachineKnowledge? KnowledgeOf(Machine machine, int at)
    {
        if (machine.Rows.Find(static row => row.Key == default) is not { } row) return null;
        MachineKnowledge known = new();
        foreach (int column in _facts) known.Of(terms[column].Fact) = ValuesOf(row, at)[column];
        return known;
    }

    private readonly record struct MachineKey(string? Cluster, string? Namespace, string Vmi);

    private readonly record struct DeviceKey(UsageDevice Kind, string Name, string? Disk, string? Type);

    /// <summary>What a row is of; the default is what virt-controller knows.</summary>
    private readonly record struct RowKey(string? Node, string? Reporter, DeviceKey? Device);

    /// <summary>A row at a moment.</summary>
    /// <param name="Row">The row.</param>
    /// <param name="Part">The part of the window in which the machine was reported so, at most 1.</param>
    /// <param name="Spread">The part of the window from the first report to the last; more than the other where it was away in between.</param>
    /// <param name="IsGone">Whether it is not reported so any more.</param>
    private readonly record struct Report(Row Row, double Part, double Spread, bool IsGone);

    private sealed class Machine(MachineKey key)
    {
        public MachineKey Key => key;

        public List<Row> Rows { get; } = [];

        public Row Find(RowKey row, int size)
        {
            foreach (Row known in Rows)
            {
                if (known.Key == row) return known;
            }

            Row found = new(row);
            found.Clear(size);
            Rows.Add(found);
            return found;
        }
    }

    private sealed class Row(RowKey key)
    {
        public RowKey Key => key;

        public double[] Values { get; private set; } = [];

        public void Clear(int size)
        {
            if (Values.Length < size) Values = new double[size];
            Array.Fill(Values, double.NaN);
        }
    }
}
