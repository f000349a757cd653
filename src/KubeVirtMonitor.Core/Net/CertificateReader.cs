using System.Formats.Asn1;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Files;

namespace KubeVirtMonitor.Net;

/// <summary>
/// Reads certificates and keys as people keep them: PEM in UTF-8 or UTF-16, with a byte order mark also in the middle of a bundle, with line ends of
/// any kind, text around the blocks, or two blocks run together on one line; DER; PKCS #7; PFX. Nothing is skipped silently.
/// </summary>
internal static class CertificateReader
{
    private const string Begin = "-----BEGIN ";
    private const string End = "-----END ";
    private const string Dashes = "-----";

    /// <summary>Whether it is PEM text rather than DER.</summary>
    public static bool IsPem(ReadOnlySpan<byte> content) => LocalFile.DecodeAny(content).Contains(Begin, StringComparison.Ordinal);

    /// <summary>Every certificate of a bundle or DER file, each once.</summary>
    /// <returns>The certificates; none where there is no block of any.</returns>
    /// <exception cref="CertificateException">A certificate cannot be read, or what is there is something else.</exception>
    public static X509Certificate2Collection ReadAll(ReadOnlySpan<byte> content)
    {
        string text = LocalFile.DecodeAny(content);
        return text.Contains(Begin, StringComparison.Ordinal) ? FromPem(text) : content is [0x30, ..] ? FromDer(content) : [];
    }

    /// <summary>Every certificate among the blocks of PEM text, each once.</summary>
    /// <exception cref="CertificateException">A certificate cannot be read.</exception>
    public static X509Certificate2Collection FromPem(string text)
    {
        X509Certificate2Collection all = [];
        int number = 0;
        string? other = null;
        foreach ((string label, string body, int line) in Blocks(text))
        {
            if (label is "PKCS7" or "CERTIFICATE REQUEST" or "NEW CERTIFICATE REQUEST") other = label;
            if (label is not ("CERTIFICATE" or "X509 CERTIFICATE" or "TRUSTED CERTIFICATE")) continue;
            number++;
            X509Certificate2 one;
            try
            {
                byte[] der = Convert.FromBase64String(body);
                // A block of "openssl x509 -trustout" continues after the certificate.
                AsnDecoder.ReadEncodedValue(der, AsnEncodingRules.BER, out _, out _, out int length);
                one = new X509Certificate2(der[..length]);
            }
            catch (Exception exception) when (exception is FormatException or CryptographicException or AsnContentException)
            {
                throw new CertificateException(
                    CertificateFlaw.Unreadable,
                    string.Create(CultureInfo.InvariantCulture, $"a certificate that cannot be read, number {number} at line {line}: {(exception is FormatException ? "it is truncated, or not base64" : "it is not an X.509 certificate")}"));
            }

            Add(all, one);
        }

        return all.Count > 0 || other is null
            ? all
            : throw new CertificateException(CertificateFlaw.Unreadable, other == "PKCS7" ? "PKCS #7 as text, which 'openssl pkcs7 -print_certs' turns into PEM" : "a request for a certificate, and not a certificate");
    }

    /// <summary>A client certificate with its private key, then what else is in the file: the intermediates to send along.</summary>
    /// <param name="certificates">PEM, the certificate first.</param>
    /// <param name="key">PEM with the key (PKCS #1, SEC1, PKCS #8, encrypted PKCS #8).</param>
    /// <param name="password">The password of the key; null = none.</param>
    /// <exception cref="CertificateException">One of the two is missing or unreadable, they do not belong together, or .NET cannot use such a key.</exception>
    public static X509Certificate2Collection ClientFromPem(string certificates, string key, string? password = null)
    {
        X509Certificate2Collection all = FromPem(certificates);
        if (all.Count == 0) throw new CertificateException(CertificateFlaw.NoCertificate, "no certificate");
        (string label, string body, _) = Blocks(key).FirstOrDefault(block => block.Label.EndsWith("PRIVATE KEY", StringComparison.Ordinal));
        if (label is null) throw new CertificateException(CertificateFlaw.NoKey, "no private key");
        bool isEncrypted = label.StartsWith("ENCRYPTED", StringComparison.Ordinal) || body.Contains("ENCRYPTED", StringComparison.Ordinal);
        if (isEncrypted && password is null) throw new CertificateException(CertificateFlaw.EncryptedKey, "an encrypted key, and there is no password for it");
        string kind = CertificateNames.KeyOf(all[0]);
        // Ed25519 and its like cannot be loaded into .NET's certificates on any system.
        if (KindOfKey(label, body) is { } own && own is not ("RSA" or "DSA") && !own.StartsWith("EC ", StringComparison.Ordinal))
            throw new CertificateException(CertificateFlaw.UnusableKey, $"a key of the kind {own}, which .NET cannot use; RSA and EC keys can be used");
        try
        {
            // Written again, since what stands around the blocks, or within an odd line, keeps .NET from finding them.
            string leaf = all[0].ExportCertificatePem();
            string bare = isEncrypted && !label.StartsWith("ENCRYPTED", StringComparison.Ordinal) ? key : $"{Begin}{label}{Dashes}\n{body}\n{End}{label}{Dashes}\n";
            all[0] = isEncrypted ? X509Certificate2.CreateFromEncryptedPem(leaf, bare, password) : X509Certificate2.CreateFromPem(leaf, bare);
            return all;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException)
        {
            throw new CertificateException(
                isEncrypted ? CertificateFlaw.WrongPassword : CertificateFlaw.KeyMismatch,
                isEncrypted
                    ? "a key that this password does not open, or that does not belong to the certificate"
                    : $"a key that does not belong to the client certificate ({kind}), or is not an RSA or EC key (PKCS#1, SEC1 or PKCS#8)");
        }
    }

