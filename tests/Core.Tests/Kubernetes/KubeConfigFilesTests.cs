using System.Text;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Kubeconfigs as people's tools, shells and editors leave them; what kubectl takes is taken.</summary>
public sealed class KubeConfigFilesTests : ClientTests
{
    private const string One = """{"current-context":"a","contexts":[{"name":"a","context":{"cluster":"a","user":"a"}}],"clusters":[{"name":"a","cluster":{"server":"https://a:1"}}],"users":[{"name":"a","user":{"token":"t"}}]}""";

    [Fact]
    public void RelativePathsCountFromTheFolderOfTheShell()
    {
        string first = Folder.Write("shell/first", "current-context: a\n");
        string second = Folder.Write("second", KubeConfigTests.Config("{server: \"https://a:1\"}", "{token: t}"));
        string shell = Path.GetDirectoryName(first)!;
        Assert.Equal([first, second], Load($"first{Path.PathSeparator}../second", shell).Files);
        Assert.Equal([first], KubeConfig.Load(new KubeConfigOptions { Path = "first", WorkingDirectory = shell, Yaml = new Yaml.YamlReader() }).Files);
    }

    [Fact]
    public void TheHomeFolderMayBeWrittenAsATilde()
    {
        string path = Folder.Write(".kube/other", "current-context: a\n");
        Dictionary<string, string> environment = new() { ["HOME"] = Folder.Path, ["USERPROFILE"] = Folder.Path, ["KUBECONFIG"] = "~/.kube/other" };
        Assert.Equal([path], KubeConfig.Load(new KubeConfigOptions { Environment = environment.GetValueOrDefault, Yaml = new Yaml.YamlReader() }).Files);
    }

    [Fact]
    public void BlankEntriesAreNone()
    {
        string path = Folder.Write("config", "current-context: a\n");
        Assert.Equal([path], Load(string.Join(Path.PathSeparator, "", path, " ", "\t", ""), Folder.Path).Files);
        Assert.Equal(KubernetesError.NoConfiguration, Assert.Throws<KubernetesException>(() => Load($" {Path.PathSeparator} ", Folder.Path)).Error);
    }

    [Theory]
    [InlineData("utf-16", true)]
    [InlineData("utf-16BE", true)]
    [InlineData("utf-8", true)]
    [InlineData("utf-16", false)]
    public void FilesOfWindowsPowerShellAreRead(string encoding, bool isMarked)
    {
        Encoding used = encoding switch { "utf-16" => new UnicodeEncoding(false, isMarked), "utf-16BE" => new UnicodeEncoding(true, isMarked), _ => new UTF8Encoding(isMarked) };
        string token = Path.Combine(Folder.Path, "token");
        File.WriteAllText(token, "from-file\r\n", used);
        string path = Path.Combine(Folder.Path, "config");
        File.WriteAllText(path, KubeConfigTests.Config("{server: \"https://a:1\"}", "{tokenFile: token}").ReplaceLineEndings("\r\n"), used);
        Assert.Equal("Bearer from-file", KubeConfigTests.Header(Load(path).Resolve()));
    }

