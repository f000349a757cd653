using Xunit;

namespace KubeVirtMonitor.Tests.Surface;

/// <summary>Assertions that name every offender, not only the first few.</summary>
internal static class Expect
{
    public static void None(IEnumerable<string> offenders)
    {
        string[] all = [.. offenders];
        Assert.True(all.Length == 0, $"{all.Length} found:\n{string.Join('\n', all)}");
    }
}
