namespace KubeVirtMonitor.Kubernetes;

/// <summary>Nothing to show: for a local "kubectl proxy", which logs in itself.</summary>
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
