using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Hashtables of tags: patterns to filter by, and tags to add.</summary>
internal static class TagPatterns
{
    /// <summary>Makes the filter that the reader asks once per label set.</summary>
    /// <param name="table">Tag names with a wildcard pattern each, or several of which one has to fit; <c>$null</c> = the tag must be absent.</param>
    /// <returns>True for tags that satisfy every entry; null where there is no entry.</returns>
    /// <exception cref="WildcardPatternException">A pattern is malformed.</exception>
    public static Func<TagSet, bool>? ToFilter(IDictionary? table)
    {
        if (table is null || table.Count == 0) return null;
        List<(string Key, WildcardPattern[] Patterns)> wanted = new(table.Count);
        foreach (DictionaryEntry entry in table) wanted.Add((ToText(entry.Key), NamePatterns.ToPatterns(ToTexts(entry.Value))));
        return tags =>
        {
            foreach ((string key, WildcardPattern[] patterns) in wanted)
            {
                bool isPresent = tags.TryGetValue(key, out string? value);
                if (patterns.Length == 0 ? isPresent : !isPresent || !NamePatterns.IsAnyMatch(patterns, value!)) return false;
            }

            return true;
        };
    }

    /// <summary>The entries of a hashtable as tags, ordered by name unless the table has an order of its own.</summary>
    public static KeyValuePair<string, string>[] ToTags(IDictionary? table)
    {
        if (table is null) return [];
        List<KeyValuePair<string, string>> tags = new(table.Count);
        foreach (DictionaryEntry entry in table) tags.Add(new(ToText(entry.Key), ToText(entry.Value)));
        if (table is Hashtable) tags.Sort(static (left, right) => string.CompareOrdinal(left.Key, right.Key));
        return [.. tags];
    }

    private static string[] ToTexts(object? value) => value switch
    {
        null => [],
        PSObject wrapped => ToTexts(wrapped.BaseObject),
        string text => [text],
        IEnumerable many => [.. many.Cast<object?>().Select(ToText)],
        _ => [ToText(value)],
    };

    private static string ToText(object? value) => Convert.ToString(value is PSObject wrapped ? wrapped.BaseObject : value, CultureInfo.InvariantCulture) ?? "";
}
