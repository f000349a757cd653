namespace KubeVirtMonitor.Kubernetes;

/// <summary>Lets the HTTP clients of others speak to the API server with this connection's TLS settings and credentials.</summary>
/// <param name="transport">The connections.</param>
/// <param name="patience">How long it may take until an answer begins; null = as the transport has it.</param>
internal sealed class ServerHandler(ApiTransport transport, TimeSpan? patience = null) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri server = transport.Connection.Server;
        // Credentials go to nobody else, wherever a redirect or a mistake may lead.
        if (request.RequestUri is not { } uri || uri.Scheme != server.Scheme || !uri.Authority.Equals(server.Authority, StringComparison.OrdinalIgnoreCase))
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"a request to a host other than {server.Authority} would have contained the credentials for it", "Send it without them.");
        return await transport.SendOnceAsync(request, cancellationToken, hasPassingBody: request.Content is not (null or ByteArrayContent), patience).ConfigureAwait(false);
    }
}
