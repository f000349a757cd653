namespace KubeVirtMonitor.Probes.Running;

/// <summary>The requests of an HTTP probe, and what its redirects mean.</summary>
internal static class HttpRequests
{
    /// <summary>Makes a request with the headers of the probe.</summary>
    /// <param name="probe">The probe.</param>
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
