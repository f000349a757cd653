using System.Globalization;
using System.Management.Automation;
using System.Threading.Channels;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Sessions;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Commands;

/// <summary>
/// Opens the servers with stored values that a cmdlet asks, and reports what they say. All methods are for the pipeline's thread; what is asked is asked on
/// others, and its results are handed over.
/// </summary>
internal sealed class ServerRun
{
    // Enough for the server to go on while a sample is written, and little enough to be forgotten about.
    private const int Waiting = 4;

    private static readonly string[] Newest = ["kubevirt_info", "kubevirt_virt_controller_leading_status", "kubevirt_virt_controller_leading", "kubevirt_vmi_memory_resident_bytes"];

    private static readonly HashSet<string> SaidOfServers = new(StringComparer.Ordinal);

    private const int MostNames = 5;

    // Of every machine, whether it runs or not.
    private static readonly string[] OfMachines = ["kubevirt_vmi_memory_resident_bytes", "kubevirt_vmi_info", "kubevirt_vm_info"];

    private static readonly TimeSpan LookedBack = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan StopTimeout = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ShortestOld = TimeSpan.FromMinutes(2);

    // Less makes no difference for values that are scraped every half minute.
    private static readonly TimeSpan MostOff = TimeSpan.FromSeconds(30);

    private readonly CancellableCommand _command;
    private readonly IServerSource _source;
    private readonly Func<ScrapeOptions> _options;
    private readonly Action<ErrorRecord> _fail;
    private readonly Action<string> _warn;
    private readonly string _matchers = "";
    private readonly HashSet<string> _said = new(StringComparer.Ordinal);

    /// <summary>Reads the parameters; what contradicts itself ends the cmdlet with an error.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="source">Its parameters for servers.</param>
    /// <param name="options">How an address that is given is reached.</param>
    /// <param name="fail">Takes errors; null = the cmdlet writes them.</param>
    /// <param name="warn">Takes warnings; null = the cmdlet writes them.</param>
    public ServerRun(CancellableCommand command, IServerSource source, Func<ScrapeOptions> options, Action<ErrorRecord>? fail = null, Action<string>? warn = null)
    {
        _command = command;
        _source = source;
        _options = options;
        _fail = fail ?? command.WriteError;
        _warn = warn ?? command.WriteWarning;
        Moments = ServerMoments.Of(command, source);
        try
        {
            _matchers = source.Match is { } texts ? SeriesMatch.Of(texts) : "";
        }
        catch (ScrapeException error)
        {
            command.ThrowTerminatingError(ErrorRecords.Failed(error));
        }
    }

    /// <summary>The moments that are asked for.</summary>
    public ServerMoments Moments { get; }

    /// <summary>Whether what the server remarks on a query is a warning, since the query is the user's own.</summary>
    public bool IsOwnQuery { get; init; }

    /// <summary>The server whose address is given, or else those of the sessions. One that cannot be opened is an error.</summary>
    /// <param name="sessions">The sessions, asked for only where no address is given.</param>
    public IEnumerable<OpenServer> Open(Func<IEnumerable<KubeVirtSession>> sessions)
    {
        if (_source.PrometheusUri is { } address)
        {
            if (Try(() => new OpenServer(new PrometheusServer(address, _options()), null, _matchers)) is { } server) yield return server;
            yield break;
        }

        foreach (KubeVirtSession session in sessions())
        {
            if (Open(session) is { } server) yield return server;
        }
    }

    /// <summary>The server of a session; null, after an error, where there is none.</summary>
    public OpenServer? Open(KubeVirtSession session)
    {
        try
        {
            PrometheusServer server = _command.Await(cancellationToken => SessionServers.Of(session).OpenAsync(_options(), cancellationToken));
            _command.WriteVerbose($"{session}: the server is {server.Name} ({session.PrometheusReason}).");
            return new OpenServer(server, session, _matchers);
        }
        catch (KubernetesException error)
        {
            _fail(ErrorRecords.Failed(error, session));
        }
        catch (ScrapeException error)
        {
            Fail(error);
        }

        return null;
    }

