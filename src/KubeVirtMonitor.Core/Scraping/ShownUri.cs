using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>Addresses as they may be shown: without user information, without fragment, and with secrets in the query masked.</summary>
internal static class ShownUri
{
    private const string Mask = "***";

    private static readonly string[] SecretNames =
        ["token", "secret", "password", "passwd", "pwd", "key", "auth", "sig", "credential", "jwt", "session", "code"];

    public static string From(Uri uri)
    {
        if (!uri.IsAbsoluteUri) return uri.ToString();
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
            if (equals < 0)
            {
                shown.Append(LooksSecret(pair) ? Mask : pair);
                continue;
            }

            string name = pair[..equals];
            string value = pair[(equals + 1)..];
            bool secret = LooksSecret(value) || SecretNames.Any(part => name.Contains(part, StringComparison.OrdinalIgnoreCase));
            shown.Append(name).Append('=').Append(secret ? Mask : value);
        }

        return shown.ToString();
    }

    // Every JSON Web Token starts with the base64 of '{"'.
    private static bool LooksSecret(string value) => value.StartsWith("eyJ", StringComparison.Ordinal);
}
