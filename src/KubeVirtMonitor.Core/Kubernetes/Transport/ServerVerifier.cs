using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>Decides about the API server's certificate as Go's TLS does (every certificate of the bundle is an anchor, only the alternative names count), and says exactly why one is refused.</summary>
internal sealed class ServerVerifier(ServerTrust trust, Uri server, TimeProvider time)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private const X509ChainStatusFlags AnchorFlags = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    private readonly string _name = trust.ServerName ?? server.IdnHost;

    /// <summary>For the handshake; throws rather than returning false, so that the reason reaches the caller.</summary>
    public bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (trust.SkipCertificateCheck) return true;
        X509Certificate2 leaf = certificate as X509Certificate2
            ?? throw Error(KubernetesError.TlsHandshake, "showed no certificate", "Check the address: this is no ordinary https server.");
        return IsTrusted(leaf, chain) && HasName(leaf);
    }

    private bool HasName(X509Certificate2 leaf) =>
        leaf.MatchesHostname(_name, allowWildcards: true, allowCommonName: false) ? true : throw WrongName(leaf);

    private bool IsTrusted(X509Certificate2 leaf, X509Chain? presented)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = time.GetLocalNow().DateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        if (presented is not null) chain.ChainPolicy.ExtraStore.AddRange(presented.ChainPolicy.ExtraStore);
        if (trust.Authorities is { } authorities)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        }

        if (chain.Build(leaf)) return true;
        X509ChainStatusFlags flags = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain.ChainStatus) flags |= status.Status;
        if (EndsAtAnchor(chain)) flags &= ~AnchorFlags;
        if (flags == X509ChainStatusFlags.NoError) return true;
        throw (flags & X509ChainStatusFlags.NotTimeValid) != 0 ? OutOfTime(leaf, chain) : Untrusted(leaf, chain, flags);
    }

    // An intermediate in the bundle is an anchor for Go; .NET insists on a root.
    private bool EndsAtAnchor(X509Chain chain)
    {
        if (trust.Authorities is not { } authorities || chain.ChainElements.Count == 0) return false;
        byte[] top = chain.ChainElements[^1].Certificate.RawData;
        return authorities.Any(authority => authority.RawDataMemory.Span.SequenceEqual(top));
    }

    private KubernetesException WrongName(X509Certificate2 leaf)
    {
        string names = Names(leaf);
        string advice = trust.ServerName is null
            ? "Use an address that the certificate names, or set tls-server-name in the kubeconfig's cluster entry."
            : "Correct tls-server-name in the kubeconfig's cluster entry.";
        return Error(KubernetesError.TlsNameMismatch, names.Length == 0 ? "shows a certificate without any name" : $"shows a certificate for {names}, not for {_name}", advice);
    }

    private KubernetesException OutOfTime(X509Certificate2 leaf, X509Chain chain)
    {
        DateTime now = time.GetLocalNow().DateTime;
        X509Certificate2 bad = chain.ChainElements.Select(element => element.Certificate).FirstOrDefault(one => now < one.NotBefore || now > one.NotAfter) ?? leaf;
        bool isEarly = now < bad.NotBefore;
        string when = (isEarly ? bad.NotBefore : bad.NotAfter).ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        string which = bad.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span) ? "a certificate" : $"a certificate issued by '{Shown(bad.Subject)}', which";
        return Error(KubernetesError.TlsExpired, $"shows {which} {(which.EndsWith("which", StringComparison.Ordinal) ? "" : "that ")}{(isEarly ? "is not valid before" : "expired on")} {when}", "Check the clock of this machine, or renew the certificate on the server.");
    }

    private KubernetesException Untrusted(X509Certificate2 leaf, X509Chain chain, X509ChainStatusFlags flags)
    {
        X509Certificate2 top = chain.ChainElements.Count > 0 ? chain.ChainElements[^1].Certificate : leaf;
        string issuer = Shown(top.Issuer);
        string by = trust.Authorities is null ? "this system" : trust.AuthorityPlace;
        string what = (flags & ~AnchorFlags) == X509ChainStatusFlags.NoError
            ? $"shows a certificate issued by '{issuer}', which {by} does not hold"
            : $"shows a certificate that does not hold ({flags}), issued by '{issuer}'";
        string advice = trust.Authorities is null
            ? "Name the cluster's CA: certificate-authority-data in the kubeconfig, or -CertificateAuthority."
            : "Fetch the kubeconfig of this cluster again: the CA has changed, or the address leads to another cluster or to a proxy that opens TLS.";
        return Error(KubernetesError.TlsUntrusted, what, advice);
    }

    private KubernetesException Error(KubernetesError error, string what, string advice) => new(error, $"{server.GetLeftPart(UriPartial.Authority)} {what}", advice);

    private static string Names(X509Certificate2 leaf)
    {
        X509SubjectAlternativeNameExtension? names = leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        if (names is null) return "";
        string[] all = names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())).ToArray();
        string shown = string.Join(", ", all.Take(6).Select(Shown));
        return all.Length > 6 ? $"{shown} and {all.Length - 6} more" : shown;
    }

    private static string Shown(string text) => TextShown.Cut(TextShown.Printable(text), 120);
}
