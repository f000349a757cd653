using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Prometheus;

/// <summary>A server with the HTTP API of Prometheus: Prometheus itself, Thanos, VictoriaMetrics, Mimir. Thread-safe.</summary>
internal sealed class PrometheusServer
{
    private const string Json = "application/json";

    // Prometheus allows as many steps, and thus one point more.
    private const int MostPoints = 11_000;

    private const int MostPointsOfVictoriaMetrics = 30_000;

    // What nginx and others take by default, with some room for the rest of the line.
    private const int MostAddress = 7_500;

    private static readonly string[] Endings = ["/api/v1/query_range", "/api/v1/query", "/api/v1", "/graph"];

    private readonly ScrapeOptions _options;
    private readonly IScrapeTransport? _transport;
    private readonly TimeProvider _time;
    private readonly HttpSource _http;
    private readonly Uri _address;
    private volatile bool _getsOnly;
    private volatile bool _isVictoriaMetrics;
    private volatile bool _hasOwnLimit;

    /// <summary>Knows a server; asks nothing yet.</summary>
    /// <param name="address">Where its API begins, without <c>/api/v1</c>: <c>https://thanos.example.com</c>, <c>https://mimir.example.com/prometheus</c>. Parameters in it are sent with each query.</param>
    /// <param name="options">How it is reached.</param>
    /// <param name="transport">The way; null = a connection of its own.</param>
    /// <param name="pool">The connections; null = those of the process.</param>
    /// <param name="time">The clock; null = the system's.</param>
    /// <exception cref="ScrapeException">The address or an option cannot be used.</exception>
    public PrometheusServer(Uri address, ScrapeOptions options, IScrapeTransport? transport = null, TransportPool? pool = null, TimeProvider? time = null)
    {
        if (!address.IsAbsoluteUri || (address.Scheme != Uri.UriSchemeHttp && address.Scheme != Uri.UriSchemeHttps))
            throw new ScrapeException(ScrapeError.InvalidTarget, ShownUri.From(address), "this is not an http or https address") { Setting = Setting.PrometheusAddress };
        Name = ShownUri.From(address);
        _address = address;
        _options = options;
        _transport = transport;
        _time = time ?? TimeProvider.System;
        _http = new HttpSource(new HttpGet(pool ?? TransportPool.Shared, options), options, _time);
    }

    /// <summary>The address, without secrets.</summary>
    public string Name { get; }

