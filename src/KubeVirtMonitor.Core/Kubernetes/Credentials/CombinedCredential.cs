namespace KubeVirtMonitor.Kubernetes;

/// <summary>A client certificate for the connection and a header for the requests, as kubectl sends both when it has both.</summary>
internal sealed class CombinedCredential(IKubernetesCredential certificate, IKubernetesCredential header) : IKubernetesCredential
{
    private Parts? _parts;

    public string Kind => $"{certificate.Kind} and {header.Kind}";

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
