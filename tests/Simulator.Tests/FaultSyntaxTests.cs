using KubeVirtMonitor.Simulator;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

public class FaultSyntaxTests
{
    [Fact]
    public void Faults_are_read_with_their_arguments()
    {
        Assert.Equal(new Fault(FaultKind.Slow) { Delay = TimeSpan.FromSeconds(5) }, Fault.Parse("slow"));
        Assert.Equal(new Fault(FaultKind.Slow) { Delay = TimeSpan.FromMilliseconds(250), Times = 3 }, Fault.Parse("slow:250ms*3"));
        Assert.Equal(new Fault(FaultKind.Busy) { Times = 4 }, Fault.Parse("busy:4"));
        Assert.Equal(new Fault(FaultKind.Cut) { Bytes = 2048 }, Fault.Parse("cut:2KiB"));
        Assert.Equal(new Fault(FaultKind.Status) { StatusCode = 403 }, Fault.Parse("status:403"));
        Assert.Equal(new Fault(FaultKind.Redirect) { Location = "https://a:1/b" }, Fault.Parse("redirect:https://a:1/b"));
        Assert.Equal(FaultKind.OtherAuthority, Fault.Parse("OTHER-CA").Kind);
    }

    [Fact]
    public void Every_fault_of_the_help_can_be_read_and_every_kind_is_in_the_help() =>
        Assert.Equal(Enum.GetValues<FaultKind>().Order(), FaultSyntax.Descriptions.Select(entry => Fault.Parse(entry.Name).Kind).Order());

    [Theory]
    [InlineData("sloow", "is not a fault. Choose one of: slow")]
    [InlineData("slow:long", "is not a duration. Write it like 500ms, 5s, 2m or 24h.")]
    [InlineData("cut:many", "is not a size. Write it like 1000, 64KiB, 10MiB or 1GiB.")]
    [InlineData("cut:99999999999GiB", "is not a size")]
    [InlineData("status:99", "is not a number from 100 to 599.")]
    [InlineData("html:1", "takes no argument.")]
    [InlineData("slow*0", "after the asterisk")]
    public void Mistakes_are_explained(string text, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => Fault.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("1000", 1000)]
    [InlineData("64KiB", 65536)]
    [InlineData("64k", 65536)]
    [InlineData("10MB", 10485760)]
    [InlineData("1GiB", 1073741824)]
    public void Sizes_are_binary(string text, long expected) => Assert.Equal(expected, FaultSyntax.ParseSize(text));
}
