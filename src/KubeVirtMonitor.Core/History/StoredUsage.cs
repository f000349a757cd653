using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Usage;

namespace KubeVirtMonitor.History;

/// <summary>
/// Makes usage of what a server has stored: all machines in one query, as many moments and figures in it as a bounded answer holds. Looks come in the order of time,
/// each as soon as the answer that it is in has been read.
/// </summary>
/// <param name="server">The server.</param>
/// <param name="facts">What is known of it.</param>
/// <param name="request">What is asked.</param>
internal sealed class StoredUsage(PrometheusServer server, ServerFacts facts, UsageRequest request)
{
    /// <summary>Over fewer scrapes there may be no rate: a window may have lost one at each edge, and one may have failed.</summary>
    public const int LeastScrapes = 4;

    /// <summary>How far back a machine is looked for that has no usage when it is asked for.</summary>
    public static readonly TimeSpan SeenFor = TimeSpan.FromHours(6);

    // Points of an answer: some 70 MB of JSON, of which never more than a window is held, and 24 MB of numbers. Servers hold twice as much, of the 50 million that they allow.
    private const long MostPoints = 3_000_000;

    // What the labels of a series take in an answer, in points.
    private const int LabelsInPoints = 8;

    // VictoriaMetrics takes no longer query than 16,384 bytes.
    private const int LongestQuery = 12_000;
    private const int MostMoments = 10_000;

    // Each selector of a query has them, so that many names make it longer than it is worth: they are chosen here then.
    private const int LongestMatcher = 300;
    private static readonly TimeSpan DefaultWindow = TimeSpan.FromMinutes(5);

    private readonly TimeSpan _window = WindowOf(request, facts);

    /// <summary>The time over which rates are taken.</summary>
    public TimeSpan Window => _window;

    /// <summary>How much of the range that is asked for the server has anything of KubeVirt, at most 1, by the name of the cluster, which is empty where series name none; empty where it is not known, or no range is asked for.</summary>
    public IReadOnlyDictionary<string, double> Covered { get; private set; } = new Dictionary<string, double>();

    /// <summary>How many queries were asked.</summary>
    public int Queries { get; private set; }

    /// <summary>Asks, and hands on each look.</summary>
    /// <param name="take">Takes each look; the next one follows when its task has ended.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>How the queries went.</returns>
    /// <exception cref="ScrapeException">The server cannot be asked. Looks before that are whole.</exception>
    public async Task<IEnumerable<QueryOutcome>> ReadAsync(Func<UsageLook, ValueTask> take, CancellationToken cancellationToken)
    {
        IReadOnlyList<UsageTerm> terms = UsageQueries.Of(request.Needs, request.Devices, _window, request.Whole is not null, facts.ScrapeInterval, request.Matchers, MachineMatchers());
        List<QueryOutcome> outcomes = [];
        long count = request.Range?.Count ?? 1;
        double perTerm = Expected() * (request.Devices is null ? 1 : 2);
        Covered = await CoverAsync(outcomes, cancellationToken).ConfigureAwait(false);
        UsageSlice slice = new(server.Name, terms, request, facts.ScrapeInterval, _window) { Covered = request.Whole is null ? new Dictionary<string, double>() : Covered };
        for (long first = 0; first < count;)
        {
            int moments = (int)Math.Min(MomentsOf(terms, perTerm), count - first);
            // Parts of one size: the last is not left with a moment or two.
            moments = (int)Math.Ceiling((count - first) / Math.Ceiling((count - first) / (double)moments));
            QueryRange? range = request.Range is not { } whole ? null : whole with { Start = whole.Start + (first * whole.Step), End = whole.Start + ((first + moments - 1) * whole.Step) };
            slice.Begin(range, moments);
            double series = 0;
            foreach (UsageTerm[] part in Parts(terms, perTerm, moments))
            {
                Query query = new() { Expression = UsageQueries.Join(part), Time = request.Time, Range = range };
                Queries++;
                QueryOutcome outcome = await server.QueryAsync(
                    query,
                    series =>
                    {
                        slice.Add(series);
                        return ValueTask.CompletedTask;
                    },
                    cancellationToken).ConfigureAwait(false);
                series += outcome.Series;
                outcomes.Add(outcome);
            }

            foreach (UsageLook look in slice.Looks()) await take(look).ConfigureAwait(false);
            perTerm = Math.Max(series / Math.Max(terms.Count(static term => !term.IsRare), 1), 1);
            first += moments;
        }

        return outcomes;
    }

