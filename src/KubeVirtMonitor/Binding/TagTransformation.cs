using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Makes a table of texts such as <c>drive=vd*</c>. A name that comes several times has several values.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TagTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (given is null or IDictionary) return given;
        OrderedDictionary tags = [];
        foreach (object? item in given is IEnumerable many and not string ? many : new[] { given })
        {
            string text = (item is PSObject one ? one.BaseObject : item) as string
                ?? throw new ArgumentTransformationMetadataException("Specify tags as a hashtable, or as texts such as 'drive=vda'.");
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new ArgumentTransformationMetadataException($"'{text}' is not NAME=VALUE. Specify tags as a hashtable, or as texts such as 'drive=vda'.");
            (string name, string value) = (text[..equals].Trim(), text[(equals + 1)..].Trim());
            tags[name] = tags[name] switch
            {
                string before => new[] { before, value },
                string[] several => several.Append(value).ToArray(),
                _ => value,
            };
        }

        return tags;
    }
}

/// <summary>Makes of a table the texts <c>name:value</c> that the Datadog Agent has for tags; a value that is a list gives one for each of its items.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class AgentTagTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => inputData switch
    {
        PSObject { BaseObject: IDictionary table } => Texts(table),
        IDictionary table => Texts(table),
        _ => inputData,
    };

    private static string[] Texts(IDictionary table)
    {
        KeyValuePair<string, string>[] tags = HeaderList.Of(table);
        // The items of a list stay in their order, which Array.Sort does not promise.
        if (table is Hashtable) tags = [.. tags.OrderBy(static tag => tag.Key, StringComparer.Ordinal)];
        return Array.ConvertAll(tags, static tag => $"{tag.Key}:{tag.Value}");
    }
}
