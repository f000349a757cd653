using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Net;

/// <summary>
/// Decides about the certificates of servers, API servers and endpoints alike, as Go's crypto/x509 does for kubectl: every certificate of the bundle
/// is an anchor, be it a root, an intermediate or the server's own; every issuer of the right name is tried, whatever the order and whether or not
/// key identifiers are there; every certificate of the chain has to be in its time and good for servers; only alternative names count; nothing is
/// downloaded, and nobody is asked about revocation. Thread-safe.
/// </summary>
/// <param name="anchors">The only certificates that are trusted; null = those of the system.</param>
internal sealed class CertificateJudge(X509Certificate2Collection? anchors, TimeProvider? time = null)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private const X509ChainStatusFlags AnchorFlags = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    // As many as Go checks signatures, and longer chains than anybody has; a server must not be able to keep its client busy.
    private const int MostTries = 100;
    private const int Deepest = 8;

    private static readonly (X509ChainStatusFlags Flags, string Words)[] Words =
    [
        (X509ChainStatusFlags.NotSignatureValid, "its signature is not from the issuer"),
        (X509ChainStatusFlags.NotValidForUsage, "it, or one above it, is not meant for servers"),
        (X509ChainStatusFlags.InvalidBasicConstraints, "one above it may not issue certificates"),
        (X509ChainStatusFlags.InvalidNameConstraints | X509ChainStatusFlags.HasNotPermittedNameConstraint | X509ChainStatusFlags.HasExcludedNameConstraint | X509ChainStatusFlags.HasNotSupportedNameConstraint | X509ChainStatusFlags.HasNotDefinedNameConstraint,
            "its authority may not issue for its names"),
        (X509ChainStatusFlags.HasWeakSignature, "its key or a signature is too weak for this system"),
        (X509ChainStatusFlags.HasNotSupportedCriticalExtension | X509ChainStatusFlags.InvalidExtension, "it contains an extension that is not supported"),
        (X509ChainStatusFlags.Revoked | X509ChainStatusFlags.ExplicitDistrust, "this system does not trust it"),
    ];

    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>Leaves the judgement to the callback: the platform neither verifies a second time nor downloads issuers from addresses that the certificate names.</summary>
    public static void LeaveToCallback(SslClientAuthenticationOptions options, RemoteCertificateValidationCallback callback)
    {
        options.RemoteCertificateValidationCallback = callback;
        options.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
    }

    /// <summary>Judges.</summary>
    /// <param name="leaf">The server's certificate.</param>
    /// <param name="shown">What the server sent along, as the platform hands it to a callback; null = nothing.</param>
    /// <param name="names">Names of which it has to carry one; empty = any will do.</param>
    /// <returns>Null where it is good; else the gravest that is wrong with it.</returns>
    public CertificateFinding? Judge(X509Certificate2 leaf, X509Chain? shown, IReadOnlyList<string> names)
    {
        bool hasName = names.Count == 0 || names.Any(name => CertificateNames.Covers(leaf, name));
        X509Certificate2[] sent = shown is null ? [] : [.. shown.ChainPolicy.ExtraStore.Where(one => !IsSame(one, leaf))];
        CertificateFinding? finding = anchors is null ? TryOne(leaf, sent, null) : TryAll(leaf, sent, anchors);
        if (finding is null) return hasName ? null : new CertificateFinding(CertificateFault.WrongName);
        return finding with { NameIsWrong = !hasName };
    }

    private CertificateFinding? TryAll(X509Certificate2 leaf, X509Certificate2[] sent, X509Certificate2Collection trusted)
    {
        CertificateFinding? best = null;
        int tries = 0;
        foreach ((X509Certificate2[] between, X509Certificate2 anchor) in Paths(leaf, sent, trusted).Take(MostTries))
        {
            tries++;
            if (TryOne(leaf, between, anchor) is not { } finding) return null;
            if (best is null || finding.Rank < best.Rank) best = finding;
        }

        return (best ?? new CertificateFinding(CertificateFault.Untrusted) { Issuer = CertificateNames.Clean(HighestIssuer(leaf, sent)) }) with { Tries = tries };
    }

    // Every way from the certificate up to an anchor by the names of issuers, the most likely first.
    private static IEnumerable<(X509Certificate2[] Between, X509Certificate2 Anchor)> Paths(X509Certificate2 leaf, X509Certificate2[] sent, X509Certificate2Collection trusted)
    {
        if (trusted.FirstOrDefault(anchor => IsSame(anchor, leaf)) is { } itself) yield return ([], itself);
        Stack<(X509Certificate2 Top, X509Certificate2[] Between)> open = new();
        open.Push((leaf, []));
        while (open.TryPop(out (X509Certificate2 Top, X509Certificate2[] Between) way))
        {
            byte[]? wanted = Authority(way.Top);
            foreach (X509Certificate2 anchor in trusted.Where(anchor => IsIssuer(anchor, way.Top) && !IsSame(anchor, leaf)).OrderBy(anchor => Mismatch(anchor, wanted)))
                yield return (way.Between, anchor);
            if (way.Between.Length == Deepest) continue;
            foreach (X509Certificate2 next in sent.Where(next => IsIssuer(next, way.Top) && !way.Between.Contains(next)).OrderByDescending(next => Mismatch(next, wanted)))
                open.Push((next, [.. way.Between, next]));
        }
    }

    private CertificateFinding? TryOne(X509Certificate2 leaf, X509Certificate2[] between, X509Certificate2? anchor)
    {
        using X509Chain chain = new();
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = _time.GetLocalNow().DateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.ExtraStore.AddRange(between);
        if (anchor is not null)
        {
            chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            chain.ChainPolicy.CustomTrustStore.Add(anchor);
        }

        bool isBuilt;
        try
        {
            isBuilt = chain.Build(leaf);
        }
        catch (CryptographicException exception)
        {
            return Flawed(leaf, between, anchor, $"it cannot be used here ({ForeignText.OfStranger.Line(exception.Message).TrimEnd('.')})");
        }

        // What Build says is not enough: it may find a chain good that has a status, and finds none good that ends at an intermediate.
        X509ChainStatusFlags flags = X509ChainStatusFlags.NoError;
        foreach (X509ChainStatus status in chain.ChainStatus) flags |= status.Status;
        X509Certificate2? outOfTime = null;
        foreach (X509ChainElement element in chain.ChainElements)
        {
            foreach (X509ChainStatus status in element.ChainElementStatus)
            {
                flags |= status.Status;
                if ((status.Status & X509ChainStatusFlags.NotTimeValid) != 0) outOfTime ??= element.Certificate;
            }
        }

        bool isAnchored = anchor is not null && chain.ChainElements.Count > 0 && IsSame(chain.ChainElements[^1].Certificate, anchor);
        if (isAnchored) flags &= ~AnchorFlags;
        if (flags == X509ChainStatusFlags.NoError && (isBuilt || isAnchored)) return null;
        X509ChainStatusFlags flaws = flags & ~(AnchorFlags | X509ChainStatusFlags.NotTimeValid);
        if (flaws == X509ChainStatusFlags.NoError && outOfTime is not null && (flags & AnchorFlags) == 0) return OutOfTime(outOfTime, isLeaf: IsSame(outOfTime, leaf));
        if (flaws != X509ChainStatusFlags.NoError) return Flawed(leaf, between, anchor, Describe(flaws)) with { IsSignatureWrong = (flaws & X509ChainStatusFlags.NotSignatureValid) != 0 };
        if (outOfTime is not null) return OutOfTime(outOfTime, isLeaf: IsSame(outOfTime, leaf));
        return anchor is null
            ? new CertificateFinding(CertificateFault.Untrusted) { Issuer = CertificateNames.Clean(chain.ChainElements.Count > 0 ? chain.ChainElements[^1].Certificate.Issuer : leaf.Issuer) }
            : Flawed(leaf, between, anchor, "it belongs to another certificate of that issuer") with { IsSignatureWrong = true };
    }

    private CertificateFinding OutOfTime(X509Certificate2 certificate, bool isLeaf)
    {
        bool isEarly = certificate.NotBefore > _time.GetLocalNow().DateTime;
        DateTime when = (isEarly ? certificate.NotBefore : certificate.NotAfter).ToUniversalTime();
        return new CertificateFinding(CertificateFault.OutOfTime)
        {
            IsLeaf = isLeaf,
            When = (isEarly ? "is not valid before " : "expired on ") + when.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture),
            Subject = CertificateNames.Clean(certificate.Subject),
        };
    }

    private static CertificateFinding Flawed(X509Certificate2 leaf, X509Certificate2[] between, X509Certificate2? anchor, string why)
    {
        X509Certificate2[] all = anchor is null ? [leaf, .. between] : [leaf, .. between, anchor];
        string[] odd = [.. all.Select(CertificateNames.KeyOf).Where(IsOdd).Distinct(StringComparer.Ordinal)];
        string keys = odd.Length == 0 ? "" : $"; keys in its chain: {string.Join(", ", odd)}";
        return new CertificateFinding(CertificateFault.Untrusted) { Issuer = CertificateNames.Clean((between.Length > 0 ? between[^1] : leaf).Issuer), Why = why + keys };
    }

    // Keys that some system, or its policy, does not take.
    private static bool IsOdd(string key) => key is not ("RSA 2048" or "RSA 3072" or "RSA 4096" or "RSA 8192" or "EC P-256" or "EC P-384" or "EC P-521");

    private static string Describe(X509ChainStatusFlags flags)
    {
        string[] words = [.. Words.Where(entry => (entry.Flags & flags) != 0).Select(entry => entry.Words)];
        return words.Length == 0 ? $"{flags}" : $"{string.Join(", and ", words)}: {flags}";
    }

    private static string HighestIssuer(X509Certificate2 leaf, X509Certificate2[] sent)
    {
        X509Certificate2 top = leaf;
        for (int i = 0; i < Deepest && Array.Find(sent, one => IsIssuer(one, top) && !IsSame(one, top)) is { } above; i++) top = above;
        return top.Issuer;
    }

    private static bool IsSame(X509Certificate2 one, X509Certificate2 other) => one.RawDataMemory.Span.SequenceEqual(other.RawDataMemory.Span);

    // Also where two write the same name in different kinds of ASN.1 text.
    private static bool IsIssuer(X509Certificate2 issuer, X509Certificate2 issued) =>
        issuer.SubjectName.RawData.AsSpan().SequenceEqual(issued.IssuerName.RawData) || string.Equals(issuer.Subject, issued.Issuer, StringComparison.OrdinalIgnoreCase);

    private static byte[]? Authority(X509Certificate2 certificate)
    {
        foreach (X509Extension extension in certificate.Extensions)
        {
            if (extension is X509AuthorityKeyIdentifierExtension { KeyIdentifier: { } id }) return id.ToArray();
        }

        return null;
    }

    // 0 = its key identifier is the wanted one, 1 = one of both has none, 2 = another.
    private static int Mismatch(X509Certificate2 issuer, byte[]? wanted)
    {
        foreach (X509Extension extension in issuer.Extensions)
        {
            if (extension is X509SubjectKeyIdentifierExtension identifier && wanted is not null) return identifier.SubjectKeyIdentifierBytes.Span.SequenceEqual(wanted) ? 0 : 2;
        }

        return 1;
    }
}

