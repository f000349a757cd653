using System.Net;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Asks health addresses. A failure is a result.</summary>
internal sealed class HealthCheck(HttpGet get, ScrapeOptions options, TimeProvider time)
{
    private const int Kept = 1024;

    public async Task<HealthCheckResult> RunAsync(Uri uri, IScrapeTransport? transport, CancellationToken cancellationToken)
    {
        string name = ShownUri.From(uri);
        HealthCheckResult result = new() { Target = name, Timestamp = time.GetUtcNow() };
        long start = time.GetTimestamp();
        using Deadline deadline = new(options.Timeout, time, cancellationToken);
        try
        {
            result = await AskAsync(result, uri, transport, deadline).ConfigureAwait(false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            ForeignText foreign = get.Headers.ForeignAt(uri, ScrapeTarget.CredentialOf(uri));
            result = result with { Error = Translate(name, e, deadline).Shown(foreign) };
        }

        if (transport is not null && result.Error is { } error) result = result with { Error = transport.Explain(error) };
        return result with { Latency = time.GetElapsedTime(start) };
    }

    private async Task<HealthCheckResult> AskAsync(HealthCheckResult result, Uri uri, IScrapeTransport? transport, Deadline deadline)
    {
        NetworkCredential? fromUri = ScrapeTarget.CredentialOf(uri);
        using HttpAnswer answer = await get.SendAsync(result.Target, ScrapeTarget.WithoutUserInfo(uri), fromUri, transport, deadline).ConfigureAwait(false);
        ForeignText foreign = get.Headers.ForeignAt(uri, fromUri).With(Secrets.OfRequest(answer.Response.RequestMessage));
        byte[] start = await BodyHeaders.ReadStartAsync(answer.Response, Kept, deadline.Token).ConfigureAwait(false);
        bool good = answer.Response.IsSuccessStatusCode;
        string body = Encoding.UTF8.GetString(start);
        return result with
        {
            CanConnect = good,
            StatusCode = answer.Response.StatusCode,
            Body = foreign.Scrub(body, isCut: start.Length == Kept),
            CertificateExpires = answer.CertificateExpires,
            Error = good ? null : StatusFailures.From(result.Target, answer.Response, foreign.Reason(body, isCut: start.Length == Kept), answer.LeftHost, foreign),
        };
    }

    private static ScrapeException Translate(string name, Exception e, Deadline deadline) => e switch
    {
        ScrapeException known => known,
        _ when deadline.IsOver => HttpFailures.TimedOut(name, deadline.Limit, new ScrapeProgress()),
        _ => new ScrapeException(ScrapeError.Unexpected, name, $"an unexpected {e.GetType().Name} ({e.Message.TrimEnd('.')})", e),
    };
}
