using System.Net.Security;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Passes requests on to pods and services. As a real API server it does not verify the certificates of pods.</summary>
internal sealed class ProxyHandler(ResourceStore store, IPodNetwork network, ApiServerOptions options) : IDisposable
{
    private static readonly HttpRequestOptionsKey<(string Space, string Pod, int Port, string Address)> Target = new("target");

    private readonly Upstream? _upstream = options.Monitoring is { } monitoring ? new Upstream(monitoring.Upstream) : null;

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        UseCookies = false,
        AllowAutoRedirect = false,
        UseProxy = false,
        ConnectCallback = async (context, cancellation) =>
        {
            (string space, string pod, int port, string address) = context.InitialRequestMessage.Options.TryGetValue(Target, out var target) ? target : throw new InvalidOperationException("The request has no target.");
            return await network.ConnectPodAsync(space, pod, port, address, cancellation);
        },
#pragma warning disable CA5359 // A real API server does not verify the certificates of pods either.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
    });

    public async Task SendAsync(HttpContext context, ApiRequest request)
    {
        PodAddress address = PodAddress.Parse(request.Name!);
        ResourceCollection pods = store["", "pods"];
        ApiObject pod = pods.Find(request.Namespace, address.Name) ?? throw ApiErrors.NotFound(pods.Type, address.Name);
        int port = address.PortOf(pod);
        if (request.Rest.Length == 0 && !request.Path.EndsWith('/'))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = request.Path + "/";
            return;
        }

        string ip = (string?)pod.ToJson()["status"]?["podIP"] ?? "";
        if (ip.Length == 0) throw ApiErrors.BadRequest("address not allowed");
        string path = request.Rest.Length == 0 ? "/" : request.Rest;
        HttpRequestMessage message = new(new HttpMethod(context.Request.Method), new UriBuilder(address.Scheme, $"{pod.Name}.{pod.Namespace}", port, path) { Query = context.Request.QueryString.Value }.Uri);
        message.Options.Set(Target, (pod.Namespace!, pod.Name, port, ip));
        await Upstream.SendAsync(_client, context, message);
    }

    /// <summary>Passes a request on to a service: to the server of monitoring, or to a pod behind it.</summary>
    public async Task SendToServiceAsync(HttpContext context, ApiRequest request)
    {
        ServiceAddress address = ServiceAddress.Parse(request.Name!);
        ApiObject endpoints = address.EndpointsIn(store, request.Namespace!);
        (string Name, int Port, string Address)? target = address.TargetOf(endpoints);
        if (target is not { } pod) throw new ApiException(new ApiStatus(503, "ServiceUnavailable", $"no endpoints available for service \"{request.Name}\""));
        if (request.Rest.Length == 0 && !request.Path.EndsWith('/'))
        {
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = request.Path + "/";
            return;
        }

        if (!MonitoringContent.Leads(options, request.Namespace, address.Name))
        {
            await SendAsync(context, request with { Resource = "pods", Name = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{address.Scheme}:{pod.Name}:{pod.Port}") });
            return;
        }

        bool isSecured = request.Namespace == MonitoringContent.OpenShift;
        if (isSecured && address.Scheme == "http") await Answer.TextAsync(context, "Client sent an HTTP request to an HTTPS server.\n", StatusCodes.Status400BadRequest);
        // The API server has taken the token for itself, and kube-rbac-proxy gets none.
        else if (isSecured) await Answer.TextAsync(context, "Unauthorized\n", StatusCodes.Status401Unauthorized);
        else if (address.Scheme == "https") throw new ApiException(new ApiStatus(503, "ServiceUnavailable", "error trying to reach service: tls: first record does not look like a TLS handshake"));
        else if (address.Name.StartsWith("vmselect", StringComparison.Ordinal) && !request.Rest.StartsWith("/select/", StringComparison.Ordinal)) await Answer.TextAsync(context, $"unsupported path requested: \"{request.Rest}\"\n", StatusCodes.Status400BadRequest);
        else await _upstream!.SendAsync(context, request.Rest);
    }

    public void Dispose()
    {
        _client.Dispose();
        _upstream?.Dispose();
    }
}
