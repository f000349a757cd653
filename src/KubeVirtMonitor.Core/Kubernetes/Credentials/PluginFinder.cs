namespace KubeVirtMonitor.Kubernetes;

/// <summary>Finds the executable of a plugin in PATH only: the runtime's own search would prefer the current folder, where anybody may have put something.</summary>
internal static class PluginFinder
{
    /// <summary>Looks for a command.</summary>
    /// <returns>An absolute path; null when there is no such file.</returns>
    public static string? Find(string command, Func<string, string?> environment)
    {
        if (Path.IsPathFullyQualified(command)) return Candidates(command, environment).FirstOrDefault(File.Exists);
        string[] folders = (environment("PATH") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders
            .Where(Path.IsPathFullyQualified)
            .SelectMany(folder => Candidates(Path.Combine(folder, command), environment))
            .FirstOrDefault(IsExecutable);
    }

    private static IEnumerable<string> Candidates(string path, Func<string, string?> environment)
    {
        if (!OperatingSystem.IsWindows() || Path.HasExtension(path)) yield return path;
        if (!OperatingSystem.IsWindows()) yield break;
        foreach (string extension in (environment("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").Split(';', StringSplitOptions.RemoveEmptyEntries))
            yield return path + extension;
    }

    private static bool IsExecutable(string path)
    {
        if (!File.Exists(path)) return false;
        const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & Execute) != 0;
    }
}
