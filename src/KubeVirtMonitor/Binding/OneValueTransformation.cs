using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Refuses several values for a parameter of an enumeration that takes one: PowerShell adds their numbers, which is another value.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OneValueTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        string[] values = given switch
        {
            string text => text.Split(','),
            IList list => [.. list.Cast<object?>().Select(static item => $"{item}")],
            _ => [],
        };
        return values.Length > 1
            ? throw new ArgumentTransformationMetadataException($"{string.Join(", ", values.Select(static value => value.Trim()))} are {values.Length} values, and the parameter takes one. Run the cmdlet once for each.")
            : given is IList { Count: 1 } one ? one[0] : inputData;
    }
}
