using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Simulator;

/// <summary>A certificate authority of its own, as KubeVirt has one. Keys are elliptic (P-256) and live in memory.</summary>
public sealed class CertificateAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>Makes an authority that is valid from yesterday for a year.</summary>
    /// <param name="commonName">The common name of its certificate.</param>
    public CertificateAuthority(string commonName)
    {
        CertificateRequest request = new($"CN={commonName}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        DateTimeOffset now = DateTimeOffset.UtcNow;
        Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(1));
    }

    /// <summary>The certificate of the authority.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The certificate of the authority as PEM, as ConfigMap <c>kubevirt-ca</c> holds it.</summary>
    public string Pem => Certificate.ExportCertificatePem() + "\n";

    /// <summary>Issues a server certificate with DNS names only; no certificate of KubeVirt names an IP address.</summary>
    public X509Certificate2 IssueServer(string commonName, IEnumerable<string> dnsNames, DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        ArgumentNullException.ThrowIfNull(dnsNames);
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in dnsNames) names.AddDnsName(name);
        return Issue(commonName, ServerAuthentication, notBefore, notAfter, names.Build());
    }

    /// <summary>Issues a client certificate that is valid for a day.</summary>
    public X509Certificate2 IssueClient(string commonName)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        return Issue(commonName, ClientAuthentication, now.AddHours(-1), now.AddDays(1), null);
    }

    /// <summary>Whether this authority issued a certificate that is valid now.</summary>
    public bool Issued(X509Certificate2 certificate)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(Certificate);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }

    private X509Certificate2 Issue(string commonName, string usage, DateTimeOffset notBefore, DateTimeOffset notAfter, X509Extension? names)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={commonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        if (names is not null) request.CertificateExtensions.Add(names);
        using X509Certificate2 signed = request.Create(Certificate, notBefore, notAfter, RandomNumberGenerator.GetBytes(16));
        using X509Certificate2 complete = signed.CopyWithPrivateKey(key);

        // A key that was never in a store cannot be used by the TLS of every platform; one that came out of a PKCS #12 can.
        return X509CertificateLoader.LoadPkcs12(complete.Export(X509ContentType.Pkcs12), null);
    }
}
