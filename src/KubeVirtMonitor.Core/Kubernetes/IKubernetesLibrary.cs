namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The official client library of Kubernetes, as far as it is used: <c>KubeVirtMonitor.Kubernetes.KubernetesLibrary</c>, in an assembly of its own, so that whoever
/// only connects, lists and scrapes never loads it.
/// </summary>
internal interface IKubernetesLibrary
{
    /// <summary>Makes a client; nothing is sent yet.</summary>
    /// <param name="policy">How requests are sent.</param>
    internal IApiCalls Open(IApiPolicy policy);
}
