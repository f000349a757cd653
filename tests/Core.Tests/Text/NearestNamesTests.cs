using KubeVirtMonitor.Text;
using Xunit;

namespace KubeVirtMonitor.Tests.Text;

public class NearestNamesTests
{
    [Theory]
    [InlineData("wbe-1", "web-1", "web-1 database-1")]
    [InlineData("web1", "web-1 web-10 web-12", "web-12 web-1 web-10 other")]
    [InlineData("WEB-1", "web-1", "web-1 database")]
    [InlineData("web-1", "web-1 web-2 web-3", "web-4 web-3 web-2 web-1")]
    [InlineData("node1", "node01", "node01 gateway")]
    [InlineData("cpu_usage", "kubevirt_handler.vmi.cpu_usage_seconds.count", "kubevirt_handler.vmi.cpu_usage_seconds.count kubevirt_handler.vmi.memory_resident_bytes")]
    [InlineData("x", "", "alpha beta")]
    [InlineData("production", "", "web-1 web-2")]
    public void TheNearestComeFirstAndThreeAtMost(string wanted, string expected, string names) =>
        Assert.Equal(expected.Split(' ', StringSplitOptions.RemoveEmptyEntries), NearestNames.Of(wanted, names.Split(' ')));
}
