using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Passes requests on to the server of monitoring, and its answers back as they come.</summary>
internal sealed class Upstream(Uri address) : IDisposable
{
    // The path by which a VictoriaMetrics cluster has tenants; the one server behind it has none.
    private const string Tenant = "/select/0/prometheus";

    private static readonly string[] HopByHop = ["Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Host", "Authorization"];

    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false, UseProxy = false });

    /// <summary>Sends a request, and answers it.</summary>
    /// <param name="context">The request, and its answer.</param>
    /// <param name="path">The path at the server.</param>
    /// <exception cref="ApiException">It cannot be reached.</exception>
    public Task SendAsync(HttpContext context, string path)
    {
        string root = address.AbsolutePath.TrimEnd('/');
        UriBuilder target = new(address) { Path = root + (path.StartsWith(Tenant, StringComparison.Ordinal) ? path[Tenant.Length..] : path), Query = context.Request.QueryString.Value };
        HttpRequestMessage message = new(new HttpMethod(context.Request.Method), target.Uri);
        message.Headers.Host = context.Request.Host.Value;
        return SendAsync(_client, context, message);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Sends what a client sent on to another server, and answers it as that does.</summary>
    /// <param name="client">The way.</param>
    /// <param name="context">The request, and its answer.</param>
    /// <param name="message">The method and the address at the other server.</param>
    /// <exception cref="ApiException">It cannot be reached.</exception>
    public static async Task SendAsync(HttpMessageInvoker client, HttpContext context, HttpRequestMessage message)
    {
        using HttpRequestMessage sent = message;
        // As an API server 1.36 passes them on.
        message.Headers.TryAddWithoutValidation("X-Forwarded-For", "127.0.0.1");
        message.Headers.TryAddWithoutValidation("X-Forwarded-Uri", context.Request.Path.Value);
        if (context.Request.ContentLength > 0) message.Content = new StreamContent(context.Request.Body);
        foreach (var header in context.Request.Headers)
        {
            if (HopByHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)) continue;
            if (!message.Headers.TryAddWithoutValidation(header.Key, [.. header.Value])) message.Content?.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]);
        }

        try
        {
            using HttpResponseMessage answer = await client.SendAsync(message, context.RequestAborted);
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
            string why = failure.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } && message.RequestUri is { } uri
                ? $"dial tcp {uri.Authority}: connect: connection refused"
                : failure.InnerException?.Message ?? failure.Message;
            throw new ApiException(new ApiStatus(503, "ServiceUnavailable", $"error trying to reach service: {why}"));
        }
        catch (HttpRequestException)
        {
            // Half of the answer has gone out; the other half cannot come, so the connection breaks as it did on the inside.
            context.Abort();
        }
    }
}
