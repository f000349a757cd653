using System.Net;
using System.Net.Http.Headers;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Reads an address: sends the request, retries where that can help, and reads the response.</summary>
internal sealed class HttpSource(HttpGet get, ScrapeOptions options, TimeProvider time)
{
    private const int ErrorBody = 8192;

    public async Task RunAsync(BodyRun run)
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

    private async Task TryAsync(BodyRun run)
    {
        ScrapeTarget target = run.Target;
        run.Progress.Phase = ScrapePhase.Waiting;
        run.Progress.Sent = time.GetUtcNow();
        run.UseSecrets(() => get.Headers.ForeignAt(target.Uri!, target.UriCredential));
        using HttpAnswer answer = await get.SendAsync(target.Name, target.Uri!, target.UriCredential, target.Transport, run.Deadline, run.Content).ConfigureAwait(false);
        // A transport may have sent secrets of its own, such as those of a session with an API server.
        HttpRequestMessage? request = answer.Response.RequestMessage;
        // A connection that had to be made first, maybe through an API server, is no time in which the component knew of the request.
        if (HttpTransport.ConnectedFor(request) is { } connected && connected > run.Progress.Sent) run.Progress.Sent = connected;
        run.UseSecrets(() => get.Headers.ForeignAt(target.Uri!, target.UriCredential).With(Secrets.OfRequest(request)));
        run.Progress.StatusCode = answer.Response.StatusCode;
        run.Progress.FinalUri = answer.FinalUri;
        run.Progress.CertificateExpires = answer.CertificateExpires;
        if (answer.Response.StatusCode != HttpStatusCode.OK) throw await StatusAsync(answer, run).ConfigureAwait(false);

        string? contentType = BodyHeaders.ContentType(answer.Response);
        bool gzip = BodyHeaders.IsGzip(answer.Response, target.Name, contentType, () => run.Foreign);
        try
        {
            Stream stream = await answer.Response.Content.ReadAsStreamAsync(run.Deadline.Token).ConfigureAwait(false);

            // Else the body goes on until the connection is closed, by whomever; and of two lengths, one is wrong.
            long? length = answer.Response.Content.Headers.ContentLength;
            bool hasOneLength = length is not null && answer.Response.Content.Headers.NonValidated.TryGetValues("Content-Length", out HeaderStringValues lengths) && lengths.Count == 1;
            bool isFramed = hasOneLength || answer.Response.Headers.TransferEncodingChunked == true;
            run.Begin(answer.Response);
            await run.ReadAsync(stream, gzip, contentType, length, isFramed).ConfigureAwait(false);
        }
        catch (IOException e) when (!run.Progress.HandedOn && !run.Deadline.Token.IsCancellationRequested)
        {
            throw HttpFailures.FromRequest(target.Name, new HttpRequestException(e.Message, e), proxy: null);
        }
    }

    private async Task<ScrapeException> StatusAsync(HttpAnswer answer, BodyRun run)
    {
        byte[] body = await BodyHeaders.ReadStartAsync(answer.Response, ErrorBody, run.Deadline.Token).ConfigureAwait(false);
        return run.Refusal(answer, body, isCut: body.Length == ErrorBody);
    }
}

/// <summary>How long to wait before a busy server is retried.</summary>
internal static class RetryDelay
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    /// <summary>The wait before a retry: doubling from the interval, between half of it and all of it, and never less than the server asked for.</summary>
    /// <param name="attempt">Failed attempts before the last one, from 0.</param>
    /// <param name="interval">The first wait.</param>
    /// <param name="retryAfter">What the server asked for; null = nothing.</param>
    /// <param name="jitter">0 to 1; keeps many scrapers of one server apart.</param>
    public static TimeSpan Before(int attempt, TimeSpan interval, TimeSpan? retryAfter, double jitter)
    {
        double factor = Math.Pow(2, Math.Min(attempt, 30));
        TimeSpan doubled = interval.TotalSeconds * factor < Longest.TotalSeconds ? interval * factor : Longest;
        TimeSpan wait = doubled * (0.5 + (0.5 * jitter));
        return retryAfter is { } asked && asked > wait ? asked + (interval * 0.1 * jitter) : wait;
    }
}
