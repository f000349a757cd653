using System.Net.Security;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Passes requests on to pods. As a real API server it does not verify the certificates of pods.</summary>
internal sealed class ProxyHandler(ResourceStore store, IPodNetwork network) : IDisposable
{
    private static readonly HttpRequestOptionsKey<(string Space, string Pod, int Port, string Address)> Target = new("target");

    private static readonly string[] HopByHop = ["Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Authorization"];

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
        using HttpRequestMessage message = new(new HttpMethod(context.Request.Method), new UriBuilder(address.Scheme, $"{pod.Name}.{pod.Namespace}", port, path) { Query = context.Request.QueryString.Value }.Uri);
        message.Options.Set(Target, (pod.Namespace!, pod.Name, port, ip));
        if (context.Request.ContentLength > 0) message.Content = new StreamContent(context.Request.Body);
        foreach (var header in context.Request.Headers)
        {
            if (HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)) continue;
            if (!message.Headers.TryAddWithoutValidation(header.Key, [.. header.Value])) message.Content?.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]);
        }

        try
        {
            using HttpResponseMessage answer = await _client.SendAsync(message, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
            foreach (var header in answer.Headers.Concat(answer.Content.Headers))
            {
                if (!HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)) context.Response.Headers[header.Key] = header.Value.ToArray();
            }

            if (context.Response.ContentType is null && answer.StatusCode != System.Net.HttpStatusCode.NoContent) context.Response.ContentType = "text/plain; charset=utf-8";
            await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
        catch (HttpRequestException failure) when (!context.Response.HasStarted)
        {
            throw new ApiException(new ApiStatus(503, "ServiceUnavailable", $"error trying to reach service: {failure.InnerException?.Message ?? failure.Message}"));
        }
        catch (HttpRequestException)
        {
            // Half of the answer has gone out; the other half cannot come, so the connection breaks as it did on the inside.
            context.Abort();
        }
    }

    public void Dispose() => _client.Dispose();
}
