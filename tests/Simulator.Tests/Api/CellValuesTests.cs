using KubeVirtMonitor.Simulator.Api;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

public class CellValuesTests
{
    // Worked out by hand from the rules of HumanDuration in k8s.io/apimachinery.
    [Theory]
    [InlineData(-5, "<invalid>")]
    [InlineData(-1, "0s")]
    [InlineData(119, "119s")]
    [InlineData(120, "2m")]
    [InlineData(599, "9m59s")]
    [InlineData(600, "10m")]
    [InlineData(10_799, "179m")]
    [InlineData(10_800, "3h")]
    [InlineData(28_799, "7h59m")]
    [InlineData(28_800, "8h")]
    [InlineData(172_799, "47h")]
    [InlineData(172_800, "2d")]
    [InlineData(608_400, "7d1h")]
    [InlineData(691_200, "8d")]
    [InlineData(62_985_600, "729d")]
    [InlineData(63_072_000, "2y")]
    [InlineData(63_158_400, "2y1d")]
    [InlineData(252_288_000, "8y")]
    public void Ages(long seconds, string expected) => Assert.Equal(expected, CellValues.Duration(TimeSpan.FromSeconds(seconds)));
}
