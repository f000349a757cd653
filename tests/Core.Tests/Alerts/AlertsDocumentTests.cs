using Xunit;

namespace KubeVirtMonitor.Tests.Alerts;

public sealed class AlertsDocumentTests
{
    [Fact]
    public void The_page_of_alerts_is_in_step_with_the_catalogue() => GeneratedPage.AssertInStep("docs/alerts.md", AlertsDocument.Write());

    [Fact]
    public void The_page_names_what_a_reader_looks_for()
    {
        string text = AlertsDocument.Write();
        Assert.Contains("| [LowVirtAPICount](https://kubevirt.io/monitoring/runbooks/LowVirtAPICount) | from 1.6.5, before 1.7.0<br>from 1.7.2 | warning | 1 h | Fewer pods of virt-api run than there should be: `Share < 0.75 fraction` | pods, deployments, metrics of virt-api |", text, StringComparison.Ordinal);
        Assert.Contains("| `AuthorityExpiry` | all | critical |", text, StringComparison.Ordinal);
    }
}
