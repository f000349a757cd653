using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace KubeVirtMonitor.Scraping;

/// <summary>Turns what the platform throws into what a user can act upon.</summary>
internal static class HttpFailures
{
    private const string CheckAddress = "Check the host and port in -Uri, and that the pod is running.";

    /// <summary>The failure of a request before any of its body came.</summary>
    public static ScrapeException FromRequest(string target, HttpRequestException e, Uri? proxy)
    {
        if (TlsFailure.Find(e) is { } tls) return new ScrapeException(tls.Cause, target, tls.Message, tls.Advice);
        SocketError? socket = FindInner<SocketException>(e)?.SocketErrorCode;
        string through = proxy is null ? "" : $" (through the proxy {ShownUri.From(proxy)})";
        return e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new(
                ScrapeError.NameResolution, target, "the host name has no address" + through, "Check the host in -Uri; names such as *.svc exist only inside the cluster.", e),
            HttpRequestError.ProxyTunnelError => ProxyFailure(target, e, proxy),
            HttpRequestError.ConnectionError => FromSocket(target, socket, through, e),
            HttpRequestError.SecureConnectionError => Handshake(target, e),
            HttpRequestError.InvalidResponse => new(
                ScrapeError.InvalidResponse, target, "what answered is no HTTP" + through, "Check the port, and whether -Uri should begin with https://.", e),
            HttpRequestError.ConfigurationLimitExceeded => new(
                ScrapeError.InvalidResponse, target, "the answer's headers are too large", "Check that -Uri is a metrics endpoint.", e),
            _ when FindInner<AuthenticationException>(e) is not null || IsTlsAlert(e) => Handshake(target, e),
            _ => FromSocket(target, socket ?? SocketError.ConnectionReset, through, e),
        };
    }

    /// <summary>The body stopped before its end.</summary>
    public static ScrapeException Truncated(string target, long bytes, Exception? inner = null) =>
        IsTlsAlert(inner)
            ? Handshake(target, inner!)
            : new(
                ScrapeError.Truncated,
                target,
                string.Create(CultureInfo.InvariantCulture, $"the body broke off after {bytes:N0} bytes of text; the samples before that are whole"),
                "Try again; if it stays, look at the endpoint's own log, and at proxies in between.",
                inner);

    public static ScrapeException TimedOut(string target, TimeSpan limit, ScrapeProgress progress)
    {
        string phase = progress.Phase switch
        {
            ScrapePhase.Body => string.Create(CultureInfo.InvariantCulture, $"the body was not complete after {limit.TotalSeconds:0.###} s ({progress.BodyBytes:N0} bytes had come)"),
            ScrapePhase.Retry => string.Create(CultureInfo.InvariantCulture, $"the server was busy for {limit.TotalSeconds:0.###} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"no answer came within {limit.TotalSeconds:0.###} s"),
        };
        return new ScrapeException(ScrapeError.Timeout, target, phase, "Raise -TimeoutSec, or check that the address can be reached from here.");
    }

    private static ScrapeException FromSocket(string target, SocketError? error, string through, Exception e) => error switch
    {
        SocketError.ConnectionRefused => new(ScrapeError.ConnectionRefused, target, "the connection was refused" + through, CheckAddress, e),
        SocketError.TimedOut => new(ScrapeError.Timeout, target, "the host did not answer" + through, "Check that the address can be reached from here; pod addresses often cannot from outside the cluster.", e),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown or SocketError.AddressNotAvailable => new(
            ScrapeError.Unreachable, target, "there is no route to the host" + through, "Check that the address in -Uri can be reached from here; pod addresses often cannot from outside the cluster.", e),
        _ => new(
            ScrapeError.ConnectionReset,
            target,
            "the connection broke before an answer came" + through,
            target.StartsWith("https:", StringComparison.Ordinal)
                ? "Try again, or raise -MaximumRetryCount; servers that want a client certificate (-Certificate) may end the connection so, too."
                : "Try again, or raise -MaximumRetryCount; check whether -Uri should begin with https://.",
            e),
    };

    private static ScrapeException ProxyFailure(string target, HttpRequestException e, Uri? proxy)
    {
        string name = proxy is null ? "the proxy" : $"the proxy {ShownUri.From(proxy)}";
        return e.StatusCode == HttpStatusCode.ProxyAuthenticationRequired
            ? new(ScrapeError.Proxy, target, $"{name} wants authentication", "Pass -ProxyCredential.") { StatusCode = e.StatusCode }
            : new(ScrapeError.Proxy, target, $"{name} gave no connection{Status(e.StatusCode)}", "Check -Proxy, or go past it with -NoProxy.") { StatusCode = e.StatusCode };
    }

    private static string Status(HttpStatusCode? status) => status is { } code ? $" (status {(int)code})" : "";

    private static ScrapeException Handshake(string target, Exception e)
    {
        string detail = CertificateNames.Clean(Innermost(e).Message).TrimEnd('.');
        bool wantsCertificate = detail.Contains("certificate", StringComparison.OrdinalIgnoreCase);
        return new ScrapeException(
            ScrapeError.TlsHandshake,
            target,
            $"no TLS connection came about ({detail})",
            wantsCertificate
                ? "The server did not accept this side's certificate, or wants one: pass -Certificate."
                : "Check that the port speaks HTTPS (else write http:// in -Uri) with TLS 1.2 or later, and whether it wants a client certificate (-Certificate).",
            e);
    }

    // A server that speaks TLS 1.3 refuses a client certificate only after the client has counted the handshake as done.
    private static bool IsTlsAlert(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e.GetType().FullName == "Interop+OpenSsl+SslException" || e is AuthenticationException) return true;
            if (e.Message.Contains("alert", StringComparison.OrdinalIgnoreCase) && e.Message.Contains("certificate", StringComparison.OrdinalIgnoreCase)) return true;
        }

        return false;
    }

    private static Exception Innermost(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e;
    }

    private static T? FindInner<T>(Exception? e)
        where T : Exception
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is T found) return found;
        }

        return null;
    }
}
