using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public class EndpointTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Metrics_come_as_KubeVirt_sends_them()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        foreach (SimulatedEndpoint endpoint in host.Endpoints)
        {
            using HttpClient client = Client.For(host, endpoint);
            using HttpResponseMessage answer = await client.GetAsync("metrics", Cancellation);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(HttpVersion.Version11, answer.Version);
            Assert.Equal("text/plain; version=0.0.4; charset=utf-8; escaping=underscores", answer.Content.Headers.ContentType!.ToString());
            Assert.Empty(answer.Content.Headers.ContentEncoding);
            Assert.Equal(Scrapes.Text(host.Cluster, endpoint.Id), await answer.Content.ReadAsStringAsync(Cancellation));
            Assert.Equal(1, endpoint.Scrapes);
        }
    }

    [Theory]
    [InlineData("gzip", true)]
    [InlineData("deflate, gzip;q=0.5", true)]
    [InlineData("gzip;q=0", false)]
    [InlineData("br", false)]
    public async Task Gzip_is_used_where_it_is_accepted(string accepted, bool expected)
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        SimulatedEndpoint endpoint = host["handler/0"];
        using HttpClient client = Client.For(host, endpoint);
        using HttpRequestMessage request = new(HttpMethod.Get, "metrics");
        request.Headers.Add("Accept-Encoding", accepted);
        request.Headers.Add("Accept", "application/openmetrics-text");
        using HttpResponseMessage answer = await client.SendAsync(request, Cancellation);
        byte[] body = await answer.Content.ReadAsByteArrayAsync(Cancellation);
        Assert.Equal(expected, answer.Content.Headers.ContentEncoding.Contains("gzip"));
        Assert.StartsWith("text/plain; version=0.0.4", answer.Content.Headers.ContentType!.ToString(), StringComparison.Ordinal);
        string text = expected ? await new StreamReader(new GZipStream(new MemoryStream(body), CompressionMode.Decompress)).ReadToEndAsync(Cancellation) : Encoding.UTF8.GetString(body);
        Assert.Equal(Scrapes.Text(host.Cluster, "handler/0"), text);
    }

    [Fact]
    public async Task Older_releases_do_not_mention_the_escaping()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.2"), cancellation: Cancellation);
        using HttpClient client = Client.For(host, host["api/0"]);
        using HttpResponseMessage answer = await client.GetAsync("metrics", Cancellation);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Health_and_leadership_answer_as_KubeVirt_does()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        string health = await GetAsync(host, "api/0", "healthz");
        Assert.Equal(492, health.Length);
        Assert.Equal(health, await GetAsync(host, "handler/0", "healthz"));
        Assert.Equal(health, await GetAsync(host, "controller/0", "healthz"));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(host, "operator/0", "healthz"));
        Assert.Equal(health, await GetAsync(host, "api/0", "apis/subresources.kubevirt.io/v1/healthz"));
        Assert.Equal("ok", System.Text.Json.JsonDocument.Parse(health).RootElement.GetProperty("apiserver").GetProperty("connectivity").GetString());
        Assert.Equal("true", Leader(await GetAsync(host, "controller/0", "leader")));
        Assert.Equal("false", Leader(await GetAsync(host, "controller/1", "leader")));
        await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(host, "handler/0", "leader"));

        static string? Leader(string json) => System.Text.Json.JsonDocument.Parse(json).RootElement.GetProperty("apiserver").GetProperty("leader").GetString();
    }

    [Theory]
    [InlineData("api/0", "virt-api")]
    [InlineData("controller/1", "virt-controller")]
    [InlineData("handler/0", "virt-handler")]
    [InlineData("operator/0", "virt-operator")]
    public async Task Certificates_name_the_service_and_no_address(string id, string service)
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        (X509Certificate2 certificate, SslPolicyErrors errors) = await Client.HandshakeAsync(host, host[id], $"{service}.kubevirt", Cancellation);
        Assert.Equal(SslPolicyErrors.None, errors);
        X509SubjectAlternativeNameExtension names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single();
        Assert.Equal([service, $"{service}.kubevirt", $"{service}.kubevirt.svc", $"{service}.kubevirt.svc.cluster.local"], names.EnumerateDnsNames());
        Assert.Empty(names.EnumerateIPAddresses());
        Assert.Equal(host.CertificateAuthority.Certificate.Subject, certificate.Issuer);
        (_, errors) = await Client.HandshakeAsync(host, host[id], "127.0.0.1", Cancellation);
        Assert.Equal(SslPolicyErrors.RemoteCertificateNameMismatch, errors);
    }

    [Fact]
    public async Task The_file_of_the_authority_goes_with_the_host_unless_it_was_asked_for()
    {
        string file;
        await using (SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation))
        {
            file = host.CertificateAuthorityFile;
            Assert.Equal(host.CertificateAuthority.Pem, await File.ReadAllTextAsync(file, Cancellation));
        }

        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData(SslProtocols.Tls12)]
    [InlineData(SslProtocols.Tls13)]
    public async Task TLS_1_2_and_1_3_are_spoken_and_HTTP_1_1_is_chosen(SslProtocols version)
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        using System.Net.Sockets.TcpClient tcp = new("127.0.0.1", host["api/0"].Port);
        await using SslStream tls = new(tcp.GetStream());
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(host.CertificateAuthority.Certificate);
#pragma warning disable CA5398 // One version at a time is the point of the test.
        SslClientAuthenticationOptions options = new()
        {
            TargetHost = "virt-api",
            EnabledSslProtocols = version,
            CertificateChainPolicy = policy,
            ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
        };
