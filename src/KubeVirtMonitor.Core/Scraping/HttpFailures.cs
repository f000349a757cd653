using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Turns an exception of the platform into a cause and a fact.</summary>
internal static class HttpFailures
{
    // Three digits that no others follow.
    private static readonly Regex StatusNumber = new(@"\b[1-5][0-9]{2}\b(?!.*[0-9])", RegexOptions.Singleline);

    /// <summary>The failure of a request before any of its body came.</summary>
    /// <param name="target">The name of the target in messages.</param>
    /// <param name="e">What the platform threw.</param>
    /// <param name="proxy">The proxy the user named; null = none.</param>
    /// <param name="wantsCertificate">Whether the server asked for a client certificate and got none; null = it got one, or nobody knows.</param>
    public static ScrapeException FromRequest(string target, HttpRequestException e, Uri? proxy, bool? wantsCertificate = null)
    {
        if (TlsFailure.Find(e) is { } tls) return new ScrapeException(tls.Cause, target, tls.Message) { Setting = tls.Setting, OtherName = tls.OtherName };
        SocketError? socket = FindInner<SocketException>(e)?.SocketErrorCode;
        string through = proxy is null ? "" : $" (through the proxy {ShownUri.From(proxy)})";
        return e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => new(ScrapeError.NameResolution, target, "the host name has no address" + through, e),
            HttpRequestError.ProxyTunnelError => ProxyFailure(target, e, proxy),
            HttpRequestError.ConnectionError => FromSocket(target, socket, through, e),
            HttpRequestError.SecureConnectionError => Handshake(target, e, wantsCertificate),
            HttpRequestError.InvalidResponse => new(ScrapeError.InvalidResponse, target, "the response is not HTTP" + through, e),
            HttpRequestError.ConfigurationLimitExceeded => new(ScrapeError.InvalidResponse, target, "the answer's headers are too large", e),
            _ when IsTls(e) || (wantsCertificate == true && socket is null or SocketError.ConnectionReset) => Handshake(target, e, wantsCertificate),
            _ => FromSocket(target, socket ?? SocketError.ConnectionReset, through, e),
        };
    }

    /// <summary>The body stopped before its end.</summary>
    public static ScrapeException Truncated(string target, long bytes, Exception? inner = null) =>
        bytes == 0 && IsTls(inner)
            ? Handshake(target, inner!, wantsCertificate: null)
            : new(
                ScrapeError.Truncated,
                target,
                string.Create(CultureInfo.InvariantCulture, $"the body ended after {bytes:N0} bytes of text; the samples before that are complete"),
                inner);

    public static ScrapeException TimedOut(string target, TimeSpan limit, ScrapeProgress progress)
    {
        string phase = progress.Phase switch
        {
            ScrapePhase.Body => string.Create(CultureInfo.InvariantCulture, $"the body was not complete after {limit.TotalSeconds:0.###} s ({progress.BodyBytes:N0} bytes received)"),
            ScrapePhase.Retry => string.Create(CultureInfo.InvariantCulture, $"the server was busy for {limit.TotalSeconds:0.###} s"),
            _ => string.Create(CultureInfo.InvariantCulture, $"no response within {limit.TotalSeconds:0.###} s"),
        };
        return new ScrapeException(ScrapeError.Timeout, target, phase) { Setting = Setting.Timeout };
    }

    /// <summary>No connection in the time that the handler has for one; the platform calls that a cancellation. The address of a pod that has gone answers so: not at all.</summary>
    public static ScrapeException NoConnection(string target, OperationCanceledException e) =>
        new(ScrapeError.Unreachable, target, "the host did not answer", e);

    private static ScrapeException FromSocket(string target, SocketError? error, string through, Exception e) => error switch
    {
        SocketError.ConnectionRefused => new(ScrapeError.ConnectionRefused, target, "the connection was refused" + through, e),
        SocketError.TimedOut => new(ScrapeError.Timeout, target, "the host did not answer" + through, e),
        SocketError.HostUnreachable or SocketError.NetworkUnreachable or SocketError.NetworkDown or SocketError.HostDown or SocketError.AddressNotAvailable =>
            new(ScrapeError.Unreachable, target, "there is no route to the host" + through, e),
        _ => new(ScrapeError.ConnectionReset, target, "the connection was closed before a response arrived" + through, e),
    };

    private static ScrapeException ProxyFailure(string target, HttpRequestException e, Uri? proxy)
    {
        string name = proxy is null ? "the proxy" : $"the proxy {ShownUri.From(proxy)}";
        HttpStatusCode? status = e.StatusCode ?? StatusIn(e.Message);
        return status == HttpStatusCode.ProxyAuthenticationRequired
            ? new(ScrapeError.Proxy, target, $"{name} wants authentication") { StatusCode = status }
            : new(ScrapeError.Proxy, target, $"{name} did not connect{(status is { } code ? $" (status {(int)code})" : "")}") { StatusCode = status };
    }

    // .NET 8 says the proxy's status in the message alone, as its last number; the words around it may be in any language.
    private static HttpStatusCode? StatusIn(string message) =>
        StatusNumber.Match(message) is { Success: true } match ? (HttpStatusCode)int.Parse(match.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture) : null;

    private static ScrapeException Handshake(string target, Exception e, bool? wantsCertificate)
    {
        string detail = ForeignText.OfStranger.Line(Innermost(e).Message, 120).TrimEnd('.');
        return new ScrapeException(ScrapeError.TlsHandshake, target, $"no TLS connection could be established ({detail})", e) { Setting = wantsCertificate == true ? Setting.ClientCertificate : null };
    }

    // A server that speaks TLS 1.3 refuses a client certificate only after the client has counted the handshake as done. What comes then
    // has no type of its own: OpenSSL and Apple have an internal one of one name, Schannel throws the system's error.
    private static bool IsTls(Exception? e)
    {
        for (; e is not null; e = e.InnerException)
        {
            if (e is AuthenticationException || e.GetType().Name == "SslException" || (e is ExternalException and not SocketException)) return true;
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

/// <summary>Turns a response other than 200 into a cause and a fact.</summary>
internal static class StatusFailures
{
    /// <summary>The error of a status.</summary>
    /// <param name="target">The name of the target in messages.</param>
    /// <param name="response">The answer.</param>
    /// <param name="reason">The line of its body that tells the reason; empty = none.</param>
    /// <param name="left">Whether a redirect led to another host, which got no secrets.</param>
    /// <param name="foreign">What shows the text of this server.</param>
    public static ScrapeException From(string target, HttpResponseMessage response, string reason, bool left, ForeignText foreign)
    {
        int code = (int)response.StatusCode;
        string status = $"the server answered {code} {foreign.Line(response.ReasonPhrase, 120)}".TrimEnd();
        if (reason.Length > 0) status += $": {reason.TrimEnd('.')}";
        ScrapeError cause = response.StatusCode switch
        {
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => ScrapeError.Busy,
            HttpStatusCode.Unauthorized => ScrapeError.Unauthorized,
            HttpStatusCode.Forbidden => ScrapeError.Forbidden,
            HttpStatusCode.ProxyAuthenticationRequired => ScrapeError.Proxy,
            _ => ScrapeError.HttpStatus,
        };
        // What was not sent was not refused: another address would have got it.
        Setting? setting = left && cause is (ScrapeError.Unauthorized or ScrapeError.Forbidden) ? Setting.Address : null;
        return new ScrapeException(cause, target, status) { Setting = setting, StatusCode = response.StatusCode, RetryAfter = RetryAfter(response) };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        System.Net.Http.Headers.RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        if (header?.Delta is { } delta) return delta;
        return header?.Date is { } date ? date - (response.Headers.Date ?? DateTimeOffset.UtcNow) : null;
    }
}

/// <summary>The errors of a scrape that is larger than allowed.</summary>
internal static class LimitFailures
{
    public static ScrapeException Body(string target, long limit, long announced = 0)
    {
        string what = announced > 0
            ? string.Create(CultureInfo.InvariantCulture, $"its {announced:N0} bytes are more than the {limit:N0} allowed")
            : string.Create(CultureInfo.InvariantCulture, $"the text is longer than the {limit:N0} bytes allowed; the samples before that are complete");
        return new ScrapeException(ScrapeError.BodyTooLarge, target, what) { Setting = Setting.BodySize };
    }

    public static ScrapeException CompressedBody(string target, long limit, long announced = 0)
    {
        string what = announced > 0
            ? string.Create(CultureInfo.InvariantCulture, $"its {announced:N0} compressed bytes are more than the {limit:N0} allowed")
            : string.Create(CultureInfo.InvariantCulture, $"the compressed body is longer than the {limit:N0} bytes allowed; the samples before that are complete");
        return new ScrapeException(ScrapeError.BodyTooLarge, target, what) { Setting = Setting.CompressedSize };
    }

    public static ScrapeException Series(string target, MappingOptions mapping, ScrapeLimitException e)
    {
        bool isOfNames = e.Limit == nameof(MappingOptions.MaxNames);
        string what = isOfNames
            ? string.Create(CultureInfo.InvariantCulture, $"it has more than the {mapping.MaxNames:N0} names of metrics allowed; the samples before that are complete")
            : string.Create(CultureInfo.InvariantCulture, $"it has more than the {mapping.MaxSeries:N0} series allowed; the samples before that are complete");
        return new ScrapeException(ScrapeError.TooManySeries, target, what, e) { Setting = isOfNames ? Setting.Names : Setting.Series };
    }
}
