using System.Management.Automation;

namespace KubeVirtMonitor.Errors;

/// <summary>The errors of running and checking probes.</summary>
internal static partial class ErrorRecords
{
    public static ErrorRecord NoInstanceNamed() => Make(
        new ArgumentException("A probe is given, and no instance to run it on."),
        "InstanceNotNamed",
        ErrorCategory.InvalidArgument,
        null,
        "Name instances with -Name; -Name * stands for all of them.");

    public static ErrorRecord SeveralHttpPaths(int count) => Make(
        new ArgumentException($"With -HttpGet, -Path is the path of one request, and has {count} values."),
        "SeveralHttpPaths",
        ErrorCategory.InvalidArgument,
        null,
        "Give one path; for several, run the cmdlet several times.");
}