    /// <summary>Asks, and hands on each series while the answer still arrives.</summary>
    /// <param name="query">What is asked. A range with more points than the server allows is asked in parts, one after the other.</param>
    /// <param name="receive">Takes each series, never two at a time; the series is used again when its task has ended. A range that is asked in parts gives a series once for each part.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="ScrapeException">The server cannot be reached, refuses, or answers something else. Series that came before are whole.</exception>
    public async Task<QueryOutcome> QueryAsync(Query query, Func<QuerySeries, ValueTask> receive, CancellationToken cancellationToken)
    {
        if (query.Range is { } range) return await QueryRangeAsync(query.Expression, range, receive, cancellationToken).ConfigureAwait(false);
        List<KeyValuePair<string, string>> instant = [new("query", query.Expression)];
        if (query.Time is { } time) instant.Add(new("time", Seconds(time)));
        return await AskAsync("query", instant, receive, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a document of the API, such as <c>alerts</c> or <c>status/buildinfo</c>, which has to fit into memory.</summary>
    /// <param name="path">The path after <c>/api/v1/</c>.</param>
    /// <param name="parameters">What is sent along.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>What the answer has in <c>data</c>.</returns>
    /// <exception cref="ScrapeException">The server cannot be reached, refuses, or answers something else.</exception>
    public async Task<JsonNode?> ReadAsync(string path, IEnumerable<KeyValuePair<string, string>> parameters, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_options.Timeout, _time, cancellationToken);
        using DocumentRun run = new(TargetAt(AddressOf(path, FormOf(parameters))), new RequestContent(Json), _options, deadline, cancellationToken);
        await RunAsync(run, null, cancellationToken).ConfigureAwait(false);
        return run.Data;
    }

    private static QueryOutcome Both(QueryOutcome one, QueryOutcome next) => one with
    {
        Series = one.Series + next.Series,
        Points = one.Points + next.Points,
        Histograms = one.Histograms + next.Histograms,
        IsPartial = one.IsPartial || next.IsPartial,
        Warnings = [.. one.Warnings.Union(next.Warnings)],
        Infos = [.. one.Infos.Union(next.Infos)],
    };

    private async Task<QueryOutcome> QueryRangeAsync(string expression, QueryRange range, Func<QuerySeries, ValueTask> receive, CancellationToken cancellationToken)
    {
        QueryOutcome? all = null;
        DateTimeOffset start = range.Start;
        do
        {
            int most = _isVictoriaMetrics ? MostPointsOfVictoriaMetrics : MostPoints;
            DateTimeOffset end = (range.End - start) / range.Step >= most ? start + (range.Step * (most - 1)) : range.End;
            QueryOutcome part;
            try
            {
                part = await AskAsync(
                    "query_range",
                    [new("query", expression), new("start", Seconds(start)), new("end", Seconds(end)), new("step", Text(range.Step))],
                    receive,
                    cancellationToken).ConfigureAwait(false);
            }
            catch (ScrapeException e) when (most > MostPoints && e.Cause == ScrapeError.QueryTooLarge)
            {
                // Its limit was set lower.
                _isVictoriaMetrics = false;
                _hasOwnLimit = true;
                continue;
            }

            all = all is null ? part : Both(all, part);
            start = end + range.Step;
        }
        while (start <= range.End);
        return all!;
    }

    private async Task<QueryOutcome> AskAsync(string path, List<KeyValuePair<string, string>> parameters, Func<QuerySeries, ValueTask> receive, CancellationToken cancellationToken)
    {
        // VictoriaMetrics moves the times of a range for its cache, and shows the last 30 seconds as they were before them (until 1.84 that cannot be
        // turned off for ranges with steps of less than a minute). Others do not know the parameters.
        parameters.Add(new("nocache", "1"));
        parameters.Add(new("latency_offset", "1ms"));
        string form = FormOf(parameters);
        if (!_getsOnly)
        {
            try
            {
                return await SendAsync(AddressOf(path), Encoding.ASCII.GetBytes(form), receive, cancellationToken).ConfigureAwait(false);
            }
            catch (ScrapeException e) when (IsOfMethod(e.StatusCode) && AddressOf(path, form).AbsoluteUri.Length <= MostAddress)
            {
                // Proxies, and roles of Kubernetes, that let only GET through.
            }
        }

        QueryOutcome outcome = await SendAsync(AddressOf(path, form), null, receive, cancellationToken).ConfigureAwait(false);
        _getsOnly = true;
        return outcome;
    }

    private static bool IsOfMethod(HttpStatusCode? status) => status is HttpStatusCode.Forbidden or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented;

    private async Task<QueryOutcome> SendAsync(Uri uri, byte[]? form, Func<QuerySeries, ValueTask> receive, CancellationToken cancellationToken)
    {
        using Deadline deadline = new(_options.Timeout, _time, cancellationToken);
        using QueryRun run = new(TargetAt(uri), new RequestContent(Json, form), _options, receive, deadline, cancellationToken);
        await RunAsync(run, run, cancellationToken).ConfigureAwait(false);
        if (run.IsVictoriaMetrics && !_hasOwnLimit) _isVictoriaMetrics = true;
        return run.ToOutcome();
    }

    private async Task RunAsync(ApiRun run, QueryRun? query, CancellationToken cancellationToken)
    {
        try
        {
            await _http.RunAsync(run).ConfigureAwait(false);
        }
        catch when (query?.ReceiverFailure is not null)
        {
            query.ReceiverFailure.Throw();
            throw;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ScrapeException error = run.Failure(e).Shown(run.Foreign);
            if (error.Setting is null or Setting.Address) error = error.With(setting: Setting.PrometheusAddress);
            throw _transport?.Explain(error) ?? error;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException(e.Message, e, cancellationToken);
        }
    }

    private ScrapeTarget TargetAt(Uri uri) => ScrapeTarget.FromUri(uri) with { Name = Name, Transport = _transport };

    private Uri AddressOf(string path, string? parameters = null)
    {
        UriBuilder builder = new(_address) { Fragment = "" };
        string start = builder.Path.TrimEnd('/');
        foreach (string ending in Endings)
        {
            if (start.EndsWith(ending, StringComparison.Ordinal)) start = start[..^ending.Length];
        }

        builder.Path = $"{start}/api/v1/{path}";
        string own = _address.Query.TrimStart('?');
        builder.Query = parameters is null ? own : own.Length == 0 ? parameters : $"{own}&{parameters}";
        return builder.Uri;
    }

    private static string FormOf(IEnumerable<KeyValuePair<string, string>> parameters) =>
        string.Join('&', parameters.Select(static pair => $"{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"));

    private static string Seconds(DateTimeOffset time) => (time.ToUnixTimeMilliseconds() / 1000m).ToString(CultureInfo.InvariantCulture);

    private static string Text(TimeSpan step) => ((decimal)step.Ticks / TimeSpan.TicksPerSecond).ToString(CultureInfo.InvariantCulture);
}
