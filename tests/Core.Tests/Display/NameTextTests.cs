using KubeVirtMonitor.Display;
using Xunit;

namespace KubeVirtMonitor.Tests.Display;

public sealed class NameTextTests
{
    [Theory]
    [InlineData("short.name", 10, "short.name")]
    [InlineData("a_rather_long_name.of_a_metric.count", 24, "a_rather_long_nam….count")]
    [InlineData("without_any_dot_at_all", 12, "without…_all")]
    [InlineData("kubevirt.a_last_part_that_is_longer_than_the_rest", 21, "kubevirt.a_la…he_rest")]
    public void A_name_keeps_its_start_and_its_last_part(string name, int width, string expected)
    {
        Assert.Equal(expected, NameText.Fit(name, width));
        Assert.True(expected.Length <= width);
    }

    [Fact]
    public void A_column_needs_three_characters() => Assert.Throws<ArgumentOutOfRangeException>(() => NameText.Fit("name", 2));
}
