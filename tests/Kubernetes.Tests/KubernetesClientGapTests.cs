using System.Diagnostics;
using System.Globalization;
using System.Net.Security;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using k8s.KubeConfigModels;
using k8s.Models;
using Xunit;

namespace KubeVirtMonitor.Tests.ClientLibrary;

/// <summary>
/// Why parts of KubernetesClient are not used: what each of them does. A test that fails here says that its part has been mended; the table in docs/architecture.md
/// then has to be judged anew.
/// </summary>
public sealed class KubernetesClientGapTests : IDisposable
{
    private const string Version = """{"major":"1","minor":"36","gitVersion":"v1.36.0"}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("kubernetes-gaps").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WithAnAuthorityGivenNoNameIsChecked()
    {
        (X509Certificate2 authority, X509Certificate2 leaf) = LocalServer.Issue("elsewhere.example");
        using LocalServer server = new(LocalServer.Json(Version), leaf);
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address, SslCaCerts = [authority] });
        Assert.Equal("v1.36.0", (await client.Version.GetCodeAsync(Token)).GitVersion);
    }

    [Fact]
    public void WhatTheSystemTrustsIsTakenBesideTheAuthorityGiven()
    {
        (X509Certificate2 authority, _) = LocalServer.Issue("a.example");
        (_, X509Certificate2 other) = LocalServer.Issue("b.example");
        using X509Chain chain = new();
        // No errors is what the platform says of a certificate that the system's own authorities hold.
        Assert.True(k8s.Kubernetes.CertificateValidationCallBack(this, [authority], other, chain, SslPolicyErrors.None));
    }

    [Fact]
    public async Task NobodyIsImpersonated()
    {
        using LocalServer server = new(LocalServer.Json(Version));
        await AskAsync(Config(server.Address, "{token: t, as: jane, as-groups: [auditors]}"));
        string head = Assert.Single(server.Heads);
        Assert.Contains("Authorization: Bearer t\r\n", head, StringComparison.Ordinal);
        Assert.DoesNotContain("Impersonate", head, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task NamesGoIntoPathsAsTheyAre()
    {
        using LocalServer server = new(LocalServer.Json("{}"));
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address });
        await client.CoreV1.ReadNamespacedPodAsync("../secrets/admin", "ns", cancellationToken: Token);
        await Assert.ThrowsAnyAsync<Exception>(() => client.WebSocketNamespacedPodExecAsync("../secrets/admin", "ns", ["true"], cancellationToken: Token));
        Assert.Equal(2, server.Heads.Count);
        Assert.All(server.Heads, head => Assert.StartsWith("GET /api/v1/namespaces/ns/secrets/admin", head, StringComparison.Ordinal));
    }

    [Fact]
    public void ContextsThatDifferInCaseAreTheSame()
    {
        string config = Write("""
            current-context: prod
            contexts:
            - {name: Prod, context: {cluster: other}}
            - {name: prod, context: {cluster: mine}}
            clusters:
            - {name: other, cluster: {server: 'http://127.0.0.1:1'}}
            - {name: mine, cluster: {server: 'http://127.0.0.1:2'}}
            """);
        Assert.Equal("http://127.0.0.1:1", KubernetesClientConfiguration.BuildConfigFromConfigFile(config).Host);
    }

    [Fact]
    public async Task AProxyOfTheKubeconfigIsPassedBy()
    {
        using LocalServer proxy = new(LocalServer.Json(Version));
        using LocalServer server = new(LocalServer.Json(Version));
        await AskAsync(Config(server.Address, "{token: t}", $"proxy-url: '{proxy.Address}'"));
        Assert.Single(server.Heads);
        Assert.Empty(proxy.Heads);
    }

    [Fact]
    public void ATokenFileIsNoCredential()
    {
        string token = Path.Combine(_folder, "token");
        File.WriteAllText(token, "t");
        Assert.Throws<KubeConfigException>(() => KubernetesClientConfiguration.BuildConfigFromConfigFile(Config("http://127.0.0.1:1", $"{{tokenFile: '{token}'}}")));
    }

    [Fact]
    public void ArgumentsOfAPluginAreJoinedByBlanks()
    {
        using Process process = KubernetesClientConfiguration.CreateRunnableExternalProcess(new ExternalExecution { ApiVersion = "v1", Command = "x", Arguments = ["--profile", "my team"] });
        Assert.Equal("--profile my team", process.StartInfo.Arguments);
        Assert.Empty(process.StartInfo.ArgumentList);
    }

    [Fact]
    public async Task APluginRunsForEachRequestThatWaitsForIt()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the plugin is a shell script");
        string runs = Path.Combine(_folder, "runs");
        string go = Path.Combine(_folder, "go");
        string plugin = Path.Combine(_folder, "plugin");
        await File.WriteAllTextAsync(plugin, $$$"""
            echo run >> '{{{runs}}}'
            while ! [ -e '{{{go}}}' ]; do sleep 0.05; done
            echo '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"t"}}'

