using System.Collections.Concurrent;
using System.Text;
using KubeVirtMonitor.Kubernetes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>The login auth-provider: oidc, against an issuer of the tests.</summary>
public sealed class OidcCredentialTests : ClientTests
{
    private const string OldRefresh = "refresh-token-that-was-first-1";

    private readonly ConcurrentQueue<string> _asked = [];
    private FakeApiServer? _issuer;
    private Func<HttpContext, Dictionary<string, string>, Task>? _token;

    public override async ValueTask DisposeAsync()
    {
        if (_issuer is not null) await _issuer.DisposeAsync();
        await base.DisposeAsync();
    }

    [Fact]
    public async Task AnIdTokenCountsWhileItHolds()
    {
        string token = Jwt(TimeSpan.FromMinutes(5));
        KubernetesConnection connection = Resolve($"idp-issuer-url: https://nowhere.invalid, client-id: c, id-token: {token}");
        Assert.Equal("OIDC login", connection.CredentialKind);
        Assert.Equal($"Bearer {token}", (await connection.Credential.GetAsync(Token)).Authorization!.ToString());
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(9)]
    public async Task NearItsEndItIsGotAnewOnce(int seconds)
    {
        string renewed = Jwt(TimeSpan.FromHours(1));
        await StartAsync((context, form) => context.JsonAsync($"{{\"id_token\":\"{renewed}\",\"token_type\":\"Bearer\"}}"));
        KubernetesConnection connection = Resolve(Config(Jwt(TimeSpan.FromSeconds(seconds))));
        string before = File.ReadAllText(Path.Combine(Folder.Path, "config"));
        Task<KubeVirtMonitor.Kubernetes.CredentialValue>[] all = [.. Enumerable.Range(0, 8).Select(_ => connection.Credential.GetAsync(Token).AsTask())];
        foreach (KubeVirtMonitor.Kubernetes.CredentialValue value in await Task.WhenAll(all)) Assert.Equal($"Bearer {renewed}", value.Authorization!.ToString());
        Assert.Equal(["GET /dex/.well-known/openid-configuration", $"POST /dex/token  grant_type=refresh_token&refresh_token={OldRefresh}&client_id=kube"], _asked);
        Assert.Equal(before, File.ReadAllText(Path.Combine(Folder.Path, "config")));
    }

    [Fact]
    public async Task ASecretGoesIntoTheHeaderAndElseIntoTheForm()
    {
        string renewed = Jwt(TimeSpan.FromHours(1));
        await StartAsync((context, form) =>
        {
            if (form.ContainsKey("client_secret")) return context.JsonAsync($"{{\"id_token\":\"{renewed}\"}}");
            context.Response.StatusCode = 401;
            return context.Response.WriteAsync("{\"error\":\"invalid_client\"}", Token);
        });
        KubernetesConnection connection = Resolve(Config(Jwt(TimeSpan.Zero)) + ", client-secret: s3cret/1");
        Assert.Equal($"Bearer {renewed}", (await connection.Credential.GetAsync(Token)).Authorization!.ToString());
        // base64 of "kube:s3cret%2F1"
        Assert.Equal(
            [
                $"POST /dex/token Basic a3ViZTpzM2NyZXQlMkYx grant_type=refresh_token&refresh_token={OldRefresh}",
                $"POST /dex/token  grant_type=refresh_token&refresh_token={OldRefresh}&client_id=kube&client_secret=s3cret%2F1",
            ],
            _asked.Skip(1));
    }

