using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>
/// A simulated cluster, of two nodes with five running instances each where nothing else is said, its API server, clients of it that know nothing of the module, and
/// sessions of the module.
/// </summary>
public sealed class ApiCluster : IAsyncLifetime
{
    private HttpClient? _client;

    private ApiCluster(SimulatorHost host, SimulatedApiServer server)
    {
        Host = host;
        Server = server;
    }

    /// <summary>The one of a class fixture.</summary>
    public ApiCluster()
    {
        Host = null!;
        Server = null!;
    }

    public SimulatorHost Host { get; private set; }

    public SimulatedApiServer Server { get; private set; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        ApiCluster started = await StartAsync();
        Host = started.Host;
        Server = started.Server;
    }

    /// <summary>Starts one.</summary>
    /// <param name="options">Those of the API server.</param>
    /// <param name="handlers">Nodes.</param>
    /// <param name="vmis">Running instances on each node.</param>
    /// <param name="time">The clock; null = the system's.</param>
    /// <param name="space">The namespace of KubeVirt.</param>
    /// <param name="change">What else is special about the cluster, such as known loads.</param>
    /// <param name="podAddresses">Whether each pod has an address of its own, as in <see cref="HostOptions.PodAddresses"/>.</param>
    public static async Task<ApiCluster> StartAsync(ApiServerOptions? options = null, int handlers = 2, int vmis = 5, TimeProvider? time = null, bool podAddresses = true, string space = "kubevirt", Func<ClusterOptions, ClusterOptions>? change = null)
    {
        ClusterOptions whole = new() { Handlers = handlers, VmisPerHandler = vmis, TimeProvider = time ?? TimeProvider.System, Namespace = space };
        SimulatedCluster cluster = new(change?.Invoke(whole) ?? whole);
        SimulatorHost host = await SimulatorHost.StartAsync(cluster, new HostOptions { PodAddresses = podAddresses }, Cancellation);
        try
        {
            return new ApiCluster(host, await SimulatedApiServer.StartAsync(host, options, Cancellation));
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        await Server.DisposeAsync();
        await Host.DisposeAsync();
    }

    /// <summary>A client that trusts the cluster's authority only.</summary>
    public HttpClient Client(string? token = null, X509Certificate2? certificate = null, bool decompress = false)
    {
        SocketsHttpHandler handler = new()
        {
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Policy() },
            AutomaticDecompression = decompress ? DecompressionMethods.GZip : DecompressionMethods.None,
        };
        if (certificate is not null) handler.SslOptions.ClientCertificates = [certificate];
        HttpClient client = new(handler) { BaseAddress = Server.Uri, Timeout = TimeSpan.FromSeconds(30) };
        if (token is not null) client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return client;
    }

    /// <summary>Sends a request with all rights.</summary>
    public async Task<ApiReply> SendAsync(HttpMethod method, string path, string? body = null, string contentType = "application/json", string? accept = null, string? token = null)
    {
        _client ??= Client();
        using HttpRequestMessage request = new(method, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token ?? Server.Kubeconfig.AdminToken);
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        }

        using HttpResponseMessage answer = await _client.SendAsync(request, Cancellation);
        string text = await answer.Content.ReadAsStringAsync(Cancellation);
        return new ApiReply(answer.StatusCode, text, answer.Headers.RetryAfter?.Delta, answer.Content.Headers.ContentType?.ToString());
    }

    public Task<ApiReply> GetAsync(string path, string? accept = null, string? token = null) => SendAsync(HttpMethod.Get, path, accept: accept, token: token);

    public Task<ApiReply> PatchAsync(string path, string kind, string body) => SendAsync(HttpMethod.Patch, path, body, $"application/{kind}");

    /// <summary>Opens a WebSocket with all rights.</summary>
    public Task<ClientWebSocket> ConnectAsync(string path, params string[] protocols) => OpenAsync(path, Server.Kubeconfig.AdminToken, protocols);

    /// <summary>Opens a WebSocket without a header that says who it is.</summary>
    public Task<ClientWebSocket> ConnectAnonymouslyAsync(string path, params string[] protocols) => OpenAsync(path, null, protocols);

    private async Task<ClientWebSocket> OpenAsync(string path, string? token, string[] protocols)
    {
        ClientWebSocket socket = new();
        if (token is not null) socket.Options.SetRequestHeader("Authorization", $"Bearer {token}");
        socket.Options.CollectHttpResponseDetails = true;
        socket.Options.Proxy = null;
        foreach (string protocol in protocols) socket.Options.AddSubProtocol(protocol);
        SocketsHttpHandler handler = new() { UseProxy = false, SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = Policy() } };
        using HttpMessageInvoker invoker = new(handler, disposeHandler: false);
        await socket.ConnectAsync(new UriBuilder(new Uri(Server.Uri, path)) { Scheme = "wss" }.Uri, invoker, Cancellation);
        return socket;
    }

    public string Pod(string id) => Host[id].Pod.Name;

    /// <summary>How the module gets there, as administrator.</summary>
    internal KubernetesConnection Connection() =>
        KubernetesConnection.FromToken(Server.Uri, Server.Kubeconfig.AdminToken, new ServerOptions { CertificateAuthority = Server.Kubeconfig.AuthorityFile });

    /// <summary>By the user of the simulator's kubeconfig whose token is in a file; as a kubeconfig in JSON, so that no YAML is read here.</summary>
    internal KubernetesConnection ConnectionByTokenFile()
    {
        string path = Path.Combine(Server.Kubeconfig.Folder, "kubeconfig.json");
        JsonObject config = new()
        {
            ["current-context"] = "rotating",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "simulated", ["cluster"] = new JsonObject { ["server"] = Server.Uri.ToString(), ["certificate-authority"] = Server.Kubeconfig.AuthorityFile } }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "rotating", ["user"] = new JsonObject { ["tokenFile"] = Server.Kubeconfig.TokenFile } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "rotating", ["context"] = new JsonObject { ["cluster"] = "simulated", ["user"] = "rotating" } }),
        };
        File.WriteAllText(path, config.ToJsonString());
        return KubeConfig.Load(new KubeConfigOptions { Path = path }).Resolve();
    }

    /// <summary>Opens a session of the module.</summary>
    internal Task<KubeVirtSession> OpenAsync(ComponentRoute route = ComponentRoute.Direct, KubernetesConnection? connection = null) => KubeVirtSession.OpenAsync(
        new KubernetesClient(connection ?? Connection(), Clients.Library, new KubernetesClientOptions { RetryInterval = TimeSpan.FromMilliseconds(10) }),
        new KubeVirtSessionOptions { Route = route },
        Cancellation);

    /// <summary>Moves every pod of KubeVirt to an address where nobody is, as pods are from outside of a cluster.</summary>
    public async Task HidePodsAsync()
    {
        foreach (SimulatedEndpoint endpoint in Host.Endpoints)
        {
            ApiReply reply = await PatchAsync($"/api/v1/namespaces/{endpoint.Pod.Namespace}/pods/{endpoint.Pod.Name}/status", "merge-patch+json", """{"status":{"podIP":"127.255.255.254"}}""");
            Assert.True(reply.Code == HttpStatusCode.OK, reply.Text);
        }
    }

    private X509ChainPolicy Policy()
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509Certificate2.CreateFromPem(Server.Certificates.AuthorityPem));
        return policy;
    }
}
