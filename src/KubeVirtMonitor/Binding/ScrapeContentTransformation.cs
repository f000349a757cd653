using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Turns strings, bytes and collections of strings into <see cref="ScrapeContent"/>, and leaves everything else to binding by property name.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ScrapeContentTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        PSObject? wrapped = inputData as PSObject;
        return (wrapped is null ? inputData : wrapped.BaseObject) switch
        {
            string text when AddressText.Of(text) is null => new ScrapeContent([text], wrapped),
            byte[] bytes => new ScrapeContent(bytes),
            byte one => new ScrapeContent([one]),
            string[] lines => new ScrapeContent(lines, null),
            IList list when list.Count > 0 => FromList(list) ?? inputData,
            _ => inputData,
        };
    }

    private static ScrapeContent? FromList(IList list)
    {
        object?[] items = [.. list.Cast<object?>().Select(item => item is PSObject wrapped ? wrapped.BaseObject : item)];
        if (Array.TrueForAll(items, item => item is string)) return new ScrapeContent(Array.ConvertAll(items, item => (string)item!), list[0] as PSObject);
        return Array.TrueForAll(items, item => item is byte) ? new ScrapeContent(Array.ConvertAll(items, item => (byte)item!)) : null;
    }
}