            """, Token);
        using LocalServer server = new(LocalServer.Json(Version));
        string config = Config(server.Address, $"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: sh, args: ['{plugin}']}}}}");
        await File.WriteAllTextAsync(go, "", Token);
        using k8s.Kubernetes client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(config));
        Assert.Single(await File.ReadAllLinesAsync(runs, Token));
        File.Delete(go);
        Task asking = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => client.Version.GetCodeAsync(Token)));
        for (int i = 0; i < 1000 && (await File.ReadAllLinesAsync(runs, Token)).Length < 4; i++) await Task.Delay(20, Token);
        await File.WriteAllTextAsync(go, "", Token);
        await asking;
        Assert.Equal(4, (await File.ReadAllLinesAsync(runs, Token)).Length);
    }

    [Fact]
    public Task ABodyThatStallsIsWaitedForWithoutEnd() =>
        AssertStalledAsync("""{"major":"1",""", static (client, cancellationToken) => client.Version.GetCodeAsync(cancellationToken));

    [Fact]
    public Task AListIsGivenOnlyWhenItIsThereWhole() =>
        AssertStalledAsync(
            """{"kind":"PodList","apiVersion":"v1","items":[{"metadata":{"name":"a"}},""",
            static (client, cancellationToken) => client.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: cancellationToken));

    [Fact]
    public async Task ABusyServerIsNotAskedAgain()
    {
        using LocalServer server = new("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n");
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address });
        await Assert.ThrowsAsync<HttpOperationException>(() => client.Version.GetCodeAsync(Token));
        Assert.Single(server.Heads);
    }

    [Fact]
    public async Task ErrorsRepeatWhatTheServerSaysTheSecretIncluded()
    {
        using LocalServer server = new((head, stream) => stream.WriteAsync(Encoding.ASCII.GetBytes(LocalServer.Json($"\u001b[31m you sent {head.Split("Bearer ")[1].Split('\r')[0]}", 400))).AsTask());
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address, AccessToken = "sec-ret" });
        HttpOperationException exception = await Assert.ThrowsAsync<HttpOperationException>(() => client.Version.GetCodeAsync(Token));
        Assert.Contains("\u001b[31m you sent sec-ret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatAServerSaysToARefusedUpgradeIsLost()
    {
        using LocalServer server = new(LocalServer.Json("""{"kind":"Status","apiVersion":"v1","status":"Failure","message":"pods/exec is forbidden","code":403}""", 403));
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address, AccessToken = "t" });
        WebSocketException exception = await Assert.ThrowsAsync<WebSocketException>(() => client.WebSocketNamespacedPodExecAsync("p", "ns", ["true"], cancellationToken: Token));
        Assert.DoesNotContain("forbidden", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnUpgradeWithAWrongAnswerIsSentAgainWithoutCredentials()
    {
        using LocalServer server = new((head, stream) => stream.WriteAsync(Encoding.ASCII.GetBytes(head.Contains("Upgrade: websocket", StringComparison.Ordinal)
            ? "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: another\r\n\r\n"
            : LocalServer.Json("""{"kind":"Status","apiVersion":"v1","status":"Failure","code":401}""", 401))).AsTask());
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address, AccessToken = "t" });
        await Assert.ThrowsAsync<HttpOperationException>(() => client.WebSocketNamespacedPodExecAsync("p", "ns", ["true"], cancellationToken: Token));
        Assert.Equal([true, false], server.Heads.Select(head => head.Contains("Authorization: Bearer t", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task ACommandMayNotBeginWithAByteOrderMark()
    {
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = "http://127.0.0.1:1" });
        await Assert.ThrowsAsync<InvalidOperationException>(() => client.WebSocketNamespacedPodExecAsync("p", "ns", ["echo", "\ufeffx"], cancellationToken: Token));
    }

    [Fact]
    public async Task AMuxedStreamDoesNotReadAndWriteAtOnce()
    {
        using SilentSocket socket = new();
        using StreamDemuxer demuxer = new(socket);
        demuxer.Start();
        await using Stream stream = demuxer.GetStream((byte?)0, (byte?)0);
        Task<int> reading = stream.ReadAsync(new byte[1], 0, 1, Token);
        Task writing = stream.WriteAsync(new byte[1], 0, 1, Token);
        Assert.NotSame(writing, await Task.WhenAny(writing, Task.Delay(300, Token)));
        socket.End();
        Assert.Equal(0, await reading);
        await writing;
    }

    [Fact]
    public void TheFirstYamlReadLooksThroughTheWholeLibrary() =>
        AssertExpensive(typeof(KubernetesYaml).FullName!, 1024, static type => RuntimeHelpers.RunClassConstructor(type.TypeHandle));

    [Fact]
    public void TheFirstClientMakesTheWholeLibraryReady() =>
        AssertExpensive(typeof(KubernetesClientConfiguration).FullName!, 64, static type =>
        {
            object configuration = Activator.CreateInstance(type)!;
            type.GetProperty("Host")!.SetValue(configuration, "http://127.0.0.1:1");
            ((IDisposable)Activator.CreateInstance(type.Assembly.GetType(typeof(k8s.Kubernetes).FullName!)!, configuration, Array.Empty<DelegatingHandler>())!).Dispose();
        });

    // In a copy of the library that nobody has used yet. A clock would show it too, and not as evenly.
    private static void AssertExpensive(string type, int kibibytes, Action<Type> use)
    {
        Type fresh = new AssemblyLoadContext("gap").LoadFromAssemblyPath(typeof(KubernetesYaml).Assembly.Location).GetType(type, throwOnError: true)!;
        long before = GC.GetAllocatedBytesForCurrentThread();
        use(fresh);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated > kibibytes * 1024, $"{allocated} bytes");
    }

    // Neither its own time limit nor the token ends it once the head of the answer is there; the server does.
    private static async Task AssertStalledAsync<T>(string json, Func<k8s.Kubernetes, CancellationToken, Task<T>> ask)
    {
        TaskCompletionSource sent = new();
        TaskCompletionSource end = new();
        using LocalServer server = new(async (_, stream) =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{json}"));
            sent.SetResult();
            await end.Task;
            await stream.DisposeAsync();
        });
        using k8s.Kubernetes client = new(new KubernetesClientConfiguration { Host = server.Address, HttpClientTimeout = TimeSpan.FromSeconds(1) });
        using CancellationTokenSource cancel = new();
        Task asking = Task.Run(() => ask(client, cancel.Token), Token);
        await sent.Task;
        await Task.Delay(TimeSpan.FromSeconds(1), Token);
        await cancel.CancelAsync();
        Assert.NotSame(asking, await Task.WhenAny(asking, Task.Delay(TimeSpan.FromSeconds(1), Token)));
        end.SetResult();
        await Assert.ThrowsAnyAsync<Exception>(() => asking);
    }

    private static async Task AskAsync(string config)
    {
        using k8s.Kubernetes client = new(KubernetesClientConfiguration.BuildConfigFromConfigFile(config));
        Assert.Equal("v1.36.0", (await client.Version.GetCodeAsync(Token)).GitVersion);
    }

    private string Config(string server, string user, string more = "") => Write(string.Create(CultureInfo.InvariantCulture, $$$"""
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters:
        - name: test
          cluster:
            server: '{{{server}}}'
            {{{more}}}
        users:
        - name: test
          user: {{{user}}}
        """));

    private string Write(string text)
    {
        string path = Path.Combine(_folder, "config");
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Takes everything and says nothing, until it ends.</summary>
    private sealed class SilentSocket : WebSocket
    {
        private readonly TaskCompletionSource<WebSocketReceiveResult> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override WebSocketCloseStatus? CloseStatus => null;

        public override string? CloseStatusDescription => null;

        public override WebSocketState State => WebSocketState.Open;

        public override string? SubProtocol => null;

        public void End() => _ended.TrySetException(new WebSocketException(WebSocketError.ConnectionClosedPrematurely));

        public override void Abort() => End();

        public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

        public override void Dispose() => End();

        public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => _ended.Task;

        public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