    /// <summary>A client certificate, ready for handshakes; a copy, since connections outlive what the caller disposes of.</summary>
    /// <param name="client">The certificate with its key, then the intermediates to send along.</param>
    public static SslStreamCertificateContext ToContext(X509Certificate2Collection client)
    {
        X509Certificate2Collection intermediates = [];
        for (int i = 1; i < client.Count; i++) intermediates.Add(client[i]);
        return SslStreamCertificateContext.Create(Usable(client[0]), intermediates, offline: true);
    }

    // Windows' TLS uses only keys that its key store has seen, and those in memory, as CreateFromPem makes them, are none.
    // One that cannot be exported is in the store already.
    private static X509Certificate2 Usable(X509Certificate2 own)
    {
        if (OperatingSystem.IsWindows())
        {
            try
            {
                return new X509Certificate2(own.Export(X509ContentType.Pfx));
            }
            catch (CryptographicException)
            {
                return new X509Certificate2(own);
            }
        }

        return new X509Certificate2(own);
    }

    private static X509Certificate2Collection FromDer(ReadOnlySpan<byte> content)
    {
        X509Certificate2Collection all = [];
        try
        {
            X509ContentType type = X509Certificate2.GetCertContentType(content);
            if (type is X509ContentType.Cert or X509ContentType.SerializedCert) all.Add(new X509Certificate2(content));
            else if (type == X509ContentType.Pkcs7) all.Import(content);
            else if (type == X509ContentType.Pfx) throw new CertificateException(CertificateFlaw.Unreadable, "a PFX with keys, and not only certificates");
        }
        catch (CryptographicException)
        {
            throw new CertificateException(CertificateFlaw.Unreadable, "no readable certificate: it is truncated, or not DER");
        }

        return all;
    }

    private static void Add(X509Certificate2Collection all, X509Certificate2 one)
    {
        if (all.Any(known => known.RawDataMemory.Span.SequenceEqual(one.RawDataMemory.Span))) one.Dispose();
        else all.Add(one);
    }

    private static string? KindOfKey(string label, string body)
    {
        if (label == "OPENSSH PRIVATE KEY") return "OpenSSH";
        if (label != "PRIVATE KEY") return null;
        try
        {
            AsnReader info = new AsnReader(Convert.FromBase64String(body), AsnEncodingRules.BER).ReadSequence();
            info.ReadInteger();
            AsnReader algorithm = info.ReadSequence();
            string oid = algorithm.ReadObjectIdentifier();
            return CertificateNames.KeyName(oid, algorithm.HasData ? algorithm.PeekEncodedValue() : default);
        }
        catch (Exception exception) when (exception is FormatException or AsnContentException)
        {
            return null;
        }
    }

    // Blocks wherever they begin: after a byte order mark, after blanks, after the end of another without a line between.
    private static IEnumerable<(string Label, string Body, int Line)> Blocks(string text)
    {
        int position = 0;
        int line = 1;
        while (text.IndexOf(Begin, position, StringComparison.Ordinal) is >= 0 and int begin)
        {
            line += text.AsSpan(position, begin - position).Count('\n');
            int labelEnd = text.IndexOf(Dashes, begin + Begin.Length, StringComparison.Ordinal);
            string label = labelEnd < 0 ? "" : text[(begin + Begin.Length)..labelEnd];
            int end = labelEnd < 0 ? -1 : text.IndexOf($"{End}{label}{Dashes}", labelEnd, StringComparison.Ordinal);
            int next = text.IndexOf(Begin, begin + Begin.Length, StringComparison.Ordinal);
            bool isWhole = end >= 0 && (next < 0 || end < next);
            if (isWhole)
            {
                yield return (label, text[(labelEnd + Dashes.Length)..end].Replace("\uFEFF", "", StringComparison.Ordinal), line);
            }
            else if (label.EndsWith("CERTIFICATE", StringComparison.Ordinal))
            {
                throw new CertificateException(CertificateFlaw.Unreadable, string.Create(CultureInfo.InvariantCulture, $"a certificate that begins at line {line} and has no end: it is truncated"));
            }

            int stop = isWhole ? end + End.Length + label.Length + Dashes.Length : begin + Begin.Length;
            line += text.AsSpan(begin, stop - begin).Count('\n');
            position = stop;
        }
    }
}

/// <summary>What is wrong with a file of certificates or keys.</summary>
internal enum CertificateFlaw
{
    Unreadable,
    NoCertificate,
    NoKey,
    EncryptedKey,
    WrongPassword,
    KeyMismatch,
    UnusableKey,
}

/// <summary>Certificates or keys that cannot be used. The message describes the content of the file, for a sentence that begins with its name.</summary>
internal sealed class CertificateException(CertificateFlaw flaw, string what) : Exception(what)
{
    public CertificateFlaw Flaw { get; } = flaw;
}
