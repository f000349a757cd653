using KubeVirtMonitor.KubeVirt;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class ComponentFinderTests
{
    [Fact]
    public async Task ComponentsAreFoundByTheirLabelAndTheLeaderByItsLease()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 8443);
        cluster.AddPod("virt-controller", "b", 8443, ready: false);
        cluster.AddPod("virt-controller", "a", 8443);
        cluster.AddPod("virt-api", "a", 8443);
        using KubeVirtSession session = await cluster.OpenAsync();
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["virt-api-a ready", "virt-controller-a ready leading:True", "virt-controller-b leading:False", "virt-handler-a ready"],
            survey.Components.Select(one => $"{one.Name}{(one.Ready ? " ready" : "")}{(one.Leading is { } leading ? $" leading:{leading}" : "")}"));
        Each.Of(survey.Components, one => Assert.Null(one.LeadingNote));
        Assert.Empty(survey.Defects);
        Each.Of(survey.Components, one => Assert.Same(session, one.Session));
        string query = Uri.UnescapeDataString(Assert.Single(cluster.RequestsTo(FakeCluster.Pods)).Path);
        Assert.Contains("labelSelector=kubevirt.io in (virt-api,virt-controller,virt-handler,virt-operator)&", query, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutThePermissionForLeasesTheLeaderIsUnknown()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-controller", "a", 8443);
        cluster.Answers[FakeCluster.Leases] = _ => FakeCluster.Forbidden("list", "leases", "coordination.k8s.io", "in the namespace \"kv\"");
        using KubeVirtSession session = await cluster.OpenAsync();
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        Assert.Null(Assert.Single(survey.Components).Leading);
        Assert.Equal("Which replica of virt-controller is the leader is unknown, because user 'jane' may not list leases.coordination.k8s.io in namespace kv.", Assert.Single(survey.Components).LeadingNote);
    }

    [Fact]
    public async Task ALeaseIsJudgedByTheClockOfTheApiServerAndNotByThatOfThisMachine()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-controller", "a", 8443);
        cluster.Answers[FakeCluster.Leases] = _ => FakeCluster.List(
            "Lease", """{"metadata":{"name":"virt-controller"},"spec":{"holderIdentity":"virt-controller-a","leaseDurationSeconds":15,"renewTime":"2026-03-01T10:00:00Z"}}""");
        FakeTimeProvider laptop = new(new DateTimeOffset(2026, 3, 1, 11, 30, 0, TimeSpan.Zero));
        using KubeVirtSession session = await cluster.OpenAsync(time: laptop);
        cluster.Answers["/version"] = _ => FakeCluster.Json("{}") with { Headers = [("Date", "Sun, 01 Mar 2026 10:00:04 GMT")] };
        Assert.True(Assert.Single((await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken)).Components).Leading);

        laptop.AdjustTime(new DateTimeOffset(2026, 3, 1, 10, 0, 1, TimeSpan.Zero));
        cluster.Answers["/version"] = _ => FakeCluster.Refusal(403, "Forbidden", "no") with { Headers = [("Date", "Sun, 01 Mar 2026 10:01:15 GMT")] };
        KubeVirtComponent stale = Assert.Single((await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken)).Components);
        Assert.Null(stale.Leading);
        Assert.EndsWith("because virt-controller-a holds the lease and has not renewed it since 2026-03-01 10:00:00 UTC, 75 s ago by the clock of the API server; it lasts 15 s.", stale.LeadingNote, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NothingIsAskedThatIsNotWanted()
    {
        await using FakeCluster cluster = new();
        cluster.AddPod("virt-handler", "a", 8443);
        using KubeVirtSession session = await cluster.OpenAsync();
        int before = cluster.Api.Requests.Count;
        await session.FindComponentsAsync([ComponentKind.Handler], withLeaders: true, TestContext.Current.CancellationToken);
        await session.FindComponentsAsync([ComponentKind.Controller, ComponentKind.Api], withLeaders: false, TestContext.Current.CancellationToken);
        Assert.Equal(
            ["labelSelector=kubevirt.io in (virt-handler)", "labelSelector=kubevirt.io in (virt-api,virt-controller)"],
            cluster.Api.Requests.Skip(before).Select(request => Uri.UnescapeDataString(request.Path).Split('?', '&').Single(part => part.StartsWith("labelSelector", StringComparison.Ordinal))));
    }

    [Fact]
    public async Task APodThatCannotBeReadIsNamedAndHidesNoOther()
    {
        await using FakeCluster cluster = new();
        cluster.AddPodText("""{"metadata":{"labels":{"kubevirt.io":1},"name":"virt-api-odd","namespace":"kv"}}""");
        cluster.AddPod("virt-api", "a", 8443);
        using KubeVirtSession session = await cluster.OpenAsync();
        ComponentSurvey survey = await session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken);
        Assert.Equal("virt-api-a", Assert.Single(survey.Components).Name);
        Assert.Contains("Pod kv/virt-api-odd: metadata.labels['kubevirt.io'] is not a text", Assert.Single(survey.Defects).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutThePermissionForPodsTheErrorNamesIt()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Pods] = _ => FakeCluster.Refusal(403, "Forbidden", "pods is forbidden: User \"jane\" cannot list resource \"pods\" in API group \"\" in the namespace \"kv\"");
        using KubeVirtSession session = await cluster.OpenAsync();
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => session.FindComponentsAsync(null, withLeaders: true, TestContext.Current.CancellationToken));
        Assert.StartsWith("user 'jane' may not list pods in namespace kv.", error.Message, StringComparison.Ordinal);
    }
}