    /// <summary>What has to be known of a server, found out once; null, after an error, where it cannot be asked.</summary>
    public ServerFacts? FactsOf(OpenServer server)
    {
        if (server.Facts is { } known) return known;
        (DateTimeOffset Start, DateTimeOffset End)? range = null;
        if (Moments.IsRange)
        {
            if ((Moments.End ?? ClockOf(server)) is not { } end) return null;
            range = Moments.RangeAt(end);
        }

        server.Facts = Try(() => _command.Await(cancellationToken => range is { } whole
            ? ServerFacts.ProbeAsync(server.Server, server.Matchers, whole.Start, whole.End, cancellationToken)
            : ServerFacts.ProbeAsync(server.Server, server.Matchers, Moments.Time, cancellationToken)));
        foreach (string warning in server.Facts?.Warnings ?? []) Warn($"{NameOf(server)}: {warning}");
        if (server.Facts is { } facts && (facts.IsMixed || facts.NamespaceLabel != "namespace")) SayExported(server, facts);
        return server.Facts;
    }

    /// <summary>The matcher of the cluster that an object is of; empty where the object is of none, or the server does not know its cluster, which is a warning if there are several.</summary>
    public string MatcherOf(OpenServer server, Origin origin)
    {
        if (origin == default || (origin.Session is null && origin.Cluster is null) || FactsOf(server) is not { Clusters: { Count: > 0 } clusters }) return "";
        foreach ((string label, string value) in clusters)
        {
            if (origin.Session is { } session ? SessionStore.IsNamed(session, value) : origin.Cluster == value) return Selector.Equal(label, value);
        }

        if (clusters.Count > 1)
        {
            string names = string.Join(", ", clusters.Take(MostNames).Select(static cluster => cluster.Value));
            Warn($"{NameOf(server)}: the server has {clusters.Count} clusters ({names}{(clusters.Count > MostNames ? ", ..." : "")}), and none of them is called {origin.Session?.ToString() ?? origin.Cluster}. What it has of machines of the same name is written of each of them. Choose one with -Match, for example {clusters[0].Label}={clusters[0].Value}.");
        }

        return "";
    }

    /// <summary>Reports machines of which there are no values: those that the server does not have, with the nearest names, and those that it has values of at other moments or of other metrics.</summary>
    /// <param name="server">The server.</param>
    /// <param name="facts">What is known of it.</param>
    /// <param name="now">The time by its clock.</param>
    /// <param name="machines">The machines that are missing.</param>
    public void ReportMissing(OpenServer server, ServerFacts facts, DateTimeOffset now, IReadOnlyCollection<MachineReference> machines)
    {
        if (machines.Count == 0) return;
        (DateTimeOffset start, DateTimeOffset end) = Moments.IsRange ? Moments.RangeAt(now) : ((Moments.Time ?? now) - LookedBack, Moments.Time ?? now);
        string width = string.Create(CultureInfo.InvariantCulture, $"{Math.Max(LookedBack.TotalSeconds, Math.Ceiling((end - start).TotalSeconds)):0}s");
        List<(string Namespace, string Name)> known = [];
        Try(() => _command.Await(cancellationToken => server.Server.QueryAsync(
            new Query { Expression = $"count by (name, namespace, exported_namespace) (last_over_time({Selector.Of(OfMachines, server.Matchers)}[{width}]))", Time = end },
            series =>
            {
                if (series["name"] is { Length: > 0 } name) known.Add(((series[SeriesOrigin.Exported + "namespace"] is { Length: > 0 } exported ? exported : series["namespace"]) ?? "", name));
                return ValueTask.CompletedTask;
            },
            cancellationToken)));
        foreach (MachineReference machine in machines)
        {
            string[] spaces = [.. known.Where(one => one.Name.Equals(machine.Name, StringComparison.OrdinalIgnoreCase)).Select(static one => one.Namespace).Distinct().Order(StringComparer.Ordinal)];
            bool isThere = machine.Namespace is { } space ? spaces.Contains(space, StringComparer.OrdinalIgnoreCase) : spaces.Length > 0;
            _fail(ErrorRecords.NoValuesOf(NameOf(server), machine, isThere, spaces, NearestNames.Of(machine.Name, known.Select(static one => one.Name).Distinct()), Moments.IsNow && !Moments.IsRange ? null : (start, end), Moments.Step));
        }
    }

    /// <summary>The time by the clock of a server, asked for once; null, after an error, where it cannot be asked. A clock that differs from that of this machine is a warning.</summary>
    public DateTimeOffset? ClockOf(OpenServer server)
    {
        if (server.Now is not null) return server.Now;
        DateTimeOffset before = DateTimeOffset.UtcNow;
        if (Values(server, $"label_replace(vector(time()), \"{ServerFacts.Part}\", \"now\", \"\", \"\") or label_replace({Selector.NewestTime(Newest, server.Matchers)}, \"{ServerFacts.Part}\", \"newest\", \"\", \"\")", null) is not { } values) return null;
        DateTimeOffset after = DateTimeOffset.UtcNow;
        server.Now = values.TryGetValue("now", out double seconds) ? TimeOf(seconds) : after;
        server.Newest = values.TryGetValue("newest", out double newest) ? TimeOf(newest) : null;
        TimeSpan off = server.Now < before ? server.Now.Value - before : server.Now > after ? server.Now.Value - after : TimeSpan.Zero;
        if (off.Duration() > MostOff)
            Warn($"{NameOf(server)}: the clock of the server is {Text(off.Duration())} {(off < TimeSpan.Zero ? "behind" : "ahead of")} the clock of this machine. Times are those of the server. Correct the clock that is wrong.");
        return server.Now;
    }

