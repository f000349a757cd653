using System.Globalization;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public class TlsTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_certificate_of_the_given_authority_is_trusted_and_its_end_is_told()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);

        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(), cancellationToken: Stop);

        Assert.Null(scraped.Result.Error);
        Assert.Single(scraped.Samples);
        Assert.Equal(new DateTimeOffset(tls.Server.Certificate.NotAfter.ToUniversalTime()), scraped.Result.CertificateExpires);
    }

    [Fact]
    public async Task System_roots_do_not_trust_it()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);

        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.TlsUntrusted, scraped.Error);
        Assert.Equal(
            $"{server.Uri()}: its certificate was issued by 'CN=kubevirt.io', which is not trusted by this system.",
            scraped.Result.Error!.Message);
        Assert.Null(scraped.Result.Error.Setting);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Another_authority_does_not_trust_it_even_under_the_same_name()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        ScrapeOptions options = new() { Tls = new TlsOptions { CertificateAuthority = [Pki.New().Certificate] } };

        Scraped scraped = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);

        Assert.Equal(ScrapeError.TlsUntrusted, scraped.Error);
        Assert.Contains("the CA bundle that was given", scraped.Result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(Setting.CertificateAuthority, scraped.Result.Error.Setting);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_pool_of_connections_is_not_shared_between_those_who_verify_and_those_who_do_not()
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        using TransportPool pool = new();

        Scraped careless = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Tls = new TlsOptions { SkipCertificateCheck = true } }, pool: pool, cancellationToken: Stop);
        Scraped careful = await Scraped.FromAsync(server.Uri(), pool: pool, cancellationToken: Stop);

        Assert.Null(careless.Error);
        Assert.NotNull(careless.Result.CertificateExpires);
        Assert.Equal(ScrapeError.TlsUntrusted, careful.Error);
    }

    [Fact]
    public async Task Other_names_are_listed_with_the_server_name_to_try()
    {
        X509 tls = X509.New(Pki.VirtHandlerNames);
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);

        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.TlsNameMismatch, scraped.Error);
        Assert.Equal(
            $"{server.Uri()}: its certificate contains the names virt-handler, virt-handler.kubevirt, virt-handler.kubevirt.svc, virt-handler.kubevirt.svc.cluster.local but not 127.0.0.1.",
            scraped.Result.Error!.Message);
        Assert.Equal("virt-handler.kubevirt.svc.cluster.local", scraped.Result.Error.OtherName);
    }

    [Fact]
    public async Task The_server_name_is_verified_and_sent()
    {
        X509 tls = X509.New(Pki.VirtHandlerNames);
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);

        Scraped right = await Scraped.FromAsync(server.Uri(), tls.Trusting(new TlsOptions { ServerName = "virt-handler.kubevirt.svc" }), cancellationToken: Stop);
        Scraped wrong = await Scraped.FromAsync(server.Uri(), tls.Trusting(new TlsOptions { ServerName = "virt-api.kubevirt.svc" }), cancellationToken: Stop);

        Assert.Null(right.Error);
        Assert.Equal("virt-handler.kubevirt.svc", server.ServerNames.First());
        Assert.Equal($"virt-handler.kubevirt.svc:{server.Port}", Assert.Single(server.Requests)["Host"]);
        Assert.Equal(ScrapeError.TlsNameMismatch, wrong.Error);
        Assert.EndsWith("but not virt-api.kubevirt.svc.", wrong.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_server_name_replaces_the_name_in_the_address()
    {
        X509 tls = X509.New("127.0.0.1");
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(new TlsOptions { ServerName = "virt-handler" }), cancellationToken: Stop);
        Assert.Equal(ScrapeError.TlsNameMismatch, scraped.Error);
        Assert.Contains("names 127.0.0.1 but not virt-handler", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wildcard_covers_its_names_and_is_not_suggested()
    {
        X509 tls = X509.New("*.kubevirt.svc");
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);

        Scraped right = await Scraped.FromAsync(server.Uri(), tls.Trusting(new TlsOptions { ServerName = "virt-api.kubevirt.svc" }), cancellationToken: Stop);
        Scraped wrong = await Scraped.FromAsync(server.Uri(), tls.Trusting(), cancellationToken: Stop);

        Assert.Null(right.Error);
        Assert.Equal((ScrapeError.TlsNameMismatch, null), (wrong.Error, wrong.Result.Error!.OtherName));
    }

    [Theory]
    [InlineData(-60, -2, "expired on ")]
    [InlineData(5, 60, "is not valid before ")]
    public async Task A_certificate_out_of_time_is_told_with_its_date(int fromDays, int untilDays, string words)
    {
        Pki authority = Pki.New();
        X509Certificate2 leaf = authority.Issue(["127.0.0.1"], Pki.Days(fromDays), Pki.Days(untilDays));
        X509 tls = new(authority, new ServerTls(leaf));
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);

        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.TlsExpired, scraped.Error);
        DateTime date = (fromDays > 0 ? leaf.NotBefore : leaf.NotAfter).ToUniversalTime();
        Assert.Contains($"its certificate {words}{date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC.", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Skipping_the_check_takes_any_certificate()
    {
        Pki authority = Pki.New();
        ServerTls bad = new(authority.Issue(["elsewhere"], Pki.Days(-60), Pki.Days(-30)));
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", bad);
        Scraped scraped = await Scraped.FromAsync(server.Uri(), new ScrapeOptions { Tls = new TlsOptions { SkipCertificateCheck = true } }, cancellationToken: Stop);
        Assert.Null(scraped.Error);
    }

    [Fact]
    public async Task A_client_certificate_is_shown_where_one_is_wanted()
    {
        X509 tls = X509.New();
        Pki clients = Pki.New("clients");
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server with { ClientAuthority = clients.Certificate });
        ScrapeOptions options;
        using (X509Certificate2 own = clients.Issue([], usage: Pki.ClientUsage, subject: "scraper"))
        {
            options = tls.Trusting(new TlsOptions { ClientCertificate = [own] });
            Scraped with = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);
            Assert.Null(with.Result.Error);
        }

        Assert.Equal("CN=scraper", Assert.Single(server.Requests).ClientCertificate);
    }

    [Theory]
    [InlineData("-tls1_2")]
    [InlineData("-tls1_3")]
    public async Task A_server_that_tells_what_it_misses_is_quoted(string protocol)
    {
        Assert.SkipWhen(Tool.Find("openssl") is null, "openssl is not on this machine; its s_server sends the alerts that .NET's own server does not.");
        X509 tls = X509.New();
        await using OpenSslServer server = await OpenSslServer.StartAsync(tls.Server.Certificate, ["-Verify", "1", "-verify_return_error", protocol], Stop);

        Scraped scraped = await Scraped.FromAsync(server.Uri, tls.Trusting(), cancellationToken: Stop);

        Assert.Equal(ScrapeError.TlsHandshake, scraped.Error);
        Assert.Contains("alert", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_server_that_wants_a_client_certificate_and_only_hangs_up_is_told(SslProtocols protocol)
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server with { ClientAuthority = tls.Authority, Protocols = protocol });
        Scraped scraped = await Scraped.FromAsync(server.Uri(), tls.Trusting(), cancellationToken: Stop);
        Assert.True(scraped.Error is ScrapeError.TlsHandshake or ScrapeError.ConnectionReset, $"{scraped.Result.Error}");
        Assert.True(scraped.Error == ScrapeError.ConnectionReset || scraped.Result.Error!.Setting == Setting.ClientCertificate, $"{scraped.Result.Error}");
        Assert.Empty(server.Requests);
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task A_server_that_asks_for_a_certificate_is_known_by_its_asking(SslProtocols protocol)
    {
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server with { ClientAuthority = tls.Authority, Protocols = protocol });
        ScrapeOptions options = tls.Trusting();
        Scraped scraped = await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop);
        Assert.Equal(Setting.ClientCertificate, scraped.Result.Error!.Setting);
        Assert.Equal(ScrapeError.TlsHandshake, scraped.Error);
    }

    [Fact]
    public async Task An_intermediate_and_the_second_of_two_authorities_are_anchors()
    {
        Pki old = Pki.New("kubevirt.io", withKeyId: false);
        X509 tls = X509.New();
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        ScrapeOptions options = new() { Tls = new TlsOptions { CertificateAuthority = [old.Certificate, tls.Authority] } };
        for (int i = 0; i < 3; i++) Assert.Null((await Scraped.FromAsync(server.Uri(), options, cancellationToken: Stop)).Result.Error);
    }

    [Fact]
    public void A_client_certificate_without_its_key_is_refused()
    {
        using X509Certificate2 bare = X509CertificateLoader.LoadCertificate(Pki.New().Certificate.RawData);
        ScrapeException error = Assert.Throws<ScrapeException>(() => Scraped.Scraper(new ScrapeOptions { Tls = new TlsOptions { ClientCertificate = [bare] } }));
        Assert.Equal(ScrapeError.InvalidOption, error.Cause);
        Assert.Equal(("ClientCertificate: the client certificate has no private key.", Setting.ClientCertificate), (error.Message, error.Setting));
    }

    [Fact]
    public async Task A_server_without_TLS_is_a_failed_handshake_that_says_so()
    {
        await using TcpServer server = new((client, stop) => client.GetStream().WriteAsync("HTTP/1.1 400 Bad Request\r\n\r\n"u8.ToArray(), stop).AsTask());

        Scraped scraped = await Scraped.FromAsync(new Uri($"https://127.0.0.1:{server.Port}/metrics"), new ScrapeOptions { MaximumRetryCount = 0 }, cancellationToken: Stop);

        Assert.Equal(ScrapeError.TlsHandshake, scraped.Error);
        Assert.Contains(": no TLS connection could be established (", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_untrusted_certificate_with_other_names_tells_both()
    {
        X509 tls = X509.New("virt-api");
        await using LoopbackServer server = LoopbackServer.Text("a 1\n", tls.Server);
        Scraped scraped = await Scraped.FromAsync(server.Uri(), cancellationToken: Stop);
        Assert.Equal(ScrapeError.TlsUntrusted, scraped.Error);
        Assert.Contains("it also contains the names virt-api but not 127.0.0.1", scraped.Result.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_that_differ_do_not_share_connections()
    {
        X509Certificate2 one = Pki.New().Certificate;
        X509Certificate2 two = Pki.New().Certificate;
        TlsOptions[] all =
        [
            new(),
            new() { SkipCertificateCheck = true },
            new() { ServerName = "a" },
            new() { ServerName = "b" },
            new() { CertificateAuthority = [one] },
            new() { CertificateAuthority = [two] },
            new() { CertificateAuthority = [one, two] },
            new() { ClientCertificate = [one] },
        ];
        Assert.Equal(all.Length, all.Select(options => options.Identity()).Distinct().Count());
        Assert.Equal(new TlsOptions { CertificateAuthority = [one], ServerName = "A" }.Identity(), new TlsOptions { CertificateAuthority = [one], ServerName = "a" }.Identity());
    }
}
