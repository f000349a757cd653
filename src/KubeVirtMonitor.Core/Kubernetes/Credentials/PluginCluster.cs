using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>What a credential plugin may learn about the cluster it logs in to, when the kubeconfig allows it.</summary>
internal sealed class PluginCluster(Uri server, KubeConfigEntry cluster, ServerTrust trust)
{
    private const string ExtensionName = "client.authentication.k8s.io/exec";

    /// <summary>The field <c>spec.cluster</c> of an ExecCredential.</summary>
    public JsonObject ToJson()
    {
        JsonObject json = new() { ["server"] = server.ToString().TrimEnd('/') };
        if (trust.ServerName is { } name) json["tls-server-name"] = name;
        if (trust.SkipCertificateCheck) json["insecure-skip-tls-verify"] = true;
        if (trust.AuthorityPem is { } pem) json["certificate-authority-data"] = Convert.ToBase64String(pem);
        if (cluster.Text("proxy-url") is { } proxy) json["proxy-url"] = proxy;
        if (cluster.Flag("disable-compression")) json["disable-compression"] = true;
        KubeConfigEntry? extension = cluster.Maps("extensions").FirstOrDefault(entry => entry.Text("name") == ExtensionName);
        json["config"] = extension?.Body["extension"]?.DeepClone();
        return json;
    }
}
