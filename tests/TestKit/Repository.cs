using System.Xml.Linq;

namespace KubeVirtMonitor.TestKit;

/// <summary>The repository that the tests were built in, and the module as it was staged.</summary>
public static class Repository
{
    private static readonly string[] MadeFolders = ["bin", "obj", "out", ".git", ".vs", ".idea", "TestResults", "BenchmarkDotNet.Artifacts"];

    private static readonly string[] BinaryExtensions = [".gz", ".png", ".nupkg", ".pfx", ".pb", ".snk"];

    public static string Root { get; } = FindRoot();

    public static string Version { get; } =
        XDocument.Load(Path.Combine(Root, "Directory.Build.props")).Descendants("Version").Single().Value;

    public static string Staged { get; } = Path.Combine(Root, "out", "KubeVirtMonitor", Version);

    /// <summary>Fixtures of our own, in the formats of the real thing.</summary>
    public static string Fixtures { get; } = Path.Combine(Root, "tests", "Fixtures");

    /// <summary>Every text file that people write, relative to the root, with forward slashes.</summary>
    public static IReadOnlyList<string> TextFiles { get; } = [.. Walk(Root).Select(Relative).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> SourceFiles(string folder) =>
        TextFiles.Where(file => file.StartsWith(folder + "/", StringComparison.Ordinal) && file.EndsWith(".cs", StringComparison.Ordinal));

    public static string Read(string relative) => File.ReadAllText(Path.Combine(Root, relative));

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder)
            // In a linked worktree .git is a file, and it is git's.
            .Where(file => Path.GetFileName(file) != ".git" && !BinaryExtensions.Contains(Path.GetExtension(file)))
            .Concat(Directory.EnumerateDirectories(folder)
                .Where(child => !MadeFolders.Contains(Path.GetFileName(child)))
                .SelectMany(Walk));

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Module.sln"))) return folder;
        }

        throw new DirectoryNotFoundException($"No Module.sln above {AppContext.BaseDirectory}.");
    }
}
