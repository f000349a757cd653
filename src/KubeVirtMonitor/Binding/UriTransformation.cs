using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>
/// Makes addresses of text before PowerShell would. Properties of piped objects that need no conversion are bound first, and decide the
/// parameter set: an address in a text property has to be among them.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class UriTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            string text when Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out Uri? uri) => uri,
            _ => inputData,
        };
}
