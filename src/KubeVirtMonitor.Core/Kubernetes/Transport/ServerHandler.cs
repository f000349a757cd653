using System.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Lets the HTTP clients of others speak to the API server with this connection's TLS settings and credentials.</summary>
internal sealed class ServerHandler(ApiTransport transport) : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        Uri server = transport.Connection.Server;
        // Credentials go to nobody else, wherever a redirect or a mistake may lead.
        if (request.RequestUri is not { } uri || uri.Scheme != server.Scheme || !uri.Authority.Equals(server.Authority, StringComparison.OrdinalIgnoreCase))
            throw new KubernetesException(KubernetesError.ArgumentInvalid, $"a request for another host than {server.Authority} was about to carry its credentials", "Send it without them.");
        IKubernetesCredential credentials = transport.Connection.Credential;
        CredentialValue credential = await credentials.GetAsync(cancellationToken).ConfigureAwait(false);
        HttpResponseMessage response = await transport.SendWithAsync(request, credential, cancellationToken).ConfigureAwait(false);
        // A body may be gone after the first attempt.
        if (response.StatusCode != HttpStatusCode.Unauthorized || request.Content is not null) return response;
        if (!await credentials.RenewAsync(credential, cancellationToken).ConfigureAwait(false)) return response;
        response.Dispose();
        HttpRequestMessage again = new(request.Method, uri) { Version = request.Version, VersionPolicy = request.VersionPolicy };
        foreach ((string name, IEnumerable<string> values) in request.Headers) again.Headers.TryAddWithoutValidation(name, values);
        return await transport.SendWithAsync(again, await credentials.GetAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
    }
}
