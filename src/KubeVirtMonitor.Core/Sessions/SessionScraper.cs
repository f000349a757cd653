using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>Scrapes the components of a cluster, several at the same time, over the route of its session.</summary>
internal sealed class SessionScraper
{
    /// <summary>The tag with the name of the node a component runs on.</summary>
    public const string NodeTag = "kube_node";

    private readonly KubeVirtSession _session;
    private readonly SessionRoutes _routes;
    private readonly FanOut _fanOut;

    /// <summary>Prepares scrapes.</summary>
    /// <param name="options">How patient it is; what it says of TLS, credentials and proxies is the session's business and not used.</param>
    /// <param name="mapping">What becomes of the scrapes. Without a version, that of the session counts.</param>
    /// <exception cref="KubernetesException">The session has been closed.</exception>
    public SessionScraper(KubeVirtSession session, ScrapeOptions options, MappingOptions mapping)
    {
        _session = session;
        _routes = SessionRoutes.Of(session);
        if (mapping.Version is null && KubeVirtVersion.TryParse(session.KubeVirtVersion, out KubeVirtVersion version)) mapping = mapping with { Version = version };
        _fanOut = new FanOut(new MetricScraper(options, mapping, _routes.Cache));
    }

    /// <summary>Whether the health addresses are asked as well.</summary>
    public bool WithHealth { get; init; }

    /// <summary>Whether the components are going to be scraped again, see <see cref="ScrapeTarget.IsRepeated"/>.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Tags for every sample; they replace others of the same name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];

    /// <summary>Scrapes components; those without an address are passed over. Which way is taken is decided before the first, see <see cref="KubeVirtSession.ActiveRoute"/>.</summary>
    /// <returns>Samples and results as they come; see <see cref="FanOut.Run"/>.</returns>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<FanOutItem> Run(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken = default) =>
        Enumerate([.. components.Where(component => component.MetricsUri is not null)], cancellationToken);

    /// <summary>The error of a component that has no address.</summary>
    public static ScrapeException NoAddress(KubeVirtComponent component) =>
        new(ScrapeError.Unreachable, component.Name, "the pod has no address", advice: $"It has not been started yet: look at it with 'kubectl describe pod -n {component.Namespace} {component.Name}'.");

    private IEnumerable<FanOutItem> Enumerate(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        if (components.Count == 0) yield break;
        IReadOnlyDictionary<ComponentKind, RouteDecision> decisions = _routes.ChooseAsync(components, cancellationToken).GetAwaiter().GetResult();
        Dictionary<ComponentKind, bool> isReached = [];
        List<ScrapeResult> lost = [];
        foreach (FanOutItem item in _fanOut.Run(components.Select(component => TargetOf(component, decisions[component.Component].Client)), cancellationToken))
        {
            if (item.Result is not { } result)
            {
                yield return item;
                continue;
            }

            bool isLost = IsUnreached(result);
            KubeVirtComponent component = ComponentOf(result);
            // A pod that is not Ready says nothing of the way to it.
            if (component.Ready) isReached[component.Component] = isReached.GetValueOrDefault(component.Component) || !isLost;
            if (isLost && decisions[component.Component].Client.Route != ComponentRoute.Auto) lost.Add(result);
            else yield return item;
        }

        _routes.Forget(decisions, [.. isReached.Where(one => !one.Value).Select(one => one.Key)]);
        if (lost.Count == 0) yield break;
        foreach (FanOutItem item in ScrapeAgain(lost, decisions, cancellationToken)) yield return item;
    }

    // Pods are replaced at any time, and what is known of them may be hours old: those that moved are asked where they are now.
    private IEnumerable<FanOutItem> ScrapeAgain(List<ScrapeResult> lost, IReadOnlyDictionary<ComponentKind, RouteDecision> decisions, CancellationToken cancellationToken)
    {
        Dictionary<string, KubeVirtComponent>? now = null;
        try
        {
            ComponentKind[] kinds = [.. lost.Select(result => ComponentOf(result).Component).Distinct()];
            now = _session.FindComponentsAsync(kinds, withLeaders: false, cancellationToken).GetAwaiter().GetResult().Components.ToDictionary(component => component.Name, StringComparer.Ordinal);
        }
        catch (KubernetesException)
        {
            // Then what was found has to do.
        }

        List<ScrapeTarget> moved = [];
        foreach (ScrapeResult result in lost)
        {
            KubeVirtComponent old = ComponentOf(result);
            KubeVirtComponent? found = now?.GetValueOrDefault(old.Name);
            if (found?.MetricsUri is { } uri && uri != old.MetricsUri)
                moved.Add(TargetOf(found with { Leading = old.Leading, LeadingNote = old.LeadingNote }, decisions[old.Component].Client));
            else yield return new FanOutItem(now is not null && found is null ? Gone(result, old) : result);
        }

        foreach (FanOutItem item in _fanOut.Run(moved, cancellationToken)) yield return item;
    }

    private static ScrapeResult Gone(ScrapeResult result, KubeVirtComponent component)
    {
        ScrapeException Say(ScrapeException error) => error.With(
            what: error.What + ", and the pod no longer exists",
            advice: $"It was replaced or deleted: list the current pods with 'kubectl get pods -n {component.Namespace}'.",
            inner: error,
            setting: Setting.Component);
        return result with
        {
            Error = Say(result.Error!),
            Health = result.Health is { Error: { } failed } health ? health with { Error = Say(failed) } : result.Health,
        };
    }

    private static KubeVirtComponent ComponentOf(ScrapeResult result) => ((ComponentTransport)result.Target.Transport!).Component;

    private ScrapeTarget TargetOf(KubeVirtComponent component, IComponentClient client)
    {
        List<KeyValuePair<string, string>> tags = [];
        if (component.Node is { } node) tags.Add(new(NodeTag, node));
        foreach (KeyValuePair<string, string> tag in AddTags)
        {
            tags.RemoveAll(other => other.Key == tag.Key);
            tags.Add(tag);
        }

        return ScrapeTarget.FromUri(component.MetricsUri!, component.Component, WithHealth ? component.HealthUri : null) with
        {
            PodName = component.Name,
            KubeNamespace = component.Namespace,
            AddTags = tags,
            IsRepeated = IsRepeated,
            Origin = new SampleOrigin(_session, component.Component == ComponentKind.Handler ? component.Node : null),
            Transport = new ComponentTransport(client, component),
        };
    }

    // Also a permission that was withdrawn, and a stranger at the address, end a way; what a pod has answered does not.
    private static bool IsUnreached(ScrapeResult result) => result.Error is { } error
        && (ComponentTransport.Find(error) is not null
            || (result.StatusCode is null && error.Cause is (ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.Timeout
                or ScrapeError.NameResolution or ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired or ScrapeError.TlsHandshake)));
}
