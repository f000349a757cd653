using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Net;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Prometheus;

/// <summary>The errors of queries: what a server says in its own words, and what proxies and sign-in pages answer in its place.</summary>
internal static class QueryFailures
{
    private const int MostReason = 600;

    // The limits of Prometheus (points of a range, samples of a query), Thanos (series), VictoriaMetrics and Mimir.
    private static readonly Regex TooLarge = new(
        @"maximum resolution|too many (?:samples|points|series|chunks)|-search\.max(?:Points|Samples|Unique|Series|Memory)|err-mimir-max-|exceeded (?:series|samples?|chunks?) limit|exceeds the (?:configured )?(?:limit|maximum)|ResourceExhausted|too large",
        RegexOptions.IgnoreCase);

    private static readonly Regex TimedOut = new(@"timed out|timeout exceeded|deadline exceeded|-search\.maxQueryDuration", RegexOptions.IgnoreCase);

    private static readonly Regex SignIn = new(@"type=[""']?password|\b(?:log|sign)[ -]?(?:in|on)\b|oauth|openid|saml|single sign", RegexOptions.IgnoreCase);

    // VictoriaMetrics answers 400 for paths that it does not know: its cluster has no API without the number of a tenant.
    private static readonly Regex NoSuchPath = new("unsupported (?:path|URL)|no route|page not found", RegexOptions.IgnoreCase);

    /// <summary>Checks the beginning of an answer, and takes a UTF-8 byte order mark away.</summary>
    /// <param name="start">The first bytes.</param>
    /// <param name="body">What they are the beginning of.</param>
    /// <param name="asked">The address that was asked.</param>
    /// <param name="foreign">What shows the text of this server.</param>
    /// <returns>How many bytes are left.</returns>
    /// <exception cref="ScrapeException">It is no JSON object.</exception>
    public static int Begin(Span<byte> start, BodyDescription body, Uri asked, ForeignText foreign)
    {
        if (start is [0xEF, 0xBB, 0xBF, ..])
        {
            start[3..].CopyTo(start);
            start = start[..^3];
        }

        ReadOnlySpan<byte> text = ((ReadOnlySpan<byte>)start).TrimStart(" \t\r\n"u8);
        if (text.IsEmpty || text.StartsWith("{"u8)) return start.Length;
        string words = Encoding.UTF8.GetString(text);
        string reason = foreign.Reason(words, isCut: true, most: 200);
        Uri final = body.Progress.FinalUri ?? asked;
        bool hasMoved = final.AbsolutePath != asked.AbsolutePath || final.Host != asked.Host;
        if (text.StartsWith("<"u8) && (hasMoved || SignIn.IsMatch(words)))
        {
            string at = hasMoved ? $" (at {foreign.Line(ShownUri.From(WithoutQuery(final)), 400)})" : "";
            throw new ScrapeException(ScrapeError.Unauthorized, body.Target, $"a web page to sign in came instead of an answer{at}: {reason}".TrimEnd('.', ' ', ':'));
        }

        string type = body.ContentType is { } contentType ? $" (Content-Type {contentType()})" : "";
        string what = text.StartsWith("<"u8) ? "a web page" : "something else than JSON";
        throw new ScrapeException(ScrapeError.NotQueryAnswer, body.Target, $"{what} came instead of an answer{type}: {reason}".TrimEnd('.', ' ', ':'));
    }

