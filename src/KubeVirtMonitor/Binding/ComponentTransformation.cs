using System.Collections;
using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Takes for the result of a health check the pod that was checked, so that each is scraped once; a result without a pod stands for none.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ComponentTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        HealthResult result => Of(result),
        IList many and not byte[] => many.Cast<object>().SelectMany(item => (item is PSObject one ? one.BaseObject : item) is HealthResult result ? Of(result) : [item]).ToArray(),
        _ => inputData,
    };

    private static object[] Of(HealthResult result) => result.Pod is { } pod ? [pod] : [];
}
