using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using KubeVirtMonitor.Probes;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor;

/// <summary>
/// A readiness or liveness probe of a virtual machine instance. The five numbers are those in effect: where a field is
/// not set, or below 1, KubeVirt's default takes its place.
/// </summary>
public sealed class VmiProbe
{
    private ProbeRole? _role;

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
    public IReadOnlyList<KeyValuePair<string, string>> Headers
    {
        get;
        init => field = TextList.Of(value);
    } = [];

    /// <summary>The command of an exec probe and its arguments; no shell reads them.</summary>
    public IReadOnlyList<string> Command { get; init => field = TextList.Of(value); } = TextList.Of<string>([]);

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
    public ProbeRole? Role { get => _role; init => _role = value; }

    /// <summary>The name of the object it was read from; null for a probe that was made.</summary>
    public string? Name { get; init; }

    /// <summary>The namespace of the object it was read from; null where it names none.</summary>
    public string? Namespace { get; init; }

    /// <summary>The kind of the object it was read from, such as <c>VirtualMachine</c>.</summary>
    public string? ObjectKind { get; init; }

    /// <summary>The file it was read from; null for a probe of a cluster, or that was made.</summary>
    public string? Source { get; init; }

    /// <summary>The unique id of the object it was read from; null where it names none.</summary>
    public string? Uid { get; init; }

    /// <summary>The unique id of the VirtualMachine whose template the probe is of, also where it was read from the instance; null where there is none.</summary>
    internal string? MachineUid { get; init; }

    /// <summary>The session whose cluster it was read from; null for a probe of a file or text, or that was made.</summary>
    internal KubeVirtSession? Session { get; init; }

    /// <summary>The cluster it is of: the context of the kubeconfig, else the address of the API server; null where it comes from no session.</summary>
    public string? Cluster => Session?.ToString();

    // What is written down, which is what gets written again.
    internal int? GivenInitialDelay { get; set; }

    internal int? GivenPeriod { get; set; }

    internal int? GivenTimeout { get; set; }

    internal int? GivenSuccess { get; set; }

    internal int? GivenFailure { get; set; }

    /// <summary>The probe for each of the roles that are asked for: one that has a role is itself or nothing, and one that has none takes on each.</summary>
    /// <param name="roles">The roles; null = whatever it decides.</param>
    internal IEnumerable<VmiProbe> In(IEnumerable<ProbeRole>? roles) => roles is null ? [this]
        : Role is { } own ? roles.Contains(own) ? [this] : []
        : roles.Distinct().Select(role => Copy(copy => copy._role = role));

    /// <summary>The same probe with other numbers; null = as they are.</summary>
    internal VmiProbe With(int? initialDelaySeconds, int? periodSeconds, int? timeoutSeconds, int? successThreshold, int? failureThreshold) => Copy(copy =>
    {
        copy.GivenInitialDelay = initialDelaySeconds ?? GivenInitialDelay;
        copy.GivenPeriod = periodSeconds ?? GivenPeriod;
        copy.GivenTimeout = timeoutSeconds ?? GivenTimeout;
        copy.GivenSuccess = successThreshold ?? GivenSuccess;
        copy.GivenFailure = failureThreshold ?? GivenFailure;
    });

    /// <summary>The handler and its target: <c>httpGet :1500/health</c>, <c>tcpSocket :22</c>, <c>guestAgentPing</c>, <c>exec cat /tmp/healthy</c>.</summary>
    public override string ToString() => Kind switch
    {
        ProbeKind.HttpGet => $"httpGet {(string.Equals(Scheme, "HTTPS", StringComparison.Ordinal) ? "https " : "")}{Host}:{Port}{Path ?? "/"}",
        ProbeKind.TcpSocket => $"tcpSocket {Host}:{Port}",
        ProbeKind.Exec => $"exec {string.Join(' ', Command)}",
        _ => "guestAgentPing",
    };

    private VmiProbe Copy(Action<VmiProbe> change)
    {
        VmiProbe copy = (VmiProbe)MemberwiseClone();
        change(copy);
        return copy;
    }

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
