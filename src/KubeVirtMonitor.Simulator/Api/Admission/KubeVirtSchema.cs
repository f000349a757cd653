using System.Text.Json;
using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// The fields of KubeVirt's resources, as far down as a client of this repository writes; what is below <c>any</c> is not looked at. A line is a type and its fields; a field is a
/// name, an exclamation mark when it has to be there, and its type: a name of a type here, a list in brackets, words to choose from, or one of JSON.
/// </summary>
internal static class KubeVirtSchema
{
    private const string Text =
        """
        KubeVirt certificateRotateStrategy:any configuration:any customizeComponents:Customize imagePullPolicy:string imagePullSecrets:any imageRegistry:string imageTag:string infra:any monitorAccount:string monitorNamespace:string productComponent:string productName:string productVersion:string serviceMonitorNamespace:string synchronizationPort:string uninstallStrategy:string workloadUpdateStrategy:any workloads:any
        Customize flags:any patches:[ComponentPatch]
        ComponentPatch patch!:string resourceName!:string resourceType!:string type!:string
        VirtualMachine dataVolumeTemplates:any instancetype:any preference:any runStrategy:string running:boolean template!:InstanceTemplate updateVolumesStrategy:string
        VirtualMachineInstanceReplicaSet paused:boolean replicas:integer selector!:any template!:InstanceTemplate
        VirtualMachinePool autoscaling:any maxUnavailable:any nameGeneration:any paused:boolean replicas:integer scaleInStrategy:any selector!:any updateStrategy:any virtualMachineTemplate!:MachineTemplate
        MachineTemplate metadata:any spec:VirtualMachine
        InstanceTemplate metadata:any spec:VirtualMachineInstance
        VirtualMachineInstance accessCredentials:any affinity:any architecture:string dnsConfig:any dnsPolicy:string domain!:Domain evictionStrategy:string hostname:string livenessProbe:Probe networks:any nodeSelector:any priorityClassName:string readinessProbe:Probe resourceClaims:any schedulerName:string startStrategy:string subdomain:string terminationGracePeriodSeconds:integer tolerations:any topologySpreadConstraints:any utilityVolumes:any volumes:any
        Domain chassis:any clock:any cpu:any devices:Devices features:any firmware:any ioThreads:any ioThreadsPolicy:string launchSecurity:any machine:any memory:any rebootPolicy:string resources:any
        Devices autoattachGraphicsDevice:boolean autoattachInputDevice:boolean autoattachMemBalloon:boolean autoattachPodInterface:boolean autoattachSerialConsole:boolean autoattachVSOCK:boolean blockMultiQueue:boolean clientPassthrough:any disableHotplug:boolean disks:any downwardMetrics:any filesystems:any gpus:any hostDevices:any inputs:any interfaces:any logSerialConsole:boolean networkInterfaceMultiqueue:boolean panicDevices:any rng:any sound:any tpm:any useVirtioTransitional:boolean video:any watchdog:any
        Probe exec:Exec failureThreshold:integer guestAgentPing:Nothing httpGet:HttpGet initialDelaySeconds:integer periodSeconds:integer successThreshold:integer tcpSocket:TcpSocket timeoutSeconds:integer
        Exec command:[string]
        HttpGet host:string httpHeaders:[Header] path:string port!:intOrString scheme:HTTP|HTTPS
        Header name:string value:string
        Nothing
        TcpSocket host:string port!:intOrString
        """;

    private static readonly Dictionary<string, Dictionary<string, (string Type, bool Required)>> Types = Text.Split('\n').Select(static line => line.Split(' ')).ToDictionary(
        static words => words[0],
        static words => words.Skip(1).Select(static word => word.Split(':')).ToDictionary(static pair => pair[0].TrimEnd('!'), static pair => (pair[1], pair[0].EndsWith('!'))));

    /// <summary>Takes the unknown fields of an object out.</summary>
    /// <returns>Their paths, in order.</returns>
    public static IReadOnlyList<string> Prune(ResourceType type, JsonObject item)
    {
        List<string> unknown = [];
        if (type.Custom && Types.ContainsKey(type.Kind)) Walk(item["spec"], type.Kind, "spec", null, unknown);
        unknown.Sort(StringComparer.Ordinal);
        return unknown;
    }

    /// <summary>What does not fit.</summary>
    public static IReadOnlyList<SchemaViolation> Violations(ResourceType type, JsonObject item)
    {
        List<SchemaViolation> violations = [];
        if (type.Custom && Types.ContainsKey(type.Kind)) Walk(item["spec"], type.Kind, "spec", violations, null);
        return violations;
    }

    private static void Walk(JsonNode? at, string type, string path, List<SchemaViolation>? violations, List<string>? unknown)
    {
        if (at is null || type == "any") return;
        if (type.StartsWith('['))
        {
            if (at is JsonArray list) for (int i = 0; i < list.Count; i++) Walk(list[i], type[1..^1], $"{path}[{i}]", violations, unknown);
            else violations?.Add(WrongType(path, "array", at));
            return;
        }

        if (!Types.TryGetValue(type, out var fields))
        {
            if (violations is not null) Scalar(at, type, path, violations);
            return;
        }

        if (at is not JsonObject map)
        {
            violations?.Add(WrongType(path, "object", at));
            return;
        }

        foreach ((string name, JsonNode? value) in map.ToArray())
        {
            if (fields.TryGetValue(name, out var field)) Walk(value, field.Type, $"{path}.{name}", violations, unknown);
            else if (unknown is not null)
            {
                unknown.Add($"{path}.{name}");
                map.Remove(name);
            }
        }

        foreach ((string name, _) in fields.Where(field => field.Value.Required && map[field.Key] is null)) violations?.Add(new SchemaViolation($"{path}.{name}", "required", $"{path}.{name} in body is required"));
    }

    private static void Scalar(JsonNode value, string type, string path, List<SchemaViolation> violations)
    {
        JsonValueKind kind = value.GetValueKind();
        bool whole = kind == JsonValueKind.Number && value.AsValue().TryGetValue(out double number) && number == Math.Floor(number);
        bool fits = type switch
        {
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => whole,
            "intOrString" => whole || kind == JsonValueKind.String,
            _ => kind == JsonValueKind.String,
        };
        if (!fits) violations.Add(WrongType(path, type.Contains('|', StringComparison.Ordinal) ? "string" : type, value));
        else if (type.Split('|') is { Length: > 1 } words && !words.Contains((string)value!)) violations.Add(new SchemaViolation(path, "enum", $"{path} in body should be one of [{string.Join(' ', words)}]"));
    }

    private static SchemaViolation WrongType(string path, string wanted, JsonNode value)
    {
        string found = value.GetValueKind() switch { JsonValueKind.True or JsonValueKind.False => "boolean", JsonValueKind kind => kind.ToString().ToLowerInvariant() };
        return new SchemaViolation(path, "type", $"{path} in body must be of type {(wanted == "intOrString" ? "integer,string" : wanted)}: \"{found}\"");
    }
}

/// <summary>A field that does not fit its schema.</summary>
/// <param name="Path">Where.</param>
/// <param name="Kind">What is wrong: <c>required</c>, <c>type</c>, <c>enum</c>.</param>
/// <param name="Message">The words of a schema check.</param>
internal sealed record SchemaViolation(string Path, string Kind, string Message);
