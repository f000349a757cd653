using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

public sealed class RulesDocumentTests
{
    [Fact]
    public void The_page_of_rules_is_in_step_with_the_rules()
    {
        DirectoryInfo directory = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Module.sln"))) directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
        string path = Path.Combine(directory.FullName, "docs", "probes.md");
        if (Environment.GetEnvironmentVariable("KUBEVIRTMONITOR_UPDATE_DOCS") == "1") File.WriteAllText(path, RulesDocument.Write());
        Assert.True(File.Exists(path), "docs/probes.md is missing; run the tests with KUBEVIRTMONITOR_UPDATE_DOCS=1 to write it.");
        Assert.True(RulesDocument.Write() == File.ReadAllText(path).ReplaceLineEndings("\n"), "docs/probes.md is out of step with the rules; run the tests with KUBEVIRTMONITOR_UPDATE_DOCS=1 to write it anew.");
    }
}
