using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>
/// The routes of a session to its components, and the one in use. With Auto, it is searched for with pods that are Ready, and remembered once it
/// has reached one of them. One route serves the whole session; a component that it does not reach gets its own. A route that stops working is searched for again.
/// Thread-safe: all who ask meanwhile wait for the same search.
/// </summary>
internal sealed class SessionRoutes : IDisposable
{
    // A way without verification is not taken for longer than it has to be: a permission may have been given meanwhile, a network joined.
    private static readonly TimeSpan LongestUnverified = TimeSpan.FromMinutes(5);

    private readonly KubeVirtSession _session;
    private readonly ComponentAuthority _authority;
    private readonly Dictionary<ComponentRoute, IComponentClient> _clients = [];
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<ComponentKind, RouteDecision> _own = [];
    private readonly HashSet<ComponentKind> _unreached = [];
    private RouteDecision? _shared;

    private SessionRoutes(KubeVirtSession session)
    {
        _session = session;
        _authority = new ComponentAuthority(session);
    }

    /// <summary>What is remembered of the scrapes of this cluster; another cluster may use the same addresses.</summary>
    public TargetCache Cache { get; } = new();

    public static SessionRoutes Of(KubeVirtSession session) => session.Attach(static owner => new SessionRoutes(owner));

    /// <summary>The way to take to a component.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<RouteDecision> ChooseAsync(KubeVirtComponent component, CancellationToken cancellationToken) =>
        (await ChooseAsync([component], cancellationToken).ConfigureAwait(false))[component.Component];

    /// <summary>The ways to take to components, by their kind.</summary>
    /// <param name="components">The components that are to be reached. The way is found at those of them that are Ready, and at others of the cluster where these do not tell.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<IReadOnlyDictionary<ComponentKind, RouteDecision>> ChooseAsync(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        ComponentKind[] kinds = [.. components.Select(component => component.Component).Distinct()];
        Dictionary<ComponentKind, RouteDecision> chosen = Known(kinds);
        if (chosen.Count == kinds.Length) return chosen;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            chosen = Known(kinds);
            foreach (ComponentKind kind in kinds)
            {
                if (chosen.ContainsKey(kind)) continue;
                RouteDecision? shared;
                lock (_own) shared = _shared;
                if (shared is null)
                {
                    RouteDecision decision = await ChooseSharedAsync(components, cancellationToken).ConfigureAwait(false);
                    return kinds.ToDictionary(one => one, one => decision);
                }

                chosen[kind] = await ChooseOwnAsync(kind, shared, components, cancellationToken).ConfigureAwait(false);
            }

            return chosen;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Says to which components a way did not lead, so that it is looked for again. A way that was asked for stays.</summary>
    /// <param name="taken">The ways that were taken.</param>
    /// <param name="unreached">The kinds of which no Ready pod was reached.</param>
    public void Forget(IReadOnlyDictionary<ComponentKind, RouteDecision> taken, IReadOnlyCollection<ComponentKind> unreached)
    {
        if (_session.Route != ComponentRoute.Auto || unreached.Count == 0) return;
        lock (_own)
        {
            foreach (ComponentKind kind in unreached)
            {
                // Another may have found a better way meanwhile.
                if (_own.TryGetValue(kind, out RouteDecision? own) && ReferenceEquals(own, taken[kind])) _own.Remove(kind);
                _unreached.Add(kind);
            }

            // A laptop leaves its VPN: the way that led to the pods this morning leads nowhere now.
            if (_shared is not null && taken.Keys.All(unreached.Contains) && taken.Values.Contains(_shared)) Clear();
        }
    }

    public void Dispose()
    {
        lock (_clients)
        {
            foreach (IComponentClient client in _clients.Values) client.Dispose();
            _clients.Clear();
        }

        _authority.Dispose();
        _one.Dispose();
    }

    private async Task<RouteDecision> ChooseSharedAsync(IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        RouteFinding found = await FindAsync(components, null, cancellationToken).ConfigureAwait(false);
        if (found.Client is null) return new(new UnreachableClient(found), found.Reason, _session.Time.GetTimestamp());
        lock (_own)
        {
            _unreached.Clear();
            return _shared = Note(new(found.Client, found.Reason, _session.Time.GetTimestamp()));
        }
    }

    // Where none of its own is found, the way of the others is as good as any, and its pods tell what keeps them from answering.
    private async Task<RouteDecision> ChooseOwnAsync(ComponentKind kind, RouteDecision shared, IReadOnlyList<KubeVirtComponent> components, CancellationToken cancellationToken)
    {
        RouteFinding found = await FindAsync(components, kind, cancellationToken).ConfigureAwait(false);
        if (found.Client is null) return shared;
        lock (_own)
        {
            _unreached.Remove(kind);
            if (found.Client == shared.Client) return shared;
            return _own[kind] = new(found.Client, found.Reason, _session.Time.GetTimestamp());
        }
    }

