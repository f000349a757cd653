using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.TestKit;

/// <summary>Clients of the fake API server.</summary>
public static class Clients
{
    internal static IKubernetesLibrary Library { get; } = new KubeVirtMonitor.Kubernetes.KubernetesLibrary();

    internal static KubernetesClientOptions Quick { get; } = new() { RetryInterval = TimeSpan.FromMilliseconds(5), Timeout = TimeSpan.FromSeconds(20) };

    /// <summary>By server and token, verifying the certificate against the CA of the tests.</summary>
    internal static KubernetesClient ByToken(FakeApiServer server, TempFolder folder, KubernetesClientOptions? options = null, ServerOptions? how = null) =>
        new(KubernetesConnection.FromToken(server.Address, "the-token", (how ?? new ServerOptions()) with { CertificateAuthority = folder.Write("ca.crt", Pki.Shared.AuthorityPem) }), Library, options ?? Quick);

    /// <summary>By a kubeconfig with one user entry (YAML, indented by nothing).</summary>
    internal static KubernetesConnection ByUser(TempFolder folder, Uri server, string user, string? cluster = null) =>
        KubeConfig.Load(new KubeConfigOptions { Path = folder.Write("config", ConfigText(server, user, cluster)), Yaml = new Yaml.YamlReader() }).Resolve();

    public static string ConfigText(Uri server, string user, string? cluster = null) => $"""
        apiVersion: v1
        kind: Config
        current-context: test
        contexts:
        - name: test
          context: {"{"}cluster: test, user: test, namespace: kubevirt{"}"}
        clusters:
        - name: test
          cluster:
            server: {server}
        {Indent(cluster ?? "certificate-authority-data: " + Pki.Shared.AuthorityBase64)}
        users:
        - name: test
          user:
        {Indent(user)}

        """;

    private static string Indent(string text) => string.Join('\n', text.ReplaceLineEndings("\n").TrimEnd('\n').Split('\n').Select(line => "    " + line));
}
