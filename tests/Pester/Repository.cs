namespace KubeVirtMonitor.Tests.Pester;

/// <summary>Where things are, seen from the folder this runs in.</summary>
internal static class Repository
{
    public static string PesterFolder { get; } = Path.Combine(FindRoot(), "tests", "Pester");

    private static string FindRoot()
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Module.sln")))
                return folder;
        }
        throw new DirectoryNotFoundException($"No Module.sln above {AppContext.BaseDirectory}.");
    }
}
