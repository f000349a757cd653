using System.Net.Http.Headers;
using System.Net.Security;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What is shown to the server. Compared by identity; never printed.</summary>
internal sealed class CredentialValue(AuthenticationHeaderValue? authorization, SslStreamCertificateContext? certificate = null)
{
    public static CredentialValue None { get; } = new(null);

    public AuthenticationHeaderValue? Authorization { get; } = authorization;

    public SslStreamCertificateContext? Certificate { get; } = certificate;

    public override string ToString() => "(credential)";
}
