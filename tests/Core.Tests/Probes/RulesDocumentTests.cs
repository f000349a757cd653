using Xunit;

namespace KubeVirtMonitor.Tests.Probes;

public sealed class RulesDocumentTests
{
    [Fact]
    public void The_page_of_rules_is_in_step_with_the_rules() => GeneratedPage.AssertInStep("docs/probes.md", RulesDocument.Write());
}
