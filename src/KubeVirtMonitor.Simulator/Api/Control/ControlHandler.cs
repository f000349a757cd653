using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using KubeVirtMonitor.Simulator.Datadog;
using KubeVirtMonitor.Simulator.Guests;
using Microsoft.AspNetCore.Http;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// Steers a simulator that runs as a process of its own. No part of Kubernetes: the paths begin with <c>/simulator</c> and ask for all rights.
/// </summary>
internal sealed class ControlHandler(ApiServices services, Func<SimulatedKubeconfig> kubeconfig)
{
    /// <summary>Where its paths begin.</summary>
    public const string Prefix = "/simulator/";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(), new DurationConverter() },
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    };

    /// <summary>What can be asked for.</summary>
    public static IReadOnlyList<(string Path, string Description)> Paths { get; } =
    [
        ("POST /simulator/faults", "a fault of the API server, such as {\"kind\":\"Throttle\",\"resource\":\"virtualmachines\",\"times\":2}"),
        ("DELETE /simulator/faults", "removes all faults of the API server"),
        ("POST /simulator/refusals", "a refusal, such as {\"verb\":\"list\",\"resource\":\"pods\"}"),
        ("DELETE /simulator/refusals", "removes all refusals"),
        ("PUT /simulator/pods/handler/0", "a fault of a pod, such as {\"fault\":\"slow:2s\"}, or null for none"),
        ("POST /simulator/restart", "replaces a pod, such as {\"pod\":\"api/0\"}, or all pods, {}; the response does not wait for the new pods"),
        ("POST /simulator/leases", "stops the renewal of a lease, such as {\"stop\":\"virt-controller\"}, or starts it again, {\"start\":\"virt-controller\"}"),
        ("PUT /simulator/guests/ns0/vm-00000", "the state of a guest, such as {\"agent\":\"Silent\",\"ports\":{\"8080\":{\"status\":503}}}"),
        ("PUT /simulator/agent", "a fault of the Datadog Agents, such as {\"fault\":\"Hanging\"}, or null for none; kinds: None, NotRun, Hanging, NoPython, Unreachable, NoJson"),
        ("PUT /simulator/load", "what VMs are known to do from now on, such as {\"vm\":\"vm-00003\",\"load\":\"cpu=1.5,ready=0.06\"}, over what they have; null takes it all back"),
        ("GET /simulator/load", "lists the loads of VMs"),
        ("POST /simulator/events", "what happens, such as {\"event\":\"restart:vm-00001\"}, {\"event\":\"migrate:vm-00003:rate=100MB,dirty=20MB\"} or, in ten seconds, {\"event\":\"10s:hotplug:vm-00001\"}"),
        ("GET /simulator/clock", "the time of the cluster, and the seconds since its start"),
        ("POST /simulator/tokens", "new tokens for the contexts simulator-rotating and simulator-exec; the old ones are no longer valid"),
        ("POST /simulator/compact", "discards the history of a resource, such as {\"group\":\"kubevirt.io\",\"resource\":\"virtualmachines\"}"),
        ("GET /simulator/requests", "lists the requests to the API server"),
        ("DELETE /simulator/requests", "clears that list"),
        ("GET /simulator/scrapes", "counts the scrapes of each pod"),
    ];

    private SimulatedCluster Cluster => services.Host.Cluster;

    public async Task SendAsync(HttpContext context)
    {
        string method = context.Request.Method;
        string path = context.Request.Path.Value![Prefix.Length..];
        try
        {
            switch (method, path)
            {
                case ("POST", "faults"):
                    services.Faults.Add(await ReadAsync<ApiFault>(context));
                    break;
                case ("DELETE", "faults"):
                    services.Faults.Clear();
                    break;
                case ("POST", "refusals"):
                    services.Authorizer.Refusals.TryAdd(await ReadAsync<ApiRefusal>(context), 0);
                    break;
                case ("DELETE", "refusals"):
                    services.Authorizer.Refusals.Clear();
                    break;
                case ("PUT", _) when path.StartsWith("pods/", StringComparison.Ordinal):
                    services.Host[path["pods/".Length..]].Fault = (string?)(await RequestBody.ReadObjectAsync(context))["fault"] is { } fault ? Fault.Parse(fault) : null;
                    break;
                case ("POST", "restart"):
                    string? pod = (string?)(await RequestBody.ReadObjectAsync(context))["pod"];
                    if (pod is not null) _ = services.Host[pod];
                    _ = Task.Run(() => pod is null ? services.Pods.RestartAsync() : services.Pods.ReplaceAsync(pod));
                    break;
                case ("POST", "leases"):
                    JsonObject lease = await RequestBody.ReadObjectAsync(context);
                    services.Leases.Renew();
                    if ((string?)lease["stop"] is { } stopped) services.Leases.Stopped.Add(stopped);
                    if ((string?)lease["start"] is { } started) services.Leases.Stopped.Remove(started);
                    break;
                case ("PUT", _) when path.Split('/') is ["guests", string space, string name]:
                    (await ReadAsync<GuestControl>(context)).Apply(services.Guests, services.Guests[space, name]);
                    break;
                case ("PUT", "agent"):
                    if (services.Agents is not { } agents) throw new FormatException("There is no Datadog Agent.");
                    agents.Fault = (string?)(await RequestBody.ReadObjectAsync(context))["fault"] is { } kind ? AgentFaults.Parse(kind) : AgentFault.None;
                    break;
                case ("PUT", "load"):
                    JsonObject asked = await RequestBody.ReadObjectAsync(context);
                    string machine = (string?)asked["vm"] ?? throw new FormatException("The body has no 'vm'. Write it like {\"vm\":\"vm-00003\",\"load\":\"cpu=1.5\"}.");
                    if (!asked.ContainsKey("load")) throw new FormatException("The body has no 'load'. Write it like {\"vm\":\"vm-00003\",\"load\":\"cpu=1.5\"}.");
                    Cluster.SetLoad(new KnownLoad(machine, (string?)asked["load"] is { } load ? MachineLoad.Parse(load) : MachineLoad.None));
                    break;
                case ("GET", "load"):
                    await Answer.BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(Cluster.Loads.ToDictionary(static each => each.Machine, static each => each.Load.ToString()), Options));
                    return;
                case ("POST", "events"):
                    Cluster.Happen(ClusterEvent.Parse((string?)(await RequestBody.ReadObjectAsync(context))["event"] ?? throw new FormatException("The body has no 'event'. Write it like {\"event\":\"restart:vm-00001\"}.")));
                    break;
                case ("GET", "clock"):
                    TimeSpan elapsed = Cluster.Elapsed;
                    await Answer.BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(new { now = Cluster.StartTime + elapsed, start = Cluster.StartTime, elapsed = elapsed.TotalSeconds }, Options));
                    return;
                case ("POST", "tokens"):
                    await kubeconfig().RotateTokenAsync(cancellation: context.RequestAborted);
                    await kubeconfig().RotatePluginAsync(cancellation: context.RequestAborted);
                    break;
                case ("POST", "compact"):
                    JsonObject resource = await RequestBody.ReadObjectAsync(context);
                    services.Store[(string?)resource["group"] ?? "", (string?)resource["resource"] ?? ""].Compact();
                    break;
                case ("GET", "requests"):
                    await Answer.BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(services.Log.Requests, Options));
                    return;
                case ("GET", "scrapes"):
                    await Answer.BytesAsync(context, JsonSerializer.SerializeToUtf8Bytes(services.Host.Endpoints.ToDictionary(endpoint => endpoint.Id, endpoint => endpoint.Scrapes), Options));
                    return;
                case ("DELETE", "requests"):
                    services.Log.Clear();
                    break;
                default:
                    throw ApiErrors.BadRequest($"There is no {method} {context.Request.Path}. There are: {string.Join("; ", Paths.Select(each => $"{each.Path} ({each.Description})"))}.");
            }
        }
        catch (Exception failure) when (failure is JsonException or FormatException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            string kinds = path == "faults" ? $" Kinds of faults: {string.Join(", ", Enum.GetNames<ApiFaultKind>())}." : "";
            throw ApiErrors.BadRequest(failure.Message + kinds);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static async Task<T> ReadAsync<T>(HttpContext context) => (await RequestBody.ReadAsync(context)).Deserialize<T>(Options) ?? throw ApiErrors.BadRequest("the body is null");

    /// <summary>Durations are written as on the command line: <c>500ms</c>, <c>5s</c>, <c>2m</c>.</summary>
    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => FaultSyntax.ParseDuration(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) => writer.WriteStringValue(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms"));
    }
}
