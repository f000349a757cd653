using KubeVirtMonitor.Scraping;

namespace KubeVirtMonitor.Sessions;

/// <summary>Tries whether a way leads to components.</summary>
internal static class RouteProbe
{
    // From outside a cluster the packets to a pod's address vanish without an answer.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Asks the health address of each component until one has answered.</summary>
    /// <param name="way">The way.</param>
    /// <param name="components">Components that have an address.</param>
    /// <param name="patience">How long an answer may take; null = as long as pods inside the same network may need.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null when one answered, with whatever status; else what kept the first from it.</returns>
    public static async Task<ScrapeException?> FailureAsync(IComponentWay way, IReadOnlyList<KubeVirtComponent> components, TimeSpan? patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource answered = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        List<Task<ScrapeException?>> asking = [.. components.Select(component => AskAsync(way, component, patience ?? Patience, answered.Token))];
        Task<ScrapeException?> first = asking[0];
        while (asking.Count > 0)
        {
            Task<ScrapeException?> done = await Task.WhenAny(asking).ConfigureAwait(false);
            asking.Remove(done);
            if (await done.ConfigureAwait(false) is not null) continue;
            await answered.CancelAsync().ConfigureAwait(false);
            return null;
        }

        return await first.ConfigureAwait(false);
    }

    private static async Task<ScrapeException?> AskAsync(IComponentWay way, KubeVirtComponent component, TimeSpan patience, CancellationToken cancellationToken)
    {
        ComponentTransport transport = new(way, component);
        using CancellationTokenSource limit = new(patience);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        string target = component.HealthUri!.ToString();
        try
        {
            using HttpRequestMessage request = new(HttpMethod.Get, component.HealthUri);
            using HttpResponseMessage response = await transport.SendAsync(request, both.Token).ConfigureAwait(false);
            return null;
        }
        catch (HttpRequestException exception)
        {
            return HttpFailures.FromRequest(target, exception, proxy: null);
        }
        catch (ScrapeException exception)
        {
            return exception;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return HttpFailures.TimedOut(target, patience, new ScrapeProgress());
        }
        catch (OperationCanceledException)
        {
            // Another one has answered.
            return null;
        }
    }
}
