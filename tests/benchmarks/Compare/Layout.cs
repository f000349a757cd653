namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Where things lie in the repository.</summary>
/// <param name="Root">The repository's root.</param>
internal sealed record Layout(string Root)
{
    /// <summary>The programs of the peers, and our script for PowerShell.</summary>
    public string Peers => Path.Combine(Root, "tests", "benchmarks", "peers");

    /// <summary>The manifest of the staged module, the newest version; null when none is staged.</summary>
    public string? Module
    {
        get
        {
            string staged = Path.Combine(Root, "out", "KubeVirtMonitor");
            return Directory.Exists(staged)
                ? Directory.EnumerateFiles(staged, "KubeVirtMonitor.psd1", SearchOption.AllDirectories).Max(StringComparer.Ordinal)
                : null;
        }
    }

    /// <summary>Looks for the repository above the running program.</summary>
    /// <exception cref="InvalidOperationException">The program does not run from the repository's build output.</exception>
    public static Layout Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Module.sln"))) return new Layout(folder.FullName);
        }

        throw new InvalidOperationException("The repository was not found. Run the benchmarks where they were built: tests/benchmarks/run.");
    }
}
