using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.AgentConfig;

/// <summary>What to do about a target that failed, in the words of the configuration it comes from.</summary>
internal static class AgentAdvice
{
    /// <summary>The same error, with advice that names options.</summary>
    public static ScrapeException? For(ScrapeException? error)
    {
        string? advice = error?.Cause switch
        {
            ScrapeError.TlsUntrusted => "Name the CA bundle in tls_ca_cert (KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca), or take any certificate with tls_verify: false.",
            ScrapeError.TlsNameMismatch => "Write the name that it carries as Host under headers, with tls_use_host_header: true; or take any name with tls_validate_hostname: false.",
            ScrapeError.TlsExpired => "Check the clocks of both machines; renew the certificate, or take any with tls_verify: false.",
            ScrapeError.Timeout => "Check the address, or give it longer with timeout.",
            ScrapeError.Unauthorized or ScrapeError.Forbidden => "Check auth_token, username and password, or tls_cert, and what they are allowed to read.",
            ScrapeError.TooManyRedirects => "Write the final address as the endpoint, or leave out allow_redirects: false.",
            ScrapeError.BadRedirect => "Write the final address as the endpoint.",
            ScrapeError.Proxy => "Check proxy, or go past it with skip_proxy: true.",
            _ => null,
        };
        return error is null || advice is null
            ? error
            : new ScrapeException(error.Cause, error.Target, error.What.Replace("-CertificateAuthority", "tls_ca_cert", StringComparison.Ordinal), advice, error) { StatusCode = error.StatusCode };
    }

    /// <summary>The same result, with advice that names options.</summary>
    public static ScrapeResult For(ScrapeResult result) =>
        result with { Error = For(result.Error), Health = result.Health is { } health ? health with { Error = For(health.Error) } : null };
}
