using System.Text;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Addresses for display: without user information, without fragment, and with secrets in the query masked.</summary>
internal static class ShownUri
{
    private const string Mask = "***";

    // User and password where the platform sees none: "me:pw@host:8443/metrics" is an address of the scheme "me" to it, and "//me:pw@host" a path.
    private static readonly Regex UserInfo = new(@"^(?<start>(?:[A-Za-z][A-Za-z0-9+.-]*:)?//|)[^/?#\s]*@");

    public static string From(Uri uri)
    {
        bool isWeb = uri.IsAbsoluteUri && uri.Host.Length > 0;
        if (!isWeb) return UserInfo.Replace(uri.IsAbsoluteUri ? uri.GetComponents(UriComponents.AbsoluteUri & ~UriComponents.Fragment, UriFormat.UriEscaped) : uri.ToString(), $"${{start}}{Mask}@");
        string address = uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        return uri.Query.Length > 1 ? address + MaskQuery(uri.Query) : address;
    }

    private static string MaskQuery(string query)
    {
        StringBuilder shown = new("?");
        foreach (string pair in query[1..].Split('&'))
        {
            if (shown.Length > 1) shown.Append('&');
            int equals = pair.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? "" : pair[..equals];
            string value = pair[(equals + 1)..];
            if (equals >= 0) shown.Append(name).Append('=');
            shown.Append(Secrets.IsInQuery(name, value) ? Mask : value);
        }

        return shown.ToString();
    }
}
