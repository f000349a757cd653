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

    public static async Task<ProbeAttempt> RunAsync(IInstanceDialer dialer, VmiProbe probe, string address, int port, ForeignText foreign, CancellationToken cancellationToken)
    {
        if (Target(probe, address, port) is not { } target)
            return new ProbeAttempt { Outcome = ProbeOutcome.Discarded, Message = $"'{probe.Host ?? address}' is not a valid host" };
        using SocketsHttpHandler handler = Handler(dialer, probe.Host);
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

    private static SocketsHttpHandler Handler(IInstanceDialer dialer, string? host) => new()
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
        ConnectCallback = (context, cancellationToken) => new ValueTask<Stream>(dialer.ConnectAsync(host, context.DnsEndPoint.Port, cancellationToken)),
    };

    private static ProbeAttempt Failure(string message) => new() { Outcome = ProbeOutcome.Failure, Message = message };
}

/// <summary>The requests of an HTTP probe, and what its redirects mean.</summary>
internal static class HttpRequests
{
    /// <summary>Makes a request with the headers of the probe.</summary>
    /// <param name="uri">What to ask.</param>
    /// <param name="keepsHost">Whether a header Host is sent: Go drops it where a redirect names a whole address.</param>
    public static HttpRequestMessage Make(VmiProbe probe, Uri uri, bool keepsHost)
    {
        HttpRequestMessage request = new(HttpMethod.Get, uri);
        (bool hasAgent, bool hasAccept) = (false, false);
        foreach ((string name, string value) in probe.Headers)
        {
            if (Is(name, "Host"))
            {
                if (keepsHost) request.Headers.Host = value;
                continue;
            }

            hasAgent |= Is(name, "User-Agent");
            hasAccept |= Is(name, "Accept");
            // A header that is there and empty takes the default away and is not sent.
            if (value.Length > 0 || !(Is(name, "User-Agent") || Is(name, "Accept"))) request.Headers.TryAddWithoutValidation(name, value);
        }

        if (!hasAgent) request.Headers.TryAddWithoutValidation("User-Agent", "kube-probe/1.32");
        if (!hasAccept) request.Headers.TryAddWithoutValidation("Accept", "*/*");
        request.Headers.ConnectionClose = true;
        return request;
    }

    /// <summary>Where an answer redirects to; null when it is no redirect, or names no place.</summary>
    public static Uri? Redirection(HttpResponseMessage response, Uri from) =>
        (int)response.StatusCode is 301 or 302 or 303 or 307 or 308 && response.Headers.Location is { } location
            ? location.IsAbsoluteUri ? location : new Uri(from, location)
            : null;

    private static bool Is(string name, string wanted) => string.Equals(name, wanted, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Hosts in addresses.</summary>
internal static class HostText
{
    /// <summary>A host as it stands in a URI: IPv6 in brackets.</summary>
    public static string InUri(string host) => host.Contains(':', StringComparison.Ordinal) && !host.StartsWith('[') ? $"[{host}]" : host;

    /// <summary>Host and port.</summary>
    public static string WithPort(string host, int port) => string.Create(CultureInfo.InvariantCulture, $"{InUri(host)}:{port}");
}