    [Fact]
    public async Task ARefreshTokenThatIsReplacedIsWrittenToTheFileAndNothingElseIs()
    {
        string old = Jwt(TimeSpan.Zero), renewed = Jwt(TimeSpan.FromHours(1)), again = Jwt(TimeSpan.FromHours(2));
        int round = 0;
        await StartAsync((context, form) => context.JsonAsync(++round == 1
            ? $"{{\"id_token\":\"{renewed}\",\"refresh_token\":\"second-2\"}}"
            : $"{{\"id_token\":\"{again}\",\"refresh_token\":\"third-3\"}}"));
        KubernetesConnection connection = Resolve(Config(old));
        string path = Path.Combine(Folder.Path, "config");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        string before = File.ReadAllText(path);
        KubeVirtMonitor.Kubernetes.CredentialValue first = await connection.Credential.GetAsync(Token);
        Assert.Equal(before.Replace(OldRefresh, "second-2", StringComparison.Ordinal).Replace(old, renewed, StringComparison.Ordinal), File.ReadAllText(path));
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        // A 401 asks for another one, with the token that counts now.
        Assert.True(await connection.Credential.RenewAsync(first, Token));
        Assert.Contains("refresh_token=second-2", _asked.Last(), StringComparison.Ordinal);
        Assert.Contains("third-3", File.ReadAllText(path), StringComparison.Ordinal);
        Assert.Equal(["config"], Directory.EnumerateFiles(Folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public async Task WithoutARefreshTokenTheErrorSaysWhenItEnded()
    {
        string token = $"e30.{Convert.ToBase64String("""{"exp":1700000000}"""u8).TrimEnd('=')}.sig";
        KubernetesConnection connection = Resolve($"idp-issuer-url: https://nowhere.invalid, client-id: c, id-token: {token}");
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(async () => await connection.Credential.GetAsync(Token));
        // date -u -d @1700000000
        Assert.Contains("expired on 2023-11-14 22:13 UTC", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Log in again", exception.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain(token, exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatTheIssuerSaysIsShownWithoutSecrets()
    {
        await StartAsync((context, form) =>
        {
            context.Response.StatusCode = 400;
            return context.Response.WriteAsync($"{{\"error\":\"invalid_grant\",\"error_description\":\"{OldRefresh} was used before\"}}", Token);
        });
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(async () => await Resolve(Config(Jwt(TimeSpan.Zero))).Credential.GetAsync(Token));
        Assert.Equal((KubernetesError.CredentialInvalid, 400), (exception.Error, exception.StatusCode));
        Assert.Contains("invalid_grant: [redacted] was used before", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(OldRefresh, exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("id-token: x", "idp-issuer-url", "is missing")]
    [InlineData("idp-issuer-url: https://a, id-token: x", "client-id", "is missing")]
    [InlineData("idp-issuer-url: https://a, client-id: c", "id-token", "no refresh-token")]
    [InlineData("idp-issuer-url: http://a, client-id: c, id-token: x", "", "not an https address")]
    public void WhatIsMissingIsNamed(string config, string entry, string words)
    {
        KubernetesException exception = Assert.Throws<KubernetesException>(() => Resolve(config));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.Equal("users[a].user.auth-provider.config" + (entry.Length == 0 ? "" : "." + entry), exception.Entry);
    }

    [Fact]
    public async Task ATokenEndpointWithoutTlsIsNotAsked()
    {
        await StartAsync((context, form) => context.JsonAsync("{}"), endpoint: "http://127.0.0.1:1/token");
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(async () => await Resolve(Config(Jwt(TimeSpan.Zero))).Credential.GetAsync(Token));
        Assert.Contains("is not an https address", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("e30.eyJleHAiOjE3MDAwMDAwMDB9.s", 1700000000L)] // {"exp":1700000000}
    [InlineData("e30.eyJleHAiOjEuN2U5fQ.s", 1700000000L)] // {"exp":1.7e9}
    [InlineData("e30.e30.s", null)]
    [InlineData("e30.eyJleHAiOiJ4In0.s", null)] // {"exp":"x"}
    [InlineData("opaque", null)]
    [InlineData("a.***.c", null)]
    public void TheEndOfATokenIsItsClaim(string token, long? seconds) =>
        Assert.Equal(seconds, KubeVirtMonitor.Kubernetes.OidcCredential.Expiry(token)?.ToUnixTimeSeconds());

    private static string Jwt(TimeSpan holds) =>
        $"e30.{WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes($"{{\"exp\":{DateTimeOffset.UtcNow.Add(holds).ToUnixTimeSeconds()},\"jti\":\"{Guid.NewGuid()}\"}}"))}.c2ln";

    private string Config(string idToken) =>
        $"idp-issuer-url: \"{_issuer!.Address}dex\", idp-certificate-authority-data: {Pki.Shared.AuthorityBase64}, client-id: kube, refresh-token: {OldRefresh}, id-token: {idToken}";

    private KubernetesConnection Resolve(string config) => KubeConfig.Load(new KubeConfigOptions
    {
        Path = Folder.Write("config", KubeConfigTests.Config("{server: \"https://a:1\"}", $"{{auth-provider: {{name: oidc, config: {{{config}}}}}}} # a comment that stays")),
        Yaml = new Yaml.YamlReader(),
        Environment = _ => null,
    }).Resolve();

    private async Task StartAsync(Func<HttpContext, Dictionary<string, string>, Task> token, string? endpoint = null)
    {
        _token = token;
        _issuer = await FakeApiServer.StartAsync(context =>
        {
            string body = _issuer!.Requests.Last().Body;
            string form = body.Length == 0 ? "" : $" {context.Request.Headers.Authorization} {body}";
            _asked.Enqueue($"{context.Request.Method} {context.Request.Path}{form}");
            if (context.Request.Path == "/dex/.well-known/openid-configuration")
                return context.JsonAsync($"{{\"issuer\":\"{_issuer.Address}dex\",\"token_endpoint\":\"{endpoint ?? _issuer.Address + "dex/token"}\"}}");
            return _token(context, QueryHelpers.ParseQuery(body).ToDictionary(pair => pair.Key, pair => pair.Value.ToString()));
        });
    }
}
