using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Binding;

/// <summary>Parameters of a cmdlet that would change nothing.</summary>
internal static class UnusedParameters
{
    /// <summary>Ends the cmdlet with an error when one of the parameters is given that has no effect beside another.</summary>
    /// <param name="command">The cmdlet.</param>
    /// <param name="beside">The other parameter, as it is given.</param>
    /// <param name="why">Why they have none.</param>
    /// <param name="names">The parameters.</param>
    public static void Refuse(this PSCmdlet command, string beside, string why, params string[] names)
    {
        string[] given = [.. names.Where(command.MyInvocation.BoundParameters.ContainsKey)];
        if (given.Length > 0) command.ThrowTerminatingError(ErrorRecords.NoEffect(given, beside, why));
    }
}
