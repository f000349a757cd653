using System.Net;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor;

/// <summary>A target could not be scraped, or not to the end.</summary>
public sealed class ScrapeException : MonitorException
{
    internal ScrapeException(ScrapeError cause, string target, string what, Exception? inner = null, string advice = "")
        : base(target, what, advice, inner) => Cause = cause;

    /// <summary>The cause.</summary>
    public ScrapeError Cause { get; }

    /// <inheritdoc/>
    public override string Id => Cause.ToString();

    /// <summary>The HTTP status, where there was one.</summary>
    public HttpStatusCode? StatusCode { get; internal init; }

    /// <summary>A name that the server's certificate carries, where it was not the expected one; null where it carries none.</summary>
    public string? OtherName { get; internal init; }

    /// <summary>How long the server asked to wait, where it did.</summary>
    internal TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether the same request may succeed a little later.</summary>
    internal bool IsTransient => Cause is ScrapeError.Busy or ScrapeError.ConnectionReset;

    /// <summary>The same with other words; null = those of this one.</summary>
    internal ScrapeException With(string? target = null, string? what = null, string? advice = null, Exception? inner = null, Setting? setting = null) =>
        new(Cause, target ?? Target, what ?? What, inner ?? InnerException, advice ?? Advice)
        {
            Setting = setting ?? Setting,
            StatusCode = StatusCode,
            OtherName = OtherName,
            RetryAfter = RetryAfter,
        };

    /// <summary>The same without what must not be shown, also in the exceptions inside it.</summary>
    /// <param name="foreign">What shows the text of this target.</param>
    internal ScrapeException Shown(ForeignText foreign)
    {
        Exception? inner = foreign.Safe(InnerException);
        string what = foreign.Scrub(What);
        return what == What && ReferenceEquals(inner, InnerException) ? this : With(what: what, inner: inner);
    }
}

/// <summary>Why a target gave no samples, or not all of them. The names are stable: scripts compare with them.</summary>
public enum ScrapeError
{
    /// <summary>Nothing listens at the address.</summary>
    ConnectionRefused,

    /// <summary>The host or its network cannot be reached.</summary>
    Unreachable,

    /// <summary>The connection broke before an answer came.</summary>
    ConnectionReset,

    /// <summary>The host name has no address.</summary>
    NameResolution,

    /// <summary>The target took longer than its timeout.</summary>
    Timeout,

    /// <summary>The proxy refused, or is not there.</summary>
    Proxy,

    /// <summary>The certificate was issued by nobody who is trusted here.</summary>
    TlsUntrusted,

    /// <summary>The certificate is for other names.</summary>
    TlsNameMismatch,

    /// <summary>The certificate, or one above it, is out of date or not valid yet.</summary>
    TlsExpired,

    /// <summary>No TLS connection came about.</summary>
    TlsHandshake,

    /// <summary>An HTTP status other than 200.</summary>
    HttpStatus,

    /// <summary>503 or 429, still after every retry.</summary>
    Busy,

    /// <summary>401, or a page to sign in instead of an answer.</summary>
    Unauthorized,

    /// <summary>403.</summary>
    Forbidden,

    /// <summary>More redirects than allowed.</summary>
    TooManyRedirects,

    /// <summary>A redirect that leads from HTTPS to HTTP, or nowhere.</summary>
    BadRedirect,

    /// <summary>What answered does not speak HTTP as it should.</summary>
    InvalidResponse,

    /// <summary>The body is larger than allowed, compressed or not.</summary>
    BodyTooLarge,

    /// <summary>The scrape has more series than allowed.</summary>
    TooManySeries,

    /// <summary>The content is no exposition text: HTML, JSON, binary.</summary>
    NotExposition,

    /// <summary>What answered is no server with Prometheus' API: HTML, text, JSON of another kind or damaged, or nothing at the address.</summary>
    NotQueryAnswer,

    /// <summary>The server does not accept a query: it cannot be parsed, or not be executed.</summary>
    QueryRefused,

    /// <summary>A query has more points, samples or series than the server allows.</summary>
    QueryTooLarge,

    /// <summary>The server gave up a query after its own limit of time.</summary>
    QueryTimeout,

    /// <summary>The server failed over a query, which may be correct.</summary>
    QueryFailed,

    /// <summary>The body ended early.</summary>
    Truncated,

    /// <summary>The gzip data is damaged.</summary>
    BadGzip,

    /// <summary>The body is encoded in a way that was not asked for.</summary>
    UnsupportedEncoding,

    /// <summary>There is no such file.</summary>
    FileNotFound,

    /// <summary>The file is there and cannot be read.</summary>
    FileUnreadable,

    /// <summary>A certificate or key file cannot be used.</summary>
    BadCertificateFile,

    /// <summary>The component was neither given nor recognised, so no name could be found.</summary>
    UnknownComponent,

    /// <summary>A secret would have gone over a connection that is not encrypted.</summary>
    UnencryptedAuthentication,

    /// <summary>The address is none that can be scraped.</summary>
    InvalidTarget,

    /// <summary>An option cannot be used as it is.</summary>
    InvalidOption,

    /// <summary>A configuration of the Datadog Agent, or an instance in it, cannot be used as it is.</summary>
    BadConfiguration,

    /// <summary>A defect of this module.</summary>
    Unexpected,
}
