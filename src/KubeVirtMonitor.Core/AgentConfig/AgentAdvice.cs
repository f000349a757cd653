using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>Advice for a target that failed, with the option names of the configuration that it comes from.</summary>
internal static class AgentAdvice
{
    private const string Certificate = "accept any certificate with tls_verify: false";
    private const string KubeVirtTls = "Use an instance of the check openmetrics with tls_ca_cert, tls_use_host_header and the header Host: the KubeVirt checks do not hand them on to the scrape. Or " + Certificate + ".";
    private const string Endpoint = "Check the endpoint: KubeVirt's metrics are at /metrics, over https.";
    private const string Reach = "Check that the address can be reached from here; pod addresses often cannot from outside the cluster.";
    private const string TooLarge = "Check that the endpoint is one of KubeVirt's: no option allows more.";

    /// <summary>The same error, with advice that names options.</summary>
    /// <param name="check">The check whose scrape failed, which decides what options it has.</param>
    public static ScrapeException? For(ScrapeException? error, AgentCheck check = AgentCheck.OpenMetrics) =>
        error is null ? null : new ScrapeException(error.Cause, error.Target, error.What, error, Of(error, check)) { StatusCode = error.StatusCode };

    /// <summary>The same result, with advice that names options.</summary>
    public static ScrapeResult For(ScrapeResult result, AgentCheck check) =>
        result with { Error = For(result.Error, check), Health = result.Health is { } health ? health with { Error = For(health.Error) } : null };

    private static string Of(ScrapeException error, AgentCheck check) => error.Cause switch
    {
        ScrapeError.TlsUntrusted or ScrapeError.TlsNameMismatch or ScrapeError.TlsExpired when check == AgentCheck.KubeVirt => KubeVirtTls,
        ScrapeError.Unauthorized or ScrapeError.Forbidden or ScrapeError.TlsHandshake when check == AgentCheck.KubeVirt => "Use an instance of the check openmetrics, which sends credentials and a client certificate: the KubeVirt checks do not hand them on to the scrape.",
        ScrapeError.Timeout when check == AgentCheck.KubeVirt && error.Setting == Setting.Timeout => "Check the address, or allow more time with timeout in init_config.",
        ScrapeError.Proxy when check == AgentCheck.KubeVirt => "Check proxy in init_config, or bypass it there with skip_proxy: true.",
        ScrapeError.ConnectionRefused => "Check the host and port of the endpoint, and that the pod is running.",
        ScrapeError.NameResolution => "Check the host of the endpoint; names such as *.svc exist only inside the cluster.",
        ScrapeError.ConnectionReset => "Try again; check whether the endpoint should begin with https://, and whether the server requires a client certificate (tls_cert).",
        ScrapeError.Timeout when error.Setting == Setting.Timeout => "Check the address, or allow more time with timeout.",
        ScrapeError.Unreachable or ScrapeError.Timeout => Reach,
        ScrapeError.Proxy => "Check proxy, or bypass it with skip_proxy: true.",
        ScrapeError.TlsUntrusted when error.Setting == Setting.CertificateAuthority => $"Check that tls_ca_cert contains the root that issued it (KubeVirt's is the key {ComponentFacts.AuthorityKey} of ConfigMap {ComponentFacts.AuthorityConfigMap}), or {Certificate}.",
        ScrapeError.TlsUntrusted => $"Set tls_ca_cert to the CA bundle (KubeVirt's is the key {ComponentFacts.AuthorityKey} of ConfigMap {ComponentFacts.AuthorityConfigMap}), or {Certificate}.",
        ScrapeError.TlsNameMismatch => "Set Host under extra_headers to the name that the certificate contains, with tls_use_host_header: true.",
        ScrapeError.TlsExpired => $"Check the clocks of both machines; renew the certificate, or {Certificate}.",
        ScrapeError.TlsHandshake => "Check that the port serves HTTPS with TLS 1.2 or later, and whether the server requires a client certificate (tls_cert).",
        ScrapeError.Unauthorized or ScrapeError.Forbidden => "Check auth_token, username and password, or tls_cert, and what they are allowed to read.",
        ScrapeError.Busy => "Other clients are scraping it too: try again later.",
        ScrapeError.TooManyRedirects => "Set the endpoint to the final address, or remove allow_redirects: false.",
        ScrapeError.BadRedirect => "Set the endpoint to the final address.",
        ScrapeError.UnsupportedEncoding => "Remove Accept-Encoding from headers, and check proxies in between.",
        ScrapeError.HttpStatus or ScrapeError.InvalidResponse or ScrapeError.NotExposition => Endpoint,
        ScrapeError.BodyTooLarge or ScrapeError.TooManySeries => TooLarge,
        ScrapeError.UnknownComponent => "Write it as kubevirt_api_metrics_endpoint, kubevirt_controller_metrics_endpoint or kubevirt_handler_metrics_endpoint.",
        ScrapeError.Unexpected => "This is a defect of this software: please report it.",
        _ => "Try again. If the problem persists, check the log of the endpoint, and proxies in between.",
    };
}
