using System.Security.Cryptography;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>What reaches the server for each kind of credential.</summary>
public sealed class CredentialTests : ClientTests
{
    private string _valid = "";

    public static TheoryData<string> KeyKinds => ["rsa-pkcs1", "rsa-pkcs8", "ec-sec1", "ec-pkcs8"];

    [Theory]
    [MemberData(nameof(KeyKinds))]
    public async Task AClientCertificateIsShownWhateverItsKeyLooksLike(string kind)
    {
        using RSA rsa = RSA.Create(2048);
        using ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        bool isRsa = kind.StartsWith("rsa", StringComparison.Ordinal);
        // Files of people have a line of their own behind the certificate.
        string certificate = Pki.Shared.Issue([], usage: Pki.ClientUsage, subject: kind, key: isRsa ? rsa : ec).ExportCertificatePem() + $"\n# {kind}\n";
        string key = kind switch
        {
            "rsa-pkcs1" => rsa.ExportRSAPrivateKeyPem(),
            "rsa-pkcs8" => rsa.ExportPkcs8PrivateKeyPem(),
            "ec-sec1" => ec.ExportECPrivateKeyPem(),
            _ => ec.ExportPkcs8PrivateKeyPem(),
        };
        Assert.Equal($"CN={kind}", await ShownCertificateAsync(certificate, key));
    }

    [Theory]
    [InlineData("rsa", "genrsa -traditional -out key 2048")]
    [InlineData("rsa8", "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key")]
    [InlineData("ec", "ecparam -name secp384r1 -genkey -out key")]
    [InlineData("ec8", "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key")]
    public async Task KeysOfOpensslWork(string name, string arguments)
    {
        await Tool.OutputAsync("openssl", arguments.Split(' '), Folder.Path);
        await Tool.OutputAsync("openssl", ["req", "-x509", "-new", "-key", "key", "-subj", $"/CN={name}", "-days", "2", "-out", "crt"], Folder.Path);
        Assert.Equal($"CN={name}", await ShownCertificateAsync(File.ReadAllText(Path.Combine(Folder.Path, "crt")), File.ReadAllText(Path.Combine(Folder.Path, "key"))));
    }

    [Fact]
    public async Task ACertificateFileThatIsRenewedIsShownOnNewConnections()
    {
        WaitlessTime time = new();
        (string certificate, string key) = Pki.Shared.IssueClient("first");
        string certificatePath = Folder.Write("tls.crt", certificate);
        string keyPath = Folder.Write("tls.key", key);
        KubeVirtMonitor.Kubernetes.CertificateCredential credential = new(
            new KubeVirtMonitor.Kubernetes.PemSource(null, certificatePath, "c", null), new KubeVirtMonitor.Kubernetes.PemSource(null, keyPath, "k", null), time);
        var first = await credential.GetAsync(Token);
        (certificate, key) = Pki.Shared.IssueClient("second");
        Folder.Write("tls.crt", certificate);
        Assert.Same(first, await credential.GetAsync(Token));
        time.Advance(TimeSpan.FromSeconds(61));
        // The key is still the old one: half a renewal is none.
        Assert.Same(first, await credential.GetAsync(Token));
        Folder.Write("tls.key", key);
        time.Advance(TimeSpan.FromSeconds(61));
        var second = await credential.GetAsync(Token);
        Assert.Equal(("CN=first", "CN=second"), (first.Certificate!.TargetCertificate.Subject, second.Certificate!.TargetCertificate.Subject));
    }

    [Fact]
    public async Task ATokenFileIsReadAgainOnceAMinute()
    {
        WaitlessTime time = new();
        string path = Folder.Write("token", "one");
        KubeVirtMonitor.Kubernetes.TokenFileCredential credential = new(path, "test", time: time);
        Assert.Equal("Bearer one", (await credential.GetAsync(Token)).Authorization!.ToString());
        File.WriteAllText(path, "two\n");
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("Bearer one", (await credential.GetAsync(Token)).Authorization!.ToString());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("Bearer two", (await credential.GetAsync(Token)).Authorization!.ToString());
        File.Delete(path);
        time.Advance(TimeSpan.FromSeconds(61));
        Assert.Equal("Bearer two", (await credential.GetAsync(Token)).Authorization!.ToString());
    }

