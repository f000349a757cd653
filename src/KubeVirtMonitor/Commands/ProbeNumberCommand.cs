using System.Collections;
using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet with the five numbers of a probe, each of which can be left to the default.</summary>
public abstract class ProbeNumberCommand : PSCmdlet
{
    /// <summary>Seconds before the first probe.</summary>
    [Parameter]
    [ProbeNumber(0)]
    public int? InitialDelaySeconds { get; set; }

    /// <summary>Seconds from probe to probe.</summary>
    [Parameter]
    [ProbeNumber(ProbeFacts.Period)]
    public int? PeriodSeconds { get; set; }

    /// <summary>Seconds after which a probe has failed.</summary>
    [Parameter]
    [ProbeNumber(ProbeFacts.Timeout)]
    public int? TimeoutSeconds { get; set; }

    /// <summary>How many successes in a row it takes.</summary>
    [Parameter]
    [ProbeNumber(ProbeFacts.Success)]
    public int? SuccessThreshold { get; set; }

    /// <summary>How many failures in a row it takes.</summary>
    [Parameter]
    [ProbeNumber(ProbeFacts.Failure)]
    public int? FailureThreshold { get; set; }
}

/// <summary>Makes a probe of the parameters that say how it asks.</summary>
internal static class ProbeHandler
{
    /// <summary>The probe, without its five numbers. The parameter set of the cmdlet is its kind; a port that there is none of ends the cmdlet with an error.</summary>
    public static VmiProbe Make(PSCmdlet command, ProbePort? port, string? path, string? host, string? scheme, IDictionary? headers, string[]? arguments)
    {
        if (port?.Number is < 1 or > 65535) command.ThrowTerminatingError(ErrorRecords.PortInvalid(port));
        return new VmiProbe
        {
            Kind = Enum.Parse<ProbeKind>(command.ParameterSetName),
            Port = port,
            Path = path,
            Host = host,
            Scheme = scheme?.ToUpperInvariant(),
            Headers = HeaderList.Of(headers),
            Command = arguments ?? [],
        };
    }
}
