using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using Xunit;

namespace KubeVirtMonitor.Tests.Kubernetes;

/// <summary>Credential plugins, as small shell scripts.</summary>
public sealed class ExecPluginTests : IAsyncDisposable
{
    private const string V1 = "client.authentication.k8s.io/v1";

    private const string Beta = "client.authentication.k8s.io/v1beta1";

    private readonly TempFolder _folder = new();
    private readonly List<IDisposable> _clients = [];
    private FakeApiServer? _server;
    private Func<string, bool> _isValid = _ => true;
    private Func<string?, bool> _isCertificateValid = _ => true;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable client in _clients) client.Dispose();
        if (_server is not null) await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(V1)]
    [InlineData(Beta)]
    public async Task TheTokenOfThePluginIsSentAndKept(string version)
    {
        KubernetesClient client = await StartAsync($"echo run >> \"$LOG\"\nprintf '%s' \"$KUBERNETES_EXEC_INFO\" > \"$LOG.info\"\n{Answer("{\"token\":\"plugin-'$1'\"}", version)}", version, args: "[arg-1]");
        Assert.False(client.Connection.IsCredentialAtHand);
        await client.GetAsync("/a", Token);
        Assert.True(client.Connection.IsCredentialAtHand);
        await client.GetAsync("/b", Token);
        Assert.Equal(["Bearer plugin-arg-1", "Bearer plugin-arg-1"], _server!.Requests.Select(request => request.Authorization));
        Assert.Equal(1, Runs());
        Assert.Equal($"{{\"kind\":\"ExecCredential\",\"apiVersion\":\"{version}\",\"spec\":{{\"interactive\":false}}}}", File.ReadAllText(Path.Combine(_folder.Path, "log.info")));
        Assert.Equal("exec plugin sh", client.Connection.CredentialKind);
    }

    [Fact]
    public async Task ThePluginLearnsAboutTheClusterWhenAllowed()
    {
        KubernetesClient client = await StartAsync(
            $"printf '%s' \"$KUBERNETES_EXEC_INFO\" > \"$LOG.info\"\n{Answer("{\"token\":\"t\"}")}",
            more: "provideClusterInfo: true",
            cluster: $"certificate-authority-data: {Pki.Shared.AuthorityBase64}\ntls-server-name: localhost\nextensions:\n- name: client.authentication.k8s.io/exec\n  extension: {{audience: x}}");
        await client.GetAsync("/a", Token);
        JsonNode cluster = JsonNode.Parse(File.ReadAllText(Path.Combine(_folder.Path, "log.info")))!["spec"]!["cluster"]!;
        JsonObject expected = new()
        {
            ["server"] = _server!.Address.ToString().TrimEnd('/'),
            ["tls-server-name"] = "localhost",
            ["certificate-authority-data"] = Pki.Shared.AuthorityBase64,
            ["config"] = new JsonObject { ["audience"] = "x" },
        };
        Assert.True(JsonNode.DeepEquals(expected, cluster), cluster.ToJsonString());
    }

    [Fact]
    public async Task AnExpiredTokenIsReplacedBeforeItIsSent()
    {
        string past = DateTimeOffset.UtcNow.AddHours(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
        KubernetesClient client = await StartAsync($"echo run >> \"$LOG\"\nn=$(wc -l < \"$LOG\")\n{Answer($"{{\"token\":\"t'$((n))'\",\"expirationTimestamp\":\"{past}\"}}")}");
        await client.GetAsync("/a", Token);
        await client.GetAsync("/b", Token);
        Assert.Equal(["Bearer t1", "Bearer t2"], _server!.Requests.Select(request => request.Authorization));
        Assert.False(client.Connection.IsCredentialAtHand);
    }

    [Fact]
    public async Task ARefusedTokenIsReplacedOnce()
    {
        _isValid = header => header == "Bearer t2";
        KubernetesClient client = await StartAsync($"echo run >> \"$LOG\"\nn=$(wc -l < \"$LOG\")\n{Answer("{\"token\":\"t'$((n))'\"}")}");
        await client.GetAsync("/a", Token);
        Assert.Equal(["Bearer t1", "Bearer t2"], _server!.Requests.Select(request => request.Authorization));
        _isValid = _ => false;
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/b", Token));
        Assert.Equal(KubernetesError.Unauthorized, exception.Error);
        Assert.Equal(3, Runs());
    }

    [Fact]
    public async Task ManyRequestsAtOnceRunThePluginOnce()
    {
        KubernetesClient client = await StartAsync($"echo run >> \"$LOG\"\nsleep 0.3\n{Answer("{\"token\":\"t\"}")}");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => client.GetAsync($"/{i}", Token)));
        Assert.Equal(1, Runs());
        Each.Of(_server!.Requests, request => Assert.Equal("Bearer t", request.Authorization));
    }

    [Fact]
    public async Task ACertificateOfThePluginIsShownAndReplacedOnNewConnections()
    {
        (string certificate, string key) = Pki.Shared.IssueClient("plugin-1");
        (string second, string secondKey) = Pki.Shared.IssueClient("plugin-2");
        _folder.Write("answer1", Credential(certificate, key));
        _folder.Write("answer2", Credential(second, secondKey));
        KubernetesClient client = await StartAsync("echo run >> \"$LOG\"\ncat \"$(dirname \"$LOG\")/answer$(wc -l < \"$LOG\")\"");
        await client.GetAsync("/a", Token);
        _isCertificateValid = subject => subject == "CN=plugin-2";
        await client.GetAsync("/b", Token);
        Assert.Equal(["CN=plugin-1", "CN=plugin-1", "CN=plugin-2"], _server!.Requests.Select(request => request.ClientCertificate));
    }

    [Fact]
    public async Task TheEnvironmentOfTheEntryIsSet()
    {
        KubernetesClient client = await StartAsync(Answer("{\"token\":\"'$EXTRA'\"}"), env: "{name: EXTRA, value: from-env}");
        await client.GetAsync("/a", Token);
        Assert.Equal("Bearer from-env", _server!.Requests.Single().Authorization);
    }

    [Theory]
    [InlineData("echo 'no login for you' >&2; exit 3", "failed with exit code 3; it said: no login for you")]
    [InlineData("exit 0", "it wrote nothing")]
    [InlineData("echo rubbish s3cret-value", "is not JSON")]
    [InlineData("echo '[]'", "is not an ExecCredential")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"s3cret-value\"}}'", "answered with apiVersion 'client.authentication.k8s.io/v1beta1'")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\"}'", "has no status")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "neither a token nor a certificate")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"clientKeyData\":\"s3cret-value\"}}'", "only one of certificate and key")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"s3cret-value\",\"expirationTimestamp\":\"soon\"}}'", "not a time in RFC 3339 form")]
    [InlineData("echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"s3cret-value\\u000a\"}}'", "characters that are not allowed in a token")]
    [InlineData("head -c 1200000 /dev/zero", "more than 1 MiB")]
    public async Task WhatGoesWrongIsSaidWithoutTheOutput(string script, string words)
    {
        KubernetesClient client = await StartAsync(script);
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/a", Token));
        Assert.Equal((KubernetesError.PluginFailed, "users[test].user.exec"), (exception.Error, exception.Entry));
        Assert.Contains(words, exception.Message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(_folder.Path, "config"), exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret-value", exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(_server!.Requests);
    }

    [Fact]
    public async Task WhatIsOnlyConfigurationOfAPluginStaysInWhatItSays()
    {
        KubernetesClient client = await StartAsync("echo 'The config profile (default-admin) could not be found in eu-central-1' >&2\nexit 255", env: "{name: AWS_PROFILE, value: default-admin}", args: "[--region, eu-central-1]");
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/a", Token));
        Assert.Contains("it said: The config profile (default-admin) could not be found in eu-central-1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecretsInWhatThePluginSaysAreRedacted()
    {
        KubernetesClient client = await StartAsync(
            """
            cat >&2 <<'END'
            refreshing with eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl failed
            Authorization: Bearer abcd1234
            client_secret=hunter2-and-more
            key 4f3c2b1a4f3c2b1a4f3c2b1a4f3c2b1a
            my variable is sesame-open
            -----BEGIN PRIVATE KEY-----
            AAAA
            -----END PRIVATE KEY-----
            see https://login.example/help for cluster prod-1
            END
            exit 1
            """,
            env: "{name: DOOR_KEY, value: sesame-open}");
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/a", Token));
        foreach (string secret in new[] { "eyJ", "c2ln", "abcd1234", "hunter2", "4f3c", "sesame", "AAAA" }) Assert.DoesNotContain(secret, exception.Message, StringComparison.Ordinal);
        Assert.Contains("see https://login.example/help for cluster prod-1", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APluginThatHangsIsEndedWithItsChildren()
    {
        string marker = Path.Combine(_folder.Path, "late");
        _folder.Write("plugin.sh", $"sh -c 'sleep 2; touch {marker}' &\nsleep 30\n");
        KubernetesException exception;
        KubeVirtMonitor.Kubernetes.KubeConfigEntry entry = new("file", "users[a].user.exec", "a", []);
        using (KubeVirtMonitor.Kubernetes.ExecCredential credential = new(new KubeVirtMonitor.Kubernetes.ExecSettings
        {
            Command = "/bin/sh",
            ApiVersion = V1,
            Arguments = [Path.Combine(_folder.Path, "plugin.sh")],
            Entry = entry,
        })
        { Timeout = TimeSpan.FromMilliseconds(500) })
        {
            exception = await Assert.ThrowsAsync<KubernetesException>(() => credential.GetAsync(Token).AsTask());
        }

        Assert.Equal(KubernetesError.PluginFailed, exception.Error);
        Assert.Contains("did not respond within", exception.Message, StringComparison.Ordinal);
        await Task.Delay(2500, Token);
        Assert.False(File.Exists(marker));
    }

    [Fact]
    public async Task APluginThatIsMissingComesWithItsInstallHint()
    {
        KubernetesClient client = await StartAsync("", command: "no-such-plugin-anywhere", more: "installHint: \"Get it from \\e[1mthe shop\\e[0m.\"");
        KubernetesException exception = await Assert.ThrowsAsync<KubernetesException>(() => client.GetAsync("/a", Token));
        Assert.Contains("'no-such-plugin-anywhere' is not installed: it is not in PATH", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Get it from", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', exception.Message);
    }

    [Fact]
    public async Task ACommandWithASlashCountsFromTheKubeconfig()
    {
        string script = _folder.Write("bin/plugin", $"#!/bin/sh\n{Answer("{\"token\":\"beside\"}")}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        KubernetesClient client = await StartAsync("", command: "bin/plugin");
        await client.GetAsync("/a", Token);
        Assert.Equal("Bearer beside", _server!.Requests.Single().Authorization);
    }

    private static string Answer(string status, string version = V1) =>
        $"echo '{{\"kind\":\"ExecCredential\",\"apiVersion\":\"{version}\",\"status\":{status}}}'";

    private static string Credential(string certificate, string key) =>
        JsonSerializer.Serialize(new { kind = "ExecCredential", apiVersion = V1, status = new { clientCertificateData = certificate, clientKeyData = key } });

    private int Runs() => File.ReadAllLines(Path.Combine(_folder.Path, "log")).Length;

    private async Task<KubernetesClient> StartAsync(
        string script, string version = V1, string args = "[]", string env = "", string more = "", string? cluster = null, string? command = null)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the plugins of these tests are shell scripts");
        _server = await FakeApiServer.StartAsync(context =>
            _isValid(context.Request.Headers.Authorization.ToString()) && _isCertificateValid(context.Connection.ClientCertificate?.Subject)
                ? context.JsonAsync("{}")
                : context.StatusAsync(401, "Unauthorized", "Unauthorized"));
        string path = _folder.Write("plugin.sh", script);
        string log = Path.Combine(_folder.Path, "log");
        string arguments = command is null ? $"[{path}{(args == "[]" ? "" : ", " + args.Trim('[', ']'))}]" : "[]";
        string user = $"""
            exec:
              apiVersion: {version}
              command: {command ?? "sh"}
              args: {arguments}
              interactiveMode: IfAvailable
              env: [{"{"}name: LOG, value: {log}{"}"}{(env.Length > 0 ? ", " + env : "")}]
              {more}
            """;
        KubernetesClient client = new(Clients.ByUser(_folder, _server.Address, user, cluster), Clients.Library, Clients.Quick);
        _clients.Add(client);
        return client;
    }
}
