using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Takes out of foreign text what looks like a secret. Rather too much than too little.</summary>
internal static class SecretRedactor
{
    private const string Mark = "[redacted]";

    // Every repetition that does not begin at a fixed text is bounded: long lines must not take long.
    // PEM blocks, and the beginning of one that was cut.
    private static readonly Regex Pem = new(@"-----BEGIN [A-Z0-9 ]+-----.*?(-----END [A-Z0-9 ]+-----|\z)", RegexOptions.Singleline);

    // JSON web tokens.
    private static readonly Regex Jwt = new(@"eyJ[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)*");

    // Values of Authorization headers.
    private static readonly Regex Header = new(@"\b(Bearer|Basic)\s+[^\s""',]+", RegexOptions.IgnoreCase);

    // As in token: x, client_secret=x, "password":"x"; the word may be part of a longer name.
    private static readonly Regex Assignment = new(@"([\w-]{0,40}(?:token|password|passwd|secret|api[_-]?key|access[_-]?key|credential|assertion)[\w-]{0,40}[""']?\s*[=:]\s*[""']?)(?!\[redacted\])[^\s""',;&]+", RegexOptions.IgnoreCase);

    // User information in addresses.
    private static readonly Regex UserInfo = new(@"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]+@", RegexOptions.IgnoreCase);

    // Long runs of base64 or hexadecimal. Slashes are left out, or paths would go too.
    private static readonly Regex LongRun = new(@"(?<![A-Za-z0-9+_=-])(?=[A-Za-z0-9+_=-]*[0-9])[A-Za-z0-9+_=-]{24,}");

    /// <summary>Gives the text without its secrets.</summary>
    /// <param name="text">What a plugin or server said.</param>
    /// <param name="known">Secrets that are known and must not be in it.</param>
    public static string Redact(string text, IEnumerable<string>? known = null)
    {
        foreach (string secret in (known ?? []).Where(secret => secret.Length >= 6).OrderByDescending(secret => secret.Length))
            text = text.Replace(secret, Mark, StringComparison.Ordinal);
        text = Pem.Replace(text, Mark);
        text = Jwt.Replace(text, Mark);
        text = Header.Replace(text, "$1 " + Mark);
        text = Assignment.Replace(text, "$1" + Mark);
        text = UserInfo.Replace(text, "$1" + Mark + "@");
        return LongRun.Replace(text, Mark);
    }
}
