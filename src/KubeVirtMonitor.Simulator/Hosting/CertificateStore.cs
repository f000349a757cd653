using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Simulator;

/// <summary>The certificates of the components, issued when they are first shown.</summary>
internal sealed class CertificateStore(string @namespace) : IDisposable
{
    private readonly ConcurrentDictionary<(ComponentKind, CertificateKind, CertificateAuthority), Lazy<(X509Certificate2 Certificate, SslStreamCertificateContext Context)>> _issued = [];
    private readonly Lazy<CertificateAuthority> _other = new(() => new CertificateAuthority("another-authority"));

    private readonly ConcurrentStack<CertificateAuthority> _authorities = new([new CertificateAuthority(NameOf(DateTimeOffset.UtcNow.ToUnixTimeSeconds()))]);

    /// <summary>The authority that issues now; each of KubeVirt's has a name of its own.</summary>
    public CertificateAuthority Authority => _authorities.TryPeek(out CertificateAuthority? last) ? last : throw new InvalidOperationException();

    /// <summary>Makes another authority, from which all certificates are from now on, as virt-operator does.</summary>
    public void Renew()
    {
        // The names count seconds, and two in one second are two.
        long last = long.Parse(Authority.Certificate.Subject.Split('@')[1], CultureInfo.InvariantCulture);
        _authorities.Push(new CertificateAuthority(NameOf(Math.Max(last + 1, DateTimeOffset.UtcNow.ToUnixTimeSeconds()))));
    }

    /// <summary>The names on the certificates of a component.</summary>
    public static string[] NamesOf(ComponentKind component, string @namespace)
    {
        string service = $"virt-{SimulatedPod.NameOf(component)}";
        return [service, $"{service}.{@namespace}", $"{service}.{@namespace}.svc", $"{service}.{@namespace}.svc.cluster.local"];
    }

    public SslStreamCertificateContext Get(ComponentKind component, CertificateKind kind) =>
        _issued.GetOrAdd((component, kind, Authority), key => new(() => Issue(key.Item1, key.Item2, key.Item3))).Value.Context;

    public void Dispose()
    {
        foreach (var issued in _issued.Values)
        {
            if (issued.IsValueCreated) issued.Value.Certificate.Dispose();
        }

        if (_other.IsValueCreated) _other.Value.Dispose();
        foreach (CertificateAuthority authority in _authorities) authority.Dispose();
    }

    private static string NameOf(long seconds) => string.Create(CultureInfo.InvariantCulture, $"kubevirt.io@{seconds}");

    private (X509Certificate2, SslStreamCertificateContext) Issue(ComponentKind component, CertificateKind kind, CertificateAuthority current)
    {
        CertificateAuthority authority = kind == CertificateKind.OtherAuthority ? _other.Value : current;
        string[] names = kind == CertificateKind.WrongName ? ["elsewhere.example"] : NamesOf(component, @namespace);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 certificate = kind == CertificateKind.Expired
            ? authority.IssueServer(names[^1], names, now.AddHours(-20), now.AddHours(-1))
            : authority.IssueServer(names[^1], names, now.AddHours(-1), now.AddDays(1));
        return (certificate, SslStreamCertificateContext.Create(certificate, null, offline: true));
    }
}
