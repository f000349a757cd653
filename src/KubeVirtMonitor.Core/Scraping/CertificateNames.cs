using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.Scraping;

/// <summary>The names a certificate carries, in words. They come from the other side and are shown cleaned and cut.</summary>
internal static class CertificateNames
{
    private const int Shown = 6;
    private const int Longest = 120;

    public static string Describe(X509Certificate2 certificate)
    {
        List<string> names = Names(certificate);
        if (names.Count == 0) return "no host at all";
        string list = string.Join(", ", names.Take(Shown).Select(Clean));
        return names.Count > Shown ? $"{list} and {names.Count - Shown} more" : list;
    }

    /// <summary>The name to try as <c>-ServerName</c>: the longest without wildcard, since it is the least ambiguous.</summary>
    public static string? Suggest(X509Certificate2 certificate) =>
        Names(certificate)
            .Where(name => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ':'))
            .MaxBy(name => name.Length);

    /// <summary>Text from a certificate without control characters, cut.</summary>
    public static string Clean(string text)
    {
        StringBuilder clean = new(Math.Min(text.Length, Longest));
        foreach (char c in text)
        {
            if (clean.Length == Longest) return clean.Append('…').ToString();
            if (!char.IsControl(c)) clean.Append(c);
        }

        return clean.ToString();
    }

    private static List<string> Names(X509Certificate2 certificate)
    {
        List<string> names = [];
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension is not X509SubjectAlternativeNameExtension alternative) continue;
            try
            {
                names.AddRange(alternative.EnumerateDnsNames());
                names.AddRange(alternative.EnumerateIPAddresses().Select(address => address.ToString()));
            }
            catch (CryptographicException)
            {
                // A malformed extension names nothing; the certificate is being refused anyway.
            }
        }

        return names;
    }
}
