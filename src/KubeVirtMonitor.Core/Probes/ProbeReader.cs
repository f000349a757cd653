using System.Text.Json.Nodes;
using KubeVirtMonitor.Json;

namespace KubeVirtMonitor.Probes;

/// <summary>Reads a <c>v1.Probe</c>. Messages start with the path below the probe, or with a colon.</summary>
internal static class ProbeReader
{
    /// <summary>Reads a probe, and notes where it was found.</summary>
    /// <exception cref="FormatException">It has no handler, several, or a field of a wrong type.</exception>
    public static VmiProbe Read(JsonNode node, VmiManifest? owner, ProbeRole? role)
    {
        if (node is not JsonObject probe) throw new FormatException(Placeholder.Is(node) ? $": it is the placeholder {JsonText.Of(node)}, which has no value yet" : ": it is not a mapping");
        string[] handlers = [.. ProbeFields.Handlers.Where(name => probe[name] is not null)];
        if (handlers.Length != 1) throw new FormatException(handlers.Length == 0 ? ": it has no handler" : $": it has {handlers.Length} handlers, {string.Join(" and ", handlers)}");
        string handler = handlers[0];
        if (probe[handler] is not JsonObject target) throw new FormatException($".{handler}: it is not a mapping");
        ProbeKind kind = Enum.GetValues<ProbeKind>().Single(kind => ProbeFields.Of(kind) == handler);
        bool isNetwork = kind is ProbeKind.HttpGet or ProbeKind.TcpSocket;
        return new VmiProbe
        {
            Kind = kind,
            Port = isNetwork ? Port(target, handler) : null,
            Host = isNetwork ? Text(target, "host", handler) : null,
            Path = kind == ProbeKind.HttpGet ? Text(target, "path", handler) : null,
            Scheme = kind == ProbeKind.HttpGet ? Text(target, "scheme", handler) : null,
            Headers = kind == ProbeKind.HttpGet ? Headers(target) : [],
            Command = kind == ProbeKind.Exec ? Command(target) : [],
            GivenInitialDelay = Number(probe, ProbeFields.InitialDelay),
            GivenPeriod = Number(probe, ProbeFields.Period),
            GivenTimeout = Number(probe, ProbeFields.Timeout),
            GivenSuccess = Number(probe, ProbeFields.Success),
            GivenFailure = Number(probe, ProbeFields.Failure),
            Role = role,
            Name = owner?.Name,
            Namespace = owner?.Namespace,
            ObjectKind = owner?.Kind,
            Source = owner?.Source,
            Uid = owner?.Uid,
            MachineUid = owner?.MachineUid,
            Session = owner?.Session,
        };
    }

    private static ProbePort Port(JsonObject target, string handler)
    {
        JsonNode? port = target["port"];
        if (Placeholder.Is(port)) throw new FormatException($".{handler}.port: it is the placeholder {JsonText.Of(port)}, which has no value yet");
        if (JsonText.Integer(port) is { } number) return new ProbePort(number);
        return JsonText.Of(port) is { } name && !string.IsNullOrWhiteSpace(name)
            ? new ProbePort(name)
            : throw new FormatException($".{handler}.port: {(port is null ? "it is missing" : "it is neither a number nor a name")}");
    }

    private static KeyValuePair<string, string>[] Headers(JsonObject target)
    {
        if (target["httpHeaders"] is not { } node) return [];
        if (node is not JsonArray list) throw new FormatException(".httpGet.httpHeaders: it is not a list");
        return [.. list.Select((item, index) => item is JsonObject header && JsonText.Of(header["name"]) is { } name
            ? new KeyValuePair<string, string>(name, JsonText.Of(header["value"]) ?? "")
            : throw new FormatException($".httpGet.httpHeaders[{index}]: it has no name"))];
    }

    private static string[] Command(JsonObject target)
    {
        if (target["command"] is not { } node) return [];
        if (node is not JsonArray list) throw new FormatException(".exec.command: it is not a list");
        return [.. list.Select((item, index) => JsonText.Of(item) ?? throw new FormatException($".exec.command[{index}]: it is not text"))];
    }

    private static string? Text(JsonObject target, string field, string handler) => target[field] switch
    {
        null => null,
        { } node => JsonText.Of(node) ?? throw new FormatException($".{handler}.{field}: it is not text"),
    };

