using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Sessions;

/// <summary>The authorities that issue the components' certificates: ConfigMap <c>kubevirt-ca</c> of the install namespace, read once and again when they are renewed.</summary>
internal sealed class ComponentAuthority(KubeVirtSession session) : IDisposable
{
    // A component whose certificate is wrong for good must not make every request a question to the API server: after a look that showed nothing new, there is none for so long.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _one = new(1);
    private X509Certificate2Collection? _roots;
    private string _pem = "";
    private long? _fruitlessAt;

    /// <summary>The authorities; the same collection until they change.</summary>
    /// <exception cref="KubernetesException">The ConfigMap may not be read, or holds no certificate.</exception>
    public async Task<X509Certificate2Collection> GetAsync(CancellationToken cancellationToken)
    {
        if (_roots is { } known) return known;
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_roots is null) await ReadAsync(cancellationToken).ConfigureAwait(false);
            return _roots!;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Reads the ConfigMap again after a certificate was not trusted.</summary>
    /// <param name="used">The authorities that did not trust it.</param>
    /// <returns>True when there are others now.</returns>
    public async Task<bool> RenewAsync(X509Certificate2Collection used, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (!ReferenceEquals(used, _roots)) return true;
            if (_fruitlessAt is { } at && session.Time.GetElapsedTime(at) < Pause) return false;
            await ReadAsync(cancellationToken).ConfigureAwait(false);
            _fruitlessAt = ReferenceEquals(used, _roots) ? session.Time.GetTimestamp() : null;
            return _fruitlessAt is null;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>The authorities that there are now.</summary>
    /// <exception cref="KubernetesException">The ConfigMap may not be read, or holds no certificate.</exception>
    public static async Task<X509Certificate2Collection> ReadAsync(KubeVirtSession session, CancellationToken cancellationToken) =>
        RootsOf(session, await PemAsync(session, cancellationToken).ConfigureAwait(false));

    public void Dispose() => _one.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        string pem = await PemAsync(session, cancellationToken).ConfigureAwait(false);
        if (pem == _pem && _roots is not null) return;
        (_roots, _pem) = (RootsOf(session, pem), pem);
    }

    private static async Task<string> PemAsync(KubeVirtSession session, CancellationToken cancellationToken)
    {
        string path = ResourceType.ConfigMaps.PathOf(session.InstallNamespace, ComponentFacts.AuthorityConfigMap);
        return await session.Client.GetAsync(path, static json => JsonFields.TextAt(json, "data", ComponentFacts.AuthorityKey), cancellationToken).ConfigureAwait(false)
            ?? throw Unusable(session, $"has no key {ComponentFacts.AuthorityKey}");
    }

    private static X509Certificate2Collection RootsOf(KubeVirtSession session, string pem)
    {
        try
        {
            X509Certificate2Collection roots = CertificateReader.FromPem(pem);
            return roots.Count > 0 ? roots : throw Unusable(session, $"contains no certificate under {ComponentFacts.AuthorityKey}");
        }
        catch (CertificateException exception)
        {
            throw Unusable(session, $"holds under {ComponentFacts.AuthorityKey} {exception.Message}");
        }
    }

    private static KubernetesException Unusable(KubeVirtSession session, string what) => new(
        KubernetesError.BadAnswer,
        $"ConfigMap {ComponentFacts.AuthorityConfigMap} in namespace {session.InstallNamespace} {what}",
        "virt-operator writes it: check the log of virt-operator. Without it, the certificates of the components cannot be verified.")
    { Setting = Setting.Route };
}
