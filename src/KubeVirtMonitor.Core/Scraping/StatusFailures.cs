using System.Net;
using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Turns an answer that is not 200 into what a user can act upon.</summary>
internal static class StatusFailures
{
    private const int Shown = 200;

    public static ScrapeException From(string target, HttpResponseMessage response, string firstLine, bool left)
    {
        int code = (int)response.StatusCode;
        string status = $"the server answered {code} {CertificateNames.Clean(response.ReasonPhrase ?? "")}".TrimEnd();
        if (firstLine.Length > 0) status += $": {firstLine.TrimEnd('.')}";
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

    /// <summary>The first line of a body, cleaned and cut; empty for markup.</summary>
    public static string FirstLine(ReadOnlySpan<byte> body)
    {
        string text = Encoding.UTF8.GetString(body).TrimStart('\uFEFF').Trim();
        if (text.StartsWith('<')) return "";
        int end = text.AsSpan().IndexOfAny('\r', '\n');
        if (end >= 0) text = text[..end];
        StringBuilder line = new(Math.Min(text.Length, Shown));
        foreach (char c in text)
        {
            if (line.Length == Shown) return line.Append('…').ToString();
            if (!char.IsControl(c) && c != '\uFFFD') line.Append(c);
        }

        return line.ToString();
    }

    private static TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        System.Net.Http.Headers.RetryConditionHeaderValue? header = response.Headers.RetryAfter;
        if (header?.Delta is { } delta) return delta;
        return header?.Date is { } date ? date - (response.Headers.Date ?? DateTimeOffset.UtcNow) : null;
    }
}
