using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Says of an instance, where a VM is wanted to change its probes, that it keeps those it was started with. PowerShell would speak of parameter sets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ProbeOwnerTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is KubeVirtVmi vmi
            ? throw new ArgumentTransformationMetadataException($"{vmi.Namespace}/{vmi.Name} is an instance, and its probes cannot be changed while it exists. Change those of its VM, which Get-KubeVirtVM gives when you pipe the instance to it; they take effect at its next start.")
            : inputData;
}
