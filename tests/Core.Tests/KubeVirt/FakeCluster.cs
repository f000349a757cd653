using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Tests.KubeVirt;

/// <summary>An API server on loopback that answers what a test puts there, and components with certificates of their own.</summary>
internal sealed class FakeCluster : IAsyncDisposable
{
    public const string Installations = "/apis/kubevirt.io/v1/kubevirts";
    public const string Machines = "/apis/kubevirt.io/v1/virtualmachines";
    public const string Instances = "/apis/kubevirt.io/v1/virtualmachineinstances";
    public const string Pods = "/api/v1/namespaces/kv/pods";
    public const string Leases = "/apis/coordination.k8s.io/v1/namespaces/kv/leases";
    public const string Authority = "/api/v1/namespaces/kv/configmaps/kubevirt-ca";

    private readonly List<LoopbackServer> _components = [];
    private readonly List<string> _pods = [];

    public FakeCluster()
    {
        Api = new LoopbackServer(request => Answers.TryGetValue(request.Path.Split('?')[0], out Func<ReceivedRequest, Reply>? answer) ? answer(request) : Refusal(404, "NotFound", "not found"));
        Answers["/version"] = _ => Json("""{"major":"1","minor":"32","gitVersion":"v1.32.1"}""");
        Answers[Installations] = _ => List("KubeVirt", """{"metadata":{"name":"kubevirt","namespace":"kv"},"status":{"observedKubeVirtVersion":"v1.9.0"}}""");
        Answers[Pods] = _ => List("Pod", [.. _pods]);
        Answers[Leases] = _ => List("Lease", """{"metadata":{"name":"virt-controller"},"spec":{"holderIdentity":"virt-controller-a"}}""");
        Root = Pki.New();
        Answers[Authority] = _ => Json("{\"kind\":\"ConfigMap\",\"data\":{\"ca-bundle\":" + Quoted(Root.AuthorityPem) + "}}");
    }

    public LoopbackServer Api { get; }

    /// <summary>The authority of the components.</summary>
    public Pki Root { get; set; }

    /// <summary>What is answered to which path.</summary>
    public ConcurrentDictionary<string, Func<ReceivedRequest, Reply>> Answers { get; } = [];

    public IEnumerable<ReceivedRequest> RequestsTo(string path) => Api.Requests.Where(request => request.Path.Split('?')[0] == path);

    public static Reply Json(string json) => Reply.Text(json) with { ContentType = "application/json" };

    public static Reply List(string kind, params string[] items) => Page(kind, "", items);

    public static Reply Page(string kind, string next, params string[] items) =>
        Json($$"""{"kind":"{{kind}}List","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":"{{next}}"},"items":[{{string.Join(',', items)}}]}""");

    public static Reply Refusal(int code, string reason, string message) =>
        Reply.Error(code, reason, $$"""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":{{Quoted(message)}},"reason":"{{reason}}","code":{{code}}}""") with { ContentType = "application/json" };

    public static Reply Forbidden(string verb, string resource, string group, string where) =>
        Refusal(403, "Forbidden", $"{resource}.{group} is forbidden: User \"jane\" cannot {verb} resource \"{resource}\" in API group \"{group}\" {where}");

    public IKubernetesClient Client() =>
        new KubernetesClient(new KubernetesConnection(new Uri($"http://127.0.0.1:{Api.Port}"), NoCredential.Instance), new KubernetesLibrary(), new KubernetesClientOptions { MaximumRetryCount = 0 });

    public Task<KubeVirtSession> OpenAsync(ComponentRoute route = ComponentRoute.Direct, TimeProvider? time = null) =>
        KubeVirtSession.OpenAsync(Client(), new KubeVirtSessionOptions { Route = route, Time = time });

    /// <summary>Starts a component on loopback and adds its pod.</summary>
    /// <param name="label">Such as <c>virt-handler</c>.</param>
    /// <param name="suffix">The end of the pod's name.</param>
    /// <param name="respond">What it answers.</param>
    /// <param name="root">Who issues its certificate; null = the cluster's authority.</param>
    /// <param name="name">The name on its certificate; null = that of its service.</param>
    /// <param name="until">When its certificate ends; null = in 30 days.</param>
    public LoopbackServer Start(
        string label, string suffix, Func<ReceivedRequest, Reply> respond, Pki? root = null, string? name = null, DateTimeOffset? until = null)
    {
        X509Certificate2 certificate = (root ?? Root).Issue([name ?? $"{label}.kv.svc"], until: until);
        LoopbackServer server = new(respond, new ServerTls(certificate));
        _components.Add(server);
        AddPod(label, suffix, server.Port);
        return server;
    }

    /// <summary>Adds a pod; one with port 0 has no address yet.</summary>
    public void AddPod(string label, string suffix, int port, bool ready = true)
    {
        RemovePod(label, suffix);
        string status = port == 0 ? """{"phase":"Pending"}""" : $$"""{"phase":"Running","podIP":"127.0.0.1","conditions":[{"type":"Ready","status":"{{ready}}"}]}""";
        _pods.Add($$"""
            {"metadata":{"name":"{{label}}-{{suffix}}","namespace":"kv","labels":{"kubevirt.io":"{{label}}","app.kubernetes.io/version":"v1.9.0"} },
             "spec":{"nodeName":"node-{{suffix}}","containers":[{"ports":[{"name":"metrics","containerPort":{{port}}}]}]},"status":{{status}} }
            """.Replace("\"containerPort\":0", "\"containerPort\":8443", StringComparison.Ordinal));
    }

    /// <summary>Adds a pod that is no good.</summary>
    public void AddPodText(string json) => _pods.Add(json);

    /// <summary>Takes a pod away.</summary>
    public void RemovePod(string label, string suffix) => _pods.RemoveAll(pod => pod.Contains($"\"name\":\"{label}-{suffix}\"", StringComparison.Ordinal));

    /// <summary>A tunnel to a pod is refused for a missing permission.</summary>
    public void ForbidTunnel(string pod) => Answers[$"{Pods}/{pod}/portforward"] = _ => Refusal(
        403, "Forbidden", $"pods \"{pod}\" is forbidden: User \"jane\" cannot create resource \"pods/portforward\" in API group \"\" in the namespace \"kv\"");

    /// <summary>What a pod answers through the API server's proxy.</summary>
    public void AnswerByProxy(string pod, int port, string metrics)
    {
        Answers[$"{Pods}/https:{pod}:{port}/proxy/metrics"] = _ => Reply.Text(metrics);
        Answers[$"{Pods}/https:{pod}:{port}/proxy/healthz"] = _ => Reply.Text("ok");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (LoopbackServer component in _components) await component.DisposeAsync();
        await Api.DisposeAsync();
    }

    private static string Quoted(string text) => System.Text.Json.JsonSerializer.Serialize(text);

    /// <summary>Metrics and health as virt-api and virt-handler have them.</summary>
    public static Reply Component(ReceivedRequest request, string metrics) => request.Path switch
    {
        "/healthz" => Reply.Text("ok"),
        "/metrics" => new Reply { Body = Encoding.UTF8.GetBytes(metrics) },
        _ => Reply.Error(404, "Not Found", "404: Page Not Found"),
    };

    /// <summary>The same as virt-operator has them, without a health address.</summary>
    public static Reply Operator(ReceivedRequest request, string metrics) =>
        request.Path == "/healthz" ? Reply.Error(404, "Not Found", "404: Page Not Found") : Component(request, metrics);
}
