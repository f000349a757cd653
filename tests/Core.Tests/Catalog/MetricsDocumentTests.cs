using Xunit;

namespace KubeVirtMonitor.Tests.Catalog;

public sealed class MetricsDocumentTests
{
    [Fact]
    public void The_page_of_metrics_is_in_step_with_the_catalogue() => GeneratedPage.AssertInStep("docs/metrics.md", MetricsDocument.Write());

    [Fact]
    public void The_page_names_what_a_reader_looks_for()
    {
        string text = MetricsDocument.Write();
        Assert.Contains("| `kubevirt_handler.vmi.vcpu_seconds.count` | count | second | `kubevirt_vmi_vcpu_seconds_total` from 1.6.0<br>`kubevirt_vmi_vcpu_seconds_total` from 1.2.1, before 1.6.0, divided by 1000<br>", text, StringComparison.Ordinal);
        Assert.Contains("45 metrics that the Agent check documents", text, StringComparison.Ordinal);
        Assert.Contains("| `kubevirt_*.go.goroutines` |", text, StringComparison.Ordinal);
    }
}
