using System.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The proxy to the API server, if any.</summary>
internal static class ProxyServer
{
    public static Uri Check(string text, string place, string? file)
    {
        string where = file is null ? place : $"{place} in {file}";
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Host.Length > 0 && uri.Scheme is "http" or "https" or "socks5") return uri!;
        throw new KubernetesException(
            KubernetesError.ConfigurationInvalid,
            $"{where} is not a proxy address",
            "Write it like http://proxy.example:3128, https:// or socks5://.")
        { File = file, Entry = place };
    }

    public static NetworkCredential? CredentialOf(Uri proxy)
    {
        if (proxy.UserInfo.Length == 0) return null;
        string[] parts = proxy.UserInfo.Split(':', 2);
        return new NetworkCredential(Uri.UnescapeDataString(parts[0]), parts.Length > 1 ? Uri.UnescapeDataString(parts[1]) : "");
    }

    public static Uri WithoutUserInfo(Uri proxy) => proxy.UserInfo.Length == 0 ? proxy : new UriBuilder(proxy) { UserName = "", Password = "" }.Uri;

    public static int PortOf(Uri proxy) => proxy.Port > 0 ? proxy.Port : proxy.Scheme == "socks5" ? 1080 : proxy.Scheme == "https" ? 443 : 80;
}
