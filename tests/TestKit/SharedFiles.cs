using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>Files beside the repository that only some machines have. A test that needs one says so and is skipped elsewhere.</summary>
public static class SharedFiles
{
    /// <summary>The path of a file or directory, or null where it is absent.</summary>
    public static string? Find(string relativePath)
    {
        string path = Path.GetFullPath(Path.Combine(Repository.Root, "..", "shared", relativePath));
        return Path.Exists(path) ? path : null;
    }

    /// <summary>The path of a file; the test is skipped where it is absent.</summary>
    public static string Require(string relativePath)
    {
        string? path = Find(relativePath);
        Assert.SkipWhen(path is null, $"../shared/{relativePath} is not on this machine.");
        return path!;
    }

    /// <summary>The rows of a tab-separated file with a header line, as cells by column name.</summary>
    public static IEnumerable<Dictionary<string, string>> Rows(string path)
    {
        string[] lines = File.ReadAllLines(path);
        Assert.True(lines.Length > 1, $"{path} has no rows.");
        string[] columns = lines[0].Split('\t');
        return lines.Skip(1).Select(line => line.Split('\t')).Select(cells => columns.Zip(cells).ToDictionary(pair => pair.First, pair => pair.Second));
    }
}
