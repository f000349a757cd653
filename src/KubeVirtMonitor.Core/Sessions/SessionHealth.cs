using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>Tests components: their health address, a scrape, their certificate, and their leader.</summary>
/// <param name="options">How patient it is.</param>
/// <param name="expiryWarning">How long before a certificate expires there is a warning.</param>
internal sealed class SessionHealth(KubeVirtSession session, ScrapeOptions options, TimeSpan expiryWarning)
{
    private static readonly string[] LeadingNames = ["kubevirt_controller.virt_controller.leading_status", "kubevirt_operator.virt_operator.leading_status"];

    private readonly Dictionary<string, bool> _leading = new(StringComparer.Ordinal);

    /// <summary>Asks each component. What is wrong is given as soon as it is known, and what is healthy after it.</summary>
    /// <param name="expected">The kinds of which there has to be a pod.</param>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<HealthResult> Run(IReadOnlyList<KubeVirtComponent> components, IReadOnlyCollection<ComponentKind> expected, CancellationToken cancellationToken = default)
    {
        foreach (ComponentKind kind in expected)
        {
            if (!components.Any(component => component.Component == kind)) yield return Missing(kind);
        }

        List<HealthResult> healthy = [];
        foreach (HealthResult result in Test(components, cancellationToken))
        {
            if (result.Healthy) healthy.Add(result);
            else yield return result;
        }

        foreach (HealthResult result in healthy) yield return result;
    }

    // Those that have a leader come last, since all of them have to be asked for it.
    private IEnumerable<HealthResult> Test(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        List<(KubeVirtComponent Component, HealthResult Result, ComponentTransport? Transport)> held = [];
        foreach ((KubeVirtComponent component, HealthResult result, ComponentTransport? transport) in Ask(components, cancellationToken))
        {
            if (ComponentFacts.HasLeader(component.Component)) held.Add((component, result, transport));
            else yield return result;
        }

        LeaderClaims[] words = Task.WhenAll(held.Select(one => AskLeaderAsync(one.Component, one.Result, one.Transport, cancellationToken))).GetAwaiter().GetResult();
        foreach (HealthResult result in LeaderCheck.Judge(words)) yield return result;
    }

    private IEnumerable<(KubeVirtComponent Component, HealthResult Result, ComponentTransport? Transport)> Ask(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        MappingOptions mapping = new() { NameFilter = static (name, _) => LeadingNames.Contains(name) };
        SessionScraper scraper = new(session, options, mapping) { WithHealth = true };
        foreach (FanOutItem item in scraper.Run(components, cancellationToken))
        {
            foreach (MetricSample sample in item.Samples.Span) _leading[sample.Target] = sample.Value == 1;
            if (item.Result is not { } result) continue;
            ComponentTransport transport = (ComponentTransport)result.Target.Transport!;
            yield return (transport.Component, ResultOf(result, transport), transport);
        }

        foreach (KubeVirtComponent component in components)
        {
            if (component.MetricsUri is null) yield return (component, ResultOf(component) with { Error = SessionScraper.NoAddress(component) }, null);
        }
    }

    private async Task<LeaderClaims> AskLeaderAsync(KubeVirtComponent component, HealthResult result, ComponentTransport? transport, CancellationToken cancellationToken)
    {
        bool? endpoint = null;
        if (component.LeaderUri is { } uri && transport is not null && (result.CanConnect || result.CanScrape))
        {
            ComponentAnswer answer = await new ComponentRequest(session, options.Timeout).ReadAsync(transport, uri, cancellationToken).ConfigureAwait(false);
            endpoint = answer is { Status: HttpStatusCode.OK, Body: { } body } ? LeaderOf(body) : null;
        }

        bool? metric = component.MetricsUri is { } metrics && _leading.TryGetValue(ShownUri.From(metrics), out bool leads) ? leads : null;
        return new LeaderClaims(result, metric, endpoint, component.Leading, component.LeadingNote);
    }

    // {"apiserver":{"leader":"true"}}
    private static bool? LeaderOf(string body)
    {
        try
        {
            return bool.TryParse(JsonFields.TextAt(Encoding.UTF8.GetBytes(body), "apiserver", "leader"), out bool leads) ? leads : null;
        }
        catch (Exception exception) when (exception is JsonException or FormatException)
        {
            return null;
        }
    }

    private HealthResult ResultOf(ScrapeResult scrape, ComponentTransport transport)
    {
        KubeVirtComponent component = transport.Component;
        HealthCheckResult health = scrape.Health!;
        DateTimeOffset? expires = health.CertificateExpires ?? scrape.CertificateExpires;
        return ResultOf(component) with
        {
            CanConnect = health.CanConnect,
            CanScrape = scrape.Error is null,
            StatusCode = (int?)health.StatusCode,
            Body = health.Body,
            CertificateExpires = expires,
            LatencySeconds = health.StatusCode is null ? null : health.Latency.TotalSeconds,
            Route = transport.Client.Route == ComponentRoute.Auto ? null : transport.Client.Route,
            Error = health.Error ?? scrape.Error,
            Warnings = ExpiryOf(component, expires),
        };
    }

    private string[] ExpiryOf(KubeVirtComponent component, DateTimeOffset? expires)
    {
        if (expires is not { } end || end - session.Time.GetUtcNow() > expiryWarning) return [];
        return [string.Create(CultureInfo.InvariantCulture, $"The certificate of {component.Name} expires at {end:yyyy-MM-dd HH:mm 'UTC'}: virt-operator should have renewed it by now.")];
    }

