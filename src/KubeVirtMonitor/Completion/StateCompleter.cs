using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeVirtMonitor.Completion;

/// <summary>Completes the names of states of VMs and VMIs: phases of instances, and what VMs print as their status.</summary>
public sealed class StateCompleter : IArgumentCompleter
{
    private static readonly string[] Phases = ["Pending", "Scheduling", "Scheduled", "Running", "Succeeded", "Failed", "WaitingForSync", "Unknown"];

    private static readonly string[] Statuses =
    [
        "Running", "Stopped", "Starting", "Stopping", "Paused", "Migrating", "Provisioning", "Terminating", "WaitingForVolumeBinding", "WaitingForReceiver",
        "CrashLoopBackOff", "ErrorUnschedulable", "ErrImagePull", "ImagePullBackOff", "ErrorPvcNotFound", "DataVolumeError", "Unknown",
    ];

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completions.Of(wordToComplete, (parameterName == "Phase" ? Phases : Statuses).Select(state => (state, state)));
}
