using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>Scrapes the components of a cluster, several at the same time, by the way of its session.</summary>
public sealed class SessionScraper
{
    /// <summary>The tag with the name of the node a component runs on.</summary>
    public const string NodeTag = "kube_node";

    private readonly KubeVirtSession _session;
    private readonly SessionRoutes _routes;
    private readonly FanOut _fanOut;

    /// <summary>Prepares scrapes.</summary>
    /// <param name="session">The session.</param>
    /// <param name="options">How patient it is; what it says of TLS, credentials and proxies is the session's business and not used.</param>
    /// <param name="mapping">What becomes of the scrapes. Without a version, that of the session counts.</param>
    /// <exception cref="KubernetesException">The session has been closed.</exception>
    public SessionScraper(KubeVirtSession session, ScrapeOptions options, MappingOptions mapping)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(mapping);
        _session = session;
        _routes = SessionRoutes.Of(session);
        if (mapping.Version is null && KubeVirtVersion.TryParse(session.KubeVirtVersion, out KubeVirtVersion version)) mapping = mapping with { Version = version };
        _fanOut = new FanOut(new MetricScraper(options, mapping, _routes.Cache));
    }

    /// <summary>Whether the health addresses are asked as well.</summary>
    public bool WithHealth { get; init; }

    /// <summary>Tags for every sample; they replace others of the same name.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> AddTags { get; init; } = [];

    /// <summary>Scrapes components; those without an address are passed over. Which way is taken is decided before the first, see <see cref="KubeVirtSession.ActiveRoute"/>.</summary>
    /// <param name="components">The components.</param>
    /// <param name="cancellationToken">Ends it at once.</param>
    /// <returns>Samples and results as they come; see <see cref="FanOut.Run"/>.</returns>
    /// <exception cref="OperationCanceledException">While enumerating: the token was cancelled.</exception>
    public IEnumerable<FanOutItem> Run(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(components);
        return Enumerate([.. components.Where(component => component.MetricsUri is not null)], cancellationToken);
    }

    /// <summary>The error of a component that has no address.</summary>
    public static ScrapeException NoAddress(KubeVirtComponent component)
    {
        ArgumentNullException.ThrowIfNull(component);
        return new ScrapeException(
            ScrapeError.Unreachable,
            component.Name,
            "the pod has no address",
            $"It has not been started yet: look at it with 'kubectl describe pod -n {component.Namespace} {component.Name}'.");
    }

    private IEnumerable<FanOutItem> Enumerate(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        if (components.Count == 0) yield break;
        IComponentWay way = _routes.ChooseAsync(components, cancellationToken).GetAwaiter().GetResult();
        bool isDead = true;
        foreach (FanOutItem item in _fanOut.Run(components.Select(component => TargetOf(component, way)), cancellationToken))
        {
            if (item.Result is { } result) isDead &= IsUnreached(result.Error?.Cause);
            yield return item;
        }

        // A laptop leaves its VPN: the way that led to the pods this morning leads nowhere now.
        if (isDead) _routes.Forget();
    }

    private ScrapeTarget TargetOf(KubeVirtComponent component, IComponentWay way)
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
            Transport = new ComponentTransport(way, component),
        };
    }

    private static bool IsUnreached(ScrapeError? cause) =>
        cause is ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.Timeout or ScrapeError.NameResolution;
}
