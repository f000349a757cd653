using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>
/// Makes a <see cref="MachineReference"/> of each object that is of a machine: a VM, an instance, a sample, the result of a probe, or anything else with a
/// namespace and a name; and of a node, which stands for all that is on it. Text is left to the conversion of PowerShell, which comes after binding from the pipeline, so that piped text stays text.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MachineTransformationAttribute : ArgumentTransformationAttribute
{
    // What has an address or a path is a source of scrapes, whatever its name.
    private static readonly string[] Sources = ["Uri", "MetricsUri", "Path", "LiteralPath", "PSPath", "FullName", "Content", "Component"];

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        if ((inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is IList and not byte[] and var many)
        {
            return many.Cast<object>().SelectMany<object, object>(item => Of(item) is { } found ? found : [item]).ToArray();
        }

        return Of(inputData) is { } one ? one.ToArray() : inputData;
    }

    /// <summary>What an object names: nothing for a sample that is of no machine; null for what is no such object.</summary>
    private static IEnumerable<MachineReference>? Of(object? item)
    {
        switch (item is PSObject wrapped ? wrapped.BaseObject : item)
        {
            case null or string or KubeVirtComponent or HealthResult or FileSystemInfo or Uri or ValueType:
                return null;
            case MachineReference reference:
                return [reference];
            case KubeVirtNode node:
                return [new MachineReference(null, node.Name, new Origin(node.Session, null)) { IsNode = true }];
            case KubeVirtUsage { Scope: UsageScope.Node, Node: { } name } usage:
                return [new MachineReference(null, name, PipedMachine.OriginOf(PSObject.AsPSObject(usage))) { IsNode = true }];
            case KubeVirtUsage { Scope: not UsageScope.Vmi } usage:
                throw new ArgumentTransformationMetadataException($"The usage of {usage.Scope.ToString().ToLowerInvariant()} {usage} is of many VMs and names none. Pipe the usage of VMs or of nodes.");
            default:
                PSObject typed = PSObject.AsPSObject(item);
                if (PipedMachine.IsOfNoMachine(typed)) return [];
                if (typed.Properties["Vmi"] is null && Array.Exists(Sources, source => typed.Properties[source] is not null)) return null;
                return PipedMachine.Of(typed) is { Namespace: { } space } machine ? [new MachineReference(space, machine.Name, machine.Origin) { MayBePattern = !machine.IsExact }] : null;
        }
    }
}
