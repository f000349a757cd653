using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>One way to authenticate to the server. Implementations are thread-safe.</summary>
internal interface IKubernetesCredential
{
    /// <summary>What it is, for people.</summary>
    string Kind { get; }

    /// <summary>Whether it can be shown now without asking anybody: no plugin, which may open a browser, and no other server.</summary>
    bool IsAtHand => true;

    /// <summary>What to show now; cached where obtaining it costs something.</summary>
    /// <exception cref="KubernetesException">It cannot be obtained.</exception>
    ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken);

    /// <summary>Called after the server refused a value with 401.</summary>
    /// <param name="refused">What was refused.</param>
    /// <returns>True when <see cref="GetAsync"/> now gives something else, so that trying again makes sense.</returns>
    ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken);
}

/// <summary>What is sent to the server for authentication. Compared by identity; never printed.</summary>
internal sealed class CredentialValue(AuthenticationHeaderValue? authorization, SslStreamCertificateContext? certificate = null)
{
    public static CredentialValue None { get; } = new(null);

    public AuthenticationHeaderValue? Authorization { get; } = authorization;

    public SslStreamCertificateContext? Certificate { get; } = certificate;

    public override string ToString() => "(credential)";
}

/// <summary>No credential: for a local "kubectl proxy", which authenticates itself.</summary>
internal sealed class NoCredential : IKubernetesCredential
{
    private NoCredential()
    {
    }

    public static NoCredential Instance { get; } = new();

    public string Kind => "none";

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(CredentialValue.None);

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

/// <summary>A user name and a password.</summary>
internal sealed class BasicCredential(string name, string password) : IKubernetesCredential
{
    private readonly CredentialValue _value = new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))));

    public string Kind => "user name and password";

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_value);

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}

/// <summary>A client certificate for the connection and a header for the requests, as kubectl sends both when it has both.</summary>
internal sealed class CombinedCredential(IKubernetesCredential certificate, IKubernetesCredential header) : IKubernetesCredential
{
    private Parts? _parts;

    public string Kind => $"{certificate.Kind} and {header.Kind}";

    public bool IsAtHand => certificate.IsAtHand && header.IsAtHand;

    public async ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken)
    {
        CredentialValue left = await certificate.GetAsync(cancellationToken).ConfigureAwait(false);
        CredentialValue right = await header.GetAsync(cancellationToken).ConfigureAwait(false);
        Parts? known = Volatile.Read(ref _parts);
        if (known is not null && ReferenceEquals(known.Left, left) && ReferenceEquals(known.Right, right)) return known.Both;
        Parts parts = new(left, right, new CredentialValue(right.Authorization, left.Certificate));
        Volatile.Write(ref _parts, parts);
        return parts.Both;
    }

    public async ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken)
    {
        Parts? known = Volatile.Read(ref _parts);
        if (known is null || !ReferenceEquals(known.Both, refused)) return true;
        bool left = await certificate.RenewAsync(known.Left, cancellationToken).ConfigureAwait(false);
        bool right = await header.RenewAsync(known.Right, cancellationToken).ConfigureAwait(false);
        return left || right;
    }

    private sealed record Parts(CredentialValue Left, CredentialValue Right, CredentialValue Both);
}

/// <summary>A credential in files that other programs renew: read again once a minute, and when the server refuses it. Thread-safe.</summary>
/// <param name="time">The clock; null = the system's.</param>
internal abstract class FileCredential(TimeProvider? time) : IKubernetesCredential
{
    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);

    private readonly object _lock = new();
    private long _readAt;

    public abstract string Kind { get; }

    protected TimeProvider Time { get; } = time ?? TimeProvider.System;

    /// <summary>What was read last; null before the first time.</summary>
    protected CredentialValue? Value { get; set; }

    /// <summary>Whether another program can change it at all.</summary>
    protected virtual bool MayChange => true;

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (Value is null || (MayChange && Time.GetElapsedTime(_readAt) >= Freshness)) Reread();
            return ValueTask.FromResult(Value!);
        }
    }

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (ReferenceEquals(refused, Value)) Reread();
            return ValueTask.FromResult(!ReferenceEquals(refused, Value));
        }
    }

    /// <summary>Sets <see cref="Value"/>, anew where it has changed, and calls <see cref="NoteRead"/> where it need not be read again soon.</summary>
    protected abstract void Reread();

    protected void NoteRead() => _readAt = Time.GetTimestamp();
}