    [Fact]
    public async Task ATokenFileIsReadAgainWhenTheServerRefusesTheToken()
    {
        FakeApiServer server = await StartAsync();
        string path = Folder.Write("token", "old");
        using KubernetesClient client = new(Clients.ByUser(Folder, server.Address, "tokenFile: token"), Clients.Library, Clients.Quick);
        _valid = "Bearer old";
        await client.GetAsync("/version", Token);
        File.WriteAllText(path, "new");
        _valid = "Bearer new";
        await client.GetAsync("/version", Token);
        Assert.Equal(["Bearer old", "Bearer old", "Bearer new"], server.Requests.Select(request => request.Authorization));
    }

    [Fact]
    public async Task ARefusedTokenSaysWhoseItIsAndNotWhatItIs()
    {
        FakeApiServer server = await StartAsync();
        using KubernetesClient client = new(Clients.ByUser(Folder, server.Address, "token: sec-ret"), Clients.Library, Clients.Quick);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/version", Token));
        Assert.Equal((KubernetesError.Unauthorized, 401), (exception.Error, exception.StatusCode));
        Assert.Contains("the token of user 'test'", exception.Message, StringComparison.Ordinal);
        Assert.Contains("kubectl create token", exception.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("sec-ret", exception.ToString(), StringComparison.Ordinal);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task HeadersOfImpersonationAndBasicAuthenticationAreSent()
    {
        FakeApiServer server = await StartAsync();
        using KubernetesClient client = new(Clients.ByUser(Folder, server.Address, "username: me\npassword: pw\nas: jane\nas-groups: [a]"), Clients.Library, Clients.Quick);
        // printf me:pw | base64
        _valid = "Basic bWU6cHc=";
        await client.GetAsync("/version", Token);
        FakeApiServer.Asked asked = Assert.Single(server.Requests);
        Assert.Equal(("jane", "a"), (asked.Headers["Impersonate-User"], asked.Headers["Impersonate-Group"]));
        Assert.Matches(@"^KubeVirtMonitor/\d+\.\d+\.\d+$", asked.Headers["User-Agent"]);
    }

    [Fact]
    public async Task ACertificateAndATokenGoTogether()
    {
        FakeApiServer server = await StartAsync();
        (string certificate, string key) = Pki.Shared.IssueClient("both");
        _valid = "Bearer t";
        using KubernetesClient client = new(Clients.ByUser(Folder, server.Address, $"token: t\nclient-certificate-data: {Base64(certificate)}\nclient-key-data: {Base64(key)}"), Clients.Library, Clients.Quick);
        Assert.Equal("client certificate and token", client.Connection.CredentialKind);
        await client.GetAsync("/version", Token);
        Assert.Equal("CN=both", server.Requests.Single().ClientCertificate);
    }

    private async Task<string?> ShownCertificateAsync(string certificate, string key)
    {
        FakeApiServer server = await StartAsync();
        _valid = "";
        using KubernetesClient client = new(Clients.ByUser(Folder, server.Address, $"client-certificate-data: {Base64(certificate)}\nclient-key-data: {Base64(key)}"), Clients.Library, Clients.Quick);
        await client.GetAsync("/version", Token);
        return server.Requests.Single().ClientCertificate;
    }

    private async Task<FakeApiServer> StartAsync() => Server = await FakeApiServer.StartAsync(context =>
        context.Request.Headers.Authorization.ToString() == _valid ? context.JsonAsync("{}") : context.StatusAsync(401, "Unauthorized", "Unauthorized"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
