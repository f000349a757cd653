using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>Assertions about each of some things, of which there must be at least one: of none, everything is true.</summary>
public static class Each
{
    public static void Of<T>(IEnumerable<T> items, Action<T> assertion) => Assert.All(items, assertion, throwIfEmpty: true);
}
