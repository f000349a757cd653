namespace KubeVirtMonitor.Kubernetes;

/// <summary>KubernetesClient, the official client library for .NET, behind the interfaces of the core.</summary>
internal sealed class KubernetesLibrary : IKubernetesLibrary
{
    /// <inheritdoc/>
    IApiCalls IKubernetesLibrary.Open(IApiPolicy policy) => new ApiCalls(policy);
}
