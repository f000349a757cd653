using System.Collections;
using System.Globalization;
using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>Creates a probe.</summary>
[Cmdlet(VerbsCommon.New, "VmiProbe", DefaultParameterSetName = "HttpGet")]
[OutputType(typeof(VmiProbe))]
public sealed class NewVmiProbeCommand : PSCmdlet
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

    /// <summary>Seconds before the first probe.</summary>
    [Parameter]
    [ValidateRange(0, int.MaxValue)]
    public int? InitialDelaySeconds { get; set; }

    /// <summary>Seconds from probe to probe.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? PeriodSeconds { get; set; }

    /// <summary>Seconds after which a probe has failed.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? TimeoutSeconds { get; set; }

    /// <summary>How many successes in a row it takes.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? SuccessThreshold { get; set; }

    /// <summary>How many failures in a row it takes.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? FailureThreshold { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Port?.Number is < 1 or > 65535) ThrowTerminatingError(ErrorRecords.PortInvalid(Port));
        WriteObject(new VmiProbe(InitialDelaySeconds, PeriodSeconds, TimeoutSeconds, SuccessThreshold, FailureThreshold)
        {
            Kind = Enum.Parse<ProbeKind>(ParameterSetName),
            Port = Port,
            Path = Path,
            Host = HostName,
            Scheme = Scheme?.ToUpperInvariant(),
            Headers = HeaderList(),
            Command = Command ?? [],
        });
    }

    private KeyValuePair<string, string>[] HeaderList() => Headers is null ? [] :
        [.. Headers.Cast<DictionaryEntry>().Select(entry => KeyValuePair.Create(Text(entry.Key), Text(entry.Value)))];

    private static string Text(object? value) => Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture) ?? "";
}
