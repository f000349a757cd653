using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes only text for a name that is piped: PowerShell would make text of any object, and look for a machine that is named after a session.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TextTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? given = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return given is null or string or ValueType or IEnumerable
            ? inputData
            // PowerShell goes on to the next parameter after a failed conversion, and after nothing else.
            : throw new ArgumentTransformationMetadataException($"{given.GetType().Name} is not text.", new PSInvalidCastException());
    }
}
