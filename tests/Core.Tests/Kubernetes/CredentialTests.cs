using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>What reaches the server for each kind of credential.</summary>
public sealed class CredentialTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private FakeApiServer? _server;
    private string _valid = "";

    public static TheoryData<string> KeyKinds => ["rsa-pkcs1", "rsa-pkcs8", "ec-sec1", "ec-pkcs8"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(KeyKinds))]
    public async Task AClientCertificateIsShownWhateverItsKeyLooksLike(string kind)
    {
        using RSA rsa = RSA.Create(2048);
        using ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        bool isRsa = kind.StartsWith("rsa", StringComparison.Ordinal);
        CertificateRequest request = isRsa
            ? new CertificateRequest($"CN={kind}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest($"CN={kind}", ec, HashAlgorithmName.SHA256);
        string certificate = TestPki.Shared.IssueClientPem(kind, request);
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
        string? openssl = Tool.Find("openssl");
        Assert.SkipWhen(openssl is null, "openssl is not installed");
        Tool.Run(openssl!, _folder.Path, arguments.Split(' '));
        Tool.Run(openssl!, _folder.Path, ["req", "-x509", "-new", "-key", "key", "-subj", $"/CN={name}", "-days", "2", "-out", "crt"]);
        Assert.Equal($"CN={name}", await ShownCertificateAsync(File.ReadAllText(Path.Combine(_folder.Path, "crt")), File.ReadAllText(Path.Combine(_folder.Path, "key"))));
    }

    [Fact]
    public async Task ACertificateFileThatIsRenewedIsShownOnNewConnections()
    {
        ManualTime time = new();
        (string certificate, string key) = TestPki.Shared.IssueClient("first");
        string certificatePath = _folder.Write("tls.crt", certificate);
        string keyPath = _folder.Write("tls.key", key);
        KubeVirtMonitor.Kubernetes.CertificateCredential credential = new(
            new KubeVirtMonitor.Kubernetes.PemSource(null, certificatePath, "c", null), new KubeVirtMonitor.Kubernetes.PemSource(null, keyPath, "k", null), time);
        var first = await credential.GetAsync(Token);
        (certificate, key) = TestPki.Shared.IssueClient("second");
        _folder.Write("tls.crt", certificate);
        Assert.Same(first, await credential.GetAsync(Token));
        time.Advance(TimeSpan.FromSeconds(61));
        // The key is still the old one: half a renewal is none.
        Assert.Same(first, await credential.GetAsync(Token));
        _folder.Write("tls.key", key);
        time.Advance(TimeSpan.FromSeconds(61));
        var second = await credential.GetAsync(Token);
        Assert.Equal(("CN=first", "CN=second"), (first.Certificate!.TargetCertificate.Subject, second.Certificate!.TargetCertificate.Subject));
    }

    [Fact]
    public async Task ATokenFileIsReadAgainOnceAMinute()
    {
        ManualTime time = new();
        string path = _folder.Write("token", "one");
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
        string path = _folder.Write("token", "old");
        using KubernetesClient client = new(Clients.ByUser(_folder, server.Address, "tokenFile: token"), Clients.Quick);
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
        using KubernetesClient client = new(Clients.ByUser(_folder, server.Address, "token: sec-ret"), Clients.Quick);
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
        using KubernetesClient client = new(Clients.ByUser(_folder, server.Address, "username: me\npassword: pw\nas: jane\nas-groups: [a]"), Clients.Quick);
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
        (string certificate, string key) = TestPki.Shared.IssueClient("both");
        _valid = "Bearer t";
        using KubernetesClient client = new(Clients.ByUser(_folder, server.Address, $"token: t\nclient-certificate-data: {Base64(certificate)}\nclient-key-data: {Base64(key)}"), Clients.Quick);
        Assert.Equal("client certificate and token", client.Connection.CredentialKind);
        await client.GetAsync("/version", Token);
        Assert.Equal("CN=both", server.Requests.Single().ClientCertificate);
    }

    private async Task<string?> ShownCertificateAsync(string certificate, string key)
    {
        FakeApiServer server = await StartAsync();
        _valid = "";
        using KubernetesClient client = new(Clients.ByUser(_folder, server.Address, $"client-certificate-data: {Base64(certificate)}\nclient-key-data: {Base64(key)}"), Clients.Quick);
        await client.GetAsync("/version", Token);
        return server.Requests.Single().ClientCertificate;
    }

    private async Task<FakeApiServer> StartAsync() => _server = await FakeApiServer.StartAsync(context =>
        context.Request.Headers.Authorization.ToString() == _valid ? context.JsonAsync("{}") : context.StatusAsync(401, "Unauthorized", "Unauthorized"));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
