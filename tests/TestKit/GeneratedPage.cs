using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>Pages of the documentation that are made from the code, and kept in the repository for readers.</summary>
public static class GeneratedPage
{
    /// <summary>Fails where the page is not what the code says; with the environment variable KUBEVIRTMONITOR_UPDATE_DOCS=1 it is written anew instead.</summary>
    /// <param name="page">Its path from the root of the repository.</param>
    /// <param name="expected">Its text, with lines that end in \n.</param>
    public static void AssertInStep(string page, string expected)
    {
        string path = Path.Combine(Repository.Root, page);
        if (Environment.GetEnvironmentVariable("KUBEVIRTMONITOR_UPDATE_DOCS") == "1")
        {
            File.WriteAllText(path, expected);
            Assert.Skip($"{page} was written anew.");
        }

        Assert.True(File.Exists(path), $"{page} is missing; run the tests with KUBEVIRTMONITOR_UPDATE_DOCS=1 to write it.");
        Assert.True(expected == File.ReadAllText(path).ReplaceLineEndings("\n"), $"{page} is out of step with the code; run the tests with KUBEVIRTMONITOR_UPDATE_DOCS=1 to write it anew.");
    }
}
