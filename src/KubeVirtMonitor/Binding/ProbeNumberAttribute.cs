using System.Management.Automation;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Binding;

/// <summary>A number of a probe that Kubernetes takes as it is. The API takes others too, and the module says what would become of them.</summary>
/// <param name="replacement">What KubeVirt writes instead of a number below 1; 0 = the initial delay, to which it adds.</param>
internal sealed class ProbeNumberAttribute(int replacement) : ValidateEnumeratedArgumentsAttribute
{
    /// <inheritdoc/>
    protected override void ValidateElement(object element)
    {
        int number = LanguagePrimitives.ConvertTo<int>(element);
        if (replacement > 0 && number < 1)
            throw new ValidationMetadataException($"KubeVirt replaces {number} with the default {replacement}. Specify 1 or more, or omit the parameter to use the default.");
        if (number >= 0) return;
        int sum = number + ProbeFacts.StartupDelay;
        string result = sum < 0 ? "and the API server refuses a pod whose delay is negative" : $"and starts the probe before the {ProbeFacts.StartupDelay} seconds that libvirt is given to start";
        throw new ValidationMetadataException($"KubeVirt adds {ProbeFacts.StartupDelay} to {number}, which makes {sum}, {result}. Specify 0 or more.");
    }
}
