using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet whose probe can be made of parameters, named as New-VmiProbe names them.</summary>
public abstract class ProbeParameterCommand : ClusterCommand
{
    private protected const string HttpGetSet = "HttpGet";
    private protected const string TcpSocketSet = "TcpSocket";
    private protected const string GuestAgentPingSet = "GuestAgentPing";
    private protected const string ExecSet = "Exec";

    private protected static bool IsHandler(string set) => set is HttpGetSet or TcpSocketSet or GuestAgentPingSet or ExecSet;

    /// <summary>An HTTP probe.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HttpGetSet)]
    public SwitchParameter HttpGet { get; set; }

    /// <summary>A TCP probe.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TcpSocketSet)]
    public SwitchParameter TcpSocket { get; set; }

    /// <summary>A ping of the guest agent.</summary>
    [Parameter(Mandatory = true, ParameterSetName = GuestAgentPingSet)]
    public SwitchParameter GuestAgentPing { get; set; }

    /// <summary>A command in the guest.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ExecSet)]
    public SwitchParameter Exec { get; set; }

    /// <summary>The port, by number or by name.</summary>
    [Parameter(Mandatory = true, ParameterSetName = HttpGetSet)]
    [Parameter(Mandatory = true, ParameterSetName = TcpSocketSet)]
    [ValidateNotNull]
    public ProbePort? Port { get; set; }

    /// <summary>The path of the request.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The host to ask instead of the instance.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [Parameter(ParameterSetName = TcpSocketSet)]
    [Alias("Host")]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>HTTP or HTTPS.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [ValidateSet("HTTP", "HTTPS")]
    public string? Scheme { get; set; }

    /// <summary>Headers of the request.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>The command and its arguments.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ExecSet)]
    [ValidateNotNullOrEmpty]
    public string[]? Command { get; set; }

    /// <summary>Seconds before the first probe.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [Parameter(ParameterSetName = TcpSocketSet)]
    [Parameter(ParameterSetName = GuestAgentPingSet)]
    [Parameter(ParameterSetName = ExecSet)]
    [ProbeNumber(0)]
    public int InitialDelaySeconds { get; set; }

    /// <summary>Seconds from one probe to the next.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [Parameter(ParameterSetName = TcpSocketSet)]
    [Parameter(ParameterSetName = GuestAgentPingSet)]
    [Parameter(ParameterSetName = ExecSet)]
    [ProbeNumber(ProbeFacts.Period)]
    public int PeriodSeconds { get; set; } = ProbeFacts.Period;

    /// <summary>Seconds after which a probe has failed.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [Parameter(ParameterSetName = TcpSocketSet)]
    [Parameter(ParameterSetName = GuestAgentPingSet)]
    [Parameter(ParameterSetName = ExecSet)]
    [ProbeNumber(ProbeFacts.Timeout)]
    public int TimeoutSeconds { get; set; } = ProbeFacts.Timeout;

    /// <summary>Successes in a row it takes.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [Parameter(ParameterSetName = TcpSocketSet)]
    [Parameter(ParameterSetName = GuestAgentPingSet)]
    [Parameter(ParameterSetName = ExecSet)]
    [ProbeNumber(ProbeFacts.Success)]
    public int SuccessThreshold { get; set; } = ProbeFacts.Success;

    /// <summary>Failures in a row it takes.</summary>
    [Parameter(ParameterSetName = HttpGetSet)]
    [Parameter(ParameterSetName = TcpSocketSet)]
    [Parameter(ParameterSetName = GuestAgentPingSet)]
    [Parameter(ParameterSetName = ExecSet)]
    [ProbeNumber(ProbeFacts.Failure)]
    public int FailureThreshold { get; set; } = ProbeFacts.Failure;

    /// <summary>The probe that the parameters make.</summary>
    private protected VmiProbe MakeProbe() =>
        ProbeHandler.Make(this, Port, Path, HostName, Scheme, Headers, Command).With(InitialDelaySeconds, PeriodSeconds, TimeoutSeconds, SuccessThreshold, FailureThreshold);
}
