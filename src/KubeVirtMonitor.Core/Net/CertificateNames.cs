using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Net;

/// <summary>The contents of a certificate as text, which comes from the other side and is sanitised and shortened.</summary>
internal static class CertificateNames
{
    private const int Shown = 6;
    private const int Longest = 120;

    /// <summary>The hosts it names, at most six of them; empty where it names none. The common name is no host: nobody has taken it for one since Go 1.15.</summary>
    public static string Describe(X509Certificate2 certificate)
    {
        List<string> names = Names(certificate);
        if (names.Count == 0) return "";
        string list = string.Join(", ", names.Take(Shown).Select(Clean));
        return names.Count > Shown ? $"{list} and {names.Count - Shown} more" : list;
    }

    /// <summary>The name to try in place of the host: the longest without wildcard, since it is the least ambiguous.</summary>
    public static string? Suggest(X509Certificate2 certificate) =>
        Names(certificate)
            .Where(name => name.Length is > 0 and <= 253 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or ':'))
            .MaxBy(name => name.Length);

    /// <summary>Whether it carries a name or address, by RFC 6125: wildcards stand for one whole label, and only alternative names count.</summary>
    public static bool Covers(X509Certificate2 certificate, string host)
    {
        string bare = host.TrimEnd('.').Trim('[', ']');
        int scope = bare.Contains(':', StringComparison.Ordinal) ? bare.IndexOf('%', StringComparison.Ordinal) : -1;
        if (scope > 0) bare = bare[..scope];
        try
        {
            return bare.Length > 0 && certificate.MatchesHostname(bare, allowWildcards: true, allowCommonName: false);
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            // A malformed extension, or a host that can be in none.
            return false;
        }
    }

    /// <summary>A name out of a certificate, on one line.</summary>
    public static string Clean(string text) => ForeignText.OfStranger.Line(text, Longest);

    /// <summary>What its key is called, such as <c>RSA 1024</c>, <c>EC secp256k1</c>, <c>Ed25519</c>.</summary>
    public static string KeyOf(X509Certificate2 certificate)
    {
        string name = KeyName(certificate.PublicKey.Oid.Value, certificate.GetKeyAlgorithmParameters());
        if (name != "RSA") return name;
        try
        {
            using RSA? key = certificate.GetRSAPublicKey();
            return key is null ? name : $"RSA {key.KeySize}";
        }
        catch (CryptographicException)
        {
            return name;
        }
    }

    /// <summary>What a kind of key is called, by the algorithm and its parameters.</summary>
    public static string KeyName(string? algorithm, ReadOnlyMemory<byte> parameters) => algorithm switch
    {
        "1.2.840.113549.1.1.1" => "RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10040.4.1" => "DSA",
        "1.3.101.110" => "X25519",
        "1.3.101.111" => "X448",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        "2.16.840.1.101.3.4.3.17" or "2.16.840.1.101.3.4.3.18" or "2.16.840.1.101.3.4.3.19" => "ML-DSA",
        "1.2.840.10045.2.1" => "EC " + CurveName(parameters),
        null => "unknown",
        _ => algorithm,
    };

    private static string CurveName(ReadOnlyMemory<byte> parameters)
    {
        try
        {
            string curve = AsnDecoder.ReadObjectIdentifier(parameters.Span, AsnEncodingRules.DER, out _);
            return curve switch
            {
                "1.2.840.10045.3.1.7" => "P-256",
                "1.3.132.0.34" => "P-384",
                "1.3.132.0.35" => "P-521",
                "1.3.132.0.10" => "secp256k1",
                "1.3.36.3.3.2.8.1.1.7" => "brainpoolP256r1",
                "1.3.36.3.3.2.8.1.1.11" => "brainpoolP384r1",
                _ => curve,
            };
        }
        catch (AsnContentException)
        {
            return "with parameters of its own";
        }
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
