#pragma warning disable CA1018, CA1032, CA1064, CA1812, CA1813, CA1052, CA1051, CS0649, IDE0060, CA1801

namespace KubeVirtMonitor.Tests.Surface.Architecture.Samples;

/// <summary>What the samples use, each in a way of its own.</summary>
internal class Upstream : Attribute
{
    public sealed class Nested
    {
    }

    public static int Number => 42;

    public static int Constant() => 1;
}

internal static class Broker
{
    public static Upstream Give() => new();

    public static void Take(Upstream value)
    {
    }
}
