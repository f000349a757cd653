using System.ComponentModel;
using System.Diagnostics;

namespace KubeVirtMonitor.Simulator;

/// <summary>Finds what the tour in PowerShell needs: pwsh and the built module.</summary>
internal static class PowerShellFinder
{
    private static readonly Version Oldest = new(7, 4);

    /// <summary>The manifest of the newest module under <c>out</c>, looked for from the program upwards; null where none is built.</summary>
    public static string? FindModule()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            DirectoryInfo built = new(Path.Combine(directory.FullName, "out", "KubeVirtMonitor"));
            if (!built.Exists) continue;
            return built.EnumerateDirectories()
                .Select(version => (Version: Version.TryParse(version.Name, out Version? parsed) ? parsed : null, Manifest: Path.Combine(version.FullName, "KubeVirtMonitor.psd1")))
                .Where(found => found.Version is not null && File.Exists(found.Manifest))
                .OrderByDescending(found => found.Version)
                .Select(found => found.Manifest)
                .FirstOrDefault();
        }

        return null;
    }

    /// <summary>The version of pwsh on the path; null where there is none, or one that is too old for the module.</summary>
    public static async Task<Version?> FindVersionAsync(CancellationToken cancellation)
    {
        ProcessStartInfo start = new("pwsh", ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", "'{0}.{1}' -f $PSVersionTable.PSVersion.Major, $PSVersionTable.PSVersion.Minor"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using Process process = Process.Start(start)!;
            string output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            return Version.TryParse(output.Trim(), out Version? version) && version >= Oldest ? version : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