#pragma warning restore CA5398
        await tls.AuthenticateAsClientAsync(options, Cancellation);
        Assert.Equal(version, tls.SslProtocol);
        Assert.Equal(SslApplicationProtocol.Http11, tls.NegotiatedApplicationProtocol);
    }

    [Fact]
    public async Task A_handler_serves_three_scrapes_at_once()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        SimulatedEndpoint endpoint = host["handler/0"];
        endpoint.Fault = Fault.Parse("slow:2s");
        using HttpClient client = Client.For(host, endpoint);
        Task<HttpResponseMessage>[] first = Enumerable.Range(0, 3).Select(_ => client.GetAsync("metrics", Cancellation)).ToArray();
        Assert.True(SpinWait.SpinUntil(() => endpoint.Scrapes == 3, TimeSpan.FromSeconds(10)));
        using HttpResponseMessage fourth = await client.GetAsync("metrics", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, fourth.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", fourth.Content.Headers.ContentType!.ToString());
        Assert.Equal(["nosniff"], fourth.Headers.GetValues("X-Content-Type-Options"));
        Assert.Equal("Limit of concurrent requests reached (3), try again later.\n", await fourth.Content.ReadAsStringAsync(Cancellation));
        Each.Of(await Task.WhenAll(first), answer => Assert.Equal(HttpStatusCode.OK, answer.StatusCode));
        Assert.Equal(3, endpoint.MostActiveScrapes);
    }

    /// <summary>As KubeVirt has it since 1.6: the dirty rate is measured for a second, and not again within three.</summary>
    [Theory]
    [InlineData("1.9", true)]
    [InlineData("1.2", false)]
    public async Task A_scrape_of_a_handler_can_take_the_time_that_the_dirty_rate_takes(string version, bool waits)
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster(version), new HostOptions { DirtyRateWait = TimeSpan.FromSeconds(1) }, Cancellation);
        Assert.Equal((waits, false, false), (await TakesAsync("handler/0"), await TakesAsync("handler/0"), await TakesAsync("api/0")));

        async Task<bool> TakesAsync(string id)
        {
            using HttpClient client = Client.For(host, host[id]);
            long began = System.Diagnostics.Stopwatch.GetTimestamp();
            using HttpResponseMessage answer = await client.GetAsync("metrics", Cancellation);
            return System.Diagnostics.Stopwatch.GetElapsedTime(began) >= TimeSpan.FromMilliseconds(950);
        }
    }

    /// <summary>
    /// virt-handler asks all virt-launchers when the request comes, and answers when the last one has answered: for the dirty rate a second, for one that hangs two (the real 1.9.0, of whose
    /// two virt-launchers one was stopped, took 2.0 s, and the counters of the other one were two seconds old).
    /// </summary>
    [Theory]
    [InlineData("dirty rate", 1)]
    [InlineData("silent", 2)]
    [InlineData("both", 2)]
    [InlineData("slow:1s", 1)]
    [InlineData("trickle:50KB", 0.2)]
    [InlineData("silent slow:1s", 3)]
    public async Task Values_are_those_of_the_request(string what, double seconds)
    {
        SimulatedCluster cluster = new(new ClusterOptions
        {
            Handlers = 2, VmisPerHandler = 2, Loads = [KnownLoad.Parse("vm-0000*:cpu=1")],
            Events = what.StartsWith("silent", StringComparison.Ordinal) || what == "both" ? [ClusterEvent.Parse("0s:silent:vm-00001:for=1000s")] : [],
        });
        HostOptions options = new() { PlainHttp = true, DirtyRateWait = what is "dirty rate" or "both" ? TimeSpan.FromSeconds(1) : null };
        await using SimulatorHost host = await SimulatorHost.StartAsync(cluster, options, Cancellation);
        if (what.Contains(':', StringComparison.Ordinal)) host["handler/0"].Fault = Fault.Parse(what.Split(' ')[^1]);
        double sent = cluster.Elapsed.TotalSeconds;
        string text = await GetAsync(host, "handler/0", "metrics");
        double answered = cluster.Elapsed.TotalSeconds;

        // 5 + 1 × t
        TextLine[] cpu = [.. TextFamily.Read(text).SelectMany(static family => family.Lines).Where(static line => line.Name == "kubevirt_vmi_cpu_usage_seconds_total")];
        double read = cpu.Single(static line => line["name"] == "vm-00000").Value - 5;
        Assert.InRange(read, sent, answered - seconds + 0.05);
        Assert.Equal(options.DirtyRateWait is null && !what.StartsWith("silent", StringComparison.Ordinal) || what == "dirty rate" ? 2 : 1, cpu.Length);
    }

    [Fact]
    public async Task Only_the_handler_of_a_launcher_that_hangs_waits_for_it()
    {
        SimulatedCluster cluster = new(new ClusterOptions { Handlers = 2, VmisPerHandler = 2, Events = [ClusterEvent.Parse("0s:silent:vm-00001:for=1000s")] });
        await using SimulatorHost host = await SimulatorHost.StartAsync(cluster, new HostOptions { PlainHttp = true, LauncherTimeout = TimeSpan.FromMinutes(1) }, Cancellation);
        Task<string> waits = GetAsync(host, "handler/0", "metrics");
        Assert.NotEmpty(await GetAsync(host, "handler/1", "metrics"));
        Assert.False(waits.IsCompleted);

        // What shows no metrics asks nobody.
        host["handler/0"].Fault = Fault.Parse("busy");
        using HttpClient client = Client.For(host, host["handler/0"]);
        using HttpResponseMessage busy = await client.GetAsync("metrics", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, busy.StatusCode);
    }

    [Fact]
    public async Task A_handler_that_restarts_is_served_again()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        string before = host["handler/0"].Pod.Name;
        host.Cluster.Happen(ClusterEvent.Parse("restart:handler/0"));
        Assert.True(SpinWait.SpinUntil(() => host["handler/0"].Pod.Name != before && host["handler/0"].IsOpen, TimeSpan.FromSeconds(10)));
        using HttpClient client = Client.For(host, host["handler/0"]);
        using HttpResponseMessage answer = await client.GetAsync("metrics", Cancellation);
        Assert.Contains("\nprocess_start_time_seconds 1.7723664e+09\n", await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Tokens_and_passwords_are_asked_for()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), cancellation: Cancellation);
        SimulatedEndpoint endpoint = host["api/0"];
        endpoint.Access = new AccessPolicy { BearerToken = "s3cret" };
        Assert.Equal((401, "Bearer"), await TryAsync(host, endpoint, null));
        Assert.Equal((401, "Bearer"), await TryAsync(host, endpoint, new AuthenticationHeaderValue("Bearer", "wrong")));
        Assert.Equal((200, null), await TryAsync(host, endpoint, new AuthenticationHeaderValue("Bearer", "s3cret")));
        endpoint.Access = new AccessPolicy { UserName = "ada", Password = "pa:ss" };
        Assert.Equal((401, "Basic realm=\"simulator\""), await TryAsync(host, endpoint, null));
        Assert.Equal((200, null), await TryAsync(host, endpoint, new AuthenticationHeaderValue("Basic", Convert.ToBase64String("ada:pa:ss"u8))));
        Assert.DoesNotContain("pa:ss", endpoint.Access.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_certificates_are_asked_for()
    {
        HostOptions options = new() { Access = new AccessPolicy { RequireClientCertificate = true } };
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), options, Cancellation);
        SimulatedEndpoint endpoint = host["api/0"];
        using HttpClient without = Client.For(host, endpoint);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => without.GetStringAsync("metrics", Cancellation));
        using X509Certificate2 known = host.CertificateAuthority.IssueClient("someone");
        using HttpClient with = Client.For(host, endpoint, certificate: known);
        Assert.NotEmpty(await with.GetStringAsync("metrics", Cancellation));
        using CertificateAuthority stranger = new("stranger");
        using X509Certificate2 unknown = stranger.IssueClient("someone");
        using HttpClient wrong = Client.For(host, endpoint, certificate: unknown);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => wrong.GetStringAsync("metrics", Cancellation));
    }

    [Fact]
    public async Task Plain_HTTP_is_served_on_demand()
    {
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), new HostOptions { PlainHttp = true }, Cancellation);
        Assert.Equal("http", host["api/0"].MetricsUri.Scheme);
        Assert.Equal(Scrapes.Text(host.Cluster, "api/0"), await GetAsync(host, "api/0", "metrics"));
    }

    [Fact]
    public async Task Unknown_endpoints_are_refused_by_name()
    {
        HostOptions options = new() { Faults = new Dictionary<string, Fault> { ["handler/9"] = new(FaultKind.Reset) } };
        ArgumentException refused = await Assert.ThrowsAsync<ArgumentException>(() => SimulatorHost.StartAsync(Scrapes.Cluster("1.9"), options, Cancellation));
        Assert.Contains("handler/0", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_hundred_handlers_live_in_one_process()
    {
        HostOptions options = new() { PodFilter = pod => pod.Component == ComponentKind.Handler, KeepScrapesFor = Timeout.InfiniteTimeSpan };
        await using SimulatorHost host = await SimulatorHost.StartAsync(Scrapes.Cluster("1.9", handlers: 100, vmis: 10), options, Cancellation);
        Assert.Equal(100, host.Endpoints.Select(endpoint => endpoint.Port).Distinct().Count());
        await Parallel.ForEachAsync(host.Endpoints, Cancellation, async (endpoint, cancellation) =>
        {
            using HttpClient client = Client.For(host, endpoint);
            Assert.Contains($"node=\"{endpoint.Pod.Node}\"", await client.GetStringAsync("metrics", cancellation), StringComparison.Ordinal);
            using HttpRequestMessage request = new(HttpMethod.Get, "metrics");
            request.Headers.Add("Accept-Encoding", "gzip");
            using HttpResponseMessage packed = await client.SendAsync(request, cancellation);
            await using GZipStream unpacked = new(await packed.Content.ReadAsStreamAsync(cancellation), CompressionMode.Decompress);
            Assert.Equal(Scrapes.Text(host.Cluster, endpoint.Id), await new StreamReader(unpacked).ReadToEndAsync(cancellation));
        });
    }

    private static async Task<string> GetAsync(SimulatorHost host, string id, string path)
    {
        using HttpClient client = Client.For(host, host[id]);
        return await client.GetStringAsync(path, Cancellation);
    }

    private static async Task<(int Status, string? Challenge)> TryAsync(SimulatorHost host, SimulatedEndpoint endpoint, AuthenticationHeaderValue? authorization)
    {
        using HttpClient client = Client.For(host, endpoint);
        client.DefaultRequestHeaders.Authorization = authorization;
        using HttpResponseMessage answer = await client.GetAsync("metrics", Cancellation);
        return ((int)answer.StatusCode, answer.Headers.WwwAuthenticate.FirstOrDefault()?.ToString());
    }
}
