namespace KubeVirtMonitor;

/// <summary>
/// A readiness or liveness probe of a virtual machine instance. The five numbers are those in force: where a field is
/// not set, or below 1, KubeVirt's default takes its place.
/// </summary>
public sealed class VmiProbe
{
    /// <summary>A probe whose numbers are the defaults.</summary>
    public VmiProbe()
    {
    }

    /// <summary>A probe with numbers, of which null = not written down, so that KubeVirt's default holds.</summary>
    /// <param name="initialDelaySeconds">Seconds before the first probe.</param>
    /// <param name="periodSeconds">Seconds from one probe to the next.</param>
    /// <param name="timeoutSeconds">Seconds after which a probe has failed.</param>
    /// <param name="successThreshold">How many successes in a row it takes.</param>
    /// <param name="failureThreshold">How many failures in a row it takes.</param>
    public VmiProbe(int? initialDelaySeconds, int? periodSeconds, int? timeoutSeconds, int? successThreshold, int? failureThreshold)
    {
        GivenInitialDelay = initialDelaySeconds;
        GivenPeriod = periodSeconds;
        GivenTimeout = timeoutSeconds;
        GivenSuccess = successThreshold;
        GivenFailure = failureThreshold;
    }

    /// <summary>How it asks.</summary>
    public required ProbeKind Kind { get; init; }

    /// <summary>The port of an HTTP or TCP probe; null for the others.</summary>
    public ProbePort? Port { get; init; }

    /// <summary>The path of an HTTP probe, with its query; null = <c>/</c>.</summary>
    public string? Path { get; init; }

    /// <summary>The host to ask instead of the pod; null = the pod.</summary>
    public string? Host { get; init; }

    /// <summary><c>HTTP</c> or <c>HTTPS</c>; null = HTTP.</summary>
    public string? Scheme { get; init; }

    /// <summary>The headers of an HTTP probe, in their order; a name may come twice.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>The command of an exec probe and its arguments; no shell reads them.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Seconds before the first probe; KubeVirt adds 10 to it. 0 where nothing is set.</summary>
    public int InitialDelaySeconds { get => GivenInitialDelay ?? 0; init => GivenInitialDelay = value; }

    /// <summary>Seconds from one probe to the next; default 10.</summary>
    public int PeriodSeconds { get => InForce(GivenPeriod, 10); init => GivenPeriod = value; }

    /// <summary>Seconds after which a probe has failed; default 1. KubeVirt gives guest agent ping and exec one second more.</summary>
    public int TimeoutSeconds { get => InForce(GivenTimeout, 1); init => GivenTimeout = value; }

    /// <summary>How many successes in a row it takes; default 1. A liveness probe has to have 1.</summary>
    public int SuccessThreshold { get => InForce(GivenSuccess, 1); init => GivenSuccess = value; }

    /// <summary>How many failures in a row it takes; default 3.</summary>
    public int FailureThreshold { get => InForce(GivenFailure, 3); init => GivenFailure = value; }

    /// <summary>What the probe decides; null for a probe that is not in any machine yet.</summary>
    public ProbeRole? Role { get; init; }

    /// <summary>The name of the object it was read from; null for a probe that was made.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace of the object it was read from; null where it names none.</summary>
    public string? Namespace { get; init; }

    /// <summary>The kind of the object it was read from, such as <c>VirtualMachine</c>.</summary>
    public string? ObjectKind { get; init; }

    /// <summary>The file it was read from; null for a probe of a cluster, or that was made.</summary>
    public string? Source { get; init; }

    // What is written down, which is what gets written again.
    internal int? GivenInitialDelay { get; init; }

    internal int? GivenPeriod { get; init; }

    internal int? GivenTimeout { get; init; }

    internal int? GivenSuccess { get; init; }

    internal int? GivenFailure { get; init; }

    /// <summary>The handler and its target: <c>httpGet :1500/health</c>, <c>tcpSocket :22</c>, <c>guestAgentPing</c>, <c>exec cat /tmp/healthy</c>.</summary>
    public override string ToString() => Kind switch
    {
        ProbeKind.HttpGet => $"httpGet {(string.Equals(Scheme, "HTTPS", StringComparison.Ordinal) ? "https " : "")}{Host}:{Port}{Path ?? "/"}",
        ProbeKind.TcpSocket => $"tcpSocket {Host}:{Port}",
        ProbeKind.Exec => $"exec {string.Join(' ', Command)}",
        _ => "guestAgentPing",
    };

    private static int InForce(int? given, int fallback) => given is { } value and >= 1 ? value : fallback;
}
