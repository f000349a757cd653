using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Makes of a table of labels and wildcards the texts that mean the same: <c>@{ cluster = 'prod*' }</c> is <c>cluster=prod*</c>. A value that is a list gives one for each of its items, and none the text for an absent label.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MatchTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is IDictionary table ? Texts(table) : inputData;

    private static string[] Texts(IDictionary table)
    {
        List<string> texts = [];
        foreach (DictionaryEntry entry in table)
        {
            object? value = entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value;
            object?[] values = value is IEnumerable many and not string ? [.. many.Cast<object?>()] : [value];
            texts.AddRange(values.Select(one => string.Create(CultureInfo.InvariantCulture, $"{entry.Key}={one}")));
        }

        if (table is Hashtable) texts.Sort(StringComparer.Ordinal);
        return [.. texts];
    }
}