    /// <summary>The same of a server whose facts are known; values of KubeVirt that are old are a warning too.</summary>
    public DateTimeOffset? NowOf(OpenServer server, ServerFacts facts)
    {
        if (ClockOf(server) is not { } now) return null;
        // What has ended is older than what a server still knows now, and a range may have it all the same.
        if (Moments.IsNow && now - (server.Newest ?? facts.SeenAt) is { } age && age > OldFor(facts))
            Warn($"{NameOf(server)}: the newest values of KubeVirt are {Text(age)} old. Check whether the server still scrapes KubeVirt, and whether what an agent sends arrives late.");
        return now;
    }

    /// <summary>The names of KubeVirt's metrics that a server has; none where it does not say.</summary>
    public IReadOnlyList<string> NamesOf(OpenServer server)
    {
        List<string> names = [];
        try
        {
            _command.Await(cancellationToken => server.Server.QueryAsync(
                new Query { Expression = "count by (__name__) ({__name__=~\"kubevirt_.+\"})", Time = Moments.Time ?? Moments.End },
                series =>
                {
                    if (series["__name__"] is { } name) names.Add(name);
                    return ValueTask.CompletedTask;
                },
                cancellationToken));
        }
        catch (ScrapeException)
        {
            // It is for a hint only, and the answer that it is about has come.
        }

        return names;
    }

    /// <summary>When a server that has nothing of KubeVirt at the moments that are asked for had something last; null where that is not known.</summary>
    public DateTimeOffset? LastSeen(OpenServer server) =>
        Values(server, $"label_replace(max_over_time(({Selector.NewestTime(Newest, server.Matchers)})[2d:5m]), \"{ServerFacts.Part}\", \"newest\", \"\", \"\")", Moments.Time ?? Moments.End)?.TryGetValue("newest", out double newest) == true ? TimeOf(newest) : null;

