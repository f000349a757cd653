using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>The ways of a session to its components, and the one that is taken: tried once, and remembered.</summary>
internal sealed class SessionRoutes : IDisposable
{
    private const int Tried = 4;

    private readonly KubeVirtSession _session;
    private readonly ComponentAuthority _authority;
    private readonly Dictionary<ComponentRoute, IComponentWay> _ways = [];
    private readonly SemaphoreSlim _one = new(1);
    private IComponentWay? _chosen;

    private SessionRoutes(KubeVirtSession session)
    {
        _session = session;
        _authority = new ComponentAuthority(session);
    }

    /// <summary>What is remembered of the scrapes of this cluster; another cluster may use the same addresses.</summary>
    public TargetCache Cache { get; } = new();

    public static SessionRoutes Of(KubeVirtSession session) => session.Attach(static owner => new SessionRoutes(owner));

    /// <summary>The way to take. With Auto, the first that leads to one of the components.</summary>
    /// <param name="components">The components that are to be reached.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task<IComponentWay> ChooseAsync(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        if (_chosen is { } known) return known;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_chosen is { } meanwhile) return meanwhile;
            (ComponentRoute route, string reason) = _session.Route == ComponentRoute.Auto
                ? await TryAsync(components, cancellationToken).ConfigureAwait(false)
                : (_session.Route, "asked for");
            _chosen = WayOf(route);
            _session.NoteRoute(route, reason);
            return _chosen;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Forgets which way was found, after it led nowhere, so that it is looked for again. A way that was asked for stays.</summary>
    public void Forget()
    {
        if (_session.Route != ComponentRoute.Auto) return;
        _chosen = null;
        _session.NoteRoute(null, null);
    }

    public void Dispose()
    {
        lock (_ways)
        {
            foreach (IComponentWay way in _ways.Values) way.Dispose();
            _ways.Clear();
        }

        _authority.Dispose();
        _one.Dispose();
    }

    // Direct first: it costs nobody else anything. Then what is verified from end to end, and what is not comes last.
    private async Task<(ComponentRoute Route, string Reason)> TryAsync(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        // One of each kind, and then others: a pod that is dead must not speak for all of them.
        KubeVirtComponent[] reachable = [.. components.Where(component => component.MetricsUri is not null).OrderByDescending(component => component.Ready)];
        KubeVirtComponent[] tried = [.. reachable.DistinctBy(component => component.Component).Concat(reachable).Distinct().Take(Tried)];
        if (tried.Length == 0) return (ComponentRoute.Direct, "no component has an address, so none could be tried");
        try
        {
            X509Certificate2Collection roots = await _authority.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception)
        {
            return (ComponentRoute.ApiServerProxy, $"certificates of pods cannot be verified from here: {exception.Message}");
        }

        ScrapeException? direct = await RouteProbe.FailureAsync(WayOf(ComponentRoute.Direct), tried, null, cancellationToken).ConfigureAwait(false);
        if (direct is null) return (ComponentRoute.Direct, "the addresses of pods can be reached from here");
        ScrapeException? tunnel = await RouteProbe.FailureAsync(WayOf(ComponentRoute.PortForward), tried, TimeSpan.FromSeconds(15), cancellationToken).ConfigureAwait(false);
        string first = $"Direct: {direct.What}";
        if (tunnel is null) return (ComponentRoute.PortForward, first);
        // What does not hold up to verification at the other end of a tunnel must not be had without verification instead.
        return IsDistrust(tunnel.Cause)
            ? (ComponentRoute.PortForward, $"{first}; PortForward: {tunnel.What}, and a way without verification is taken only when it is asked for")
            : (ComponentRoute.ApiServerProxy, $"{first}; PortForward: {tunnel.What}");
    }

    private IComponentWay WayOf(ComponentRoute route)
    {
        lock (_ways)
        {
            if (_ways.TryGetValue(route, out IComponentWay? known)) return known;
            IComponentWay way = route == ComponentRoute.ApiServerProxy ? new ProxyWay(_session) : new VerifiedWay(_session, _authority, route);
            _ways.Add(route, way);
            return way;
        }
    }

    private static bool IsDistrust(ScrapeError cause) => cause is ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired;
}
