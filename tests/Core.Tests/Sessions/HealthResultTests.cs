using Xunit;

namespace KubeVirtMonitor.Tests.Sessions;

public sealed class HealthResultTests
{
    private static readonly ScrapeException Refused = new(ScrapeError.ConnectionRefused, "virt-api-1 (https://10.0.0.1:8443/healthz, Direct)", "the connection was refused", advice: "Look at the pod.");

    [Fact]
    public void TheProblemIsOneLineWithoutWhatOtherPropertiesSay()
    {
        HealthResult result = Result() with { Error = Refused };
        Assert.Equal("The connection was refused. Look at the pod.", result.Problem);
        Assert.Equal("ConnectionRefused", result.ErrorId);
    }

    [Fact]
    public void WhyThePodIsNotReadyComesFirst()
    {
        HealthResult result = Result() with { Ready = false, ReadyNote = "Waiting: CrashLoopBackOff.", Problems = ["Two replicas lead."], Error = Refused };
        Assert.Equal("Waiting: CrashLoopBackOff. Two replicas lead. The connection was refused. Look at the pod.", result.Problem);
        Assert.Equal("Two replicas lead.", (result with { ReadyNote = "Two replicas lead.", Error = null }).Problem);
    }

    [Fact]
    public void AHealthyOneHasNone()
    {
        HealthResult result = Result();
        Assert.Equal((true, null, null), (result.Healthy, result.Problem, result.ErrorId));
    }

    [Fact]
    public void ListsHaveAText() => Assert.Equal("a, b", (Result() with { Warnings = ["a", "b"] }).Warnings.ToString());

    private static HealthResult Result() => new() { Name = "virt-api-1", Component = ComponentKind.Api, Namespace = "kubevirt", Ready = true, CanConnect = true, CanScrape = true };
}
