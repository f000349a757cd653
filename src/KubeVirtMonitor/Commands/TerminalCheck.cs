using System.Management.Automation.Host;
using System.Management.Automation.Runspaces;

namespace KubeVirtMonitor.Commands;

/// <summary>Whether there is a terminal that a whole screen can be shown on, and keys be read from.</summary>
internal static class TerminalCheck
{
    /// <summary>Why there is none, as the rest of a sentence; null where there is one.</summary>
    public static string? WhyNot(PSHost host)
    {
        if (!OwnsHost(host)) return "this PowerShell has no terminal of its own: it is a job, a remote or a parallel one";
        if (Console.IsOutputRedirected) return "the output goes to a file or another program";
        if (Console.IsInputRedirected) return "the input does not come from a keyboard";
        if (!OperatingSystem.IsWindows() && Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb") return "the terminal cannot move its cursor, by the environment variable TERM";
        return null;
    }

    // ForEach-Object -Parallel hands its host on to threads, which would fight over its terminal; jobs have a host without one.
    private static bool OwnsHost(PSHost host)
    {
        try
        {
            return host is IHostSupportsInteractiveSession { Runspace: { } own } && own == Runspace.DefaultRunspace;
        }
        catch (SystemException)
        {
            // A host that is none of a terminal has no runspace to name, and says so in its own way.
            return false;
        }
    }
}
