namespace KubeVirtMonitor.Sessions;

/// <summary>
/// Searches for the route that Auto uses: Direct or else PortForward, both verified end to end. ApiServerProxy, which verifies no pod, is chosen
/// only if both are proven not to work: no pod can be reached directly, port forwarding is forbidden, and this is still true for a pod that has
/// just responded through the proxy, so that the reason was not a missing pod.
/// </summary>
/// <param name="clientOf">Gives the ways.</param>
/// <param name="verify">Throws when there is nothing to verify certificates with.</param>
internal sealed class RouteSearch(Func<ComponentRoute, IComponentClient> clientOf, Func<CancellationToken, Task> verify)
{
    // One of each kind, and then others: a pod that is dead must not speak for all of them.
    private const int Tried = 4;

    private const string Distrust = "a route without verification does not replace one that fails verification";
    private const string NotUnverified = "ApiServerProxy, which verifies nothing, is only used on request or where port forwarding is forbidden";

    // From outside a cluster the packets to a pod's address vanish without an answer.
    private static readonly TimeSpan DirectPatience = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Looks for a way to one of some pods.</summary>
    /// <param name="pods">Pods that are Ready and have an address; one at least.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<RouteFinding> RunAsync(IReadOnlyList<KubeVirtComponent> pods, CancellationToken cancellationToken)
    {
        KubeVirtComponent[] tried = [.. pods.DistinctBy(pod => pod.Component).Concat(pods).Distinct().Take(Tried)];
        string first;
        try
        {
            await verify(cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception)
        {
            ScrapeException failure = RouteErrors.Of(exception, tried[0].Name);
            first = $"certificates of pods cannot be verified from here: {failure.What}";
            if (exception.Error != KubernetesError.Forbidden) return Lost(first, failure);
            RouteTrial unverified = await TryAsync(ComponentRoute.ApiServerProxy, tried, Patience, all: false, cancellationToken).ConfigureAwait(false);
            return unverified.Leads ? Found(ComponentRoute.ApiServerProxy, first) : Lost($"{first}; {unverified}", failure);
        }

        RouteTrial direct = await TryAsync(ComponentRoute.Direct, tried, DirectPatience, all: false, cancellationToken).ConfigureAwait(false);
        if (direct.Leads) return Found(ComponentRoute.Direct, "the addresses of pods can be reached from here");
        RouteTrial tunnel = await TryAsync(ComponentRoute.PortForward, tried, Patience, all: false, cancellationToken).ConfigureAwait(false);
        if (tunnel.Leads) return Found(ComponentRoute.PortForward, direct.ToString());
        first = $"{direct}; {tunnel}";
        // What does not hold up to verification must not be had without verification instead.
        if ((direct.Distrusted ?? tunnel.Distrusted) is { } distrusted) return Lost($"{first}; {Distrust}", distrusted);
        if (!tunnel.IsForbidden) return Lost($"{first}; {NotUnverified}", tunnel.Failure!);

        RouteTrial proxy = await TryAsync(ComponentRoute.ApiServerProxy, tried, Patience, all: true, cancellationToken).ConfigureAwait(false);
        // What would give a way that is verified is the advice.
        if (!proxy.Leads) return Lost($"{first}; {proxy}", tunnel.Failure!);
        // These pods are alive. Whether it was the way that was missing, or the pods were, shows now.
        direct = await TryAsync(ComponentRoute.Direct, proxy.Reached, Patience, all: false, cancellationToken).ConfigureAwait(false);
        if (direct.Leads) return Found(ComponentRoute.Direct, "the addresses of pods can be reached from here");
        tunnel = await TryAsync(ComponentRoute.PortForward, proxy.Reached, Patience, all: false, cancellationToken).ConfigureAwait(false);
        if (tunnel.Leads) return Found(ComponentRoute.PortForward, direct.ToString());
        first = $"{direct}; {tunnel}";
        if ((direct.Distrusted ?? tunnel.Distrusted) is { } late) return Lost($"{first}; {Distrust}", late);
        return tunnel.IsForbidden ? Found(ComponentRoute.ApiServerProxy, first) : Lost($"{first}; {NotUnverified}", tunnel.Failure!);
    }

    private RouteFinding Found(ComponentRoute route, string reason) => new(clientOf(route), reason, null);

    private static RouteFinding Lost(string reason, ScrapeException failure) => new(null, reason, failure);

    private async Task<RouteTrial> TryAsync(ComponentRoute route, IReadOnlyList<KubeVirtComponent> pods, TimeSpan patience, bool all, CancellationToken cancellationToken)
    {
        IComponentClient client = clientOf(route);
        using CancellationTokenSource enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<KubeVirtComponent> reached = [];
        List<ScrapeException> failures = [];
        List<Task<(KubeVirtComponent Pod, ScrapeException? Failure)>> asking = [.. pods.Select(pod => AskAsync(client, pod, patience, enough.Token))];
        try
        {
            while (asking.Count > 0)
            {
                Task<(KubeVirtComponent Pod, ScrapeException? Failure)> done = await Task.WhenAny(asking).ConfigureAwait(false);
                asking.Remove(done);
                (KubeVirtComponent pod, ScrapeException? failure) = await done.ConfigureAwait(false);
                if (failure is not null) failures.Add(failure);
                else reached.Add(pod);
                if (failure is null && !all) break;
            }
        }
        finally
        {
            await enough.CancelAsync().ConfigureAwait(false);
            await ((Task)Task.WhenAll(asking)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        cancellationToken.ThrowIfCancellationRequested();
        return new RouteTrial(route, reached, failures);
    }

    private static async Task<(KubeVirtComponent Pod, ScrapeException? Failure)> AskAsync(IComponentClient client, KubeVirtComponent pod, TimeSpan patience, CancellationToken cancellationToken)
    {
        (HttpResponseMessage? answer, ScrapeException? failure) = await ComponentRequest.AskAsync(new ComponentTransport(client, pod), pod.HealthUri!, null, patience, cancellationToken).ConfigureAwait(false);
        answer?.Dispose();
        return (pod, failure);
    }

    // How one way did at some pods. Any answer of a pod is a success, whatever its status.
    private sealed record RouteTrial(ComponentRoute Route, IReadOnlyList<KubeVirtComponent> Reached, IReadOnlyList<ScrapeException> Failures)
    {
        public bool Leads => Reached.Count > 0;

        public ScrapeException? Failure => Failures.Count > 0 ? Failures[0] : null;

        public ScrapeException? Distrusted => Failures.FirstOrDefault(failure => failure.Cause is ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired);

        // Who may not open a tunnel to one pod may open it to none; anything else is the trouble of a pod or of the moment.
        public bool IsForbidden => Failures.Count > 0 && Failures.All(failure => failure.Cause == ScrapeError.Forbidden);

        public override string ToString() => $"{Route}: {(Distrusted ?? Failure)?.What ?? "no pod was tried"}";
    }
}

/// <summary>The result of a search for a route.</summary>
/// <param name="Client">The way, which has led to a pod; null when none did.</param>
/// <param name="Reason">Why it is that one, without a full stop; why there is none.</param>
/// <param name="Error">The failure where there is none.</param>
internal sealed record RouteFinding(IComponentClient? Client, string Reason, ScrapeException? Error);

/// <summary>Errors of a route to a component, with advice.</summary>
internal static class RouteErrors
{
    /// <summary>The cause of a scrape's failure that the API server is the reason of.</summary>
    public static ScrapeError CauseOf(KubernetesException exception) => exception.Error switch
    {
        KubernetesError.Unauthorized => ScrapeError.Unauthorized,
        KubernetesError.Forbidden => ScrapeError.Forbidden,
        KubernetesError.Throttled => ScrapeError.Busy,
        KubernetesError.ConnectionFailed or KubernetesError.StreamFailed => ScrapeError.ConnectionReset,
        KubernetesError.TimedOut => ScrapeError.Timeout,
        KubernetesError.TlsUntrusted => ScrapeError.TlsUntrusted,
        KubernetesError.TlsNameMismatch => ScrapeError.TlsNameMismatch,
        KubernetesError.TlsExpired => ScrapeError.TlsExpired,
        KubernetesError.TlsHandshake => ScrapeError.TlsHandshake,
        KubernetesError.BadAnswer => ScrapeError.InvalidResponse,
        // The API server's own word for a pod that does not answer it.
        KubernetesError.ServerError when exception.StatusCode is 502 or 503 or 504 => ScrapeError.Unreachable,
        _ => ScrapeError.HttpStatus,
    };

    /// <summary>The error with the name of the pod, and with advice that fits the way.</summary>
    public static ScrapeException Explain(ScrapeException error, KubeVirtComponent component, ComponentRoute route)
    {
        KubernetesException? known = ComponentTransport.Find(error);
        (string? advice, Setting? setting) = known is { Advice.Length: > 0 } ? (known.Advice, known.Setting) : AdviceFor(error.Cause, component, route);
        return error.With(target: $"{component.Name} ({error.Target}, {route})", advice: advice, inner: error, setting: setting);
    }

    private static (string? Advice, Setting? Setting) AdviceFor(ScrapeError cause, KubeVirtComponent component, ComponentRoute route)
    {
        string log = $"Look at it with 'kubectl logs -n {component.Namespace} {component.Name}'.";
        bool isDirect = route == ComponentRoute.Direct;
        return cause switch
        {
            // No way was found; without any pod that is Ready the error itself tells what to wait for.
            ScrapeError.Unreachable when route == ComponentRoute.Auto => default,
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired when route == ComponentRoute.Auto =>
                ($"Certificates must be issued by an authority in ConfigMap {ComponentFacts.AuthorityConfigMap}; virt-operator renews them. {log}", Setting.Route),
            _ when route == ComponentRoute.Auto => ($"Look at the pods with 'kubectl get pods -n {component.Namespace}'.", Setting.Route),
            // Where Kubernetes says what is wrong with the pod, the way to it is not what is to be looked at.
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.Timeout when component.ReadyNote is { } note => ($"{note} {log}", null),
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.NameResolution or ScrapeError.Timeout when isDirect =>
                ("Check that pod addresses can be reached from here.", Setting.Route),
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset => ($"Check that the pod is running. {log}", null),
            ScrapeError.Timeout => (log, Setting.Timeout),
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch when isDirect =>
                ($"Another server may be responding at the pod's address: the certificate must be issued by an authority in ConfigMap {ComponentFacts.AuthorityConfigMap}.", Setting.Route),
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch =>
                ($"Its certificate must be issued by an authority in ConfigMap {ComponentFacts.AuthorityConfigMap}; virt-operator renews it. {log}", null),
            ScrapeError.TlsExpired => ($"virt-operator renews certificates: check that it is running, and check the clocks. {log}", null),
            ScrapeError.TlsHandshake => ($"Check that port {component.Port} of the pod serves HTTPS. {log}", null),
            ScrapeError.Busy => ("Other clients are scraping it too (a virt-handler serves 3 scrapes at a time): try again later.", Setting.Timeout),
            ScrapeError.HttpStatus or ScrapeError.InvalidResponse or ScrapeError.NotExposition or ScrapeError.Unauthorized or ScrapeError.Forbidden => (log, null),
            _ => default,
        };
    }

    /// <summary>The failure of a scrape that the API server is the reason of.</summary>
    /// <param name="known">The API server's own.</param>
    /// <param name="target">What was to be scraped.</param>
    public static ScrapeException Of(KubernetesException known, string target) =>
        new(CauseOf(known), target, known.What, known, known.Advice) { Setting = known.Setting, StatusCode = (System.Net.HttpStatusCode?)known.StatusCode };
}