    private static int? Number(JsonObject probe, string field) => probe[field] switch
    {
        null => null,
        { } node => JsonText.Integer(node) ?? throw new FormatException($".{field}: {(Placeholder.Is(node) ? $"it is the placeholder {JsonText.Of(node)}, which has no value yet" : "it is no whole number")}"),
    };
}

/// <summary>The names of the API's fields.</summary>
internal static class ProbeFields
{
    public const string HttpGet = "httpGet";
    public const string TcpSocket = "tcpSocket";
    public const string GuestAgentPing = "guestAgentPing";
    public const string Exec = "exec";
    public const string InitialDelay = "initialDelaySeconds";
    public const string Period = "periodSeconds";
    public const string Timeout = "timeoutSeconds";
    public const string Success = "successThreshold";
    public const string Failure = "failureThreshold";

    /// <summary>The four handlers.</summary>
    public static IReadOnlyList<string> Handlers { get; } = [HttpGet, TcpSocket, GuestAgentPing, Exec];

    /// <summary>The five numbers.</summary>
    public static IReadOnlyList<string> Numbers { get; } = [InitialDelay, Period, Timeout, Success, Failure];

    /// <summary>The field of an instance's spec that holds a probe.</summary>
    public static string Of(ProbeRole role) => role == ProbeRole.Readiness ? "readinessProbe" : "livenessProbe";

    /// <summary>The handler's field.</summary>
    public static string Of(ProbeKind kind) => kind switch
    {
        ProbeKind.HttpGet => HttpGet,
        ProbeKind.TcpSocket => TcpSocket,
        ProbeKind.Exec => Exec,
        _ => GuestAgentPing,
    };
}

/// <summary>Writes a <c>v1.Probe</c>: the handler, and those of the five numbers that were given.</summary>
internal static class ProbeWriter
{
    public static JsonObject Write(VmiProbe probe)
    {
        JsonObject target = [];
        switch (probe.Kind)
        {
            case ProbeKind.HttpGet:
                Add(target, "path", probe.Path);
                AddPort(target, probe);
                Add(target, "host", probe.Host);
                Add(target, "scheme", probe.Scheme);
                if (probe.Headers.Count > 0)
                    target["httpHeaders"] = new JsonArray([.. probe.Headers.Select(header => new JsonObject { ["name"] = header.Key, ["value"] = header.Value })]);
                break;
            case ProbeKind.TcpSocket:
                AddPort(target, probe);
                Add(target, "host", probe.Host);
                break;
            case ProbeKind.Exec:
                target["command"] = new JsonArray([.. probe.Command.Select(text => (JsonNode?)JsonValue.Create(text))]);
                break;
        }

        JsonObject written = new() { [ProbeFields.Of(probe.Kind)] = target };
        Add(written, ProbeFields.InitialDelay, probe.GivenInitialDelay);
        Add(written, ProbeFields.Period, probe.GivenPeriod);
        Add(written, ProbeFields.Timeout, probe.GivenTimeout);
        Add(written, ProbeFields.Success, probe.GivenSuccess);
        Add(written, ProbeFields.Failure, probe.GivenFailure);
        return written;
    }

    private static void AddPort(JsonObject target, VmiProbe probe)
    {
        if (probe.Port is { } port) target["port"] = port.Number is { } number ? JsonValue.Create(number) : JsonValue.Create(port.Name);
    }

    private static void Add(JsonObject into, string field, string? text)
    {
        if (text is not null) into[field] = text;
    }

    private static void Add(JsonObject into, string field, int? number)
    {
        if (number is { } value) into[field] = value;
    }
}

/// <summary>The numbers that Kubernetes takes where a probe sets none, and what KubeVirt adds to them on the virt-launcher pod; all in seconds or results.</summary>
internal static class ProbeFacts
{
    /// <summary>From one probe to the next.</summary>
    public const int Period = 10;

    /// <summary>How long a probe may take.</summary>
    public const int Timeout = 1;

    /// <summary>Successes in a row it takes.</summary>
    public const int Success = 1;

    /// <summary>Failures in a row it takes.</summary>
    public const int Failure = 3;

    /// <summary>What KubeVirt adds to the initial delay of every probe (<c>LibvirtStartupDelay</c>).</summary>
    public const int StartupDelay = 10;

    /// <summary>What KubeVirt adds to the timeout where virt-launcher stands between, as it does for guest agent ping and exec.</summary>
    public const int AgentDelay = 1;
}
