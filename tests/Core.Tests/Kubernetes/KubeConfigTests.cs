using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Which files are read, and how they are merged.</summary>
public sealed class KubeConfigTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheFirstFileWinsPerEntryAndTheFirstCurrentContextCounts()
    {
        string first = _folder.Write("first", """
            contexts:
            - {name: one, context: {cluster: red, user: red}}
            users:
            - {name: red, user: {token: first-red}}
            """);
        string second = _folder.Write("second", """
            current-context: one
            clusters:
            - {name: red, cluster: {server: "https://second:6443", tls-server-name: kept}}
            users:
            - {name: red, user: {token: second-red, as: nobody}}
            - {name: blue, user: {token: second-blue}}
            """);
        string third = _folder.Write("third", """
            current-context: two
            contexts:
            - {name: two, context: {cluster: red, user: blue, namespace: third}}
            - {name: one, context: {cluster: none, user: none}}
            clusters:
            - {name: red, cluster: {server: "https://third:6443"}}
            """);
        KubeConfig config = Load(string.Join(Path.PathSeparator, first, Path.Combine(_folder.Path, "missing"), second, third, first));
        Assert.Equal([first, second, third], config.Files);
        Assert.Equal("one", config.CurrentContext);
        Assert.Equal(
            [new KubeConfigContext("one", "red", "red"), new KubeConfigContext("two", "red", "blue")],
            config.Contexts);

        KubernetesConnection one = config.Resolve();
        Assert.Equal(("https://second:6443/", "one", "red", null), (one.Server.ToString(), one.ContextName, one.UserName, one.Namespace));
        Assert.Equal("kept", one.Trust.ServerName);
        // Of an entry with the same name nothing is mixed in, not even what the first does not set.
        Assert.Empty(one.ImpersonationHeaders);
        Assert.Equal("Bearer first-red", Header(one));

        KubernetesConnection two = config.Resolve("two");
        Assert.Equal(("third", "Bearer second-blue"), (two.Namespace, Header(two)));
    }

    [Fact]
    public void HomeIsUsedWithoutTheVariable()
    {
        string path = _folder.Write(".kube/config", "current-context: home\n");
        Dictionary<string, string> environment = new() { ["HOME"] = _folder.Path, ["USERPROFILE"] = _folder.Path };
        KubeConfig config = KubeConfig.Load(new KubeConfigOptions { Environment = environment.GetValueOrDefault, Yaml = new Yaml.YamlReader() });
        Assert.Equal(path, Assert.Single(config.Files));
        Assert.Equal("home", config.CurrentContext);
    }

    [Fact]
    public void WithoutAnyFileTheErrorNamesThePlaces()
    {
        string missing = Path.Combine(_folder.Path, "missing");
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(missing));
        Assert.Equal(KubernetesError.NoConfiguration, exception.Error);
        Assert.Contains(missing, exception.Message, StringComparison.Ordinal);
        Assert.Contains("KUBECONFIG", exception.Message, StringComparison.Ordinal);
        Assert.Equal(Setting.KubeConfig, exception.Setting);

        exception = Assert.Throws<KubernetesException>(() => KubeConfig.Load(new KubeConfigOptions { Path = missing }));
        Assert.Equal(KubernetesError.FileUnreadable, exception.Error);
        Assert.Equal(missing, exception.File);
    }

    [Fact]
    public void PathsCountFromTheFolderOfTheirFile()
    {
        _folder.Write("sub/pki/ca.crt", Pki.Shared.AuthorityPem);
        _folder.Write("sub/token", "from-file\n");
        string path = _folder.Write("sub/config", Config("{server: \"https://a:1\", certificate-authority: pki/ca.crt}", "{tokenFile: token}"));
        KubernetesConnection connection = Load(path).Resolve();
        Assert.Single(connection.Trust.Authorities!);
        Assert.Equal("Bearer from-file", Header(connection));
    }

    [Fact]
    public void DataWinsOverFiles()
    {
        string path = _folder.Write("config", Config($"{{server: \"https://a:1\", certificate-authority: /nowhere, certificate-authority-data: {Pki.Shared.AuthorityBase64}}}", "{token: x, tokenFile: \"\"}"));
        Assert.Single(Load(path).Resolve().Trust.Authorities!);
    }

    [Fact]
    public void JsonNeedsNoYamlReader()
    {
        string path = _folder.Write("config.json", """
            {"kind":"Config","apiVersion":"v1","current-context":"a","contexts":[{"name":"a","context":{"cluster":"a","user":"a"}}],
             "clusters":[{"name":"a","cluster":{"server":"https://a:1"}}],"users":[{"name":"a","user":{"token":"t"}}]}
            """);
        Assert.Equal("Bearer t", Header(KubeConfig.Load(new KubeConfigOptions { Path = path }).Resolve()));
        KubernetesException exception = Assert.Throws<KubernetesException>(() => KubeConfig.Load(new KubeConfigOptions { Path = _folder.Write("config.yaml", "a: 1") }));
        Assert.Contains("no YAML reader", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnchorsAndMergeKeysWork()
    {
        string path = _folder.Write("config", """
            current-context: a
            x: &base {server: "https://a:1", insecure-skip-tls-verify: yes}
            clusters:
            - name: a
              cluster:
                <<: *base
                tls-server-name: api
            contexts:
            - {name: a, context: {cluster: a, user: a}}
            users:
            - {name: a, user: {username: me, password: "pa ss:word"}}
            """);
        KubernetesConnection connection = Load(path).Resolve();
        Assert.True(connection.Trust.SkipCertificateCheck);
        Assert.Equal("api", connection.Trust.ServerName);
        Assert.Contains("not verified", Assert.Single(connection.Warnings), StringComparison.Ordinal);
        // printf 'me:pa ss:word' | base64
        Assert.Equal("Basic bWU6cGEgc3M6d29yZA==", Header(connection));
    }

    [Fact]
    public void ImpersonationIsReadAsKubectlReadsIt()
    {
        string path = _folder.Write("config", Config("{server: \"https://a:1\"}", "{token: t, as: jane, as-uid: u1, as-groups: [g1], as-user-extra: {a/b: [p], c: [q]}}"));
        Assert.Equal(
            ["Impersonate-User: jane", "Impersonate-Uid: u1", "Impersonate-Group: g1", "Impersonate-Extra-a%2Fb: p", "Impersonate-Extra-c: q"],
            Load(path).Resolve().ImpersonationHeaders.Select(header => $"{header.Key}: {header.Value}"));
    }

    [Fact]
    public void AKubectlProxyNeedsNoUser()
    {
        string path = _folder.Write("config", "current-context: a\ncontexts: [{name: a, context: {cluster: a}}]\nclusters: [{name: a, cluster: {server: \"http://127.0.0.1:8001/prefix/\"}}]\n");
        KubernetesConnection connection = Load(path).Resolve();
        Assert.Equal(("none", "http://127.0.0.1:8001/prefix/"), (connection.CredentialKind, connection.Server.ToString()));
        Assert.Contains("plain http", Assert.Single(connection.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void ADefectOfAnEntryThatIsNotUsedHurtsNobody()
    {
        string path = _folder.Write("config", Config("{server: \"https://a:1\"}", "{token: t}").Replace("contexts:\n", "contexts:\n- {name: b, context: {cluster: a, user: broken}}\n", StringComparison.Ordinal) + "- {name: broken, user: {client-certificate-data: '***', token: 5}}\n");
        Assert.Equal("Bearer t", Header(Load(path).Resolve()));
        Assert.Throws<KubernetesException>(() => Load(path).Resolve("b"));
    }

    [Fact]
    public void NothingOfASecretIsShownByToString()
    {
        KubernetesConnection connection = Load(_folder.Write("config", Config("{server: \"https://a:1\"}", "{token: sec-ret}"))).Resolve();
        Assert.DoesNotContain("sec-ret", connection.ToString() + connection.Credential + connection.CredentialKind, StringComparison.Ordinal);
    }

    [Fact]
    public void InAPodTheServiceAccountIsUsed()
    {
        string ca = _folder.Write("sa/ca.crt", Pki.Shared.AuthorityPem);
        _folder.Write("sa/token", "pod-token");
        _folder.Write("sa/namespace", "monitoring\n");
        Dictionary<string, string> environment = new() { ["KUBERNETES_SERVICE_HOST"] = "fd00::1", ["KUBERNETES_SERVICE_PORT"] = "443" };
        KubernetesConnection connection = KubeVirtMonitor.Kubernetes.InClusterSource.Load(environment.GetValueOrDefault, Path.GetDirectoryName(ca)!);
        Assert.Equal(("https://[fd00::1]/", "monitoring", "Bearer pod-token"), (connection.Server.ToString(), connection.Namespace, Header(connection)));
        Assert.Single(connection.Trust.Authorities!);

        File.Delete(Path.Combine(_folder.Path, "sa/namespace"));
        Assert.Null(KubeVirtMonitor.Kubernetes.InClusterSource.Load(environment.GetValueOrDefault, Path.GetDirectoryName(ca)!).Namespace);
        File.Delete(Path.Combine(_folder.Path, "sa/token"));
        KubernetesException exception = Assert.Throws<KubernetesException>(() => KubeVirtMonitor.Kubernetes.InClusterSource.Load(environment.GetValueOrDefault, Path.GetDirectoryName(ca)!));
        Assert.Equal(KubernetesError.CredentialMissing, exception.Error);
        Assert.Contains("automountServiceAccountToken", exception.Advice, StringComparison.Ordinal);
        Assert.Equal(KubernetesError.NoConfiguration, Assert.Throws<KubernetesException>(() => KubernetesConnection.InCluster(_ => null)).Error);
    }

    internal static string Config(string cluster, string user) => $"""
        current-context: a
        contexts:
        - name: a
          context: {"{"}cluster: a, user: a{"}"}
        clusters:
        - name: a
          cluster: {cluster}
        users:
        - name: a
          user: {user}

        """;

    internal static string Header(KubernetesConnection connection) =>
        connection.Credential.GetAsync(TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult().Authorization?.ToString() ?? "";

    private static KubeConfig Load(string list) =>
        KubeConfig.Load(new KubeConfigOptions { Environment = name => name == "KUBECONFIG" ? list : null, Yaml = new Yaml.YamlReader() });
}
