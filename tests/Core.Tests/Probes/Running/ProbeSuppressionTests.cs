using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Probes.Running;
using Xunit;

namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>The table of versions and states in which virt-launcher looks away from a silent guest agent.</summary>
public sealed class ProbeSuppressionTests
{
    [Theory]
    [InlineData("v1.7.3", false, false)]
    [InlineData("v1.7.4", true, false)]
    [InlineData("v1.8.2", true, false, false)]
    [InlineData("v1.8.3", true, false)]
    [InlineData("v1.9.0", true, true)]
    [InlineData("v1.10.1", true, true)]
    [InlineData("v1.2.2", false, false)]
    [InlineData("v0.0.0-master+abc", false, false)]
    public void DependsOnTheVersion(string version, bool byState, bool byAnnotation, bool isListed = true)
    {
        byState &= isListed;
        Assert.Equal(byState, ProbeSuppression.Reason(Instance() with { IsMigrating = true }, version) is not null);
        Assert.Equal(byState, ProbeSuppression.Reason(Instance() with { Paused = new Condition(true, "PausedByUser") }, version) is not null);
        Assert.Equal(byAnnotation, ProbeSuppression.Reason(Instance() with { ProbesArePaused = true }, version) is not null);
        Assert.Null(ProbeSuppression.Reason(Instance() with { Paused = new Condition(true, "PausedIOError") }, version));
        Assert.Null(ProbeSuppression.Reason(Instance() with { IsFrozen = true }, version));
        Assert.Null(ProbeSuppression.Reason(Instance(), version));
    }

    private static ProbeInstance Instance() => new() { Name = "a", Namespace = "b", Ports = new Dictionary<string, int>(), Probes = [] };
}
