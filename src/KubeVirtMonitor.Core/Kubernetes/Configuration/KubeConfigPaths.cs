namespace KubeVirtMonitor.Kubernetes;

/// <summary>Where kubeconfig files are looked for: as kubectl does.</summary>
internal static class KubeConfigPaths
{
    public static string[] Find(KubeConfigOptions options)
    {
        if (options.Path is { } one) return [FullPath(one, options)];
        if (options.Variable("KUBECONFIG") is { } list)
        {
            return list.Split(Path.PathSeparator)
                .Where(path => !string.IsNullOrWhiteSpace(path))
                .Select(path => FullPath(path, options))
                .Distinct(StringComparer.Ordinal)
                .ToArray();
        }

        return Home(options) is { } home ? [Path.Combine(home, ".kube", "config")] : [];
    }

    public static KubernetesException NothingFound(string[] paths, KubeConfigOptions options)
    {
        string where = paths.Length == 0 ? "no home directory is known" : $"{string.Join(", ", paths)} {(paths.Length == 1 ? "does" : "do")} not exist";
        string source = options.Variable("KUBECONFIG") is not null ? " (from the environment variable KUBECONFIG)" : "";
        return new KubernetesException(
            KubernetesError.NoConfiguration,
            $"there is no kubeconfig: {where}{source}",
            "Set KUBECONFIG to where it is.")
        { File = paths.FirstOrDefault(), Setting = Setting.KubeConfig };
    }

    // In the text of an environment variable, "~" is not replaced by every shell.
    private static string FullPath(string path, KubeConfigOptions options)
    {
        bool isHome = path.StartsWith("~/", StringComparison.Ordinal) || (OperatingSystem.IsWindows() && path.StartsWith(@"~\", StringComparison.Ordinal));
        if (isHome && Home(options) is { } home) path = Path.Join(home, path[2..]);
        return options.WorkingDirectory is { } folder ? Path.GetFullPath(path, folder) : Path.GetFullPath(path);
    }

    private static string? Home(KubeConfigOptions options)
    {
        if (!OperatingSystem.IsWindows()) return options.Variable("HOME");
        string? drive = options.Variable("HOMEDRIVE") is { } letter && options.Variable("HOMEPATH") is { } path ? letter + path : null;
        string?[] homes = [options.Variable("HOME"), drive, options.Variable("USERPROFILE")];
        return homes.FirstOrDefault(home => home is not null && File.Exists(Path.Combine(home, ".kube", "config")))
            ?? homes.FirstOrDefault(home => home is not null);
    }
}
