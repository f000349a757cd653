namespace KubeVirtMonitor.Probes;

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
