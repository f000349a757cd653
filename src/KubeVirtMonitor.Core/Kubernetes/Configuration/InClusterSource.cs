using System.Net;
using System.Net.Sockets;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>The service account that Kubernetes mounts into every pod.</summary>
internal static class InClusterSource
{
    public const string DefaultFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    public static KubernetesConnection Load(Func<string, string?> environment, string folder)
    {
        string? host = environment("KUBERNETES_SERVICE_HOST");
        string? port = environment("KUBERNETES_SERVICE_PORT");
        if (string.IsNullOrEmpty(host) || string.IsNullOrEmpty(port))
        {
            throw new KubernetesException(
                KubernetesError.NoConfiguration,
                "this process does not seem to run in a pod: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set",
                "Outside a cluster, connect with a kubeconfig, or with a server and a token.")
            { Setting = Setting.Server };
        }

        string token = Path.Combine(folder, "token");
        string authority = Path.Combine(folder, "ca.crt");
        if (!File.Exists(token))
        {
            throw new KubernetesException(
                KubernetesError.CredentialMissing,
                $"the pod's service account is not mounted: {token} does not exist",
                "Remove 'automountServiceAccountToken: false' from the pod or its service account, or mount a projected token there.")
            { File = token };
        }

        string name = IPAddress.TryParse(host, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{host}]" : host;
        Uri server = ServerAddress.Check($"https://{name}:{port}", "KUBERNETES_SERVICE_HOST", null, hasCredentials: true);
        return new KubernetesConnection(server, new TokenFileCredential(token, "the service account"))
        {
            Source = folder,
            Namespace = ReadNamespace(Path.Combine(folder, "namespace")),
            ProxyAddress = EnvironmentProxy.Find(server, environment),
            Trust = new ServerTrust
            {
                Authorities = Certificates.ReadAuthorities(ConfigFiles.ReadBytes(authority, "CA file of the service account"), authority, authority),
                AuthorityPlace = authority,
            },
        };
    }

    private static string? ReadNamespace(string path)
    {
        if (!File.Exists(path)) return null;
        string name = ConfigFiles.ReadText(path, "namespace file of the service account").Trim();
        return ResourceNames.IsLabel(name) ? name : null;
    }
}
