using Xunit;

namespace KubeVirtMonitor.Tests.Surface;

/// <summary>Assertions that name every offender, not only the first few.</summary>
internal static class Expect
{
    /// <summary>Fails with all offenders. For what was looked through there is <see cref="OfEach"/>, which knows whether there was anything.</summary>
    public static void None(IEnumerable<string> offenders)
    {
        string[] all = [.. offenders];
        Assert.True(all.Length == 0, $"{all.Length} found:\n{string.Join('\n', all)}");
    }

    /// <summary>Fails where there is nothing to look at, and with all that is said about what is there; null = nothing to say.</summary>
    public static void OfEach<T>(IEnumerable<T> items, Func<T, string?> offence)
    {
        T[] all = [.. items];
        Assert.NotEmpty(all);
        None(all.Select(offence).OfType<string>());
    }
}
