using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Commands;

/// <summary>Creates a probe.</summary>
[Cmdlet(VerbsCommon.New, "VmiProbe", DefaultParameterSetName = "HttpGet")]
[OutputType(typeof(VmiProbe))]
public sealed class NewVmiProbeCommand : ProbeNumberCommand
{
    /// <summary>kubelet sends an HTTP request.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "HttpGet")]
    public SwitchParameter HttpGet { get; set; }

    /// <summary>kubelet opens a connection.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "TcpSocket")]
    public SwitchParameter TcpSocket { get; set; }

    /// <summary>virt-launcher pings the guest agent.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "GuestAgentPing")]
    public SwitchParameter GuestAgentPing { get; set; }

    /// <summary>The guest agent runs a command.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Exec")]
    public SwitchParameter Exec { get; set; }

    /// <summary>The port, by number or name.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "HttpGet")]
    [Parameter(Mandatory = true, ParameterSetName = "TcpSocket")]
    [ValidateNotNull]
    public ProbePort? Port { get; set; }

    /// <summary>The path of the request.</summary>
    [Parameter(ParameterSetName = "HttpGet")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The host to ask instead of the machine.</summary>
    [Parameter(ParameterSetName = "HttpGet")]
    [Parameter(ParameterSetName = "TcpSocket")]
    [Alias("Host")]
    [ValidateNotNullOrEmpty]
    public string? HostName { get; set; }

    /// <summary>HTTP or HTTPS.</summary>
    [Parameter(ParameterSetName = "HttpGet")]
    [ValidateSet("HTTP", "HTTPS")]
    public string? Scheme { get; set; }

    /// <summary>Headers of the request.</summary>
    [Parameter(ParameterSetName = "HttpGet")]
    [ValidateNotNull]
    public IDictionary? Headers { get; set; }

    /// <summary>The program in the guest and its arguments.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Exec")]
    [ValidateNotNullOrEmpty]
    public string[]? Command { get; set; }

    /// <summary>What the probe decides; one probe for each.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ProbeRole[]? Role { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        VmiProbe probe = ProbeHandler.Make(this, Port, Path, HostName, Scheme, Headers, Command).With(InitialDelaySeconds, PeriodSeconds, TimeoutSeconds, SuccessThreshold, FailureThreshold);
        WriteObject(probe.In(Role), enumerateCollection: true);
    }
}
