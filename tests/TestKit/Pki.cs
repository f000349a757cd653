using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace KubeVirtMonitor.TestKit;

/// <summary>One who issues certificates, as odd as a test wants them.</summary>
public sealed class Pki
{
    /// <summary>The extended key usages of servers and of clients.</summary>
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1", ClientUsage = "1.3.6.1.5.5.7.3.2";

    /// <summary>The names on the certificate of a virt-handler.</summary>
    public static readonly string[] VirtHandlerNames =
        ["virt-handler", "virt-handler.kubevirt", "virt-handler.kubevirt.svc", "virt-handler.kubevirt.svc.cluster.local"];

    private readonly ECDsa _key;

    private Pki(X509Certificate2 certificate, ECDsa key)
    {
        Certificate = certificate;
        _key = key;
    }

    /// <summary>The one whom clients of the test servers trust.</summary>
    public static Pki Shared { get; } = New("test-ca");

    /// <summary>Its certificate, with the key.</summary>
    public X509Certificate2 Certificate { get; }

    public string AuthorityPem => Certificate.ExportCertificatePem();

    public string AuthorityBase64 => Convert.ToBase64String(Encoding.ASCII.GetBytes(AuthorityPem));

    /// <summary>So many days from now.</summary>
    public static DateTimeOffset Days(int days) => DateTimeOffset.UtcNow.AddDays(days);

    /// <summary>A root of its own, or an intermediate.</summary>
    /// <param name="name">Its common name.</param>
    /// <param name="above">Who issues it; null = itself.</param>
    /// <param name="withKeyId">Whether it carries a subject key identifier.</param>
    /// <param name="isAuthority">What its basic constraints say; null = it has none.</param>
    /// <param name="from">When it begins; null = 1000 days ago.</param>
    /// <param name="until">When it ends; null = in 1000 days.</param>
    /// <param name="twin">Another of the same name and key, for cross-signing and renewal; null = a key of its own.</param>
    /// <param name="more">Further extensions.</param>
    public static Pki New(
        string name = "kubevirt.io",
        Pki? above = null,
        bool withKeyId = true,
        bool? isAuthority = true,
        DateTimeOffset? from = null,
        DateTimeOffset? until = null,
        Pki? twin = null,
        params X509Extension[] more)
    {
        ECDsa key = twin?._key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        if (isAuthority is { } authority) request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, true));
        if (isAuthority == true) request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        if (withKeyId) request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        foreach (X509Extension extension in more) request.CertificateExtensions.Add(extension);
        return new Pki(Sign(request, above?.Certificate.SubjectName ?? request.SubjectName, above?._key ?? key, from ?? Days(-1000), until ?? Days(1000), key), key);
    }

    /// <summary>A certificate with its key; with the identifier of its issuer's key where it should have one.</summary>
    /// <param name="names">Its names and addresses; null = <c>host.example</c>, none = no such extension.</param>
    /// <param name="from">When it begins; null = yesterday.</param>
    /// <param name="until">When it ends; null = in 30 days.</param>
    /// <param name="usage">Its extended key usage; null = that of a server.</param>
    /// <param name="subject">Its common name.</param>
    /// <param name="withKeyId">Whether it names the key of its issuer.</param>
    /// <param name="key">RSA or ECDsa; null = a new one.</param>
    public X509Certificate2 Issue(
        string[]? names = null,
        DateTimeOffset? from = null,
        DateTimeOffset? until = null,
        string usage = ServerUsage,
        string subject = "leaf",
        bool withKeyId = true,
        AsymmetricAlgorithm? key = null)
    {
        AsymmetricAlgorithm own = key ?? ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = own is RSA rsa
            ? new CertificateRequest($"CN={subject}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={subject}", (ECDsa)own, HashAlgorithmName.SHA256);
        if (names is not []) request.CertificateExtensions.Add(Names(names ?? ["host.example"]));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (withKeyId && Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } id)
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(id));
        return Sign(request, Certificate.SubjectName, _key, from ?? Days(-1), until ?? Days(30), own);
    }

    /// <summary>A client certificate and its key, both PEM.</summary>
    public (string Certificate, string Key) IssueClient(string name, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return (Issue([], from, until, ClientUsage, name, key: key).ExportCertificatePem() + "\n# " + name + "\n", key.ExportPkcs8PrivateKeyPem());
    }

    /// <summary>The extension that says for which names and addresses a certificate is.</summary>
    public static X509Extension Names(params string[] names)
    {
        SubjectAlternativeNameBuilder alternatives = new();
        foreach (string name in names)
        {
            if (IPAddress.TryParse(name, out IPAddress? address)) alternatives.AddIpAddress(address);
            else alternatives.AddDnsName(name);
        }

        return alternatives.Build();
    }

    private static X509Certificate2 Sign(CertificateRequest request, X500DistinguishedName issuer, ECDsa by, DateTimeOffset from, DateTimeOffset until, AsymmetricAlgorithm key)
    {
        byte[] serial = RandomNumberGenerator.GetBytes(12);
        serial[0] &= 0x7F;
        using X509Certificate2 bare = request.Create(issuer, X509SignatureGenerator.CreateForECDsa(by), from, until, serial);
        using X509Certificate2 whole = key is RSA rsa ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey((ECDsa)key);
        // TLS on some systems takes no key that lives in memory alone.
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
