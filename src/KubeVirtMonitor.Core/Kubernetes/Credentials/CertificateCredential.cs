using System.Net.Security;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A client certificate and its key. Files are looked at again once a minute for new connections, since some tools renew them in place.</summary>
internal sealed class CertificateCredential : IKubernetesCredential
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private readonly PemSource _certificate;
    private readonly PemSource _key;
    private readonly TimeProvider _time;
    private readonly object _lock = new();
    private string _pem = "";
    private CredentialValue? _value;
    private long _readAt;

    /// <summary>Reads both at once, so that a wrong one is noticed before the first request.</summary>
    public CertificateCredential(PemSource certificate, PemSource key, TimeProvider? time = null)
    {
        _certificate = certificate;
        _key = key;
        _time = time ?? TimeProvider.System;
        Reread();
    }

    public string Kind => "client certificate";

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            bool isFile = _certificate.Path is not null || _key.Path is not null;
            if (isFile && _time.GetElapsedTime(_readAt) >= Freshness) Reread();
            return ValueTask.FromResult(_value!);
        }
    }

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (ReferenceEquals(refused, _value)) Reread();
            return ValueTask.FromResult(!ReferenceEquals(refused, _value));
        }
    }

    private void Reread()
    {
        try
        {
            string certificate = _certificate.Read();
            string key = _key.Read();
            string pem = certificate + key;
            _readAt = _time.GetTimestamp();
            if (pem == _pem) return;
            SslStreamCertificateContext context = Certificates.ReadClient(certificate, key, _certificate, _key, _time.GetUtcNow());
            _pem = pem;
            _value = new CredentialValue(null, context);
        }
        catch (KubernetesException) when (_value is not null)
        {
            // Half of a renewal is on the disk: the pair read before still belongs together.
            _readAt = _time.GetTimestamp();
        }
    }
}
