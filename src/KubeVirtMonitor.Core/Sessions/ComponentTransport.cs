using System.Net;
using System.Text;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>The transport to one component, for the scraper.</summary>
internal sealed class ComponentTransport(IComponentClient client, KubeVirtComponent component) : IScrapeTransport
{
    public IComponentClient Client => client;

    public KubeVirtComponent Component => component;

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string target = request.RequestUri!.ToString();
        // What is sent to components is nobody's secret; the API server gets those of the session.
        request.Headers.Authorization = null;
        try
        {
            return await client.SendAsync(component, request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ScrapeException && Find(exception) is { } known && !cancellationToken.IsCancellationRequested)
        {
            throw RouteErrors.Of(known, target);
        }
    }

    public DateTimeOffset? CertificateExpires(Uri uri) => client.CertificateExpires(uri);

    public ScrapeException Explain(ScrapeException error) => RouteErrors.Explain(error, component, client.Route);

    /// <summary>The API server's own failure behind one of a way; null where it is not the reason.</summary>
    public static KubernetesException? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is KubernetesException known) return known;
        }

        return null;
    }
}

/// <summary>The response of an address of a component.</summary>
/// <param name="Status">The status; null where no answer came.</param>
/// <param name="Body">The first KiB of the answer, where it was wanted.</param>
internal readonly record struct ComponentAnswer(HttpStatusCode? Status, string? Body);

/// <summary>One GET of an address of a component, over the route of the session.</summary>
/// <param name="patience">How long an answer may take.</param>
internal sealed class ComponentRequest(KubeVirtSession session, TimeSpan patience)
{
    private const int MostBody = 1024;

    /// <summary>Asks, and does not read the body.</summary>
    /// <param name="uri">The address, at the component.</param>
    /// <param name="expectedName">The name its certificate has to carry; null = that of its service.</param>
    /// <returns>The status, or what kept it from coming; and the way that was taken.</returns>
    public async Task<(HttpStatusCode? Status, ScrapeException? Error, ComponentRoute Route)> SendAsync(KubeVirtComponent component, Uri uri, string? expectedName, CancellationToken cancellationToken)
    {
        RouteDecision decision = await SessionRoutes.Of(session).ChooseAsync(component, cancellationToken).ConfigureAwait(false);
        ComponentTransport transport = new(decision.Client, component);
        (HttpResponseMessage? answer, ScrapeException? failure) = await AskAsync(transport, uri, expectedName, patience, cancellationToken).ConfigureAwait(false);
        using (answer) return (answer?.StatusCode, failure is null ? null : transport.Explain(failure), decision.Client.Route);
    }

    /// <summary>Asks by a way that is known, and reads the start of the body.</summary>
    /// <param name="transport">The way to the component.</param>
    /// <param name="uri">The address, at the component.</param>
    public async Task<ComponentAnswer> ReadAsync(ComponentTransport transport, Uri uri, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        (HttpResponseMessage? answer, _) = await AskAsync(transport, uri, null, patience, limit.Token).ConfigureAwait(false);
        if (answer is null) return default;
        using (answer)
        {
            try
            {
                byte[] start = await BodyHeaders.ReadStartAsync(answer, MostBody, limit.Token).ConfigureAwait(false);
                return new(answer.StatusCode, Encoding.UTF8.GetString(start));
            }
            catch (Exception exception) when (exception is IOException or HttpRequestException || !cancellationToken.IsCancellationRequested)
            {
                return new(answer.StatusCode, null);
            }
        }
    }

    /// <summary>Asks by a way that is known.</summary>
    /// <returns>The answer, which the caller disposes of, or what kept it from coming.</returns>
    public static async Task<(HttpResponseMessage? Answer, ScrapeException? Failure)> AskAsync(ComponentTransport transport, Uri uri, string? expectedName, TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        string target = ShownUri.From(uri);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, uri);
            if (expectedName is not null) request.Options.Set(VerifiedClient.ExpectedName, expectedName);
            return (await transport.SendAsync(request, limit.Token).ConfigureAwait(false), null);
        }
        catch (HttpRequestException exception)
        {
            return (null, HttpFailures.FromRequest(target, exception, proxy: null));
        }
        catch (ScrapeException exception)
        {
            return (null, exception);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, HttpFailures.TimedOut(target, patience, new ScrapeProgress()));
        }
    }
}