    // What nothing has to be looked for; the rest is absent.
    private Dictionary<ComponentKind, RouteDecision> Known(ComponentKind[] kinds)
    {
        lock (_own)
        {
            if (_session.Route != ComponentRoute.Auto) _shared ??= Note(new(ClientOf(_session.Route), "asked for", _session.Time.GetTimestamp()));
            else ForgetUnverified();
            Dictionary<ComponentKind, RouteDecision> known = [];
            foreach (ComponentKind kind in kinds)
            {
                if ((_own.GetValueOrDefault(kind) ?? (_unreached.Contains(kind) ? null : _shared)) is { } decision) known.Add(kind, decision);
            }

            return known;
        }
    }

    private async Task<RouteFinding> FindAsync(IReadOnlyList<KubeVirtComponent> components, ComponentKind? kind, CancellationToken cancellationToken)
    {
        RouteSearch search = new(ClientOf, _authority.GetAsync);
        KubeVirtComponent[] given = Usable(components, kind);
        RouteFinding? found = given.Length == 0 ? null : await search.RunAsync(given, cancellationToken).ConfigureAwait(false);
        if (found is { Client.Route: not ComponentRoute.ApiServerProxy }) return found;

        // What is known of these pods may be old by now, or they are the ones that are being replaced; and a few of them alone prove no way missing.
        IReadOnlyList<KubeVirtComponent> all = components;
        try
        {
            all = (await _session.FindComponentsAsync(null, withLeaders: false, cancellationToken).ConfigureAwait(false)).Components;
        }
        catch (KubernetesException)
        {
            // Then those that were given have to do.
        }

        KubeVirtComponent[] others = [.. Usable(all, kind).Where(pod => !given.Any(known => known.Name == pod.Name && known.MetricsUri == pod.MetricsUri))];
        if (others.Length > 0) found = await search.RunAsync(others, cancellationToken).ConfigureAwait(false);
        return found is null ? NothingReady(all, kind) : Warned(found);
    }

    private static KubeVirtComponent[] Usable(IReadOnlyList<KubeVirtComponent> components, ComponentKind? kind) =>
        [.. components.Where(component => component is { Ready: true, MetricsUri: not null } && (kind is null || component.Component == kind))];

    private RouteFinding Warned(RouteFinding found)
    {
        if (found.Client?.Route == ComponentRoute.ApiServerProxy)
            _session.WarnOnce($"The components of {_session} are reached through the API server (ApiServerProxy), which does not verify their certificates ({found.Reason}).");
        return found;
    }

    private RouteFinding NothingReady(IReadOnlyList<KubeVirtComponent> all, ComponentKind? kind)
    {
        string[] pods = [.. all.Where(component => kind is null || component.Component == kind).Select(component => component.Name)];
        string what = pods.Length == 0
            ? $"there is no pod of KubeVirt in namespace {_session.InstallNamespace}, so no route could be chosen"
            : $"no pod of KubeVirt is Ready ({string.Join(", ", pods)}), so no route could be chosen";
        return new(null, what, new ScrapeException(
            ScrapeError.Unreachable,
            _session.InstallNamespace,
            what,
            advice: $"Wait until one is, and check them with 'kubectl get pods -n {_session.InstallNamespace}'.")
        { Setting = Setting.Route });
    }

    private void ForgetUnverified()
    {
        bool IsOld(RouteDecision decision) => decision.Client.Route == ComponentRoute.ApiServerProxy && _session.Time.GetElapsedTime(decision.At) > LongestUnverified;
        foreach (ComponentKind kind in _own.Where(one => IsOld(one.Value)).Select(one => one.Key).ToArray())
        {
            _own.Remove(kind);
            _unreached.Add(kind);
        }

        if (_shared is { } shared && IsOld(shared)) Clear();
    }

    private void Clear()
    {
        _shared = null;
        _own.Clear();
        _unreached.Clear();
        _session.NoteRoute(null, null);
    }

    private RouteDecision Note(RouteDecision decision)
    {
        _session.NoteRoute(decision.Client.Route, decision.Reason);
        return decision;
    }

    private IComponentClient ClientOf(ComponentRoute route)
    {
        lock (_clients)
        {
            if (_clients.TryGetValue(route, out IComponentClient? known)) return known;
            IComponentClient client = route == ComponentRoute.ApiServerProxy ? new ProxyClient(_session) : new VerifiedClient(_session, _authority, route);
            _clients.Add(route, client);
            return client;
        }
    }

    // Stands in for a way that was not found: each component fails with the reason, and the next search begins again.
    private sealed class UnreachableClient(RouteFinding finding) : IComponentClient
    {
        public ComponentRoute Route => ComponentRoute.Auto;

        public Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromException<HttpResponseMessage>(finding.Error!.With(ShownUri.From(request.RequestUri!), finding.Reason, inner: finding.Error));

        public DateTimeOffset? CertificateExpires(Uri uri) => null;

        public void Dispose()
        {
        }
    }
}

/// <summary>A route that was chosen.</summary>
/// <param name="Client">The way; one that fails every request with the reason, where none was found.</param>
/// <param name="Reason">Why it is that one, without a full stop.</param>
/// <param name="At">When it was found, as a timestamp of the session's clock.</param>
internal sealed record RouteDecision(IComponentClient Client, string Reason, long At);
