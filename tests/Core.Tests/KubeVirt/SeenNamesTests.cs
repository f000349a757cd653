using KubeVirtMonitor.KubeVirt;
using Xunit;

namespace KubeVirtMonitor.Tests.KubeVirt;

/// <summary>The names that a session has seen, listed anew in little time or not at all.</summary>
public sealed class SeenNamesTests
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(30);

    [Fact]
    public void NamesAreKeptByKindInOrderAndWithTheirNamespaces()
    {
        SeenNames seen = new();
        seen.Add(SeenKind.Instance, "b", "web-2");
        seen.Add(SeenKind.Instance, "a", "web-2");
        seen.Add(SeenKind.Instance, "a", "web-1");
        seen.Add(SeenKind.Instance, "a", "web-1");
        seen.Add(SeenKind.VirtualMachine, "c", "off-1");
        seen.Add(SeenKind.Node, "", "node01");
        Assert.Equal([("a", "web-1"), ("a", "web-2"), ("b", "web-2")], seen.Of(SeenKind.Instance));
        Assert.Equal([("c", "off-1")], seen.Of(SeenKind.VirtualMachine));
        Assert.Equal(["a", "b", "c"], seen.Of(SeenKind.Namespace).Select(one => one.Name));
        Assert.Equal(["off-1", "web-1", "web-2"], seen.Machines(null));
        Assert.Equal(["web-1", "web-2"], seen.Machines(space => space == "a"));
    }

    [Fact]
    public void TheyAreLimited()
    {
        SeenNames seen = new();
        for (int i = 0; i < 30_000; i++) seen.Add(SeenKind.Instance, "a", $"vm-{i}");
        Assert.Equal(20_000, seen.Of(SeenKind.Instance).Count());
    }

    [Fact]
    public async Task ACompleteListForgetsWhatIsGone()
    {
        await using FakeCluster cluster = new();
        cluster.Answers["/apis/kubevirt.io/v1/namespaces/shop/virtualmachineinstances"] = _ => FakeCluster.List("VirtualMachineInstance", """{"metadata":{"name":"web-1","namespace":"shop"}}""");
        cluster.Answers["/api/v1/nodes"] = _ => FakeCluster.List("Node", """{"metadata":{"name":"node01"}}""");
        using KubeVirtSession session = await cluster.OpenAsync();
        session.Seen.Add(SeenKind.Instance, "shop", "gone");
        session.Seen.Add(SeenKind.Instance, "elsewhere", "kept");
        await session.Seen.RefreshAsync(session, SeenKind.Instance, "shop", Long)!;
        Assert.Equal([("elsewhere", "kept"), ("shop", "web-1")], session.Seen.Of(SeenKind.Instance));
        // A moment later it is as it was.
        Assert.Null(session.Seen.RefreshAsync(session, SeenKind.Instance, "shop", Long));
        await session.Seen.RefreshAsync(session, SeenKind.Node, null, Long)!;
        Assert.Equal([("", "node01")], session.Seen.Of(SeenKind.Node));
    }

    [Fact]
    public async Task AListThatTakesTooLongForgetsNothing()
    {
        await using FakeCluster cluster = new();
        using ManualResetEventSlim ended = new();
        cluster.Answers[FakeCluster.Instances] = _ =>
        {
            ended.Wait(TimeSpan.FromSeconds(20));
            return FakeCluster.List("VirtualMachineInstance");
        };
        using KubeVirtSession session = await cluster.OpenAsync();
        session.Seen.Add(SeenKind.Instance, "shop", "known");
        long start = TimeProvider.System.GetTimestamp();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.Seen.RefreshAsync(session, SeenKind.Instance, null, TimeSpan.FromMilliseconds(100))!);
        Assert.InRange(TimeProvider.System.GetElapsedTime(start).TotalSeconds, 0.05, 10);
        ended.Set();
        Assert.Equal([("shop", "known")], session.Seen.Of(SeenKind.Instance));
    }

    [Fact]
    public async Task AClosedSessionIsNotAsked()
    {
        await using FakeCluster cluster = new();
        KubeVirtSession session = await cluster.OpenAsync();
        session.Dispose();
        Assert.Null(session.Seen.RefreshAsync(session, SeenKind.Node, null, Long));
    }
}
