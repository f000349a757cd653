using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Headers of HTTP requests, as dictionaries give them.</summary>
internal static class HeaderList
{
    /// <summary>The headers in the order of the dictionary. A value that is a list gives the header once for each of its items.</summary>
    /// <param name="headers">Names and values; null = none.</param>
    public static KeyValuePair<string, string>[] Of(IDictionary? headers) =>
        headers is null ? [] : [.. from DictionaryEntry header in headers from value in Values(header.Value) select KeyValuePair.Create(Text(header.Key), Text(value))];

    private static IEnumerable<object?> Values(object? value) =>
        Plain(value) is IEnumerable several and not string ? several.Cast<object?>() : [value];

    private static string Text(object? value) => Convert.ToString(Plain(value), CultureInfo.InvariantCulture) ?? "";

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;
}