    /// <summary>The error of an answer with another status than 200.</summary>
    /// <param name="target">The name of the server in messages.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="body">The beginning of its body.</param>
    /// <param name="isCut">Whether there is more of it.</param>
    /// <param name="foreign">What shows the text of this server.</param>
    public static ScrapeException From(string target, HttpAnswer answer, byte[] body, bool isCut, ForeignText foreign)
    {
        HttpStatusCode status = answer.Response.StatusCode;
        string text = Encoding.UTF8.GetString(body);
        JsonObject? json = JsonText.ObjectOf(body);
        string? error = JsonText.Of(json?["error"]) ?? JsonText.Of(json?["message"]);
        string reason = error is null ? foreign.Reason(text, isCut, MostReason) : foreign.Reason(error, isCut: false, MostReason);
        ScrapeException plain = StatusFailures.From(target, answer.Response, reason, left: false, foreign);
        if (answer.LeftHost)
        {
            string at = foreign.Line(ShownUri.From(WithoutQuery(answer.FinalUri)), 400);
            return new ScrapeException(ScrapeError.Unauthorized, target, $"the server redirects to {at}, as to a page to sign in, and from there came {plain.What.Replace("the server answered ", "", StringComparison.Ordinal)}") { StatusCode = status };
        }

        if (status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.ProxyAuthenticationRequired)
        {
            // A proxy in front of OpenShift's servers sends its page with 403.
            bool isPage = status == HttpStatusCode.Forbidden && text.TrimStart().StartsWith('<') && SignIn.IsMatch(text);
            return isPage ? new ScrapeException(ScrapeError.Unauthorized, target, plain.What) { StatusCode = status } : plain;
        }

        if (JsonText.Of(json?["status"]) == "error") return Of(target, status, JsonText.Of(json?["errorType"]), error, foreign, plain.RetryAfter);
        if (status is HttpStatusCode.NotFound || (status == HttpStatusCode.BadRequest && NoSuchPath.IsMatch(text)))
            return new ScrapeException(ScrapeError.NotQueryAnswer, target, $"there is no API of Prometheus at this address: {plain.What}") { StatusCode = status };
        ScrapeError cause = CauseOf(status, type: null, text);
        return cause == plain.Cause ? plain : new ScrapeException(cause == ScrapeError.QueryRefused ? ScrapeError.HttpStatus : cause, target, plain.What) { StatusCode = status, RetryAfter = plain.RetryAfter };
    }

    /// <summary>The error that a server tells in its own words.</summary>
    /// <param name="target">The name of the server in messages.</param>
    /// <param name="status">The status of the answer.</param>
    /// <param name="type">The kind of error, such as <c>bad_data</c>.</param>
    /// <param name="error">The reason.</param>
    /// <param name="foreign">What shows the text of this server.</param>
    /// <param name="retryAfter">How long it asked to wait.</param>
    public static ScrapeException Of(string target, HttpStatusCode status, string? type, string? error, ForeignText foreign, TimeSpan? retryAfter = null)
    {
        string number = ((int)status).ToString(CultureInfo.InvariantCulture);
        string kind = string.IsNullOrEmpty(type) || type == number ? number : $"{number} {foreign.Line(type, 40)}";
        string reason = foreign.Reason(error ?? "", isCut: false, MostReason);
        ScrapeError cause = CauseOf(status, type, error ?? "");
        string what = cause switch
        {
            ScrapeError.QueryTooLarge => "the query is too large for the server",
            ScrapeError.QueryTimeout => "the server gave the query up",
            ScrapeError.QueryFailed => "the server failed over the query",
            ScrapeError.Busy => "the server is busy",
            _ => "the server does not accept the query",
        };
        return new ScrapeException(cause, target, $"{what} ({kind}): {reason}".TrimEnd('.', ' ', ':')) { StatusCode = status, RetryAfter = retryAfter };
    }

    private static ScrapeError CauseOf(HttpStatusCode status, string? type, string error) => (int)status switch
    {
        _ when type is "timeout" or "canceled" => ScrapeError.QueryTimeout,
        499 or 504 => ScrapeError.QueryTimeout,
        429 => ScrapeError.Busy,
        413 or 414 => ScrapeError.QueryTooLarge,
        _ when TooLarge.IsMatch(error) => ScrapeError.QueryTooLarge,
        _ when TimedOut.IsMatch(error) => ScrapeError.QueryTimeout,
        503 => ScrapeError.Busy,
        >= 500 => ScrapeError.QueryFailed,
        _ when type is "internal" or "unavailable" => ScrapeError.QueryFailed,
        _ => ScrapeError.QueryRefused,
    };

    // What a redirect to a page to sign in carries there is for that page alone.
    private static Uri WithoutQuery(Uri uri) => new UriBuilder(uri) { Query = "", Fragment = "", UserName = "", Password = "" }.Uri;
}
