using System.Net.Http.Headers;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A bearer token that does not change.</summary>
internal sealed class TokenCredential(string token) : IKubernetesCredential
{
    private readonly CredentialValue _value = new(new AuthenticationHeaderValue("Bearer", token));

    public string Kind => "token";

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_value);

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
