using System.Net.Http.Headers;
using System.Text;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Sends requests to pods through the API server's <c>pods/proxy</c>, with the session's credentials.</summary>
internal sealed class PodProxy : IDisposable
{
    private const int MostStatus = 64 * 1024;

    private readonly KubeVirtSession _session;
    private readonly HttpMessageInvoker _invoker;

    public PodProxy(KubeVirtSession session)
    {
        _session = session;
        _invoker = new HttpMessageInvoker(session.Client.CreateHandler());
    }

    /// <summary>Sends a request whose address is the pod's own.</summary>
    /// <param name="component">The pod.</param>
    /// <param name="request">The request; its address is replaced.</param>
    /// <returns>What the pod answers, whatever its status.</returns>
    /// <exception cref="KubernetesException">The API server cannot be reached, refuses, or does not reach the pod.</exception>
    public async Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string server = _session.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');
        string path = $"{ResourceType.Pods.PathOf(component.Namespace)}/https:{Uri.EscapeDataString(component.Name)}:{component.Port}/proxy{request.RequestUri!.PathAndQuery}";
        request.RequestUri = new Uri(server + path);
        HttpResponseMessage response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "application/json") return response;
        return await JudgeAsync(component, response, path, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _invoker.Dispose();

    // The API server's own refusals are Status objects; anything else is the pod's answer.
    private async Task<HttpResponseMessage> JudgeAsync(KubeVirtComponent component, HttpResponseMessage response, string path, CancellationToken cancellationToken)
    {
        byte[] start = await ReadStartAsync(response, cancellationToken).ConfigureAwait(false);
        if (StatusReader.Parse(start) is { } status)
        {
            using (response)
            {
                ApiRequest sent = new(HttpMethod.Get, path) { Purpose = $"reach {component.Name} through the API server" };
                throw StatusErrors.Describe(response, status, "", sent, _session.Client.Connection);
            }
        }

        MediaTypeHeaderValue? type = response.Content.Headers.ContentType;
        response.Content = new ByteArrayContent(start);
        response.Content.Headers.ContentType = type;
        return response;
    }

    private static async Task<byte[]> ReadStartAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        byte[] start = new byte[MostStatus];
        try
        {
            int length = await stream.ReadAtLeastAsync(start, start.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return start[..length];
        }
        catch (IOException)
        {
            return Encoding.UTF8.GetBytes(response.ReasonPhrase ?? "");
        }
    }
}
