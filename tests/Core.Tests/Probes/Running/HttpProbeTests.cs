using System.Security.Cryptography.X509Certificates;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Guests;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>HTTP probes against a guest that listens, by both ways.</summary>
public sealed class HttpProbeTests
{
    private const int Port = 18080;

    [Theory]
    [InlineData(ProbeRoute.Direct)]
    [InlineData(ProbeRoute.PortForward)]
    public async Task JudgesStatusesAsKubeletDoes(ProbeRoute route)
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(Port);
        foreach ((int status, bool isSuccess) in new[] { (200, true), (204, true), (299, true), (301, true), (399, true), (400, false), (404, false), (500, false), (503, false) })
        {
            ProbeResult result = await cluster.RunAsync(guest, Probe($"/status/{status}"), route);
            Assert.Equal((status, isSuccess, route), (result.StatusCode!.Value, result.Success, result.Route));
            if (!isSuccess) Assert.Equal($"HTTP probe failed with statuscode: {status}", result.Message);
            Assert.Equal(isSuccess ? ProbeState.Ready : ProbeState.NotReady, result.State);
        }
    }

    [Theory]
    [InlineData(ProbeRoute.Direct)]
    [InlineData(ProbeRoute.PortForward)]
    public async Task SendsHeadersAndKubeletsOwn(ProbeRoute route)
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        GuestListener listener = guest.Listen(Port);
        listener.Answer = new GuestAnswer { Headers = new Dictionary<string, string> { ["X-Custom-Header"] = "Awesome", ["Host"] = "web.example" } };
        Assert.Equal(403, (await cluster.RunAsync(guest, Probe("/"), route)).StatusCode);
        VmiProbe probe = Probe("/healthz?full=1", new("X-Custom-Header", "Awesome"), new("Host", "web.example"));
        Assert.True((await cluster.RunAsync(guest, probe, route)).Success);
        GuestRequest request = listener.Requests.Last();
        Assert.Equal("/healthz?full=1", request.Path);
        Assert.Matches(@"^kube-probe/\d+\.\d+$", request.Headers["User-Agent"]);
        Assert.Equal("*/*", request.Headers["Accept"]);
        Assert.Equal("close", request.Headers["Connection"], ignoreCase: true);
        Assert.DoesNotContain("Accept-Encoding", request.Headers.Keys);
        Assert.True((await cluster.RunAsync(guest, Probe("/", new("User-Agent", "mine"), new("Accept", ""), new("X-Custom-Header", "Awesome"), new("Host", "web.example")), route)).Success);
        Assert.Equal("mine", listener.Requests.Last().Headers["User-Agent"]);
        Assert.DoesNotContain("Accept", listener.Requests.Last().Headers.Keys);
    }

    [Fact]
    public async Task FollowsRedirectsWithinTheHostOnly()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        GuestListener listener = guest.Listen(Port);
        ProbeResult local = await cluster.RunAsync(guest, Probe("/redirect/%2Fstatus%2F503"));
        Assert.Equal((503, false), (local.StatusCode!.Value, local.Success));

        // Another port of the same host is the same host.
        guest.Listen(Port + 1).Answer = new GuestAnswer { Status = 418 };
        ProbeResult port = await cluster.RunAsync(guest, Probe($"/redirect/{Uri.EscapeDataString($"http://{listener.EndPoint.Address}:{Port + 1}/")}"), ProbeRoute.PortForward);
        Assert.Equal(418, port.StatusCode);

        ProbeResult elsewhere = await cluster.RunAsync(guest, Probe("/redirect/http%3A%2F%2Fother.example%2F"));
        Assert.Equal((302, true), (elsewhere.StatusCode!.Value, elsewhere.Success));
        Assert.Contains("other.example", elsewhere.Message, StringComparison.Ordinal);

        int before = listener.Requests.Count;
        ProbeResult circle = await cluster.RunAsync(guest, Probe("/redirect/"));
        Assert.True(circle.Success);
        listener.Answer = new GuestAnswer { Location = "/again" };
        circle = await cluster.RunAsync(guest, Probe("/"));
        Assert.False(circle.Success);
        Assert.Equal("stopped after 10 redirects", circle.Message);
        Assert.True(listener.Requests.Count - before >= 11);
    }

    [Theory]
    [InlineData(ProbeRoute.Direct)]
    [InlineData(ProbeRoute.PortForward)]
    public async Task TimesOutAndBreaks(ProbeRoute route)
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(Port);
        ProbeResult slow = await cluster.RunAsync(guest, Probe("/delay/30s"), route);
        Assert.Equal(ProbeOutcome.Timeout, slow.Outcome);
        Assert.InRange(slow.LatencySeconds, 0.9, 5);
        Assert.Equal("no answer within 1 s", slow.Message);
        Assert.False((await cluster.RunAsync(guest, Probe("/reset"), route)).Success);
        guest.Close(Port);
        ProbeResult closed = await cluster.RunAsync(guest, Probe("/"), route);
        Assert.Equal(ProbeOutcome.Failure, closed.Outcome);
        Assert.Contains("refused", closed.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProbeRoute.Direct)]
    [InlineData(ProbeRoute.PortForward)]
    public async Task AnAnswerThatEchoesWhatTheProbeIsNotToTellDoesNotShowIt(ProbeRoute route)
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        GuestListener listener = guest.Listen(Port);
        VmiProbe probe = Probe("/", new("X-Api-Token", "tiger-moth-77"), new("Cookie", "sid=raven-19; lang=en"), new("X-Custom-Header", "Awesome"));
        listener.Answer = new GuestAnswer { Body = "Awesome: \u001b[31mtiger-moth-77 and raven-19\r\nend" };
        Assert.Equal("Awesome: [redacted] and [redacted] end", (await cluster.RunAsync(guest, probe, route)).Message);
        // Across the place where a long answer is cut.
        listener.Answer = new GuestAnswer { Body = new string('.', 195) + "tiger-moth-77" };
        Assert.DoesNotContain("tige", (await cluster.RunAsync(guest, probe, route)).Message, StringComparison.Ordinal);
        listener.Answer = new GuestAnswer { Location = "http://other.example/?t=tiger-moth-77" };
        Assert.Contains("http://other.example/?t=[redacted] is another host", (await cluster.RunAsync(guest, probe, route)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadsTenKibibytesAtMost()
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(Port);
        Assert.Equal(10_240, (await cluster.RunAsync(guest, Probe("/size/200000"))).Bytes);
        Assert.Equal(5, (await cluster.RunAsync(guest, Probe("/size/5"))).Bytes);
    }

    [Theory]
    [InlineData(ProbeRoute.Direct)]
    [InlineData(ProbeRoute.PortForward)]
    public async Task ChecksNoCertificate(ProbeRoute route)
    {
        await using ProbeCluster cluster = await ProbeCluster.StartAsync();
        using CertificateAuthority nobody = new("nobody");
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using X509Certificate2 expired = nobody.IssueServer("expired.example", ["expired.example"], now.AddHours(-20), now.AddHours(-10));
        using X509Certificate2 usable = X509CertificateLoader.LoadPkcs12(expired.Export(X509ContentType.Pfx), null);
        SimulatedGuest guest = cluster.Guest(0);
        guest.Listen(Port, usable);
        VmiProbe probe = new() { Kind = ProbeKind.HttpGet, Port = Port, Scheme = "HTTPS", TimeoutSeconds = 5 };
        ProbeResult result = await cluster.RunAsync(guest, probe, route);
        Assert.True(result.Success, result.Message);
        Assert.False((await cluster.RunAsync(guest, Probe("/"), route)).Success);
    }

    private static VmiProbe Probe(string path, params KeyValuePair<string, string>[] headers) => new() { Kind = ProbeKind.HttpGet, Port = Port, Path = path, Headers = headers };
}
