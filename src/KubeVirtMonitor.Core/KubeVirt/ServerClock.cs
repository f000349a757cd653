using System.Net;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>The API server's clock. That of a laptop may be wrong by minutes, and a lease lasts seconds.</summary>
internal static class ServerClock
{
    /// <summary>The time, to a whole second; null where the server does not tell it.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the question.</param>
    public static async Task<DateTimeOffset?> ReadAsync(KubeVirtSession session, CancellationToken cancellationToken)
    {
        using HttpMessageInvoker invoker = new(session.Client.CreateHandler());
        using HttpRequestMessage request = new(HttpMethod.Get, session.Server.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/version")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        try
        {
            // A refusal carries the time as well.
            using HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
            return response.Headers.Date;
        }
        catch (Exception exception) when (exception is HttpRequestException or KubernetesException)
        {
            return null;
        }
    }
}