    /// <summary>The machines that the server has usage of at the moment, at the end of the range, or in <see cref="SeenFor"/> before it, whatever their names are.</summary>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ScrapeException">The server cannot be asked.</exception>
    public async Task<IReadOnlyList<SeenMachine>> SeenAsync(CancellationToken cancellationToken)
    {
        List<SeenMachine> seen = [];
        await server.QueryAsync(
            new Query { Expression = UsageQueries.SeenMachines(SeenFor, request.Matchers), Time = request.Range?.End ?? request.Time },
            series =>
            {
                MachineIdentity identity = MachineIdentity.Read(series.Labels);
                if (identity.Vmi is { } name) seen.Add(new SeenMachine(identity.Namespace, name, DateTimeOffset.FromUnixTimeMilliseconds((long)(series.Points.Span[^1].Value * 1000))));
                return ValueTask.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false);
        return seen;
    }

    private async Task<Dictionary<string, double>> CoverAsync(List<QueryOutcome> outcomes, CancellationToken cancellationToken)
    {
        Dictionary<string, double> covered = [];
        TimeSpan length = request.Whole ?? (request.Range is { } range ? range.End - range.Start : TimeSpan.Zero);
        if (facts.ScrapeInterval is not { } interval || length < 2 * interval) return covered;
        // As many moments as tell it to a thousandth.
        TimeSpan step = TimeSpan.FromSeconds(Math.Ceiling(Math.Max(length.TotalSeconds / 1000, interval.TotalSeconds)));
        Queries++;
        outcomes.Add(await server.QueryAsync(
            new Query { Expression = UsageQueries.Covered(length, step, interval, facts.Versions.Count > 0, request.Matchers), Time = request.Range?.End ?? request.Time },
            series =>
            {
                string cluster = UsageSlice.ClusterOf(series) ?? "";
                double part = Math.Min(1, series.Points.Span[^1].Value / Math.Floor(length / step));
                covered[cluster] = Math.Max(covered.GetValueOrDefault(cluster), part);
                return ValueTask.CompletedTask;
            },
            cancellationToken).ConfigureAwait(false));
        return covered;
    }

    private double Expected() => Math.Max(1, request.Machines is { } machines && !machines.Any(static name => name.AsSpan().ContainsAny('*', '?', '[')) ? Math.Min(machines.Count, facts.Machines) : facts.Machines);

    private string MachineMatchers()
    {
        string spaces = request.Namespaces is { Count: > 0 } some && !facts.IsMixed ? Selector.WildObject(facts.NamespaceLabel, some) : "";
        string names = request.Machines is { Count: > 0 } machines ? Selector.WildObject("name", machines) : "";
        return Selector.Join(spaces.Length > LongestMatcher ? "" : spaces, names.Length > LongestMatcher ? "" : names);
    }

    private static TimeSpan WindowOf(UsageRequest request, ServerFacts facts)
    {
        if (request.Whole is { } whole) return whole;
        TimeSpan least = facts.ScrapeInterval is { } interval ? LeastScrapes * interval : DefaultWindow;
        return request.Range is { } range && range.Step > least ? range.Step : least;
    }

    // Texts bound how few queries there are for a moment, and each of them may have an answer of its own.
    private static long MomentsOf(IReadOnlyList<UsageTerm> terms, double perTerm)
    {
        int queries = 1, length = 0;
        foreach (UsageTerm term in terms)
        {
            if (length > 0 && length + term.Expression.Length > LongestQuery) (queries, length) = (queries + 1, 0);
            length += term.Expression.Length + 8;
        }

        double series = perTerm * terms.Count(static term => !term.IsRare);
        return (long)Math.Clamp((MostPoints * queries / Math.Max(series, 1)) - LabelsInPoints, 1, MostMoments);
    }

    private static IEnumerable<UsageTerm[]> Parts(IReadOnlyList<UsageTerm> terms, double perTerm, int moments)
    {
        List<UsageTerm> part = [];
        int length = 0;
        double points = 0;
        foreach (UsageTerm term in terms)
        {
            double more = term.IsRare ? 0 : perTerm * (moments + LabelsInPoints);
            // A tenth more, because what is known of the number of series is an estimate.
            if (part.Count > 0 && (length + term.Expression.Length > LongestQuery || points + more > 1.1 * MostPoints))
            {
                yield return [.. part];
                part.Clear();
                (length, points) = (0, 0);
            }

            part.Add(term);
            length += term.Expression.Length + 8;
            points += more;
        }

        if (part.Count > 0) yield return [.. part];
    }
}

/// <summary>A machine that a server has values of.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Last">The time of the last value.</param>
internal sealed record SeenMachine(string? Namespace, string Name, DateTimeOffset Last);

/// <summary>What is asked of the past.</summary>
internal sealed record UsageRequest
{
    /// <summary>The moment; null = now, by the clock of the server. Not used with a range.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The range, with the time between two moments of it; null = one moment.</summary>
    public QueryRange? Range { get; init; }

    /// <summary>The length of the range before <see cref="Time"/> over which there is one object a machine; null = the shortest that gives rates.</summary>
    public TimeSpan? Whole { get; init; }

    /// <summary>What is wanted.</summary>
    public UsageNeeds Needs { get; init; } = UsageNeeds.All;

    /// <summary>The parts of machines that are wanted in place of machines; null = machines.</summary>
    public IReadOnlyCollection<UsageDevice>? Devices { get; init; }

    /// <summary>Whether a machine that moved has an object for each of its nodes, with what it used there.</summary>
    public bool ByNode { get; init; }

    /// <summary>Which series count, in PromQL without braces; empty = all.</summary>
    public string Matchers { get; init; } = "";

    /// <summary>Wildcards on the namespaces of machines; null = all.</summary>
    public IReadOnlyCollection<string>? Namespaces { get; init; }

    /// <summary>Wildcards on the names of machines; null = all.</summary>
    public IReadOnlyCollection<string>? Machines { get; init; }

    /// <summary>The machines that are wanted, exactly; null = all.</summary>
    public Func<MachineIdentity, bool>? Filter { get; init; }

    /// <summary>The session whose server it is; null = none.</summary>
    public KubeVirtSession? Session { get; init; }
}
