using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Scraping;

/// <summary>Verifies server certificates, and reports a refused one as an error of the scrape.</summary>
/// <param name="options">Which authorities to trust, and the client certificate.</param>
/// <param name="onWanted">Called with the name of each server that asks for a client certificate while there is none to show.</param>
internal sealed class TlsVerifier(TlsOptions options, Action<string>? onWanted = null)
{
    private readonly CertificateJudge _judge = new(options.CertificateAuthority);

    public SslClientAuthenticationOptions ToSslOptions()
    {
        SslClientAuthenticationOptions ssl = new() { EnabledSslProtocols = options.Protocols };
        CertificateJudge.LeaveToCallback(ssl, Verify);

        // A context, since a plain collection is silently left out where the server names no matching issuer.
        if (options.ClientCertificate is { Count: > 0 } own) ssl.ClientCertificateContext = CertificateReader.ToContext(own);
        else if (onWanted is not null) ssl.LocalCertificateSelectionCallback = (_, host, _, remote, _) => Note(host, remote);
        return ssl;
    }

    // Called once before the handshake, and again with the server's certificate where the server asks for one. This is the same on every
    // platform, while the words for what follows are OpenSSL's, Schannel's or Apple's.
    private X509Certificate Note(string host, X509Certificate? remote)
    {
        if (remote is not null) onWanted!(host);
        return null!;
    }

    // Thrown rather than returned, so that the reason arrives where the request waits.
    private bool Verify(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        options.SkipCertificateCheck || (Judge(sender, certificate, chain) is { } failure ? throw failure : true);

    private TlsFailure? Judge(object sender, X509Certificate? certificate, X509Chain? chain)
    {
        if (certificate is not X509Certificate2 leaf)
            return new TlsFailure(ScrapeError.TlsHandshake, "the server showed no certificate");
        string expected = options.ServerName ?? (sender as SslStream)?.TargetHostName ?? "";
        if (_judge.Judge(leaf, chain, options.AnyName ? [] : [expected, .. options.OtherNames]) is not { } finding) return null;
        string names = CertificateNames.Describe(leaf) is { Length: > 0 } list ? $"the names {list} but not {expected}" : "no host name";
        string alsoName = finding.NameIsWrong ? $"; it also contains {names}" : "";
        return finding.Fault switch
        {
            CertificateFault.WrongName => new TlsFailure(ScrapeError.TlsNameMismatch, $"its certificate contains {names}") { OtherName = CertificateNames.Suggest(leaf) },
            CertificateFault.OutOfTime => new TlsFailure(
                ScrapeError.TlsExpired,
                (finding.IsLeaf ? $"its certificate {finding.When}" : $"the certificate above its own, '{finding.Subject}', {finding.When}") + alsoName),
            _ => new TlsFailure(ScrapeError.TlsUntrusted, Untrusted(finding) + alsoName) { Setting = options.CertificateAuthority is null ? null : Setting.CertificateAuthority },
        };
    }

    private string Untrusted(CertificateFinding finding)
    {
        string by = options.CertificateAuthority is null ? "this system" : "the CA bundle that was given";
        if (finding.Why.Length == 0) return $"its certificate was issued by '{finding.Issuer}', which is not trusted by {by}";
        return finding.IsSignatureWrong && options.CertificateAuthority is not null
            ? $"its certificate was issued by a '{finding.Issuer}' which is not the one trusted by {by} ({finding.Why})"
            : $"its certificate, issued by '{finding.Issuer}', cannot be verified ({finding.Why})";
    }
}

/// <summary>Carries the problem of a certificate out of the handshake.</summary>
internal sealed class TlsFailure(ScrapeError cause, string what) : Exception(what)
{
    public ScrapeError Cause { get; } = cause;

    /// <summary>The setting that did not help; null where it was not given.</summary>
    public Setting? Setting { get; init; }

    /// <summary>A name that the certificate carries.</summary>
    public string? OtherName { get; init; }

    public static TlsFailure? Find(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            if (exception is TlsFailure failure) return failure;
        }

        return null;
    }
}
