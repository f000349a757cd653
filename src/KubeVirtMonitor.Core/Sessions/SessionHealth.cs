using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>Asks components how they are: their health address, a scrape, their certificate, and who leads.</summary>
/// <param name="session">The session.</param>
/// <param name="options">How patient it is.</param>
/// <param name="expiryWarning">How long before its end a certificate is warned of.</param>
public sealed class SessionHealth(KubeVirtSession session, ScrapeOptions options, TimeSpan expiryWarning)
{
    private static readonly string[] LeadingNames = ["kubevirt_controller.virt_controller.leading_status", "kubevirt_operator.virt_operator.leading_status"];

    private readonly Dictionary<string, bool> _leading = new(StringComparer.Ordinal);

    /// <summary>Asks each component. Those that have a leader come last, since all of them have to be asked for it.</summary>
    /// <param name="components">The components.</param>
    /// <param name="expected">The kinds of which there has to be a pod.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<HealthResult> Run(IReadOnlyList<KubeVirtComponent> components, IReadOnlyCollection<ComponentKind> expected, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(components);
        ArgumentNullException.ThrowIfNull(expected);
        return Enumerate(components, expected, cancellationToken);
    }

    private IEnumerable<HealthResult> Enumerate(IReadOnlyList<KubeVirtComponent> components, IReadOnlyCollection<ComponentKind> expected, CancellationToken cancellationToken)
    {
        List<(KubeVirtComponent Component, HealthResult Result, ComponentTransport? Transport)> held = [];
        foreach ((KubeVirtComponent component, HealthResult result, ComponentTransport? transport) in Ask(components, cancellationToken))
        {
            if (ComponentFacts.HasLeader(component.Component)) held.Add((component, result, transport));
            else yield return result;
        }

        LeaderWords[] words = Task.WhenAll(held.Select(one => HearAsync(one.Component, one.Result, one.Transport, cancellationToken))).GetAwaiter().GetResult();
        foreach (HealthResult result in LeaderCheck.Judge(words)) yield return result;
        foreach (ComponentKind kind in expected)
        {
            if (!components.Any(component => component.Component == kind)) yield return Missing(kind);
        }
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

    private async Task<LeaderWords> HearAsync(KubeVirtComponent component, HealthResult result, ComponentTransport? transport, CancellationToken cancellationToken)
    {
        bool? endpoint = null;
        if (component.LeaderUri is { } uri && transport is not null && (result.CanConnect || result.CanScrape))
        {
            ComponentAnswer answer = await new ComponentRequest(session, options.Timeout).ReadAsync(transport, uri, cancellationToken).ConfigureAwait(false);
            endpoint = answer is { Status: HttpStatusCode.OK, Body: { } body } ? LeaderOf(body) : null;
        }

        bool? metric = component.MetricsUri is { } metrics && _leading.TryGetValue(ShownUri.From(metrics), out bool leads) ? leads : null;
        return new LeaderWords(result, metric, endpoint, component.Leading, component.LeadingNote);
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
            Latency = health.Latency,
            Route = transport.Way.Route == ComponentRoute.Auto ? null : transport.Way.Route,
            Error = health.Error ?? scrape.Error,
            Warnings = ExpiryOf(component, expires),
        };
    }

    private string[] ExpiryOf(KubeVirtComponent component, DateTimeOffset? expires)
    {
        if (expires is not { } end || end - session.Time.GetUtcNow() > expiryWarning) return [];
        return [string.Create(CultureInfo.InvariantCulture, $"The certificate of {component.Name} ends at {end:yyyy-MM-dd HH:mm 'UTC'}: virt-operator should have renewed it by now.")];
    }

    private HealthResult Missing(ComponentKind kind) => new()
    {
        Name = ComponentFacts.NameOf(kind),
        Component = kind,
        Namespace = session.InstallNamespace,
        Problems = [$"There is no pod of {ComponentFacts.NameOf(kind)} in namespace {session.InstallNamespace}."],
    };

    private HealthResult ResultOf(KubeVirtComponent component) => new()
    {
        Name = component.Name,
        Component = component.Component,
        Namespace = component.Namespace,
        Node = component.Node,
        Target = component.HealthUri?.ToString(),
        Ready = component.Ready,
        ReadyNote = component.ReadyNote,
    };
}
