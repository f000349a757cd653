using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Simulator;
using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Replay;

/// <summary>
/// A simulated cluster in which recorded requests find what they ask for: an instance with an HTTP server, a banner and a server of the old kind inside; one without a
/// network; one that waits for a node; users with the rights that the recorded ones had. Names of the recordings are turned into those of the cluster.
/// </summary>
internal sealed partial class ReplayStage : IAsyncDisposable
{
    public const string Guest = "guest says hello to /hi\nHost: g\nUA: None\n";

    private readonly ApiCluster _cluster;
    private readonly StagePolicy _policy;
    private readonly List<TcpServer> _guests = [];
    private string _staleToken = "";

    private ReplayStage(ApiCluster cluster, StagePolicy policy)
    {
        _cluster = cluster;
        _policy = policy;
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public SimulatorHost Host => _cluster.Host;

    public static async Task<ReplayStage> StartAsync()
    {
        StagePolicy policy = new();
        ApiCluster cluster = await ApiCluster.StartAsync(new ApiServerOptions { FutureVersionWait = TimeSpan.Zero, Admission = [policy] });
        ReplayStage stage = new(cluster, policy);
        await stage.SetAsync();
        return stage;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (TcpServer guest in _guests) await guest.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    /// <summary>Sends the request of an exchange and says how the answer differs from the recorded one.</summary>
    public async Task<string[]> ReplayAsync(Exchange exchange)
    {
        exchange = exchange with { Target = Named(exchange.Target, exchange.Status), Body = Named(exchange.Body, 0) };
        bool pod = !exchange.Target.StartsWith("/api", StringComparison.Ordinal) && exchange.Asked("Host") is { } named && (named.Contains(".svc", StringComparison.Ordinal) || named == "x");
        SimulatedEndpoint endpoint = pod ? PodOf(exchange) : Host["api/0"];
        if (pod is false && exchange.Asked("Host")?.Contains("virt-api", StringComparison.Ordinal) == true) pod = true;
        IPEndPoint server = pod ? new IPEndPoint(endpoint.Address, endpoint.Port) : new IPEndPoint(IPAddress.Loopback, _cluster.Server.Uri.Port);
        bool stripped = exchange.Asked("Host")?.EndsWith(":7444", StringComparison.Ordinal) == true;

        // What went to that port went through a proxy that took the Accept header away.
        List<(string, string)> headers = [.. exchange.Headers.Where(header => header.Name is not ("Content-Length" or "Authorization") && !(stripped && header.Name == "Accept"))];
        if (!pod && exchange.Asked("Authorization") is { } sent) headers.Add(("Authorization", sent.Contains("REDACTED", StringComparison.Ordinal) ? $"Bearer {Token(exchange)}" : sent));
        if (headers.All(static header => header.Item1 != "Host")) headers.Insert(0, ("Host", "127.0.0.1"));
        if (exchange.Status == 429) _cluster.Server.Faults.Add(new ApiFault(ApiFaultKind.Throttle) { Times = 1, RetryAfterSeconds = int.Parse(exchange.Answered("Retry-After")[0], System.Globalization.CultureInfo.InvariantCulture) });
        _policy.Policy = PolicyWords().Match(exchange.AnswerBody) is { Success: true } words
            ? new AdmissionPolicy(words.Groups["policy"].Value, words.Groups["resource"].Value, static _ => false, words.Groups["message"].Value) { Binding = words.Groups["binding"].Value, Reason = exchange.Status == 403 ? "Forbidden" : "Invalid" }
            : null;
        using CancellationTokenSource over = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        if (exchange.Status == 503 && pod) await OccupyAsync(endpoint, over.Token);
        RawAnswer answer = await RawHttp.SendAsync(server, exchange.Asked("Host") != "x", exchange, headers, Cancellation);
        endpoint.Fault = null;
        await over.CancelAsync();
        Exchange wanted = exchange with { };
        return [.. AnswerComparison.Differences(Renamed(wanted), answer)];
    }

    private Exchange Renamed(Exchange exchange) => Exchange.WithAnswer(exchange, text => Named(text, 0));

    private SimulatedEndpoint PodOf(Exchange exchange)
    {
        string host = exchange.Asked("Host")!;
        string component = host == "x" ? "api" : host["virt-".Length..host.IndexOf('.', StringComparison.Ordinal)];
        bool standby = component == "controller" && exchange.AnswerBody.Contains("\"leader\": \"false\"", StringComparison.Ordinal);
        return Host[standby ? "controller/1" : component + "/0"];
    }

    /// <summary>Keeps all scrapes that a virt-handler serves at once.</summary>
    private static async Task OccupyAsync(SimulatedEndpoint endpoint, CancellationToken over)
    {
        endpoint.Fault = Fault.Parse("slow:60s");
        List<Task> scrapes = [];
        long before = endpoint.Scrapes;
        for (int i = 0; i < 3; i++)
            scrapes.Add(RawHttp.SendAsync(new IPEndPoint(endpoint.Address, endpoint.Port), true, Exchange.Parse("scrape", "GET /metrics HTTP/1.1\nHost: x\nConnection: close\n\n-------- response --------\n200 OK\n"), [("Host", "x"), ("Connection", "close")], over));
        while (endpoint.Scrapes < before + scrapes.Count) await Task.Delay(10, Cancellation);
    }

    /// <summary>The token of who sent a request: a refusal names him; of who reviews himself the groups are told; everybody else was an administrator.</summary>
    private string Token(Exchange exchange)
    {
        if (exchange.Status == 401) return "garbage";
        Match named = ServiceAccount().Match(exchange.AnswerBody);
        bool self = exchange.Target.Contains("/self", StringComparison.Ordinal) || exchange.Name.StartsWith("20d", StringComparison.Ordinal) || exchange.Name.EndsWith("(viewer)", StringComparison.Ordinal);
        bool about = exchange.Status is 403 && named.Success;
        if (about || (self && named.Success)) return _cluster.Server.Tokens.Issue(ApiUser.ServiceAccount(named.Groups[1].Value, named.Groups[2].Value));
        return self ? _cluster.Server.Tokens.Issue(ApiUser.ServiceAccount("h9", "h9-view")) : _cluster.Server.Kubeconfig.AdminToken;
    }

    private async Task SetAsync()
    {
        foreach (string space in new[] { "h9" }) await MakeAsync("/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = space } });
        foreach (string account in new[] { "h9-none", "h9-view" }) await MakeAsync("/api/v1/namespaces/h9/serviceaccounts", new JsonObject { ["metadata"] = new JsonObject { ["name"] = account } });
        await BindAsync("h9-view", "kubevirt.io:view", "h9-view");
        await MakeAsync("/apis/rbac.authorization.k8s.io/v1/clusterroles", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "h9-inst" },
            ["rules"] = new JsonArray(new JsonObject { ["verbs"] = new JsonArray("create"), ["apiGroups"] = new JsonArray("rbac.authorization.k8s.io"), ["resources"] = new JsonArray("clusterrolebindings") }),
        });
        await BindAsync("h9-inst", "h9-inst", "h9-inst");
        SimulatedVmi instance = Host.Cluster.VirtualMachineInstances[0];
        Listen(instance, 8080, $"HTTP/1.1 200 OK\r\nServer: guest\r\nContent-Length: {Guest.Length}\r\n\r\n{Guest}", ends: true, asks: true);
        Listen(instance, 8081, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nold style answer, ends with the connection\n", ends: true, asks: true);
        Listen(instance, 2222, "SSH-2.0-guest\r\n", ends: false, asks: false);
        await PatchAsync("/apis/kubevirt.io/v1/namespaces/ns1/virtualmachineinstances/vm-00001", """{"status":{"interfaces":null}}""");
        await PatchAsync("/apis/kubevirt.io/v1/namespaces/ns1/virtualmachines/vm-00001", """{"spec":{"template":{"spec":{"networks":null,"domain":{"devices":{"interfaces":null,"autoattachPodInterface":false}}}}}}""");
        foreach ((string name, string probe) in new[]
        {
            ("nv-live-success2", """{"livenessProbe":{"tcpSocket":{"port":22},"successThreshold":2}}"""), ("nv-badname", """{"readinessProbe":{"tcpSocket":{"port":"Ssh_"}}}"""),
            ("nv-exec-empty", """{"readinessProbe":{"exec":{}}}"""), ("nv-header-badname", """{"readinessProbe":{"httpGet":{"port":80,"httpHeaders":[{"name":"a b","value":"c"}]}}}"""),
        })
        {
            JsonObject spec = JsonNode.Parse(probe)!.AsObject();
            spec["domain"] = JsonNode.Parse("""{"devices":{"interfaces":[{"name":"default","masquerade":{}}]},"memory":{"guest":"64Mi"}}""");
            spec["networks"] = JsonNode.Parse("""[{"name":"default","pod":{}}]""");
            await MakeAsync("/apis/kubevirt.io/v1/namespaces/h9/virtualmachineinstances", new JsonObject { ["apiVersion"] = "kubevirt.io/v1", ["kind"] = "VirtualMachineInstance", ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec });
        }

        _staleToken = (await _cluster.GetAsync("/apis/kubevirt.io/v1/namespaces/ns2/virtualmachines?limit=1")).At("metadata.continue")!;
        _cluster.Server.Store["kubevirt.io", "virtualmachines"].Compact();
    }

    private Task BindAsync(string name, string role, string account) => MakeAsync("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = "h9", ["name"] = account }),
    });

    /// <summary>The policy of the cluster that an exchange was recorded in: its names and what it looks at are in the answer, the form of which is the server's.</summary>
    private sealed class StagePolicy : IAdmissionRule
    {
        public AdmissionPolicy? Policy { get; set; }

        public ApiStatus? Review(AdmissionRequest request) => Policy?.Review(request);
    }

    [GeneratedRegex(@"""message"":""(?<resource>[a-z]+)\S* \\""[^""]*\\"" is forbidden: ValidatingAdmissionPolicy '(?<policy>[^']*)' with binding '(?<binding>[^']*)' denied request: (?<message>[^""\\]*)""")]
    private static partial Regex PolicyWords();

    /// <summary>Gives the user of an exchange a binding to a role that does not exist, when that is what was recorded.</summary>
    public async Task DangleAsync() => await BindAsync("h9-dangling", "nosuch-role", "h9-none");

    public async Task UndangleAsync() => await _cluster.SendAsync(HttpMethod.Delete, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/h9-dangling");

    private async Task MakeAsync(string path, JsonObject item)
    {
        ApiReply made = await _cluster.SendAsync(HttpMethod.Post, path, item.ToJsonString());
        Assert.True(made.Code == HttpStatusCode.Created, made.Text);
    }

    private async Task PatchAsync(string path, string patch)
    {
        ApiReply changed = await _cluster.PatchAsync(path, "merge-patch+json", patch);
        Assert.True(changed.Code == HttpStatusCode.OK, changed.Text);
    }

    private void Listen(SimulatedVmi instance, int port, string answer, bool ends, bool asks)
    {
        TcpServer guest = new(async (client, stop) =>
        {
            NetworkStream stream = client.GetStream();
            byte[] buffer = new byte[4096];
            if (asks && await stream.ReadAsync(buffer, stop) == 0) return;
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer), stop);
            while (!ends && await stream.ReadAsync(buffer, stop) > 0) continue;
        });
        _guests.Add(guest);
        _cluster.Server.Network.ListenInstance(instance, port, guest.EndPoint);
    }