    [Fact]
    public void BytesThatAreNoTextAreNamed()
    {
        string path = Path.Combine(Folder.Path, "config");
        File.WriteAllBytes(path, [0x61, 0xFF, 0xFE]);
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(path));
        Assert.Equal((KubernetesError.FileUnreadable, path), (exception.Error, exception.File));
        Assert.Contains("not text in UTF-8 or UTF-16", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{0}---\n")]
    [InlineData("---\n{0}---\n---\n# the end\n")]
    [InlineData("{0}...\n")]
    public void DocumentsWithNothingInThemAreNone(string form)
    {
        string text = KubeConfigTests.Config("{server: \"https://a:1\"}", "{token: t}");
        Assert.Equal("Bearer t", KubeConfigTests.Header(Load(Folder.Write("config", form.Replace("{0}", text, StringComparison.Ordinal))).Resolve()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData(" \r\n\t")]
    public void ConcatenatedJsonIsNamed(string between)
    {
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(Folder.Write("config", One + between + One)));
        Assert.Contains("several JSON documents", exception.Message, StringComparison.Ordinal);
        Assert.Contains("KUBECONFIG", exception.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public void ATokenFileWinsOverATokenAndTheTokenCountsWhileThereIsNoFile()
    {
        string path = Folder.Write("config", KubeConfigTests.Config("{server: \"https://a:1\"}", "{token: beside, tokenFile: token}"));
        Assert.Equal("Bearer beside", KubeConfigTests.Header(Load(path).Resolve()));
        Folder.Write("token", "");
        Assert.Equal("Bearer beside", KubeConfigTests.Header(Load(path).Resolve()));
        Folder.Write("token", "from-file\n");
        Assert.Equal("Bearer from-file", KubeConfigTests.Header(Load(path).Resolve()));
    }

    [Fact]
    public async Task AnEmptyUserIsAnonymousAndSaysSo()
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"));
        string path = Folder.Write("config", KubeConfigTests.Config($"{{server: \"{Server.Address}\", certificate-authority-data: {Pki.Shared.AuthorityBase64}}}", "{}"));
        KubernetesConnection connection = Load(path).Resolve();
        Assert.Equal("The user 'a' has no credentials: requests are anonymous.", Assert.Single(connection.Warnings));
        using KubernetesClient client = new(connection, Clients.Library);
        await client.GetAsync("/version", Token);
        Assert.Equal("", Assert.Single(Server.Requests).Authorization);
    }

    [Fact]
    public async Task TheUnspecifiedAddressIsThisMachineAndItsNameIsWhatTheCertificateCarries()
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), Pki.Shared.Issue(["0.0.0.0", "::"]));
        foreach (string host in (string[])["0.0.0.0", "0"])
        {
            string path = Folder.Write("config", KubeConfigTests.Config($"{{server: \"https://{host}:{Server.Address.Port}\", certificate-authority-data: {Pki.Shared.AuthorityBase64}}}", "{token: t}"));
            using KubernetesClient client = new(Load(path).Resolve(), Clients.Library);
            await client.GetAsync("/version", Token);
        }

        Assert.Equal(2, Server.Requests.Count);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    [InlineData("10.0.0.1", "10.0.0.1")]
    [InlineData("api.example", "api.example")]
    [InlineData("::ffff:0:0", "::ffff:0:0")]
    public void WhereAnAddressLeads(string host, string dialled) => Assert.Equal(dialled, KubeVirtMonitor.Kubernetes.ServerAddress.Dialled(host));

    [Theory]
    [InlineData("http://0.0.0.0:8001")]
    [InlineData("http://[::]:8001")]
    public void APlainProxyOnEveryAddressIsOnThisMachine(string server) =>
        Assert.Equal("none", Load(Folder.Write("config", KubeConfigTests.Config($"{{server: \"{server}\"}}", "{}"))).Resolve().CredentialKind);

    [Fact]
    public void NamelessContextsAreReadAndTwoOfThemNamed()
    {
        const string Text = "clusters: [{name: c, cluster: {server: 'https://a'}}]\nusers: [{name: u, user: {token: t}}]\ncontexts: [{context: {cluster: c, user: u}}, {name: b, context: {cluster: c, user: u}}";
        Assert.Equal("Bearer t", KubeConfigTests.Header(Load(Folder.Write("config", Text + "]")).Resolve("b")));
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Load(Folder.Write("config", Text + "]")).Resolve());
        Assert.Equal(("Select one (b), for example with 'kubectl config use-context'.", Setting.Context), (exception.Advice, exception.Setting));
        exception = Assert.Throws<KubernetesException>(() => Load(Folder.Write("config", Text + ", {context: {}}]")));
        Assert.Contains("two entries of 'contexts' have no name", exception.Message, StringComparison.Ordinal);
    }

    private static KubeConfig Load(string list, string? folder = null) => KubeConfig.Load(new KubeConfigOptions
    {
        Environment = name => name == "KUBECONFIG" ? list : null,
        WorkingDirectory = folder,
        Yaml = new Yaml.YamlReader(),
    });
}
