using System.Reflection;

namespace KubeVirtMonitor.Usage;

/// <summary>Orders usage by a property: the highest first, texts by their letters, and last what has no value.</summary>
/// <typeparam name="T">What is ordered.</typeparam>
internal static class UsageOrder<T>
    where T : class
{
    private static readonly Dictionary<string, Func<T, IComparable?>> Properties = typeof(T).GetProperties(BindingFlags.Public | BindingFlags.Instance)
        .Where(static property => Kind(property) == typeof(string) || typeof(IComparable).IsAssignableFrom(Kind(property)))
        .ToDictionary(static property => property.Name, ReaderOf, StringComparer.OrdinalIgnoreCase);

    /// <summary>The properties that there are.</summary>
    public static IReadOnlyCollection<string> Names => Properties.Keys;

    /// <summary>Orders by properties, the first counts most. What is equal stays in its order.</summary>
    /// <exception cref="ArgumentException">There is no such property.</exception>
    public static IReadOnlyList<T> By(IEnumerable<T> items, IEnumerable<string> names)
    {
        IOrderedEnumerable<T>? ordered = null;
        foreach (string name in names)
        {
            if (!Properties.TryGetValue(name, out Func<T, IComparable?>? read)) throw new ArgumentException($"There is no '{name}'.", nameof(names));
            Comparer<IComparable?> comparer = Comparer<IComparable?>.Create(Compare);
            ordered = ordered is null ? items.OrderBy(read, comparer) : ordered.ThenBy(read, comparer);
        }

        return [.. ordered ?? items];
    }

    private static Type Kind(PropertyInfo property) => Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;

    private static int Compare(IComparable? left, IComparable? right) => (left, right) switch
    {
        (null, null) => 0,
        (null, _) => 1,
        (_, null) => -1,
        (string one, string other) => string.CompareOrdinal(one, other),
        _ => right.CompareTo(left),
    };

    // Thousands of objects are ordered at every look: a delegate, and no reflection for each.
    private static Func<T, IComparable?> ReaderOf(PropertyInfo property)
    {
        if (property.PropertyType == typeof(double?)) return Read<double>(property);
        if (property.PropertyType == typeof(int?)) return Read<int>(property);
        if (property.PropertyType == typeof(TimeSpan?)) return Read<TimeSpan>(property);
        return item => (IComparable?)property.GetValue(item);
    }

    private static Func<T, IComparable?> Read<TValue>(PropertyInfo property)
        where TValue : struct, IComparable
    {
        Func<T, TValue?> get = property.GetMethod!.CreateDelegate<Func<T, TValue?>>();
        return item => get(item) is { } value ? value : null;
    }
}
