using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes versions as people write them on the command line: <c>1.9</c> without quotes is a number there, and <c>1.10</c> must not become 1.1.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class VersionTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or KubeVirtVersion) return value;
        // The wrapped form of a number keeps the text it was written as.
        string? text = LanguagePrimitives.ConvertTo<string>(inputData);
        return KubeVirtVersion.TryParse(text, out KubeVirtVersion version)
            ? version
            : throw new ArgumentTransformationMetadataException($"'{text}' is not a KubeVirt version. Write it like 1.9 or v1.9.0.");
    }
}
