using System.Net.Http.Headers;
using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>A user name and a password.</summary>
internal sealed class BasicCredential(string name, string password) : IKubernetesCredential
{
    private readonly CredentialValue _value = new(new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}"))));

    public string Kind => "user name and password";

    public ValueTask<CredentialValue> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_value);

    public ValueTask<bool> RenewAsync(CredentialValue refused, CancellationToken cancellationToken) => ValueTask.FromResult(false);
}
