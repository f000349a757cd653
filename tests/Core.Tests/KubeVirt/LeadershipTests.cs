using System.Text;
using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class LeadershipTests
{
    private static readonly DateTimeOffset TenOClock = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private static readonly string[] Pods = ["pod-a", "pod-b"];

    [Theory]
    [InlineData("pod-a", "2026-03-01T09:59:58.000000Z", true, false, "")]
    [InlineData("pod-b_6f1e", "2026-03-01T09:59:58.000000Z", false, true, "")]
    [InlineData("pod-a", "2026-03-01T10:00:30.000000Z", true, false, "")] // The clock of the holder's node goes ahead.
    [InlineData("pod-a", "2026-03-01T09:59:40.000000Z", true, false, "")] // 15 s, and 5 s for what clocks and answers take.
    [InlineData("pod-a", "2026-03-01T09:59:39.000000Z", null, null, "pod-a holds the lease and has not renewed it since 2026-03-01 09:59:39 UTC, 21 s ago by the clock of the API server; it lasts 15 s.")]
    [InlineData("pod-ab", "2026-03-01T09:59:58.000000Z", null, null, "the lease is held by pod-ab, which is not an existing pod of virt-controller.")]
    [InlineData("pod-old", "2026-03-01T09:00:00.000000Z", null, null, "pod-old holds the lease and has not renewed it since 2026-03-01 09:00:00 UTC, 3600 s ago by the clock of the API server; it lasts 15 s.")]
    public void ALeaseTellsWhoLeadsOrWhyThatIsUnknown(string holder, string renewed, bool? a, bool? b, string reason)
    {
        Leadership leadership = Leadership.Of(ComponentKind.Controller, Pods, Lease(holder, renewed), TenOClock, TenOClock.AddHours(3));
        Assert.Equal((a, b), (leadership.IsLeading("pod-a"), leadership.IsLeading("pod-b")));
        Assert.Equal(reason.Length == 0 ? null : $"Which replica of virt-controller is the leader is unknown, because {reason}", leadership.Note);
    }

    [Fact]
    public void WithoutTheServersTimeThatOfThisMachineHasToDoAndIsNamed()
    {
        Leadership leadership = Leadership.Of(ComponentKind.Controller, Pods, Lease("pod-a", "2026-03-01T09:59:00.000000Z"), null, TenOClock);
        Assert.Equal("Which replica of virt-controller is the leader is unknown, because pod-a holds the lease and has not renewed it since 2026-03-01 09:59:00 UTC, 60 s ago by the clock of this machine; it lasts 15 s.", leadership.Note);
    }

    [Fact]
    public void ALeaseThatWasGivenUpLeadsNobody()
    {
        Leadership leadership = Leadership.Of(ComponentKind.Operator, Pods, Lease("", "2026-03-01T09:00:00.000000Z"), TenOClock, TenOClock);
        Assert.Equal((false, false), (leadership.IsLeading("pod-a"), leadership.IsLeading("pod-b")));
        Assert.Equal("No replica of virt-operator is the leader: nobody holds the lease virt-operator.", leadership.Note);
    }

    [Fact]
    public void WithoutALeaseItIsUnknown()
    {
        Leadership leadership = Leadership.Of(ComponentKind.Operator, Pods, null, TenOClock, TenOClock);
        Assert.Equal((null, "Which replica of virt-operator is the leader is unknown, because there is no lease virt-operator."), (leadership.IsLeading("pod-a"), leadership.Note));
    }

    [Fact]
    public void ALeaseThatDoesNotSayWhenItWasRenewedDoesNotEnd()
    {
        LeaseProjection lease = LeaseProjection.Read("""{"metadata":{"name":"virt-controller"},"spec":{"holderIdentity":"pod-a"}}"""u8);
        Assert.True(Leadership.Of(ComponentKind.Controller, Pods, lease, TenOClock, TenOClock).IsLeading("pod-a"));
    }

    private static LeaseProjection Lease(string holder, string renewed) => LeaseProjection.Read(Encoding.UTF8.GetBytes(
        $$$"""{"metadata":{"name":"x"},"spec":{"holderIdentity":"{{{holder}}}","leaseDurationSeconds":15,"renewTime":"{{{renewed}}}"}}"""));
}
