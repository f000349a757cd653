using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>
/// Makes addresses of text before PowerShell would. Piped text, and properties of piped objects, that need no conversion are bound first, and
/// decide the parameter set: an address has to be among them. Other text is left alone, so that the lines of a scrape are no addresses.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UriTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            string text when AddressText.Of(text) is { } uri => uri,
            _ => inputData,
        };
}

/// <summary>Tells addresses from other text.</summary>
internal static class AddressText
{
    /// <summary>The address that a text is; null for all that is not an absolute http or https address.</summary>
    public static Uri? Of(string text) =>
        (text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase)) && Uri.TryCreate(text.Trim(), UriKind.Absolute, out Uri? uri) ? uri : null;
}
