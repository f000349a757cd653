using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class MetricsDocumentTests
{
    [Fact]
    public void The_page_of_metrics_is_in_step_with_the_catalogue()
    {
        string path = Path.Combine(Root(), "docs", "metrics.md");
        string expected = MetricsDocument.Write();
        if (Environment.GetEnvironmentVariable("KUBEVIRTMONITOR_UPDATE_DOCS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, expected);
        }

        Assert.True(File.Exists(path), "docs/metrics.md is missing; run the tests with KUBEVIRTMONITOR_UPDATE_DOCS=1 to write it.");
        string actual = File.ReadAllText(path).ReplaceLineEndings("\n");
        Assert.True(expected == actual, "docs/metrics.md is out of step with the catalogue; run the tests with KUBEVIRTMONITOR_UPDATE_DOCS=1 to write it anew.");
    }

    [Fact]
    public void The_page_names_what_a_reader_looks_for()
    {
        string text = MetricsDocument.Write();
        Assert.Contains("| `kubevirt_handler.vmi.vcpu_seconds.count` | count | second | `kubevirt_vmi_vcpu_seconds_total` from 1.6.0<br>`kubevirt_vmi_vcpu_seconds_total` from 1.2.1, before 1.6.0, divided by 1000<br>", text, StringComparison.Ordinal);
        Assert.Contains("45 metrics that the Agent check documents", text, StringComparison.Ordinal);
        Assert.Contains("| `kubevirt_*.go.goroutines` |", text, StringComparison.Ordinal);
    }

    private static string Root()
    {
        DirectoryInfo directory = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Module.sln"))) directory = directory.Parent ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
        return directory.FullName;
    }
}
