using System.Management.Automation;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Catalog;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.History;
using KubeVirtMonitor.Prometheus;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Commands;

/// <summary>Asks servers with stored values a query in PromQL, and writes each value as an object.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "KubeVirtQuery", DefaultParameterSetName = ParameterSets.Session)]
[OutputType(typeof(MetricSample))]
public sealed class InvokeKubeVirtQueryCommand : ServerCommand
{
    // As the pages of Prometheus draw a graph.
    private const double UsualPoints = 250;

    private static readonly TimeSpan ShortestStep = TimeSpan.FromSeconds(15);

    private ServerRun? _servers;

    /// <summary>The queries.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Uri)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ParameterSets.Session)]
    [ValidateNotNullOrEmpty]
    public string[] Query { get; set; } = [];

    // A query says itself which series it is about.
    /// <inheritdoc/>
    public override string[]? Match { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _servers = new ServerRun(this, this, CreateOptions) { IsOwnQuery = true };
        if (Query.FirstOrDefault(string.IsNullOrWhiteSpace) is not null) ThrowTerminatingError(ErrorRecords.EmptyQuery());
    }

    private protected override void Process()
    {
        // The module's names are none of a server: PromQL would take the dots in them for a mistake.
        foreach (string query in Query)
        {
            if (MetricHints.OfModule(query) is { } hint) WriteWarning(hint);
        }

        foreach (OpenServer server in _servers!.Open(Sessions))
        {
            DateTimeOffset? now = _servers.Moments is { IsRange: true, End: null } ? _servers.ClockOf(server) : DateTimeOffset.UtcNow;
            if (now is null) continue;
            foreach (string query in Query) Ask(server, query, now.Value);
        }
    }

    private void Ask(OpenServer server, string query, DateTimeOffset now)
    {
        ServerMoments moments = _servers!.Moments;
        Query asked = new() { Expression = query, Time = moments.Time };
        if (moments.IsRange)
        {
            (DateTimeOffset start, DateTimeOffset end) = moments.RangeAt(now);
            asked = asked with { Time = null, Range = new QueryRange(start, end, moments.Step ?? StepOf(end - start)) };
        }

        QuerySamples samples = new(server.Server.Name, query, server.Session, moments.IsRange);
        string? type = null;
        bool hasAny = false;
        bool isWhole = _servers.Ask<IReadOnlyList<MetricSample>>(
            server,
            async (give, cancellationToken) =>
            {
                QueryOutcome outcome = await server.Server.QueryAsync(asked, series => give(samples.Of(series)), cancellationToken).ConfigureAwait(false);
                type = outcome.ResultType;
                return [outcome];
            },
            made =>
            {
                hasAny |= made.Count > 0;
                foreach (MetricSample sample in made) WriteObject(sample);
            });
        if (isWhole && !hasAny && type != "string") SayEmpty(server, query);
        if (isWhole && type == "string") _servers.Warn($"{ServerRun.NameOf(server)}: the result of '{query}' is a text and not a number, so there is no sample.");
    }

    // What a plain name does not find is mostly misspelt.
    private void SayEmpty(OpenServer server, string query)
    {
        ServerMoments moments = _servers!.Moments;
        string when = moments.IsRange ? " in that range" : moments.Time is not null ? " at that time" : "";
        string hint = MetricHints.Of(query, Selector.IsName(query.Trim()) ? _servers.NamesOf(server) : []);
        _servers.Warn($"{ServerRun.NameOf(server)}: the result of '{query}' is empty{when}.{(hint.Length > 0 ? $" {hint}" : "")}");
    }

    private static TimeSpan StepOf(TimeSpan range) => TimeSpan.FromSeconds(Math.Max(ShortestStep.TotalSeconds, Math.Ceiling(range.TotalSeconds / UsualPoints)));
}

/// <summary>What the names in a query may stand for.</summary>
internal static class MetricHints
{
    private static readonly Regex Word = new(@"kubevirt_\w+(\.\w+)+", RegexOptions.CultureInvariant);

    /// <summary>The metrics whose names are near that of a plain query; empty where none is.</summary>
    /// <param name="query">The query.</param>
    /// <param name="names">The names of the server.</param>
    public static string Of(string query, IEnumerable<string> names)
    {
        string name = query.Trim();
        if (!Selector.IsName(name)) return "";
        IReadOnlyList<string> nearest = NearestNames.Of(name, names.Where(one => one != name));
        if (nearest.Count == 0) nearest = NearestNames.Of(name, MetricNames.All.Where(one => one != name && Selector.IsName(one)));
        return nearest.Count == 0 ? "" : $"Do you mean {string.Join(", ", nearest)}?";
    }

    /// <summary>What the module's names in a query are on servers; null where it has none.</summary>
    public static string? OfModule(string query)
    {
        List<string> hints = [];
        foreach (string word in Word.Matches(query).Select(static match => match.Value).Distinct(StringComparer.OrdinalIgnoreCase))
        {
            if (MetricCatalog.Default.Find(word) is { } definition) hints.Add($"'{word}' is a name of this module; on servers it is {string.Join(" or ", definition.RawNames)}.");
        }

        return hints.Count == 0 ? null : string.Join(" ", hints);
    }
}
