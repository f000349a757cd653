using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor;

/// <summary>
/// A readiness or liveness probe of a virtual machine instance. The five numbers are those in effect: where a field is
/// not set, or below 1, KubeVirt's default takes its place.
/// </summary>
public sealed class VmiProbe
{
    /// <summary>A probe whose numbers are the defaults.</summary>
    public VmiProbe()
    {
    }

    /// <summary>A probe with numbers, of which null = not written down, so that KubeVirt's default holds.</summary>
    internal VmiProbe(int? initialDelaySeconds, int? periodSeconds, int? timeoutSeconds, int? successThreshold, int? failureThreshold)
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
    public int PeriodSeconds { get => InForce(GivenPeriod, ProbeFacts.Period); init => GivenPeriod = value; }

    /// <summary>Seconds after which a probe has failed; default 1. KubeVirt gives guest agent ping and exec one second more.</summary>
    public int TimeoutSeconds { get => InForce(GivenTimeout, ProbeFacts.Timeout); init => GivenTimeout = value; }

    /// <summary>How many successes in a row it takes; default 1. A liveness probe has to have 1.</summary>
    public int SuccessThreshold { get => InForce(GivenSuccess, ProbeFacts.Success); init => GivenSuccess = value; }

    /// <summary>How many failures in a row it takes; default 3.</summary>
    public int FailureThreshold { get => InForce(GivenFailure, ProbeFacts.Failure); init => GivenFailure = value; }

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

/// <summary>The kind of a probe: one of the four handlers of KubeVirt's <c>v1.Probe</c>.</summary>
public enum ProbeKind
{
    /// <summary><c>httpGet</c>: kubelet sends a GET to the virt-launcher pod; a status of 200 to 399 is a success.</summary>
    HttpGet,

    /// <summary><c>tcpSocket</c>: kubelet opens a connection to the virt-launcher pod.</summary>
    TcpSocket,

    /// <summary><c>guestAgentPing</c>: virt-launcher pings the guest agent.</summary>
    GuestAgentPing,

    /// <summary><c>exec</c>: the guest agent runs a command in the guest; exit code 0 is a success.</summary>
    Exec,
}

/// <summary>The role of a probe.</summary>
public enum ProbeRole
{
    /// <summary><c>readinessProbe</c>: whether the machine receives traffic.</summary>
    Readiness,

    /// <summary><c>livenessProbe</c>: whether the machine is ended.</summary>
    Liveness,
}

/// <summary>The port of a probe: a number, or the name of a port that an interface of the machine declares.</summary>
public sealed record ProbePort
{
    /// <summary>A port by its number.</summary>
    /// <param name="number">The number; 1 to 65535 are valid, and others can be held, because a manifest may say so.</param>
    public ProbePort(int number) => Number = number;

    /// <summary>A port by its name, or by a number as text.</summary>
    /// <param name="text">The name, or decimal digits.</param>
    public ProbePort(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number)) Number = number;
        else Name = text;
    }

    /// <summary>The number; null for a named port.</summary>
    public int? Number { get; }

    /// <summary>The name; null for a number.</summary>
    public string? Name { get; }

    /// <summary>A port by its number.</summary>
    /// <param name="number">The number.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is the alternate.")]
    public static implicit operator ProbePort(int number) => new(number);

    /// <summary>A port by its name or number.</summary>
    /// <param name="text">The text.</param>
    [SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The constructor is the alternate.")]
    public static implicit operator ProbePort(string text) => new(text);

    /// <summary>The name, or the number in decimal digits.</summary>
    public override string ToString() => Name ?? Number!.Value.ToString(CultureInfo.InvariantCulture);
}
