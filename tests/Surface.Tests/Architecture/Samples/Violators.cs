// Types that exist to be looked at, not to be good ones.
#pragma warning disable CA1052, CA1812, CA1823, CA1822, CA1031, CA1801, CS0169, CS0649, CA1813, CA1019, IDE0044, IDE0051, IDE0060, CA1018, CA1710

namespace KubeVirtMonitor.Tests.Surface.Architecture.Samples;

internal sealed class Hermit
{
    private readonly List<int> _numbers = [];

    public int Count() => _numbers.Count;
}

internal sealed class UsesPublicType
{
    private PublicUpstream? _field;
}

internal sealed class KnowsByField
{
    private Upstream? _field;
}

internal sealed class KnowsByArray
{
    private Upstream[]? _field;
}

internal sealed class KnowsByNestedType
{
    private Upstream.Nested? _field;
}

internal sealed class KnowsByBase : Upstream
{
}

internal sealed class KnowsByGenericInterface : IComparable<Upstream>
{
    public int CompareTo(Upstream? other) => 0;
}

internal sealed class KnowsByConstraint<T>
    where T : Upstream
{
}

internal static class KnowsByParameter
{
    public static void Take(Upstream value)
    {
    }
}

internal static class KnowsByReturn
{
    public static List<Upstream>? Give() => null;
}

[Upstream]
internal sealed class KnowsByAttribute
{
}

[System.ComponentModel.TypeConverter(typeof(Upstream))]
internal sealed class KnowsByTypeofInAttribute
{
}

internal static class KnowsByCall
{
    public static int Body() => Upstream.Constant();
}

internal static class KnowsByCreation
{
    public static object Body() => new Upstream();
}

internal static class KnowsByTypeof
{
    public static string Body() => typeof(Upstream).Name;
}

internal static class KnowsByGenericArgument
{
    public static object Body() => Array.Empty<Upstream>();
}

internal static class KnowsByCast
{
    public static bool Body(object value) => value is Upstream;
}

internal static class KnowsByLambda
{
    public static Func<int> Body(int more) => () => Upstream.Number + more;
}

internal static class KnowsByAsync
{
    public static async Task<int> Body()
    {
        await Task.Yield();
        return Upstream.Constant();
    }
}

internal static class KnowsByIterator
{
    public static IEnumerable<int> Body()
    {
        yield return Upstream.Constant();
    }
}

internal static class KnowsAfterSwitch
{
    public static int Body(int value) => value switch
    {
        0 => 10,
        1 => 21,
        2 => 32,
        3 => 44,
        4 => 57,
        _ => Upstream.Constant(),
    };
}

/// <summary>Neither its signatures nor a token of its body name what it hands on.</summary>
internal static class KnowsByHandingOn
{
    public static void Body() => Broker.Take(Broker.Give());
}
