using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Simulator.Api;
using KubeVirtMonitor.Simulator.Datadog;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Datadog;

/// <summary>A simulated cluster with a Datadog Agent in the namespace <c>datadog</c>, whose programs are run as by exec.</summary>
internal sealed class AgentStage : IAsyncDisposable
{
    /// <summary>The instance that works: 5 machines of the node, and of its 2 queues the additions and 10 buckets, sum and count each, which are 31 samples.</summary>
    public const string Working =
        """
        {"openmetrics_endpoint":"https://%%host%%:%%port_metrics%%/metrics","namespace":"kubevirt_handler","metrics":["kubevirt_vmi_info",{"kubevirt_vmi_memory_resident_bytes":"vmi.memory_resident_bytes"},{"kubevirt_workqueue_adds":"workqueue.adds"},{"kubevirt_workqueue_queue_duration_seconds":{"name":"workqueue.queue_duration_seconds"}}],"rename_labels":{"namespace":"vm_namespace"},"tags":["kube_namespace:%%kube_namespace%%","pod_name:%%kube_pod_name%%"],"max_returned_metrics":1000000,"tls_verify":true,"tls_ca_cert":"/etc/kubevirt-ca","tls_use_host_header":true,"extra_headers":{"Host":"virt-handler.kubevirt.svc"}}
        """;

    private AgentStage(ApiCluster cluster) => Cluster = cluster;

    public ApiCluster Cluster { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts one whose Agent runs its checks whenever it is asked.</summary>
    public static async Task<AgentStage> StartAsync(AgentOptions? agent = null, TimeProvider? time = null, bool authority = true)
    {
        AgentStage stage = new(await ApiCluster.StartAsync(new ApiServerOptions { AgentNamespace = "datadog", PodStep = TimeSpan.FromMilliseconds(20), Agent = (agent ?? new AgentOptions { MountsAuthority = true }) with { RunStep = time is null ? TimeSpan.Zero : agent?.RunStep } }, time: time));
        if (authority) await stage.PutAuthorityAsync(stage.Cluster.Host.CertificateAuthority.Certificate);
        return stage;
    }

    /// <summary>An instance that works, but for an option; null = without it.</summary>
    public static string But(string option, string? json, string instance = Working)
    {
        JsonObject changed = JsonNode.Parse(instance)!.AsObject();
        changed.Remove(option);
        if (json is not null) changed[option] = JsonNode.Parse(json);
        return changed.ToJsonString();
    }

    /// <summary>Puts an authority into the ConfigMap that Agents mount, under its own hash name.</summary>
    public async Task PutAuthorityAsync(X509Certificate2 authority, string? name = null)
    {
        JsonObject map = new() { ["metadata"] = new JsonObject { ["name"] = "datadog-agent-kubevirt-ca" }, ["data"] = new JsonObject { [name ?? SubjectHash.Of(authority.SubjectName.RawData) + ".0"] = authority.ExportCertificatePem() } };
        const string Path = "/api/v1/namespaces/datadog/configmaps";
        await Cluster.SendAsync(HttpMethod.Delete, $"{Path}/datadog-agent-kubevirt-ca");
        Assert.Equal(HttpStatusCode.Created, (await Cluster.SendAsync(HttpMethod.Post, Path, map.ToJsonString())).Code);
    }

    /// <summary>Annotates a pod of KubeVirt, as with version 2 of a container that has the name of the component.</summary>
    public Task ChecksAsync(string id, string check, params string[] instances) =>
        AnnotateAsync(id, $"ad.datadoghq.com/{Container(id)}.checks", $"{{\"{check}\":{{\"init_config\":{{}},\"instances\":[{string.Join(',', instances)}]}}}}");

    public async Task AnnotateAsync(string id, string key, string? value)
    {
        string patch = new JsonObject { ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { [key] = value } } }.ToJsonString();
        ApiReply reply = await Cluster.PatchAsync($"/api/v1/namespaces/kubevirt/pods/{Cluster.Pod(id)}", "merge-patch+json", patch);
        Assert.True(reply.Code == HttpStatusCode.OK, reply.Text);
    }

    public static string Container(string id) => "virt-" + id[..id.IndexOf('/', StringComparison.Ordinal)];

    /// <summary>The pod of the Agent on the node of a pod of KubeVirt.</summary>
    public JsonObject Agent(string id, string space = "datadog") => Cluster.Server.Store["", "pods"].List()
        .Where(pod => pod.Namespace == space && pod.Labels["agent.datadoghq.com/component"] == "agent").Select(static pod => pod.ToJson())
        .First(pod => (string?)pod["spec"]!["nodeName"] == Cluster.Host[id].Pod.Node && pod["metadata"]!["deletionTimestamp"] is null);

    /// <summary>Runs a command in the Agent beside a pod.</summary>
    public async Task<(int Code, string Output, string Errors)> RunAsync(string id, string container, params string[] command) => await RunAsync(Agent(id), container, command);

    public async Task<(int Code, string Output, string Errors)> RunAsync(JsonObject pod, string container, params string[] command)
    {
        using MemoryStream output = new();
        using MemoryStream errors = new();
        ExecContext context = new()
        {
            Command = command, Namespace = (string)pod["metadata"]!["namespace"]!, Pod = (string)pod["metadata"]!["name"]!, Container = container, Input = Stream.Null, Output = output, Error = errors,
        };
        int code = await Cluster.Server.Commands.Find(command[0])!(context, Cancellation);
        return (code, Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(errors.ToArray()));
    }

    public async Task<JsonObject> StatusAsync(string id = "handler/0")
    {
        (int code, string output, string errors) = await RunAsync(id, "agent", "agent", "status", "--json");
        Assert.Equal((0, ""), (code, errors));
        return JsonNode.Parse(output)!.AsObject();
    }

    /// <summary>The one instance of a check, after a run.</summary>
    public async Task<JsonObject> InstanceAsync(string id, string check) => Assert.Single((await StatusAsync(id))["runnerStats"]!["Checks"]![check]!.AsObject()).Value!.AsObject();

    /// <summary>What became of a run: samples, warnings, the text of the error with HOST in place of the address.</summary>
    public async Task<(long Samples, string Warnings, string Error)> ResultAsync(string id, string check, string instance)
    {
        await ChecksAsync(id, check, instance);
        return Result(await InstanceAsync(id, check), id);
    }

    public (long Samples, string Warnings, string Error) Result(JsonObject instance, string id)
    {
        string error = (string)instance["LastError"]!;
        if (error.Length > 0) error = (string)JsonNode.Parse(error)![0]!["message"]!;
        return ((long)instance["MetricSamples"]!, string.Join('|', instance["LastWarnings"]!.AsArray()), error.Replace(Cluster.Host[id].Address.ToString(), "HOST", StringComparison.Ordinal));
    }

    public ValueTask DisposeAsync() => Cluster.DisposeAsync();
}
