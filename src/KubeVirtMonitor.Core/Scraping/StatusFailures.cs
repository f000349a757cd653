using System.Net;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Turns an answer that is not 200 into a cause and a fact.</summary>
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
