using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>The authority of the cluster with the certificate of its API server, and client certificates. Not the authority of KubeVirt.</summary>
public sealed class ApiCertificates : IDisposable
{
    private readonly CertificateAuthority _authority = new("kubernetes");

    /// <summary>Makes the authority and the certificate of the server, which names 127.0.0.1, localhost and the service <c>kubernetes</c>.</summary>
    public ApiCertificates()
    {
        SubjectAlternativeNameBuilder names = new();
        foreach (string name in new[] { "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost" }) names.AddDnsName(name);
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        Server = Issue(new X500DistinguishedName("CN=kube-apiserver"), "1.3.6.1.5.5.7.3.1", names.Build(), TimeSpan.FromDays(30));
    }

    /// <summary>The certificate of the authority as PEM.</summary>
    public string AuthorityPem => _authority.Pem;

    internal X509Certificate2 Server { get; }

    /// <summary>Issues a client certificate: the user is its common name, the groups are its organizations.</summary>
    /// <param name="user">Whose it is.</param>
    /// <param name="lifetime">How long it is valid; a negative one gives an expired certificate.</param>
    public X509Certificate2 IssueClient(ApiUser user, TimeSpan? lifetime = null)
    {
        ArgumentNullException.ThrowIfNull(user);
        X500DistinguishedNameBuilder subject = new();
        foreach (string group in user.Groups) subject.AddOrganizationName(group);
        subject.AddCommonName(user.Name);
        return Issue(subject.Build(), "1.3.6.1.5.5.7.3.2", null, lifetime ?? TimeSpan.FromDays(1));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Server.Dispose();
        _authority.Dispose();
    }

    internal bool Issued(X509Certificate2 certificate) => _authority.Issued(certificate);

    private X509Certificate2 Issue(X500DistinguishedName subject, string usage, X509Extension? names, TimeSpan lifetime)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_authority.Certificate, true, false));
        if (names is not null) request.CertificateExtensions.Add(names);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset end = now + lifetime;
        DateTimeOffset begin = (lifetime < TimeSpan.Zero ? end : now).AddHours(-1);
        using X509Certificate2 signed = request.Create(_authority.Certificate, begin, end, RandomNumberGenerator.GetBytes(16));
        using X509Certificate2 complete = signed.CopyWithPrivateKey(key);

        // A key that was never in a store cannot be used by the TLS of every platform; one that came out of a PKCS #12 can.
        return X509CertificateLoader.LoadPkcs12(complete.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
