using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Whose certificate is taken, and what is said about one that is not.</summary>
public sealed class TlsTests : ClientTests
{
    private string? _serverName;

    [Fact]
    public async Task ACertificateOfSomebodyElseIsRefused()
    {
        await StartAsync(Pki.New("other-ca").Issue(["127.0.0.1"]), CaData());
        KubernetesException exception = await FailAsync(KubernetesError.TlsUntrusted);
        Assert.Contains("issued by 'CN=other-ca', which is not in clusters[test].cluster.certificate-authority-data", exception.Message, StringComparison.Ordinal);
        Assert.Contains(Server.Address.ToString().TrimEnd('/'), exception.Message, StringComparison.Ordinal);
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task WithoutACaThatOfTheSystemCounts()
    {
        await StartAsync(Pki.Shared.Issue(["127.0.0.1"]), "disable-compression: true");
        Assert.Contains("certificate-authority-data", (await FailAsync(KubernetesError.TlsUntrusted)).Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ACertificateForAnotherNameIsRefusedUnlessTheNameIsExpected()
    {
        X509Certificate2 certificate = Pki.Shared.Issue(["kubernetes.default.svc", "10.0.0.1"]);
        await StartAsync(certificate, CaData());
        KubernetesException exception = await FailAsync(KubernetesError.TlsNameMismatch);
        Assert.Contains("for kubernetes.default.svc, 10.0.0.1, not for 127.0.0.1", exception.Message, StringComparison.Ordinal);
        Assert.Contains("tls-server-name", exception.Advice, StringComparison.Ordinal);

        using KubernetesClient client = new(Clients.ByUser(Folder, Server.Address, "token: t", CaData() + "\ntls-server-name: kubernetes.default.svc"), Clients.Library, Clients.Quick);
        await client.GetAsync("/x", Token);
        Assert.Equal("kubernetes.default.svc", _serverName);
        // Only the handshake learns the other name.
        Assert.Equal(Server.Address.Authority, Server.Requests.Single().Headers.GetValueOrDefault("Host"));
    }

    [Fact]
    public async Task TheCommonNameDoesNotCount()
    {
        X509Certificate2 certificate = Pki.New("127.0.0.1", isAuthority: null).Certificate;
        await StartAsync(certificate, "certificate-authority-data: " + Base64(certificate.ExportCertificatePem()));
        Assert.Contains("without any name", (await FailAsync(KubernetesError.TlsNameMismatch)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpiredCertificateSaysWhen()
    {
        DateTimeOffset then = new(DateTimeOffset.UtcNow.Year - 1, 5, 6, 7, 8, 0, TimeSpan.Zero);
        await StartAsync(Pki.Shared.Issue(["127.0.0.1"], then.AddDays(-1), then), CaData());
        Assert.Contains($"a certificate that expired on {then.Year}-05-06 07:08 UTC", (await FailAsync(KubernetesError.TlsExpired)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnExpiredCaIsTold()
    {
        DateTimeOffset then = new(DateTimeOffset.UtcNow.Year - 1, 5, 6, 7, 8, 0, TimeSpan.Zero);
        Pki pki = Pki.New("old-ca", until: then);
        await StartAsync(pki.Issue(["127.0.0.1"], then.AddDays(-2), then.AddDays(-1)), "certificate-authority-data: " + pki.AuthorityBase64);
        Assert.Equal(KubernetesError.TlsExpired, (await FailAsync(KubernetesError.TlsExpired)).Error);
    }

    [Fact]
    public async Task ASelfSignedCertificateInTheBundleIsTaken()
    {
        X509Certificate2 certificate = Pki.New("self", isAuthority: null, more: Pki.Names("127.0.0.1")).Certificate;
        await StartAsync(certificate, "certificate-authority-data: " + Base64(Pki.New("unrelated").AuthorityPem + "\n" + certificate.ExportCertificatePem()));
        await Client.GetAsync("/x", Token);
    }

    [Fact]
    public async Task AnIntermediateInTheBundleIsAnAnchorAsForKubectl()
    {
        Pki root = Pki.New("chain-root");
        Pki middle = Pki.New("chain-middle", root);
        await StartAsync(middle.Issue(["127.0.0.1"]), "certificate-authority-data: " + middle.AuthorityBase64);
        await Client.GetAsync("/x", Token);
        // The root alone does not do: the server does not send the intermediate along.
        using KubernetesClient client = new(Clients.ByUser(Folder, Server.Address, "token: t", "certificate-authority-data: " + root.AuthorityBase64), Clients.Library, Clients.Quick);
        Assert.Equal(KubernetesError.TlsUntrusted, (await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/x", Token))).Error);
    }

    [Fact]
    public async Task AClientCertificateIsNoServerCertificate()
    {
        // Kestrel shows no such certificate.
        await using LoopbackServer server = LoopbackServer.Text("{}", new ServerTls(Pki.Shared.Issue(["127.0.0.1"], usage: Pki.ClientUsage)));
        Client = new KubernetesClient(Clients.ByUser(Folder, server.Uri(""), "token: t"), Clients.Library, Clients.Quick);
        KubernetesException exception = await FailAsync(KubernetesError.TlsUntrusted);
        Assert.Contains("NotValidForUsage", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VerificationIsLeftOutOnlyWhenAsked()
    {
        await StartAsync(Pki.New("other-ca").Issue(["elsewhere"]), "insecure-skip-tls-verify: true");
        await Client.GetAsync("/x", Token);
        Assert.Contains("not verified", Client.Connection.Warnings.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerWithoutTlsIsNamed()
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), plain: true);
        Client = new KubernetesClient(Clients.ByUser(Folder, new UriBuilder(Server.Address) { Scheme = "https" }.Uri, "token: t"), Clients.Library, Clients.Quick);
        await FailAsync(KubernetesError.TlsHandshake);
    }

    [Fact]
    public async Task AServerThatIsNotThereIsNamedAtOnce()
    {
        int port = TcpServer.FreePort();
        Client = new KubernetesClient(Clients.ByUser(Folder, new Uri($"https://127.0.0.1:{port}"), "token: t"), Clients.Library, new KubernetesClientOptions { RetryInterval = TimeSpan.FromMinutes(1) });
        Assert.Contains($"https://127.0.0.1:{port} cannot be reached: the connection was refused", (await FailAsync(KubernetesError.ConnectionFailed)).Message, StringComparison.Ordinal);

        using KubernetesClient client = new(Clients.ByUser(Folder, new Uri("https://no-such-host.invalid:6443"), "token: t"), Clients.Library, Clients.Quick);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/x", Token));
        Assert.Equal(KubernetesError.ConnectionFailed, exception.Error);
        Assert.Contains("its name cannot be resolved", exception.Message, StringComparison.Ordinal);
    }

    private static string CaData() => "certificate-authority-data: " + Pki.Shared.AuthorityBase64;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private async Task<KubernetesException> FailAsync(KubernetesError error)
    {
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => Client.GetAsync("/x", Token));
        Assert.True(exception.Error == error, exception.ToString());
        Assert.NotEmpty(exception.Advice);
        return exception;
    }

    private async Task StartAsync(X509Certificate2 certificate, string cluster)
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), certificate, onServerName: name => _serverName = name);
        Client = new KubernetesClient(Clients.ByUser(Folder, Server.Address, "token: t", cluster), Clients.Library, Clients.Quick);
    }
}
