using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Verifies the API server's certificate, and reports a refusal with the keys of a kubeconfig.</summary>
internal sealed class ServerVerifier(ServerTrust trust, Uri server, TimeProvider time)
{
    private readonly CertificateJudge _judge = new(trust.Authorities, time);
    private readonly string _name = trust.ServerName ?? server.IdnHost;

    /// <summary>For the handshake; throws rather than returning false, so that the reason reaches the caller.</summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (trust.SkipCertificateCheck) return true;
        X509Certificate2 leaf = certificate as X509Certificate2
            ?? throw Error(KubernetesError.TlsHandshake, "showed no certificate", "Check the address: this is not an ordinary https server.");
        return _judge.Judge(leaf, chain, [_name]) is { } finding ? throw Refused(leaf, finding) : true;
    }

    private KubernetesException Refused(X509Certificate2 leaf, CertificateFinding finding)
    {
        string names = CertificateNames.Describe(leaf);
        string otherName = names.Length == 0 ? "a certificate without any name" : $"a certificate for {names}, not for {_name}";
        string alsoName = finding.NameIsWrong ? $"; it is also {otherName}" : "";
        return finding.Fault switch
        {
            CertificateFault.WrongName => Error(
                KubernetesError.TlsNameMismatch,
                $"shows {otherName}",
                trust.ServerName is null
                    ? "Use an address that the certificate names, or set tls-server-name in the kubeconfig's cluster entry."
                    : "Correct tls-server-name in the kubeconfig's cluster entry."),
            CertificateFault.OutOfTime => Error(
                KubernetesError.TlsExpired,
                (finding.IsLeaf ? $"shows a certificate that {finding.When}" : $"shows a certificate issued by '{finding.Subject}', which {finding.When}") + alsoName,
                "Check the clock of this machine, or renew the certificate on the server."),
            _ => Error(KubernetesError.TlsUntrusted, Untrusted(finding) + alsoName, trust.Authorities is null
                ? "Name the cluster's CA, in a kubeconfig as certificate-authority-data."
                : "Get the kubeconfig of this cluster again: the CA has changed, or the address leads to another cluster or to a proxy that intercepts TLS."),
        };
    }

    private string Untrusted(CertificateFinding finding)
    {
        string by = trust.Authorities is null ? "this system" : trust.AuthorityPlace;
        if (finding.Why.Length == 0) return $"shows a certificate issued by '{finding.Issuer}', which is not in {by}";
        return finding.IsSignatureWrong && trust.Authorities is not null
            ? $"shows a certificate issued by a '{finding.Issuer}' which is not the one in {by} ({finding.Why})"
            : $"shows a certificate that cannot be verified ({finding.Why}), issued by '{finding.Issuer}'";
    }

    private KubernetesException Error(KubernetesError error, string what, string advice) => new(error, $"{server.GetLeftPart(UriPartial.Authority)} {what}", advice)
    {
        Setting = error == KubernetesError.TlsUntrusted && trust.Authorities is null ? Setting.CertificateAuthority : null,
    };
}

/// <summary>The authorities and the name to accept for the API server.</summary>
internal sealed record ServerTrust
{
    public const string SkipWarning = "The server's certificate is not verified: the connection is encrypted, but the identity of the server is unknown.";

    /// <summary>The only certificates that are trusted; null = those of the system.</summary>
    public X509Certificate2Collection? Authorities { get; init; }

    /// <summary>The PEM text they were read from; null = none was given.</summary>
    public byte[]? AuthorityPem { get; init; }

    /// <summary>Where they come from, for messages.</summary>
    public string AuthorityPlace { get; init; } = "";

    /// <summary>The name the certificate has to carry, and SNI; null = the host of the address.</summary>
    public string? ServerName { get; init; }

    public bool SkipCertificateCheck { get; init; }
}
