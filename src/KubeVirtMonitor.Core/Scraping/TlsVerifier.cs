using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Scraping;

/// <summary>Decides about server certificates, and says exactly why one is refused.</summary>
internal sealed class TlsVerifier(TlsOptions options)
{
    private const X509ChainStatusFlags TimeFlags = X509ChainStatusFlags.NotTimeValid;

    private const X509ChainStatusFlags IssuerFlags = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    public SslClientAuthenticationOptions ToSslOptions()
    {
        SslClientAuthenticationOptions ssl = new()
        {
            EnabledSslProtocols = options.Protocols,
            RemoteCertificateValidationCallback = Verify,
        };
        if (options.CertificateAuthority is { } roots)
        {
            // Without this, a certificate could make the verifier download issuers from addresses of its own choice.
            X509ChainPolicy policy = new()
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
            };
            policy.CustomTrustStore.AddRange(roots);
            ssl.CertificateChainPolicy = policy;
        }

        if (options.ClientCertificate is [var own, ..] all)
        {
            X509Certificate2Collection intermediates = [];
            for (int i = 1; i < all.Count; i++) intermediates.Add(all[i]);

            // A copy, since the connections outlive the caller's certificate; a context, since a plain collection is
            // silently left out where the server names no matching issuer.
            ssl.ClientCertificateContext = SslStreamCertificateContext.Create(new X509Certificate2(own), intermediates, offline: true);
        }

        return ssl;
    }

    // Thrown rather than returned, so that the reason arrives where the request waits.
    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        options.SkipCertificateCheck || Accept(Judge(sender, certificate, chain, errors));

    private static bool Accept(TlsFailure? failure) => failure is null ? true : throw failure;

    private TlsFailure? Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is not X509Certificate2 leaf)
            return new TlsFailure(ScrapeError.TlsHandshake, "the server showed no certificate", "Check the port: this is no ordinary HTTPS server.");
        bool nameIsWrong = !options.AnyName && (options.ServerName is { } name
            ? !options.OtherNames.Prepend(name).Any(accepted => leaf.MatchesHostname(accepted, allowWildcards: true, allowCommonName: false))
            : (errors & SslPolicyErrors.RemoteCertificateNameMismatch) != 0);
        bool chainIsWrong = (errors & SslPolicyErrors.RemoteCertificateChainErrors) != 0;
        if (!nameIsWrong && !chainIsWrong) return null;
        string expected = options.ServerName ?? (sender as SslStream)?.TargetHostName ?? "the host";
        if (!chainIsWrong) return NameFailure(leaf, expected);
        string alsoName = nameIsWrong ? $"; it also names {CertificateNames.Describe(leaf)} and not {expected}" : "";
        return chain is null
            ? new TlsFailure(ScrapeError.TlsUntrusted, "its certificate could not be verified" + alsoName, AuthorityAdvice())
            : ChainFailure(leaf, chain, alsoName);
    }

    private static TlsFailure NameFailure(X509Certificate2 leaf, string expected)
    {
        string advice = CertificateNames.Suggest(leaf) is { } suggestion
            ? $"If that is the server you mean, pass -ServerName {suggestion}."
            : "Use an address that the certificate names, or pass -ServerName with a name that it covers.";
        return new TlsFailure(ScrapeError.TlsNameMismatch, $"its certificate names {CertificateNames.Describe(leaf)} and not {expected}", advice);
    }

    private TlsFailure ChainFailure(X509Certificate2 leaf, X509Chain chain, string alsoName)
    {
        X509ChainStatusFlags flags = X509ChainStatusFlags.NoError;
        X509Certificate2? outOfTime = null;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                flags |= status.Status;
                if ((status.Status & TimeFlags) != 0) outOfTime ??= element.Certificate;
            }
        }

        if (outOfTime is not null) return TimeFailure(leaf, outOfTime, alsoName);
        foreach (X509ChainStatus status in chain.ChainStatus) flags |= status.Status;
        X509Certificate2 top = chain.ChainElements.Count > 0 ? chain.ChainElements[^1].Certificate : leaf;
        string issuer = CertificateNames.Clean(top.Issuer);
        X509ChainStatusFlags others = flags & ~(IssuerFlags | TimeFlags);
        string what = others == X509ChainStatusFlags.NoError
            ? $"its certificate was issued by '{issuer}', which is not trusted {(options.CertificateAuthority is null ? "by this system" : "by -CertificateAuthority")}"
            : $"its certificate cannot be verified ({others})";
        return new TlsFailure(ScrapeError.TlsUntrusted, what + alsoName, AuthorityAdvice());
    }

    private static TlsFailure TimeFailure(X509Certificate2 leaf, X509Certificate2 outOfTime, string alsoName)
    {
        string whose = outOfTime.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span)
            ? "its certificate"
            : $"the certificate above its own, '{CertificateNames.Clean(outOfTime.Subject)}',";
        bool early = outOfTime.NotBefore > DateTime.Now;
        string when = (early ? outOfTime.NotBefore : outOfTime.NotAfter).ToUniversalTime().ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
        return new TlsFailure(
            ScrapeError.TlsExpired,
            (early ? $"{whose} is not valid before {when}" : $"{whose} expired on {when}") + alsoName,
            "Check the clocks of both machines; renew the certificate, or accept any with -SkipCertificateCheck.");
    }

    private string AuthorityAdvice() => options.CertificateAuthority is null
        ? "Pass the CA bundle with -CertificateAuthority (KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca), or accept any certificate with -SkipCertificateCheck."
        : "Check that -CertificateAuthority holds the root that issued it; KubeVirt's is the key ca-bundle of ConfigMap kubevirt-ca.";
}
