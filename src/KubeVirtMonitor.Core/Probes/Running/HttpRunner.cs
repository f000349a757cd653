using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>
/// An HTTP probe, as <c>pkg/probe/http</c> of Kubernetes does it: one GET, no certificate check, no proxy, no kept connection, at most 10 KiB of body.
/// A redirect is followed within the host that was asked (ports do not count), ten requests at most; one to another host ends there and is a success.
/// </summary>
internal static class HttpRunner
{
    private const int MostBody = 10 * 1024;
    private const int MostRequests = 10;

    public static async Task<ProbeAttempt> RunAsync(IInstanceWay way, VmiProbe probe, string address, int port, ForeignText foreign, CancellationToken cancellationToken)
    {
        if (Target(probe, address, port) is not { } target)
            return new ProbeAttempt { Outcome = ProbeOutcome.Discarded, Message = $"'{probe.Host ?? address}' is no host that can be asked" };
        using SocketsHttpHandler handler = Handler(way, probe.Host);
        using HttpMessageInvoker invoker = new(handler, disposeHandler: false);
        try
        {
            (Uri uri, bool keepsHost) = (target, true);
            for (int asked = 1; ; asked++)
            {
                using HttpRequestMessage request = HttpRequests.Make(probe, uri, keepsHost);
                using HttpResponseMessage response = await invoker.SendAsync(request, cancellationToken).ConfigureAwait(false);
                Uri? next = HttpRequests.Redirection(response, uri);
                bool isLocal = next is not null && string.Equals(next.Host, target.Host, StringComparison.OrdinalIgnoreCase);
                if (!isLocal) return await JudgeAsync(response, next, foreign, cancellationToken).ConfigureAwait(false);
                if (asked >= MostRequests) return Failure(string.Create(CultureInfo.InvariantCulture, $"stopped after {MostRequests} redirects"));
                (uri, keepsHost) = (next!, response.Headers.Location is { IsAbsoluteUri: false });
            }
        }
        catch (HttpRequestException exception)
        {
            // What the way as such says stands before what the instance says by it.
            return exception.InnerException is KubernetesException refused ? throw refused : Failure(foreign.Line((exception.InnerException ?? exception).Message));
        }
        catch (IOException exception)
        {
            return Failure(foreign.Line(exception.Message));
        }
    }

    private static async Task<ProbeAttempt> JudgeAsync(HttpResponseMessage response, Uri? elsewhere, ForeignText foreign, CancellationToken cancellationToken)
    {
        byte[] body = new byte[MostBody];
        int length = 0;
        Stream stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        while (length < MostBody && await stream.ReadAsync(body.AsMemory(length), cancellationToken).ConfigureAwait(false) is > 0 and int count) length += count;
        int status = (int)response.StatusCode;
        bool isSuccess = status is >= 200 and < 400;
        string message = !isSuccess ? $"HTTP probe failed with statuscode: {status.ToString(CultureInfo.InvariantCulture)}"
            : status < 300 ? Shown(body, length, foreign)
            : elsewhere is null ? "HTTP probe terminated redirects"
            : $"HTTP probe terminated redirects: {foreign.Line(elsewhere.ToString())} is another host, which kubelet does not follow and counts as a success";
        return new ProbeAttempt { Outcome = isSuccess ? ProbeOutcome.Success : ProbeOutcome.Failure, Message = message, StatusCode = status, Bytes = length };
    }

    private static string Shown(byte[] body, int length, ForeignText foreign)
    {
        string text = foreign.Line(Encoding.UTF8.GetString(body, 0, length));
        return text.Length == 0 ? "answered" : text;
    }

    private static Uri? Target(VmiProbe probe, string address, int port)
    {
        string scheme = string.Equals(probe.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        string path = probe.Path ?? "/";
        if (!path.StartsWith('/')) path = "/" + path;
        return Uri.TryCreate($"{scheme}://{HostText.WithPort(probe.Host ?? address, port)}{path}", UriKind.Absolute, out Uri? uri) ? uri : null;
    }

    private static SocketsHttpHandler Handler(IInstanceWay way, string? host) => new()
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        PooledConnectionLifetime = TimeSpan.Zero,
        ActivityHeadersPropagator = null,
#pragma warning disable CA5359 // Kubelet checks no certificate either: the probe asks whether the machine is well, not who it is.
        SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        ConnectCallback = (context, cancellationToken) => new ValueTask<Stream>(way.ConnectAsync(host, context.DnsEndPoint.Port, cancellationToken)),
    };

    private static ProbeAttempt Failure(string message) => new() { Outcome = ProbeOutcome.Failure, Message = message };
}
