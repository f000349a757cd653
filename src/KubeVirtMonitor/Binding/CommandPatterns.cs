using System.Management.Automation;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Binding;

/// <summary>Wildcards of parameters.</summary>
internal static class CommandPatterns
{
    /// <summary>Compiles the patterns of a parameter; a malformed one ends the cmdlet with an error.</summary>
    public static WildcardPattern[] Patterns(this PSCmdlet command, string[]? patterns)
    {
        try
        {
            return NamePatterns.ToPatterns(patterns);
        }
        catch (WildcardPatternException e)
        {
            command.ThrowTerminatingError(ErrorRecords.BadPattern(e));
            throw;
        }
    }
}