/// <summary>What kind of fault a certificate has.</summary>
internal enum CertificateFault
{
    /// <summary>It, or one above it, has expired or is not valid yet.</summary>
    OutOfTime,

    /// <summary>No chain that holds leads from it to an anchor.</summary>
    Untrusted,

    /// <summary>It carries other names.</summary>
    WrongName,
}

/// <summary>What is wrong with a certificate.</summary>
/// <param name="Fault">The kind.</param>
internal sealed record CertificateFinding(CertificateFault Fault)
{
    /// <summary>Whether it is out of time itself, and not one above it.</summary>
    public bool IsLeaf { get; init; } = true;

    /// <summary>Out of time: "expired on DATE" or "is not valid before DATE".</summary>
    public string When { get; init; } = "";

    /// <summary>Out of time: whose certificate.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Untrusted: the issuer at the top of what the server sent.</summary>
    public string Issuer { get; init; } = "";

    /// <summary>Untrusted: what is wrong with the chain, in words with the platform's flags; empty where simply nobody is trusted who could have issued it.</summary>
    public string Why { get; init; } = "";

    /// <summary>Untrusted: whether an anchor has the issuer's name, and another key.</summary>
    public bool IsSignatureWrong { get; init; }

    /// <summary>How many chains were tried.</summary>
    public int Tries { get; init; }

    /// <summary>Whether it carries other names as well.</summary>
    public bool NameIsWrong { get; init; }

    /// <summary>The lower, the closer it came to being good; that one is told of several.</summary>
    internal int Rank => Fault == CertificateFault.OutOfTime ? 0 : IsSignatureWrong ? 2 : 1;
}
