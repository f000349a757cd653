using System.Net.Http.Headers;
using System.Text;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Sends requests to pods and services through the API server's <c>pods/proxy</c> and <c>services/proxy</c>, with the session's credentials.</summary>
internal sealed class ObjectProxy : IDisposable
{
    private const int MostStatus = 64 * 1024;

    private readonly KubeVirtSession _session;
    private readonly HttpMessageInvoker _invoker;

    /// <summary>Makes a way; nothing is connected yet.</summary>
    /// <param name="patience">How long it may take until an answer begins; null = as long as the session waits for its API server.</param>
    public ObjectProxy(KubeVirtSession session, TimeSpan? patience = null)
    {
        _session = session;
        _invoker = new HttpMessageInvoker(session.Client.CreateHandler(patience));
    }

    /// <summary>The address of a service behind the API server.</summary>
    /// <param name="inNamespace">The namespace.</param>
    /// <param name="service">The service with its port, such as <c>prometheus-k8s:9090</c> or <c>https:prometheus:https</c>.</param>
    public static Uri AddressOf(KubeVirtSession session, string inNamespace, string service) => new(Prefix(session) + Path(ResourceType.Services, inNamespace, service));

    /// <summary>Sends a request whose address is the pod's own.</summary>
    /// <param name="component">The pod.</param>
    /// <param name="request">The request; its address is replaced.</param>
    /// <returns>What the pod answers, whatever its status.</returns>
    /// <exception cref="KubernetesException">The API server cannot be reached, refuses, or does not reach the pod.</exception>
    public Task<HttpResponseMessage> SendAsync(KubeVirtComponent component, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        string path = Path(ResourceType.Pods, component.Namespace, $"https:{Uri.EscapeDataString(component.Name)}:{component.Port}") + request.RequestUri!.PathAndQuery;
        request.RequestUri = new Uri(Prefix(_session) + path);
        return SendAsync(component.Name, request, cancellationToken);
    }

    /// <summary>Sends a request whose address is one behind the API server.</summary>
    /// <param name="name">What is to be reached, in messages.</param>
    /// <param name="request">The request; see <see cref="AddressOf"/>.</param>
    /// <returns>What is there answers, whatever its status.</returns>
    /// <exception cref="KubernetesException">The API server cannot be reached, refuses, or does not reach it.</exception>
    public async Task<HttpResponseMessage> SendAsync(string name, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpMethod method = request.Method;
        string path = request.RequestUri!.PathAndQuery;
        HttpResponseMessage response = await _invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.IsSuccessStatusCode || response.Content.Headers.ContentType?.MediaType != "application/json") return response;
        return await JudgeAsync(response, new ApiRequest(method, path) { Purpose = $"reach {name} through the API server" }, cancellationToken).ConfigureAwait(false);
    }

    public void Dispose() => _invoker.Dispose();

    private static string Prefix(KubeVirtSession session) => session.Server.GetLeftPart(UriPartial.Path).TrimEnd('/');

    private static string Path(ResourceType type, string inNamespace, string id) => $"{type.PathOf(inNamespace)}/{id}/proxy";

    // The API server's own refusals are Status objects; anything else is the answer of what is behind it.
    private async Task<HttpResponseMessage> JudgeAsync(HttpResponseMessage response, ApiRequest sent, CancellationToken cancellationToken)
    {
        byte[] start = await ReadStartAsync(response, cancellationToken).ConfigureAwait(false);
        if (StatusReader.Parse(start) is { } status)
        {
            using (response) throw StatusErrors.Describe(response, status, "", sent, _session.Client.Connection);
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
