using System.Net;
using KubeVirtMonitor.Exposition;

namespace KubeVirtMonitor.Scraping;

/// <summary>Scrapes an address: asks, asks again where that can help, and reads the answer.</summary>
internal sealed class HttpSource(HttpGet get, ScrapeOptions options, TimeProvider time)
{
    private const int ErrorBody = 2048;

    public async Task RunAsync(ScrapeRun run)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                run.Progress.Attempts = attempt + 1;
                await TryAsync(run).ConfigureAwait(false);
                return;
            }
            catch (ScrapeException e) when (e.IsTransient && !run.Progress.HandedOn && attempt < options.MaximumRetryCount)
            {
                TimeSpan wait = RetryDelay.Before(attempt, options.RetryInterval, e.RetryAfter, Random.Shared.NextDouble());

                // Better the server's own answer now than a timeout later.
                if (!run.Deadline.Allows(wait)) throw;
                run.Progress.Phase = ScrapePhase.Retry;
                await Task.Delay(wait, time, run.Deadline.Token).ConfigureAwait(false);
            }
        }
    }

    private async Task TryAsync(ScrapeRun run)
    {
        ScrapeTarget target = run.Target;
        run.Progress.Phase = ScrapePhase.Waiting;
        using HttpAnswer answer = await get.SendAsync(target.Name, target.Uri!, target.UriCredential, target.Transport, run.Deadline).ConfigureAwait(false);
        run.Progress.StatusCode = answer.Response.StatusCode;
        run.Progress.FinalUri = answer.FinalUri;
        run.Progress.CertificateExpires = answer.CertificateExpires;
        if (answer.Response.StatusCode != HttpStatusCode.OK) throw await StatusAsync(answer, run).ConfigureAwait(false);

        string? contentType = BodyHeaders.ContentType(answer.Response);
        bool gzip = BodyHeaders.IsGzip(answer.Response, target.Name, contentType);
        try
        {
            Stream stream = await answer.Response.Content.ReadAsStreamAsync(run.Deadline.Token).ConfigureAwait(false);
            await run.ReadAsync(stream, gzip, FormatDetector.FromContentType(contentType), contentType, answer.Response.Content.Headers.ContentLength).ConfigureAwait(false);
        }
        catch (IOException e) when (!run.Progress.HandedOn && !run.Deadline.Token.IsCancellationRequested)
        {
            throw HttpFailures.FromRequest(target.Name, new HttpRequestException(e.Message, e), proxy: null);
        }
    }

    private async Task<ScrapeException> StatusAsync(HttpAnswer answer, ScrapeRun run)
    {
        byte[] body = await BodyHeaders.ReadStartAsync(answer.Response, ErrorBody, run.Deadline.Token).ConfigureAwait(false);
        string line = get.Headers.Scrub(StatusFailures.FirstLine(body), run.Target.UriCredential);
        return StatusFailures.From(run.Target.Name, answer.Response, line, answer.LeftHost);
    }
}
