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
        string advice = ComponentTransport.Find(error) is { Advice.Length: > 0 } known ? known.Advice : AdviceFor(error.Cause, component, route) ?? error.Advice;
        return new ScrapeException(error.Cause, $"{component.Name} ({error.Target}, {route})", error.What, advice, error)
        {
            StatusCode = error.StatusCode,
            RetryAfter = error.RetryAfter,
        };
    }

    private static string? AdviceFor(ScrapeError cause, KubeVirtComponent component, ComponentRoute route)
    {
        string log = $"Look at it with 'kubectl logs -n {component.Namespace} {component.Name}'.";
        bool isDirect = route == ComponentRoute.Direct;
        return cause switch
        {
            // No way was found; without any pod that is Ready the error itself tells what to wait for.
            ScrapeError.Unreachable when route == ComponentRoute.Auto => null,
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired when route == ComponentRoute.Auto =>
                $"Certificates have to be issued by an authority in ConfigMap kubevirt-ca; virt-operator renews them. Only -Route ApiServerProxy goes without verification. {log}",
            _ when route == ComponentRoute.Auto => $"Look at the pods with 'kubectl get pods -n {component.Namespace}'; Connect-KubeVirt -Route takes the way that it is told.",
            // Where Kubernetes says what is wrong with the pod, the way to it is not what is to be looked at.
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.Timeout when component.ReadyNote is { } note => $"{note} {log}",
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset or ScrapeError.NameResolution when isDirect =>
                "Check that pod addresses can be reached from here; from outside the cluster, connect with -Route PortForward or ApiServerProxy.",
            ScrapeError.Timeout when isDirect => "Raise -TimeoutSec, or check that pod addresses can be reached from here; from outside the cluster, connect with -Route PortForward or ApiServerProxy.",
            ScrapeError.ConnectionRefused or ScrapeError.Unreachable or ScrapeError.ConnectionReset => $"Check that the pod is running. {log}",
            ScrapeError.Timeout => $"Raise -TimeoutSec. {log}",
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch when isDirect =>
                "Something else may be answering at the pod's address: connect with -Route PortForward to be sure. The certificate has to be issued by an authority in ConfigMap kubevirt-ca.",
            ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch =>
                $"Its certificate has to be issued by an authority in ConfigMap kubevirt-ca; virt-operator renews it. {log}",
            ScrapeError.TlsExpired => $"virt-operator renews certificates: check that it runs, and the clocks. {log}",
            ScrapeError.TlsHandshake => $"Check that port {component.Port} of the pod speaks HTTPS. {log}",
            ScrapeError.Busy => "Others scrape it too (a virt-handler serves 3 scrapes at once): try later, or raise -MaximumRetryCount and -TimeoutSec.",
            ScrapeError.HttpStatus or ScrapeError.InvalidResponse or ScrapeError.NotExposition or ScrapeError.Unauthorized or ScrapeError.Forbidden => log,
            _ => null,
        };
    }
}
