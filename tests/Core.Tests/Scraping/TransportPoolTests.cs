using KubeVirtMonitor.Scraping;
using Xunit;

namespace KubeVirtMonitor.Tests.Scraping;

public sealed class TransportPoolTests : IDisposable
{
    private readonly TransportPool _pool = new(capacity: 2);

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void One_policy_has_one_transport()
    {
        using TransportPool.Lease one = Rent("a");
        using TransportPool.Lease two = Rent("a");
        using TransportPool.Lease other = Rent("b");
        Assert.Same(one.Transport, two.Transport);
        Assert.NotSame(one.Transport, other.Transport);
        Assert.Equal(2, _pool.Count);
    }

    [Fact]
    public void The_one_not_used_for_longest_makes_room()
    {
        HttpTransport first = Used("a");
        HttpTransport second = Used("b");
        Assert.Same(first, Used("a"));
        Used("c");
        Assert.Equal(2, _pool.Count);
        Assert.Same(first, Used("a"));
        Assert.NotSame(second, Used("b"));
    }

    [Fact]
    public void One_in_use_never_makes_room()
    {
        using TransportPool.Lease busy = Rent("a");
        Used("b");
        Used("c");
        Used("d");
        Assert.Same(busy.Transport, Used("a"));
        _pool.Dispose();
        Assert.Equal(1, _pool.Count);
    }

    private TransportPool.Lease Rent(string identity) => _pool.Rent(TlsOptions.Default, new ProxyPolicy(new ScrapeOptions()), identity);

    private HttpTransport Used(string identity)
    {
        using TransportPool.Lease lease = Rent(identity);
        return lease.Transport;
    }
}
