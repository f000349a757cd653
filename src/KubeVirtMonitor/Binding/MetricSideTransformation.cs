using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>
/// Takes what one side of a comparison can be: samples, sessions and their numbers, KubeVirt versions, addresses, files, and the text of a scrape. What is left
/// as text is a path.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MetricSideTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (given is null) return null;
        object?[] items = given is IEnumerable list and not string ? [.. list.Cast<object?>()] : [inputData];
        // Lines of Get-Content are one scrape, and not a path each.
        return Array.TrueForAll(items, static item => item is PSObject { BaseObject: string } line && line.Properties["ReadCount"] is not null)
            ? new object[] { new ScrapeContent([.. items.Select(static item => item!.ToString()!)], items.Length > 0 ? (PSObject)items[0]! : null) }
            : Array.ConvertAll(items, ToSide);
    }

    private static object ToSide(object? item)
    {
        object? given = item is PSObject wrapped ? wrapped.BaseObject : item;
        switch (given)
        {
            case MetricSample or KubeVirtSession or KubeVirtVersion or Uri:
                return given;
            case FileInfo file:
                return file;
            case int or long:
                return SessionTransformationAttribute.SessionOf(given)!;
            case double or decimal or string when KubeVirtVersion.TryParse(LanguagePrimitives.ConvertTo<string>(item), out KubeVirtVersion version):
                return version;
            case string text when text.Contains('\n', StringComparison.Ordinal):
                return new ScrapeContent([text], item as PSObject);
            case string text when Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https":
                return uri;
            case string text:
                return text;
            default:
                throw new ArgumentTransformationMetadataException(
                    $"{given?.GetType().Name ?? "Nothing"} is no side of a comparison. Specify paths or addresses of scrapes, sessions or their numbers, a KubeVirt version such as 1.9, or the samples of Get-KubeVirtMetric.");
        }
    }
}
