using System.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The address of an API server, judged before anything is sent.</summary>
internal static class ServerAddress
{
    /// <summary>Reads and judges an address.</summary>
    /// <param name="text">The address as it was written; without a scheme, https is meant.</param>
    /// <param name="place">Where it was written.</param>
    /// <param name="file">The file, where there is one.</param>
    /// <param name="hasCredentials">Whether credentials would go there.</param>
    public static Uri Check(string text, string place, string? file, bool hasCredentials)
    {
        string where = file is null ? place : $"{place} in {file}";
        string full = text.Contains("://", StringComparison.Ordinal) ? text : "https://" + text;
        if (!Uri.TryCreate(full, UriKind.Absolute, out Uri? uri) || uri.Host.Length == 0 || uri.Scheme is not ("http" or "https"))
            throw Error(where, "is no https address", "Write it like https://api.example:6443.", place, file);
        if (uri.UserInfo.Length > 0)
            throw Error(where, "carries a user name or password", "Take it out of the address; credentials belong to the user entry.", place, file);
        if (uri.Scheme == Uri.UriSchemeHttp && hasCredentials)
            throw Error(where, "is plain http, where credentials would travel unencrypted", "Use https, or a user entry without credentials for a local 'kubectl proxy'.", place, file);
        if (uri.Scheme == Uri.UriSchemeHttp && !uri.IsLoopback && !IsUnspecified(uri.IdnHost))
            throw Error(where, "is plain http and not on this machine", "Use https; plain http is for a local 'kubectl proxy' only.", place, file);
        return new UriBuilder(uri) { Query = "", Fragment = "" }.Uri;
    }

    /// <summary>Where to connect for a host: 0.0.0.0 and [::], as k3d and kind write them, mean this machine, as they do for kubectl (Go's net.Dial).</summary>
    /// <param name="host">A name or an address, without brackets.</param>
    public static string Dialled(string host) =>
        !IsUnspecified(host) ? host : host.Contains(':', StringComparison.Ordinal) ? "::1" : "127.0.0.1";

    private static bool IsUnspecified(string host) =>
        IPAddress.TryParse(host, out IPAddress? address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any));

    private static KubernetesException Error(string where, string what, string advice, string place, string? file) =>
        new(KubernetesError.ConfigurationInvalid, $"{where} {what}", advice) { File = file, Entry = place };
}
