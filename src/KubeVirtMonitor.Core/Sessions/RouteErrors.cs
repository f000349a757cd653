using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>What went wrong on the way to a component, and what to do about it there.</summary>
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
                ($"Certificates have to be issued by an authority in ConfigMap kubevirt-ca; virt-operator renews them. {log}", Setting.Route),
            _ when route == ComponentRoute.Auto => ($"Look at the pods with 'kubectl get pods -n {component.Namespace}'.", Setting.Route),
            // Where Kubernetes says what is wrong with the pod, the way to it is not what is to be looked at.
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.Timeout when component.ReadyNote is { } note => ($"{note} {log}", null),
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.NameResolution or ScrapeError.Timeout when isDirect =>
                ("Check that pod addresses can be reached from here.", Setting.Route),
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset => ($"Check that the pod is running. {log}", null),
            ScrapeError.Timeout => (log, Setting.Timeout),
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch when isDirect =>
                ("Something else may be answering at the pod's address: the certificate has to be issued by an authority in ConfigMap kubevirt-ca.", Setting.Route),
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch =>
                ($"Its certificate has to be issued by an authority in ConfigMap kubevirt-ca; virt-operator renews it. {log}", null),
            ScrapeError.TlsExpired => ($"virt-operator renews certificates: check that it runs, and the clocks. {log}", null),
            ScrapeError.TlsHandshake => ($"Check that port {component.Port} of the pod speaks HTTPS. {log}", null),
            ScrapeError.Busy => ("Others scrape it too (a virt-handler serves 3 scrapes at once): try later.", Setting.Timeout),
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