    private HealthResult Missing(ComponentKind kind) => new()
    {
        Session = session,
        Name = ComponentFacts.NameOf(kind),
        Component = kind,
        Namespace = session.InstallNamespace,
        Problems = [$"There is no pod of {ComponentFacts.NameOf(kind)} in namespace {session.InstallNamespace}."],
    };

    private HealthResult ResultOf(KubeVirtComponent component) => new()
    {
        Session = session,
        Name = component.Name,
        Component = component.Component,
        Namespace = component.Namespace,
        Node = component.Node,
        Pod = component,
        Target = component.HealthUri?.ToString(),
        Ready = component.Ready,
        ReadyNote = component.ReadyNote,
    };
}

/// <summary>What each source says about whether a replica is the leader; null = it says nothing.</summary>
/// <param name="Result">The result that is made for it.</param>
/// <param name="Metric">Its own metrics.</param>
/// <param name="Endpoint">Its own address for that (<c>/leader</c>).</param>
/// <param name="Lease">The lease.</param>
/// <param name="LeaseNote">Why the lease tells nothing, or that nobody holds it.</param>
internal sealed record LeaderClaims(HealthResult Result, bool? Metric, bool? Endpoint, bool? Lease, string? LeaseNote)
{
    public string Name => Result.Name;

    /// <summary>Its own word.</summary>
    public bool? Own => Metric ?? Endpoint;
}

/// <summary>
/// Checks that exactly one replica of a component is the leader. What the replica reports takes precedence over the lease, which is seconds older; where sources contradict each other, the
/// results say so.
/// </summary>
internal static class LeaderCheck
{
    /// <summary>Adds to the results who leads, and what is wrong with the leadership of their components.</summary>
    /// <param name="words">All replicas of the components that have a leader.</param>
    public static IEnumerable<HealthResult> Judge(IReadOnlyList<LeaderClaims> words) => words
        .GroupBy(word => word.Result.Component)
        .OrderBy(group => group.Key)
        .SelectMany(group => JudgeOne(ComponentFacts.NameOf(group.Key), [.. group]));

    private static IEnumerable<HealthResult> JudgeOne(string component, LeaderClaims[] replicas)
    {
        string? note = replicas.Select(replica => replica.LeaseNote).FirstOrDefault(text => text is not null);
        string[] own = [.. Names(replicas, replica => replica.Own == true)];
        // A replica that says nothing may be the one that the lease names, unless another says that it leads.
        string[] leaders = own.Length > 0 ? own : [.. Names(replicas, replica => replica is { Own: null, Lease: true })];
        List<string> problems = [];
        List<string> warnings = [];
        if (leaders.Length > 1)
        {
            string holder = Names(replicas, replica => replica.Lease == true).FirstOrDefault() is { } name ? $" The lease is held by {name}." : note is null ? "" : $" {note}";
            problems.Add($"{leaders.Length} replicas of {component} are leaders at the same time: {string.Join(", ", leaders)}.{holder}");
        }
        else if (leaders.Length == 0)
        {
            string[] silent = [.. Names(replicas, replica => replica.Own is null)];
            // One that gives no answer may be the leader.
            if (silent.Length > 0 && replicas.Any(replica => replica is { Own: null, Lease: null }))
                warnings.Add($"Whether a replica of {component} is the leader is unknown, because {string.Join(", ", silent)} did not say.{(note is null ? "" : $" {note}")}");
            else problems.Add(note is null ? $"No replica of {component} is the leader, so its work is not done." : $"No replica of {component} says that it is the leader. {note}");
        }
        else if (note is not null)
        {
            warnings.Add($"{note} {leaders[0]} reports that it is the leader.");
        }

        return replicas.Select(replica => replica.Result with
        {
            Leading = replica.Own ?? (leaders.Contains(replica.Name) ? true : replica.Lease == true ? null : replica.Lease),
            Problems = leaders.Length > 1 && !leaders.Contains(replica.Name) ? replica.Result.Problems : [.. replica.Result.Problems, .. problems],
            Warnings = [.. replica.Result.Warnings, .. leaders.Length == 1 && replica.Name != leaders[0] ? [] : warnings, .. Contradictions(replica, leaders)],
        });
    }

    private static IEnumerable<string> Names(LeaderClaims[] replicas, Func<LeaderClaims, bool> choose) => replicas.Where(choose).Select(replica => replica.Name).Order(StringComparer.Ordinal);

    private static IEnumerable<string> Contradictions(LeaderClaims replica, string[] leaders)
    {
        if (replica is { Metric: { } metric, Endpoint: { } endpoint } && metric != endpoint)
            yield return $"{replica.Name} contradicts itself: according to its metrics it {(metric ? "leads" : "does not lead")}, according to its address /leader it {(endpoint ? "leads" : "does not")}.";
        if (replica is { Own: { } own, Lease: { } lease } && own != lease)
            yield return $"{replica.Name} says of itself that it {(own ? "leads" : "does not lead")}, and the lease says that it {(lease ? "leads" : "does not")}.";
        if (replica is { Own: null, Lease: true } && !leaders.Contains(replica.Name))
            yield return $"{replica.Name} holds the lease but does not respond, and {string.Join(", ", leaders)} reports that it is the leader.";
    }
}
