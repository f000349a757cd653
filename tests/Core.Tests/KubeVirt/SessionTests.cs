using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

public sealed class SessionTests
{
    [Fact]
    public async Task ASessionKnowsWhereKubeVirtIsAndInWhichVersion()
    {
        await using FakeCluster cluster = new();
        using KubeVirtSession session = await cluster.OpenAsync(ComponentRoute.PortForward);
        Assert.Equal("kv", session.InstallNamespace);
        Assert.Equal("v1.9.0", session.KubeVirtVersion);
        Assert.Equal("v1.32.1", session.KubernetesVersion);
        Assert.Equal(ComponentRoute.PortForward, session.Route);
        Assert.Null(session.ActiveRoute);
        Assert.True(session.IsOpen);
    }

    [Fact]
    public async Task WithoutAKubeVirtResourceTheErrorSaysSo()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Installations] = _ => FakeCluster.List("KubeVirt");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.OpenAsync());
        Assert.Equal(KubernetesError.NotFound, error.Error);
        Assert.StartsWith("KubeVirt is not installed: there is no KubeVirt resource in this cluster.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClusterThatKnowsNoKubeVirtAtAllSaysSo()
    {
        await using FakeCluster cluster = new();
        cluster.Answers.TryRemove(FakeCluster.Installations, out _);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.OpenAsync());
        Assert.StartsWith("this cluster has no KubeVirt resource type: KubeVirt is not installed.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfSeveralKubeVirtResourcesOneHasToBeNamed()
    {
        await using FakeCluster cluster = new();
        string[] two = ["""{"metadata":{"name":"kubevirt","namespace":"kv"}}""", """{"metadata":{"name":"second","namespace":"other"}}"""];
        cluster.Answers[FakeCluster.Installations] = _ => FakeCluster.List("KubeVirt", two);
        cluster.Answers["/apis/kubevirt.io/v1/namespaces/other/kubevirts"] = _ => FakeCluster.List("KubeVirt", two[1]);
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.OpenAsync());
        Assert.StartsWith("there are 2 KubeVirt resources: kv/kubevirt, other/second.", error.Message, StringComparison.Ordinal);
        Assert.Equal(Setting.InstallNamespace, error.Setting);
        using KubeVirtSession session = await KubeVirtSession.OpenAsync(cluster.Client(), new KubeVirtSessionOptions { InstallNamespace = "other" }, TestContext.Current.CancellationToken);
        Assert.Equal("other", session.InstallNamespace);
    }

    [Fact]
    public async Task WhoMayNotLookEverywhereNamesTheNamespace()
    {
        await using FakeCluster cluster = new();
        cluster.Answers[FakeCluster.Installations] = _ => FakeCluster.Forbidden("list", "kubevirts", "kubevirt.io", "at the cluster scope");
        cluster.Answers["/apis/kubevirt.io/v1/namespaces/kv/kubevirts"] = _ => FakeCluster.Forbidden("list", "kubevirts", "kubevirt.io", "in the namespace \"kv\"");
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() => cluster.OpenAsync());
        Assert.Equal((KubernetesError.Forbidden, Setting.InstallNamespace), (error.Error, error.Setting));
        Assert.Equal("user 'jane' may not list kubevirts.kubevirt.io in the whole cluster.", error.Message);
        using KubeVirtSession session = await KubeVirtSession.OpenAsync(cluster.Client(), new KubeVirtSessionOptions { InstallNamespace = "kv" }, TestContext.Current.CancellationToken);
        Assert.Equal("kv", session.InstallNamespace);
        Assert.Null(session.KubeVirtVersion);
    }

    /// <summary>The sentence of Kubernetes 1.36; to name a namespace would help nobody.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("kv")]
    public async Task WhoMayNotActAsSomebodyElseIsToldThatAndNoOtherWayOut(string? installNamespace)
    {
        await using FakeCluster cluster = new();
        Reply refusal = FakeCluster.Refusal(403, "Forbidden", "kubevirts.kubevirt.io is forbidden: User \"ops\" cannot impersonate-on:user-info:list resource \"kubevirts\" in API group \"kubevirt.io\" at the cluster scope");
        cluster.Answers["/version"] = cluster.Answers[FakeCluster.Installations] = cluster.Answers["/apis/kubevirt.io/v1/namespaces/kv/kubevirts"] = _ => refusal;
        KubernetesException error = await Assert.ThrowsAsync<KubernetesException>(() =>
            KubeVirtSession.OpenAsync(cluster.Client(), new KubeVirtSessionOptions { InstallNamespace = installNamespace }, TestContext.Current.CancellationToken));
        Assert.StartsWith("user 'ops' may not act as 'somebody else', as the kubeconfig requests: it may not impersonate-on:user-info:list kubevirts.kubevirt.io in the whole cluster. Ask for a ClusterRole with the verb 'impersonate' ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("-InstallNamespace", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AClosedSessionSaysThatItIsClosed()
    {
        await using FakeCluster cluster = new();
        KubeVirtSession session = await cluster.OpenAsync();
        session.Dispose();
        session.Dispose();
        Assert.False(session.IsOpen);
        Assert.Contains("has been closed", Assert.Throws<KubernetesException>(() => session.Client).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsAttachedIsMadeOnceAndEndsWithTheSession()
    {
        await using FakeCluster cluster = new();
        KubeVirtSession session = await cluster.OpenAsync();
        CancellationTokenSource made = session.Attach(_ => new CancellationTokenSource());
        Assert.Same(made, session.Attach(_ => new CancellationTokenSource()));
        session.Dispose();
        Assert.Throws<ObjectDisposedException>(() => made.Token);
    }
}
