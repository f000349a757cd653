using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>The way to one component, as the scraper takes it.</summary>
internal sealed class ComponentTransport(IComponentWay way, KubeVirtComponent component) : IScrapeTransport
{
    public IComponentWay Way => way;

    public KubeVirtComponent Component => component;

    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string target = request.RequestUri!.ToString();
        // What is sent to components is nobody's secret; the API server gets those of the session.
        request.Headers.Authorization = null;
        try
        {
            return await way.SendAsync(component, request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not ScrapeException && Find(exception) is { } known && !cancellationToken.IsCancellationRequested)
        {
            throw RouteErrors.Of(known, target);
        }
    }

    public DateTimeOffset? CertificateExpires(Uri uri) => way.CertificateExpires(uri);

    public ScrapeException Explain(ScrapeException error) => RouteErrors.Explain(error, component, way.Route);

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
