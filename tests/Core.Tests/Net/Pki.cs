using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Tests.Net;

/// <summary>One who issues certificates, as odd as a test wants them.</summary>
internal sealed class Pki
{
    private static readonly Oid Server = new("1.3.6.1.5.5.7.3.1");

    private Pki(X509Certificate2 certificate, X509SignatureGenerator signer, PublicKey key)
    {
        Certificate = certificate;
        Signer = signer;
        Key = key;
    }

    public X509Certificate2 Certificate { get; }

    private X509SignatureGenerator Signer { get; }

    private PublicKey Key { get; }

    /// <summary>A root of its own, or an intermediate.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="above">Who issues it; null = itself.</param>
    /// <param name="withKeyId">Whether it carries a subject key identifier.</param>
    /// <param name="isAuthority">What its basic constraints say; null = it has none.</param>
    /// <param name="from">Its first day.</param>
    /// <param name="until">Its last day.</param>
    /// <param name="twin">Another of the same name and key, for cross-signing and renewal; null = a key of its own.</param>
    /// <param name="more">Further extensions.</param>
    public static Pki New(string name, Pki? above = null, bool withKeyId = true, bool? isAuthority = true, int from = -400, int until = 400, Pki? twin = null, params X509Extension[] more)
    {
        ECDsa own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        X509SignatureGenerator signer = twin?.Signer ?? X509SignatureGenerator.CreateForECDsa(own);
        PublicKey key = twin?.Key ?? new PublicKey(own);
        CertificateRequest request = new(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256);
        if (isAuthority is { } authority) request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        if (withKeyId) request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, false));
        foreach (X509Extension extension in more) request.CertificateExtensions.Add(extension);
        X509Certificate2 certificate = request.Create(
            (above?.Certificate.SubjectName) ?? request.SubjectName,
            above?.Signer ?? signer,
            DateTimeOffset.UtcNow.AddDays(from),
            DateTimeOffset.UtcNow.AddDays(until),
            Serial());
        return new Pki(certificate, signer, key);
    }

    /// <summary>A server certificate for some names; with the identifier of its issuer's key where it should have one.</summary>
    public X509Certificate2 Issue(string[]? names = null, bool withKeyId = true, int from = -1, int until = 30, string? usage = null, AsymmetricAlgorithm? key = null, HashAlgorithmName? hash = null)
    {
        AsymmetricAlgorithm own = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = own is RSA rsa
            ? new CertificateRequest("CN=leaf", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest("CN=leaf", (ECDsa)own, hash ?? HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names ?? ["host.example"])
        {
            if (System.Net.IPAddress.TryParse(name, out System.Net.IPAddress? address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        if (names is not []) request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage is null ? Server : new Oid(usage)], false));
        if (withKeyId && Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } id)
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(id));
        return request.Create(Certificate.SubjectName, Signer, DateTimeOffset.UtcNow.AddDays(from), DateTimeOffset.UtcNow.AddDays(until), Serial());
    }

    private static byte[] Serial()
    {
        byte[] serial = RandomNumberGenerator.GetBytes(12);
        serial[0] &= 0x7F;
        return serial;
    }
}
