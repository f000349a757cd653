using System.Security.Cryptography;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>One clear error per defect of a kubeconfig: the file, the entry, what to do, and no secret.</summary>
public sealed class KubeConfigDefectTests : IDisposable
{
    private const string Secret = "s3cret-value-7";

    private static readonly (string Certificate, string Key) One = Pki.Shared.IssueClient("one");

    private static readonly (string Certificate, string Key) Other = Pki.Shared.IssueClient("other");

    private static readonly DateTimeOffset LongAgo = new(DateTimeOffset.UtcNow.Year - 1, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly (string Certificate, string Key) Old = Pki.Shared.IssueClient("old", LongAgo.AddDays(-1), LongAgo);

    private readonly TempFolder _folder = new();

    /// <summary>Cluster, user, error, entry, and words of the message.</summary>
    public static TheoryData<string, string, KubernetesError, string, string> Entries => new()
    {
        { "{}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.server", "is missing" },
        { "{server: 'ftp://a'}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.server", "not an https address" },
        { "{server: 'https://me:pw@a:1'}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.server", "user name or password" },
        { "{server: 'http://127.0.0.1:1'}", "{token: " + Secret + "}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.server", "unencrypted" },
        { "{server: 'http://a:1'}", "{}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.server", "plain http to another machine" },
        { "{server: 'https://a:1', certificate-authority: nowhere.crt}", "{token: t}", KubernetesError.FileUnreadable, "clusters[a].cluster.certificate-authority", "does not exist" },
        { "{server: 'https://a:1', certificate-authority-data: '%%%'}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.certificate-authority-data", "not valid base64" },
        { "{server: 'https://a:1', certificate-authority-data: aGVsbG8=}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.certificate-authority-data", "no CA certificate" },
        { "{server: 'https://a:1', certificate-authority-data: " + Pki.Shared.AuthorityBase64 + ", insecure-skip-tls-verify: true}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.insecure-skip-tls-verify", "together with a certificate authority" },
        { "{server: 'https://a:1', insecure-skip-tls-verify: 'true'}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.insecure-skip-tls-verify", "true or false" },
        { "{server: 'https://a:1', proxy-url: 'ftp://p'}", "{token: t}", KubernetesError.ConfigurationInvalid, "clusters[a].cluster.proxy-url", "not a proxy address" },
        { "{server: 'https://a:1'}", "{tokn: t}", KubernetesError.CredentialMissing, "users[a].user", "contains no supported credentials" },
        { "{server: 'https://a:1'}", "{token: 12345678}", KubernetesError.ConfigurationInvalid, "users[a].user.token", "reads it as a number" },
        { "{server: 'https://a:1'}", "{token: \"" + Secret + "\\n\"}", KubernetesError.CredentialInvalid, "users[a].user.token", "line breaks" },
        { "{server: 'https://a:1'}", "{token: " + Secret + ", username: me}", KubernetesError.ConfigurationInvalid, "users[a].user", "both a token and a user name" },
        { "{server: 'https://a:1'}", "{password: " + Secret + "}", KubernetesError.ConfigurationInvalid, "users[a].user.username", "is missing" },
        { "{server: 'https://a:1'}", "{token: t, as-groups: [g]}", KubernetesError.ConfigurationInvalid, "users[a].user.as", "is missing" },
        { "{server: 'https://a:1'}", "{token: t, as: jane, as-groups: [g, h]}", KubernetesError.CredentialUnsupported, "users[a].user.as", "several groups" },
        { "{server: 'https://a:1'}", "{auth-provider: {name: gcp}}", KubernetesError.CredentialUnsupported, "users[a].user.auth-provider", "gke-gcloud-auth-plugin" },
        { "{server: 'https://a:1'}", "{auth-provider: {name: azure}}", KubernetesError.CredentialUnsupported, "users[a].user.auth-provider", "kubelogin" },
        { "{server: 'https://a:1'}", "{auth-provider: {name: x}, exec: {command: c}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec", "set together with" },
        { "{server: 'https://a:1'}", "{client-certificate-data: " + Base64(One.Certificate) + "}", KubernetesError.ConfigurationInvalid, "users[a].user.client-key-data", "is missing" },
        { "{server: 'https://a:1'}", "{client-key-data: " + Base64(One.Key) + "}", KubernetesError.ConfigurationInvalid, "users[a].user.client-certificate-data", "is missing" },
        { "{server: 'https://a:1'}", Pair("not base64!", Base64(One.Key)), KubernetesError.ConfigurationInvalid, "users[a].user.client-certificate-data", "not valid base64" },
        { "{server: 'https://a:1'}", Pair(Base64("rubbish"), Base64(One.Key)), KubernetesError.CredentialInvalid, "users[a].user.client-certificate-data", "no certificate" },
        { "{server: 'https://a:1'}", Pair(Base64(One.Certificate), Base64("rubbish")), KubernetesError.CredentialInvalid, "users[a].user.client-key-data", "no private key" },
        { "{server: 'https://a:1'}", Pair(Base64(One.Certificate), Base64(Other.Key)), KubernetesError.CredentialInvalid, "users[a].user.client-key-data", "does not belong" },
        { "{server: 'https://a:1'}", Pair(Base64(One.Certificate), Base64(Encrypted())), KubernetesError.CredentialInvalid, "users[a].user.client-key-data", "encrypted key" },
        { "{server: 'https://a:1'}", "{client-certificate: nowhere.crt, client-key: nowhere.key}", KubernetesError.FileUnreadable, "users[a].user.client-certificate", "does not exist" },
        { "{server: 'https://a:1'}", "{exec: {apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec.command", "is missing" },
        { "{server: 'https://a:1'}", "{exec: {command: c}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec.apiVersion", "is missing" },
        { "{server: 'https://a:1'}", "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1alpha1}}", KubernetesError.CredentialUnsupported, "users[a].user.exec.apiVersion", "not supported" },
        { "{server: 'https://a:1'}", "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec.interactiveMode", "is missing" },
        { "{server: 'https://a:1'}", "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Always}}", KubernetesError.CredentialUnsupported, "users[a].user.exec.interactiveMode", "needs a terminal" },
        { "{server: 'https://a:1'}", "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Maybe}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec.interactiveMode", "has to be Never" },
        { "{server: 'https://a:1'}", "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, env: [{value: x}]}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec.env[0].name", "is missing" },
        { "{server: 'https://a:1'}", "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, args: [1]}}", KubernetesError.ConfigurationInvalid, "users[a].user.exec.args[0]", "has to be text" },
    };

    /// <summary>Whole files, error, and words of the message.</summary>
    public static TheoryData<string, KubernetesError, string> Files => new()
    {
        { "", KubernetesError.NoConfiguration, "there is no context in" },
        { "current-context: nobody\ncontexts: [{name: a, context: {}}]", KubernetesError.EntryNotFound, "there is no context 'nobody' (its current-context)" },
        { "current-context: a\ncontexts: [{name: a, context: {user: u}}]", KubernetesError.ConfigurationInvalid, "names no cluster" },
        { "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: []", KubernetesError.EntryNotFound, "there is no cluster 'c' (named by context 'a')" },
        { "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u}}]\nclusters: [{name: c, cluster: {server: 'https://a'}}]\nusers: [{name: w, user: {}}]", KubernetesError.EntryNotFound, "there is no user 'u' (named by context 'a')" },
        { "current-context: a\ncontexts: [{name: a, context: {cluster: c}}]\nclusters: [{name: c, cluster: {server: 'https://a'}}]", KubernetesError.ConfigurationInvalid, "requests are not sent anonymously" },
        { "current-context: a\ncontexts: [{name: a, context: {cluster: c, user: u, namespace: Not/Valid}}]\nclusters: [{name: c, cluster: {server: 'https://a'}}]\nusers: [{name: u, user: {token: t}}]", KubernetesError.ConfigurationInvalid, "not a valid namespace name" },
        { "users: [{name: u, user: {token: " + Secret + "}}, {name: u, user: {token: t}}]", KubernetesError.ConfigurationInvalid, "the name 'u' appears twice in 'users'" },
        { "users:\n- name: u\n  user:\n    token: " + Secret + "\n    token: other", KubernetesError.ConfigurationInvalid, "line 5, column 5: the key 'token' appears twice" },
        { "{\"users\":[],\"users\":[]}", KubernetesError.ConfigurationInvalid, "appears twice" },
        { "users: [{name: u, user: {token: '" + Secret + "}}]", KubernetesError.ConfigurationInvalid, "line 1" },
        { "users: {u: {}}", KubernetesError.ConfigurationInvalid, "'users' has to be a list" },
        { "users: [u]", KubernetesError.ConfigurationInvalid, "'users[0]' has to be a mapping" },
        { "users: [{name: u, user: [x]}]", KubernetesError.ConfigurationInvalid, "'users[u].user' has to be a mapping" },
        { "just text", KubernetesError.ConfigurationInvalid, "not a kubeconfig" },
        { "apiVersion: v2\nkind: Config", KubernetesError.ConfigurationInvalid, "apiVersion is 'v2'" },
        { "apiVersion: v1\nkind: Pod", KubernetesError.ConfigurationInvalid, "kind is 'Pod'" },
        { "a: 1\n---\nb: 2", KubernetesError.ConfigurationInvalid, "2 YAML documents" },
        { "a: &a [x, *a]", KubernetesError.ConfigurationInvalid, "line 1, column 11" },
        { "{ not json", KubernetesError.ConfigurationInvalid, "between { of line 1, column 1" },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Entries))]
    public void ADefectOfAnEntryIsNamed(string cluster, string user, KubernetesError error, string entry, string words)
    {
        string path = _folder.Write("config", KubeConfigTests.Config(cluster, user));
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path).Resolve());
        Assert.Equal((error, entry), (exception.Error, exception.Entry));
        AssertClear(exception, words);
        Assert.Contains(path, exception.Message + exception.File, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNearToAMisspeltContextComesFirst()
    {
        string path = _folder.Write("config", $"contexts: [{string.Join(", ", Enumerable.Range(1, 9).Select(static i => $"{{name: site-{i}, context: {{}}}}"))}, {{name: prod, context: {{}}}}]");
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path).Resolve("prdo"));
        Assert.StartsWith("Name one that exists (prod, site-1, ", exception.Advice, StringComparison.Ordinal);
        Assert.Contains("site-7 and 2 more)", exception.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void ADefectOfAFileIsNamed(string text, KubernetesError error, string words)
    {
        string path = _folder.Write("config", text);
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path).Resolve());
        Assert.Equal(error, exception.Error);
        AssertClear(exception, words);
        Assert.Contains(path, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnExpiredCertificateSaysWhen()
    {
        string path = _folder.Write("config", KubeConfigTests.Config("{server: 'https://a:1'}", Pair(Base64(Old.Certificate), Base64(Old.Key))));
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path).Resolve());
        Assert.Equal((KubernetesError.CredentialInvalid, "users[a].user.client-certificate-data"), (exception.Error, exception.Entry));
        AssertClear(exception, $"expired on {DateTimeOffset.UtcNow.Year - 1}-03-01 12:00 UTC");
    }

    [Fact]
    public void FiveMegabytesOfRubbishAreNotRead()
    {
        byte[] rubbish = RandomNumberGenerator.GetBytes(5 * 1024 * 1024);
        string path = Path.Combine(_folder.Path, "config");
        File.WriteAllBytes(path, rubbish);
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path));
        Assert.Equal(KubernetesError.FileUnreadable, exception.Error);
        AssertClear(exception, "larger than 4 MiB");

        File.WriteAllBytes(path, rubbish[..100_000]);
        AssertClear(Assert.Throws<KubernetesException>(() => Load(path)), "not text in UTF-8 or UTF-16");
    }

    [Fact]
    public void AFolderIsNoFile()
    {
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(_folder.Path));
        Assert.Equal(KubernetesError.FileUnreadable, exception.Error);
        AssertClear(exception, "is a folder");
    }

    [Fact]
    public void AMissingContextNamesThoseThatExist()
    {
        string path = _folder.Write("config", KubeConfigTests.Config("{server: 'https://a:1'}", "{token: t}"));
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path).Resolve("b"));
        Assert.Equal("contexts[b]", exception.Entry);
        Assert.Contains("(a)", exception.Advice, StringComparison.Ordinal);
    }

    private static void AssertClear(KubernetesException exception, string words)
    {
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.NotEmpty(exception.Advice);
        Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        for (Exception? one = exception; one is not null; one = one.InnerException) Assert.DoesNotContain(Secret, one.Message, StringComparison.Ordinal);
    }

    private static KubeConfig Load(string path) => KubeConfig.Load(new KubeConfigOptions { Path = path, Yaml = new Yaml.YamlReader() });

    private static string Pair(string certificate, string key) => $"{{client-certificate-data: '{certificate}', client-key-data: '{key}'}}";

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static string Encrypted()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        return key.ExportEncryptedPkcs8PrivateKeyPem("pw", new PbeParameters(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000));
    }
}
