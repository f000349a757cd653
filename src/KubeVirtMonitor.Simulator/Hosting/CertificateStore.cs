using System.Collections.Concurrent;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace KubeVirtMonitor.Simulator;

/// <summary>The certificates of the components, issued when they are first shown.</summary>
internal sealed class CertificateStore(string @namespace) : IDisposable
{
    private readonly ConcurrentDictionary<(ComponentKind, CertificateKind), Lazy<(X509Certificate2 Certificate, SslStreamCertificateContext Context)>> _issued = [];
    private readonly Lazy<CertificateAuthority> _other = new(() => new CertificateAuthority("another-authority"));

    public CertificateAuthority Authority { get; } = new("kubevirt.io");

    /// <summary>The names on the certificates of a component.</summary>
    public static string[] NamesOf(ComponentKind component, string @namespace)
    {
        string service = $"virt-{SimulatedPod.NameOf(component)}";
        return [service, $"{service}.{@namespace}", $"{service}.{@namespace}.svc", $"{service}.{@namespace}.svc.cluster.local"];
    }

    public SslStreamCertificateContext Get(ComponentKind component, CertificateKind kind) =>
        _issued.GetOrAdd((component, kind), key => new(() => Issue(key.Item1, key.Item2))).Value.Context;

    public void Dispose()
    {
        foreach (var issued in _issued.Values)
        {
            if (issued.IsValueCreated) issued.Value.Certificate.Dispose();
        }

        if (_other.IsValueCreated) _other.Value.Dispose();
        Authority.Dispose();
    }

    private (X509Certificate2, SslStreamCertificateContext) Issue(ComponentKind component, CertificateKind kind)
    {
        CertificateAuthority authority = kind == CertificateKind.OtherAuthority ? _other.Value : Authority;
        string[] names = kind == CertificateKind.WrongName ? ["elsewhere.example"] : NamesOf(component, @namespace);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        X509Certificate2 certificate = kind == CertificateKind.Expired
            ? authority.IssueServer(names[^1], names, now.AddHours(-20), now.AddHours(-1))
            : authority.IssueServer(names[^1], names, now.AddHours(-1), now.AddDays(1));
        return (certificate, SslStreamCertificateContext.Create(certificate, null, offline: true));
    }
}
