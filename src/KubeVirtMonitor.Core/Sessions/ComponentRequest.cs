using System.Net;
using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>One GET of an address of a component, by the way of the session; the body is not read.</summary>
/// <param name="session">The session.</param>
/// <param name="patience">How long an answer may take.</param>
internal sealed class ComponentRequest(KubeVirtSession session, TimeSpan patience)
{
    /// <summary>Asks.</summary>
    /// <param name="component">The component.</param>
    /// <param name="uri">The address, at the component.</param>
    /// <param name="expectedName">The name its certificate has to carry; null = that of its service.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The status, or what kept it from coming; and the way that was taken.</returns>
    public async Task<(HttpStatusCode? Status, ScrapeException? Error, ComponentRoute Route)> SendAsync(KubeVirtComponent component, Uri uri, string? expectedName, CancellationToken cancellationToken)
    {
        IComponentWay way = await SessionRoutes.Of(session).ChooseAsync([component], cancellationToken).ConfigureAwait(false);
        ComponentTransport transport = new(way, component);
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        string target = ShownUri.From(uri);
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, uri);
            if (expectedName is not null) request.Options.Set(VerifiedWay.ExpectedName, expectedName);
            using HttpResponseMessage response = await transport.SendAsync(request, limit.Token).ConfigureAwait(false);
            return (response.StatusCode, null, way.Route);
        }
        catch (HttpRequestException exception)
        {
            return (null, transport.Explain(HttpFailures.FromRequest(target, exception, proxy: null)), way.Route);
        }
        catch (ScrapeException exception)
        {
            return (null, transport.Explain(exception), way.Route);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, transport.Explain(HttpFailures.TimedOut(target, patience, new ScrapeProgress())), way.Route);
        }
    }
}