    private static DateTimeOffset TimeOf(double seconds) => DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000));

    // Several scrapes may fail without a reason to worry.
    private static TimeSpan OldFor(ServerFacts facts) => facts.ScrapeInterval is { } interval && interval * 4 > ShortestOld ? interval * 4 : ShortestOld;

    private Dictionary<string, double>? Values(OpenServer server, string expression, DateTimeOffset? time)
    {
        Dictionary<string, double> values = [];
        return Try(() => _command.Await(cancellationToken => server.Server.QueryAsync(
            new Query { Expression = expression, Time = time },
            series =>
            {
                if (series[ServerFacts.Part] is { } part && series.Points.Length > 0) values[part] = series.Points.Span[^1].Value;
                return ValueTask.CompletedTask;
            },
            cancellationToken))) is null ? null : values;
    }

    /// <summary>A duration for a sentence.</summary>
    internal static string Text(TimeSpan time) => time.TotalSeconds < 120
        ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} seconds")
        : time.TotalMinutes < 120 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} minutes")
        : time.TotalHours < 48 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalHours:0} hours")
        : string.Create(CultureInfo.InvariantCulture, $"{time.TotalDays:0} days");

    /// <summary>Asks a server, and hands on what is made of its answer while that still arrives.</summary>
    /// <typeparam name="T">What is made of it.</typeparam>
    /// <param name="server">The server.</param>
    /// <param name="ask">Asks; runs on other threads. It gives each item to its first parameter, which waits while the pipeline is busy, and ends with what the queries came to.</param>
    /// <param name="take">Takes each item, on the pipeline's thread.</param>
    /// <returns>Whether it came to its end. What failed is an error, and items before it were taken.</returns>
    public bool Ask<T>(OpenServer server, Func<Func<T, ValueTask>, CancellationToken, Task<IEnumerable<QueryOutcome>>> ask, Action<T> take)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(_command.CancelToken);
        Channel<T> channel = Channel.CreateBounded<T>(new BoundedChannelOptions(Waiting) { SingleReader = true });
        Task<IEnumerable<QueryOutcome>> asked = Task.Run(
            async () =>
            {
                try
                {
                    return await ask(item => channel.Writer.WriteAsync(item, stop.Token), stop.Token).ConfigureAwait(false);
                }
                finally
                {
                    channel.Writer.TryComplete();
                }
            },
            CancellationToken.None);
        try
        {
            while (Next(channel.Reader, out T? item)) take(item!);
            // What was asked has ended with the channel.
            foreach (QueryOutcome outcome in asked.GetAwaiter().GetResult()) Report(server, outcome);
            return true;
        }
        catch (ScrapeException error)
        {
            Fail(error);
            return false;
        }
        catch (OperationCanceledException) when (_command.CancelToken.IsCancellationRequested)
        {
            throw new PipelineStoppedException();
        }
        finally
        {
            // What goes on elsewhere stops at its next step; why it failed, nobody wants to know then.
            stop.Cancel();
            Task.WhenAny(asked, Task.Delay(StopTimeout, CancellationToken.None)).GetAwaiter().GetResult();
            _ = asked.Exception;
        }
    }

    /// <summary>Reports that a server has nothing of KubeVirt.</summary>
    public void FailWithoutKubeVirt(OpenServer server) => _fail(ErrorRecords.NoKubeVirtOnServer(NameOf(server), server.Matchers, Moments.IsNow ? null : Moments.Time ?? Moments.End, LastSeen(server)));

    // Everything is right all the same, so it is a warning once, and not in each run.
    private void SayExported(OpenServer server, ServerFacts facts)
    {
        string text = $"{NameOf(server)}: the server scrapes {(facts.IsMixed ? "some clusters" : "KubeVirt")} without honorLabels, so the namespaces of VMs are in the label {SeriesOrigin.Exported}namespace. They are read from there. In queries and alerts of others, 'namespace' is KubeVirt's own; set 'honorLabels: true' at the ServiceMonitor or scrape job to correct that.";
        lock (SaidOfServers)
        {
            if (SaidOfServers.Add(text))
            {
                Warn(text);
                return;
            }
        }

        _command.WriteVerbose(text);
    }

    /// <summary>Says what a server says of its answer: warnings once each.</summary>
    public void Report(OpenServer server, QueryOutcome outcome)
    {
        string name = NameOf(server);
        foreach (string warning in outcome.Warnings) Warn($"{name}: {warning}");
        if (outcome.IsPartial) Warn($"{name}: the answer is incomplete, because the server could not read all of its storage. Values may be missing.");
        if (outcome.Histograms > 0) Warn($"{name}: {outcome.Histograms} values are native histograms and were left out.");
        foreach (string info in outcome.Infos)
        {
            if (IsOwnQuery) Warn($"{name}: {info}");
            else _command.WriteVerbose($"{name}: {info}");
        }
    }

    /// <summary>Writes a warning, once for a run of the cmdlet.</summary>
    public void Warn(string text)
    {
        if (_said.Add(text)) _warn(text);
        else _command.WriteVerbose(text);
    }

    /// <summary>Writes what a server, or the way to it, is the reason of.</summary>
    public void Fail(ScrapeException error) => _fail(ErrorRecords.Failed(error));

    /// <summary>What a server is called in a sentence.</summary>
    public static string NameOf(OpenServer server) => server.Session is { } session ? $"{session}: {server.Server.Name}" : server.Server.Name;

    private T? Try<T>(Func<T> work)
        where T : class
    {
        try
        {
            return work();
        }
        catch (ScrapeException error)
        {
            Fail(error);
            return null;
        }
    }

    private bool Next<T>(ChannelReader<T> reader, out T? item)
    {
        while (!reader.TryRead(out item))
        {
            if (!reader.WaitToReadAsync(_command.CancelToken).AsTask().GetAwaiter().GetResult()) return false;
        }

        _command.CancelToken.ThrowIfCancellationRequested();
        return true;
    }
}

/// <summary>A server that a cmdlet asks.</summary>
/// <param name="Server">The server.</param>
/// <param name="Session">The session whose server it is; null = its address was given.</param>
/// <param name="Matchers">Which of its series count, in PromQL without braces; empty = all.</param>
internal sealed record OpenServer(PrometheusServer Server, KubeVirtSession? Session, string Matchers)
{
    /// <summary>What was found out of it; null until it is asked for.</summary>
    public ServerFacts? Facts { get; set; }

    /// <summary>The time by its clock when it was first asked; null until then.</summary>
    public DateTimeOffset? Now { get; set; }

    /// <summary>The time of the newest value of KubeVirt at that moment; null where there is none.</summary>
    public DateTimeOffset? Newest { get; set; }
}
