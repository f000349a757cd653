using System.Net;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Turns an answer that is not 200 into what a user can act upon.</summary>
internal static class StatusFailures
{
    /// <summary>The error of a status.</summary>
    /// <param name="target">How messages call the target.</param>
    /// <param name="response">The answer.</param>
    /// <param name="reason">The line of its body that tells the reason; empty = none.</param>
    /// <param name="left">Whether a redirect led to another host, which got no secrets.</param>
    /// <param name="foreign">What shows the text of this server.</param>
    public static ScrapeException From(string target, HttpResponseMessage response, string reason, bool left, ForeignText foreign)
    {
        int code = (int)response.StatusCode;
        string status = $"the server answered {code} {foreign.Line(response.ReasonPhrase, 120)}".TrimEnd();
        if (reason.Length > 0) status += $": {reason.TrimEnd('.')}";
        string notSent = left ? " It was not sent to the host that the redirect led to; give that address as -Uri." : "";
        (ScrapeError cause, string advice) = response.StatusCode switch
        {
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests =>
                (ScrapeError.Busy, "Others scrape it too: try later, or raise -MaximumRetryCount and -TimeoutSec."),
            HttpStatusCode.Unauthorized => (ScrapeError.Unauthorized, "Pass -Token, -Credential or -Certificate, or check that it is still valid." + notSent),
            HttpStatusCode.Forbidden => (ScrapeError.Forbidden, "Whoever -Token, -Credential or -Certificate stands for may not read this address; have it allowed, or pass another." + notSent),
            HttpStatusCode.ProxyAuthenticationRequired => (ScrapeError.Proxy, "Pass -ProxyCredential."),
            HttpStatusCode.NotFound => (ScrapeError.HttpStatus, "Check the path in -Uri; KubeVirt's metrics are at /metrics."),
            HttpStatusCode.BadRequest => (ScrapeError.HttpStatus, "Check whether -Uri should begin with https://, and what -Headers sends."),
            _ => (ScrapeError.HttpStatus, "Check -Uri, and the endpoint's own log."),
        };
        return new ScrapeException(cause, target, status, advice) { StatusCode = response.StatusCode, RetryAfter = RetryAfter(response) };
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        System.Net.Http.Headers.RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        if (header?.Delta is { } delta) return delta;
        return header?.Date is { } date ? date - (response.Headers.Date ?? DateTimeOffset.UtcNow) : null;
    }
}