    /// <summary>A text of the recordings, or of a fixture, with the names of this cluster.</summary>
    private string Named(string text, int status)
    {
        string Pod(string id) => Host[id].Pod.Name;
        string launcher = Host.Cluster.VirtualMachineInstances[0].LauncherPod;
        string waiting = Host.Cluster.VirtualMachineInstances[^1].LauncherPod;
        foreach ((string from, string to) in new[]
        {
            ("namespaces/vms-b/pods/virt-launcher-vm-20-unschedulable-88hmt", $"namespaces/ns0/pods/{waiting}"), ("virt-launcher-vm-20-unschedulable-88hmt", waiting), ("https:virt-launcher-vm-20", $"https:{waiting}"),
            ("namespaces/vms-b/pods/https:" + waiting, "namespaces/ns0/pods/https:" + waiting),
            ("virt-launcher-vm-00-sc2tn", launcher), ("vms-b/virtualmachineinstances/vm-20-unschedulable", "ns0/virtualmachineinstances/vm-00010"),
            ("vms-b/virtualmachineinstances/vm-07", "ns1/virtualmachineinstances/vm-00001"), ("vms-b/virtualmachines/vm-07", "ns1/virtualmachines/vm-00001"),
            ("vms-a/virtualmachineinstances/vm-03", "ns2/virtualmachineinstances/vm-00007"), ("\"vm-03\"", "\"vm-00007\""), ("vm-06", "halted-00000"),
            ("https:virt-api-1:18441", $"https:{Pod("api/0")}:8443"), ("https:virt-api-1:18499", $"https:{Pod("api/0")}:8499"), ("virt-api-1:18441", $"{Pod("api/0")}:8443"), ("virt-api-1", Pod("api/0")),
            ("18441", "8443"), ("18499", "8499"), ("virt-operator-7:18447", $"{Pod("operator/0")}:8443"), ("virt-operator-8:18448", $"{Pod("operator/0")}:8443"), ("virt-handler-5:18445", $"{Pod("handler/0")}:8443"),
            ("h9kubvrt", "kubevirt"), ("%3Dvm-00&", "%3Dvm-00000&"), ("vms-a", "ns0"), ("vms-b", "ns1"), ("bulk", "ns2"), ("node01", "node01"), ("{launcher}", launcher), ("{waiting}", waiting),
            ("{api}", Pod("api/0")), ("{controller}", Pod("controller/0")), ("{handler}", Pod("handler/0")), ("{operator}", Pod("operator/0")),
        })
        {
            text = text.Replace(from, to, StringComparison.Ordinal);
        }

        text = RecordedPod().Replace(text, match => match.Groups[1].Value == "launcher" ? launcher : Pod(match.Groups[1].Value + "/0"));
        text = ForwardedPod().Replace(text, match => Pod(match.Groups[1].Value + "/0") + ":8443");
        text = RecordedMachine().Replace(text, "vm-00000");
        return status == 0 ? text : Continue().Replace(text, _ => "continue=" + (status == 410 ? _staleToken : Inconsistent()));
    }

    private string Inconsistent()
    {
        JsonObject token = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(_staleToken))!.AsObject();
        token["rv"] = -1;
        return System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(token.ToJsonString()));
    }

    [GeneratedRegex(@"[Uu]ser \\*""system:serviceaccount:([a-z0-9-]+):([a-z0-9-]+)\\*""|""username"":""system:serviceaccount:([a-z0-9]+):([a-z0-9-]+)""")]
    private static partial Regex ServiceAccount();

    [GeneratedRegex(@"\bvirt-(api|controller|handler|operator)-(?:[0-9a-f]{8,10}-)?[0-9a-z]{5}\b(?!\.)")]
    private static partial Regex RecordedPod();

    [GeneratedRegex(@"\bvirt-(api|controller|handler|operator)-\d+:\d+")]
    private static partial Regex ForwardedPod();

    [GeneratedRegex(@"\bvmi?-\d\d\b")]
    private static partial Regex RecordedMachine();

    [GeneratedRegex(@"continue=eyJ[A-Za-z0-9_-]+|continue=\{token\}")]
    private static partial Regex Continue();
}
