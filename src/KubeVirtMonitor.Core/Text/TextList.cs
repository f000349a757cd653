using System.Collections.ObjectModel;

namespace KubeVirtMonitor.Text;

/// <summary>A read-only list whose text is that of its items: <c>a, b</c>; of pairs <c>name: value</c>.</summary>
/// <remarks>Spreadsheets, grids and messages write a property by <see cref="ToString"/>, which for other lists is the name of their type.</remarks>
internal sealed class TextList<T>(IList<T> items) : ReadOnlyCollection<T>(items)
{
    /// <summary>No items.</summary>
    public static new TextList<T> Empty { get; } = new([]);

    /// <summary>The items, separated by a comma and a space.</summary>
    public override string ToString() => string.Join(", ", this.Select(static item => item is KeyValuePair<string, string> pair ? $"{pair.Key}: {pair.Value}" : item?.ToString()));
}

/// <summary>Makes lists that have a text.</summary>
internal static class TextList
{
    /// <summary>The items as a list that has a text.</summary>
    public static TextList<T> Of<T>(IEnumerable<T> items) => items as TextList<T> ?? new TextList<T>(items as IList<T> ?? [.. items]);
}
