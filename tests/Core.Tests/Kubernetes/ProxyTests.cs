using KubeVirtMonitor.Kubernetes;
using Xunit;
using ProxyServer = KubeVirtMonitor.TestKit.ProxyServer;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Ways through proxies; TLS always reaches through to the server.</summary>
public sealed class ProxyTests : ClientTests
{
    private const string Ok = "HTTP/1.1 200 Connection established\r\nX: y\r\n\r\n";

    [Fact]
    public async Task AnHttpProxyTunnels()
    {
        await using ProxyServer proxy = ProxyServer.Http(Ok);
        using KubernetesClient client = await StartAsync($"http://me:pa%3Ass@127.0.0.1:{proxy.Port}");
        await client.GetAsync("/x", Token);
        await client.GetAsync("/y", Token);
        // printf 'me:pa:ss' | base64
        string authority = Server.Address.Authority;
        Assert.Equal($"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\nProxy-Authorization: Basic bWU6cGE6c3M=\r\n\r\n", Assert.Single(proxy.Said));
        Assert.Equal($"127.0.0.1:{proxy.Port}", client.Connection.ProxyAddress!.Authority);
    }

    [Theory]
    [InlineData("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "requires a user name and password")]
    [InlineData("HTTP/1.1 403 Forbidden by policy\r\n\r\n", "refused a tunnel")]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n", "not HTTP")]
    [InlineData("", "closed the connection")]
    public async Task AnHttpProxyThatRefusesIsNamedWithoutItsPassword(string answer, string words)
    {
        await using ProxyServer proxy = ProxyServer.Http(answer);
        using KubernetesClient client = await StartAsync($"http://me:sec-ret@127.0.0.1:{proxy.Port}");
        await FailAsync(client, words);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("pw", "me:pw@")]
    public async Task ASocksProxyTunnels(string? password, string user)
    {
        await using ProxyServer proxy = ProxyServer.Socks(password);
        using KubernetesClient client = await StartAsync($"socks5://{user}127.0.0.1:{proxy.Port}", "localhost");
        await client.GetAsync("/x", Token);
        Assert.Equal(password is null ? ["00"] : ["0002", "me:pw"], proxy.Said);
    }

    [Theory]
    [InlineData("pw", "", 0, "requires an authentication method")]
    [InlineData("pw", "me:sec-ret@", 0, "refused the user name and password")]
    [InlineData(null, "", 5, "(connection refused)")]
    [InlineData(null, "", 2, "(not allowed)")]
    public async Task ASocksProxyThatRefusesIsNamedWithoutItsPassword(string? password, string user, byte reply, string words)
    {
        await using ProxyServer proxy = ProxyServer.Socks(password, reply);
        using KubernetesClient client = await StartAsync($"socks5://{user}127.0.0.1:{proxy.Port}");
        await FailAsync(client, words);
    }

    [Theory]
    [InlineData("http")]
    [InlineData("socks5")]
    public async Task TheServerNameReachesThroughTheProxy(string scheme)
    {
        string? name = null;
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"), Pki.Shared.Issue(["kubernetes.default.svc"]), onServerName: one => name = one);
        await using ProxyServer proxy = scheme == "http" ? ProxyServer.Http() : ProxyServer.Socks(null);
        string cluster = $"certificate-authority-data: {Pki.Shared.AuthorityBase64}\ntls-server-name: kubernetes.default.svc\nproxy-url: {scheme}://127.0.0.1:{proxy.Port}";
        using KubernetesClient client = new(Clients.ByUser(Folder, Server.Address, "token: t", cluster), Clients.Library, Clients.Quick);
        await client.GetAsync("/x", Token);
        Assert.Equal("kubernetes.default.svc", name);
    }

    [Fact]
    public async Task AProxyThatIsNotThereIsNamed()
    {
        int port;
        await using (ProxyServer proxy = ProxyServer.Http(Ok)) port = proxy.Port;
        using KubernetesClient client = await StartAsync($"http://127.0.0.1:{port}");
        await FailAsync(client, $"the proxy http://127.0.0.1:{port}/ of https://");
    }

    [Theory]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=http://p:1", "http://p:1/")]
    [InlineData("https://api.example:6443", "https_proxy=p:1", "http://p:1/")]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=socks5://p", "socks5://p/")]
    [InlineData("https://api.example:6443", "HTTP_PROXY=http://p:1", null)]
    [InlineData("http://127.0.0.1:8001", "HTTP_PROXY=http://p:1", null)]
    [InlineData("https://localhost:6443", "HTTPS_PROXY=p:1", null)]
    [InlineData("https://[::1]:6443", "HTTPS_PROXY=p:1", null)]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=p:1;NO_PROXY=*", null)]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=p:1;NO_PROXY=x, example", null)]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=p:1;no_proxy=.example", null)]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=p:1;no_proxy=*.EXAMPLE", null)]
    [InlineData("https://example:6443", "HTTPS_PROXY=p:1;NO_PROXY=.example", "http://p:1/")]
    [InlineData("https://myexample:6443", "HTTPS_PROXY=p:1;NO_PROXY=example", "http://p:1/")]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=p:1;NO_PROXY=api.example:443", "http://p:1/")]
    [InlineData("https://api.example:6443", "HTTPS_PROXY=p:1;NO_PROXY=api.example:6443", null)]
    [InlineData("https://10.1.2.3:6443", "HTTPS_PROXY=p:1;NO_PROXY=10.0.0.0/8", null)]
    [InlineData("https://11.1.2.3:6443", "HTTPS_PROXY=p:1;NO_PROXY=10.0.0.0/8,11.1.2.4", "http://p:1/")]
    [InlineData("https://11.1.2.3:6443", "HTTPS_PROXY=p:1;NO_PROXY=11.1.2.3", null)]
    [InlineData("https://[fd00::5]:6443", "HTTPS_PROXY=p:1;NO_PROXY=fd00::/16", null)]
    [InlineData("https://[fd00::5]:6443", "HTTPS_PROXY=p:1;NO_PROXY=[fd00::5]:6443", null)]
    [InlineData("https://[fd00::5]:6443", "HTTPS_PROXY=p:1;NO_PROXY=[fd00::5]:1", "http://p:1/")]
    public void TheEnvironmentNamesAProxyByKubectlsRules(string server, string variables, string? proxy)
    {
        Dictionary<string, string> environment = variables.Split(';').Select(one => one.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(proxy, KubeVirtMonitor.Kubernetes.EnvironmentProxy.Find(new Uri(server), environment.GetValueOrDefault)?.ToString());
    }

    private static async Task FailAsync(KubernetesClient client, string words)
    {
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/x", Token));
        Assert.Equal(KubernetesError.ConnectionFailed, exception.Error);
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("sec-ret", exception.ToString(), StringComparison.Ordinal);
    }

    private async Task<KubernetesClient> StartAsync(string proxy, string host = "127.0.0.1")
    {
        Server = await FakeApiServer.StartAsync(context => context.JsonAsync("{}"));
        Uri address = new UriBuilder(Server.Address) { Host = host }.Uri;
        return new KubernetesClient(Clients.ByUser(Folder, address, "token: t", $"certificate-authority-data: {Pki.Shared.AuthorityBase64}\nproxy-url: {proxy}"), Clients.Library, Clients.Quick);
    }
}
