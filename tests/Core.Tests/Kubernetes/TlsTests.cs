using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Whose certificate is taken, and what is said about one that is not.</summary>
public sealed class TlsTests : IAsyncDisposable
{
    private readonly TempFolder _folder = new();
    private FakeApiServer? _server;
    private KubernetesClient? _client;
    private string? _serverName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task ACertificateOfSomebodyElseIsRefused()
    {
        await StartAsync(new TestPki("other-ca").IssueServer(["127.0.0.1"]), CaData());
        KubernetesException exception = await FailAsync(KubernetesError.TlsUntrusted);
        Assert.Contains("issued by 'CN=other-ca', which clusters[test].cluster.certificate-authority-data does not hold", exception.Message, StringComparison.Ordinal);
        Assert.Contains(_server!.Address.ToString().TrimEnd('/'), exception.Message, StringComparison.Ordinal);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task WithoutACaThatOfTheSystemCounts()
    {
        await StartAsync(TestPki.Shared.IssueServer(["127.0.0.1"]), "disable-compression: true");
        Assert.Contains("certificate-authority-data", (await FailAsync(KubernetesError.TlsUntrusted)).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACertificateForAnotherNameIsRefusedUnlessTheNameIsExpected()
    {
        X509Certificate2 certificate = TestPki.Shared.IssueServer(["kubernetes.default.svc", "10.0.0.1"]);
        await StartAsync(certificate, CaData());
        KubernetesException exception = await FailAsync(KubernetesError.TlsNameMismatch);
        Assert.Contains("for kubernetes.default.svc, 10.0.0.1, not for 127.0.0.1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("tls-server-name", exception.Advice, StringComparison.Ordinal);

        using KubernetesClient client = new(Clients.ByUser(_folder, _server!.Address, "token: t", CaData() + "\ntls-server-name: kubernetes.default.svc"), Clients.Quick);
        await client.GetAsync("/x", Token);
        Assert.Equal("kubernetes.default.svc", _serverName);
        // Only the handshake learns the other name.
        Assert.Equal(_server.Address.Authority, _server.Requests.Single().Headers.GetValueOrDefault("Host"));
    }

    [Fact]
    public async Task TheCommonNameDoesNotCount()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 made = new CertificateRequest("CN=127.0.0.1", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        await StartAsync(certificate, "certificate-authority-data: " + Base64(certificate.ExportCertificatePem()));
        Assert.Contains("without any name", (await FailAsync(KubernetesError.TlsNameMismatch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpiredCertificateSaysWhen()
    {
        DateTimeOffset then = new(DateTimeOffset.UtcNow.Year - 1, 5, 6, 7, 8, 0, TimeSpan.Zero);
        await StartAsync(TestPki.Shared.IssueServer(["127.0.0.1"], then.AddDays(-1), then), CaData());
        Assert.Contains($"a certificate that expired on {then.Year}-05-06 07:08 UTC", (await FailAsync(KubernetesError.TlsExpired)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpiredCaIsTold()
    {
        DateTimeOffset then = new(DateTimeOffset.UtcNow.Year - 1, 5, 6, 7, 8, 0, TimeSpan.Zero);
        TestPki pki = new("old-ca", then);
        await StartAsync(pki.IssueServer(["127.0.0.1"], then.AddDays(-2), then.AddDays(-1)), "certificate-authority-data: " + pki.AuthorityBase64);
        Assert.Equal(KubernetesError.TlsExpired, (await FailAsync(KubernetesError.TlsExpired)).Error);
    }

    [Fact]
    public async Task ASelfSignedCertificateInTheBundleIsTaken()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=self", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddDays(1));
        X509Certificate2 certificate = X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
        await StartAsync(certificate, "certificate-authority-data: " + Base64(new TestPki("unrelated").AuthorityPem + "\n" + certificate.ExportCertificatePem()));
        await _client!.GetAsync("/x", Token);
    }

    [Fact]
    public async Task AnIntermediateInTheBundleIsAnAnchorAsForKubectl()
    {
        (X509Certificate2 leaf, string intermediate, string root) = Chain();
        await StartAsync(leaf, "certificate-authority-data: " + Base64(intermediate));
        await _client!.GetAsync("/x", Token);
        // The root alone does not do: the server does not send the intermediate along.
        using KubernetesClient client = new(Clients.ByUser(_folder, _server!.Address, "token: t", "certificate-authority-data: " + Base64(root)), Clients.Quick);
        Assert.Equal(KubernetesError.TlsUntrusted, (await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/x", Token))).Error);
    }

    [Fact]
    public async Task AClientCertificateIsNoServerCertificate()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=client", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 made = X509Certificate2.CreateFromPem(TestPki.Shared.IssueClientPem("client", request), key.ExportPkcs8PrivateKeyPem());
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task serving = ServeTlsAsync(listener, X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null));
        _client = new KubernetesClient(Clients.ByUser(_folder, new Uri($"https://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}"), "token: t"), Clients.Quick);
        KubernetesException exception = await FailAsync(KubernetesError.TlsUntrusted);
        Assert.Contains("NotValidForUsage", exception.Message, StringComparison.Ordinal);
        listener.Stop();
        await serving;
    }

    [Fact]
    public async Task VerificationIsLeftOutOnlyWhenAsked()
    {
        await StartAsync(new TestPki("other-ca").IssueServer(["elsewhere"]), "insecure-skip-tls-verify: true");
        await _client!.GetAsync("/x", Token);
        Assert.Contains("not checked", _client.Connection.Warnings.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerWithoutTlsIsNamed()
    {
        _server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), plain: true);
        _client = new KubernetesClient(Clients.ByUser(_folder, new UriBuilder(_server.Address) { Scheme = "https" }.Uri, "token: t"), Clients.Quick);
        await FailAsync(KubernetesError.TlsHandshake);
    }

    [Fact]
    public async Task AServerThatIsNotThereIsNamedAtOnce()
    {
        TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        _client = new KubernetesClient(Clients.ByUser(_folder, new Uri($"https://127.0.0.1:{port}"), "token: t"), new KubernetesClientOptions { RetryInterval = TimeSpan.FromMinutes(1) });
        Assert.Contains($"https://127.0.0.1:{port} cannot be reached: the connection was refused", (await FailAsync(KubernetesError.ConnectionFailed)).Message, StringComparison.Ordinal);

        using KubernetesClient client = new(Clients.ByUser(_folder, new Uri("https://no-such-host.invalid:6443"), "token: t"), Clients.Quick);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/x", Token));
        Assert.Equal(KubernetesError.ConnectionFailed, exception.Error);
        Assert.Contains("its name cannot be resolved", exception.Message, StringComparison.Ordinal);
    }

    private static string CaData() => "certificate-authority-data: " + TestPki.Shared.AuthorityBase64;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static async Task ServeTlsAsync(TcpListener listener, X509Certificate2 certificate)
    {
        try
        {
            using TcpClient client = await listener.AcceptTcpClientAsync();
            using System.Net.Security.SslStream stream = new(client.GetStream());
            await stream.AuthenticateAsServerAsync(certificate);
            await stream.ReadExactlyAsync(new byte[1]);
        }
        catch (Exception exception) when (exception is SocketException or IOException or System.Security.Authentication.AuthenticationException or ObjectDisposedException)
        {
            // The client hangs up.
        }
    }

    private static (X509Certificate2 Leaf, string Intermediate, string Root) Chain()
    {
        using ECDsa rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using ECDsa leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        DateTimeOffset from = DateTimeOffset.UtcNow.AddHours(-2);
        DateTimeOffset to = DateTimeOffset.UtcNow.AddDays(2);
        CertificateRequest rootRequest = new("CN=chain-root", rootKey, HashAlgorithmName.SHA256);
        rootRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 root = rootRequest.CreateSelfSigned(from, to);
        CertificateRequest middleRequest = new("CN=chain-middle", middleKey, HashAlgorithmName.SHA256);
        middleRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using X509Certificate2 middle = middleRequest.Create(root, from, to, [1, 2]);
        CertificateRequest leafRequest = new("CN=chain-leaf", leafKey, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        leafRequest.CertificateExtensions.Add(names.Build());
        using X509Certificate2 leaf = leafRequest.Create(middle.SubjectName, X509SignatureGenerator.CreateForECDsa(middleKey), from, to, [3, 4]).CopyWithPrivateKey(leafKey);
        return (X509CertificateLoader.LoadPkcs12(leaf.Export(X509ContentType.Pkcs12), null), middle.ExportCertificatePem(), root.ExportCertificatePem());
    }

    private async Task<KubernetesException> FailAsync(KubernetesError error)
    {
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => _client!.GetAsync("/x", Token));
        Assert.True(exception.Error == error, exception.ToString());
        Assert.NotEmpty(exception.Advice);
        return exception;
    }

    private async Task StartAsync(X509Certificate2 certificate, string cluster)
    {
        _server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), certificate, onServerName: name => _serverName = name);
        _client = new KubernetesClient(Clients.ByUser(_folder, _server.Address, "token: t", cluster), Clients.Quick);
    }
}
