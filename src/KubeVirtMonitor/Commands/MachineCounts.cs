using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the metrics that count machines, as the API server lists them.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="session">The session.</param>
/// <param name="isWanted">Which samples are written.</param>
internal sealed class MachineCounts(ScrapeCommand command, KubeVirtSession session, Func<MetricSample, bool> isWanted)
{
    /// <summary>Writes <c>vm.count</c>.</summary>
    public void WriteVirtualMachines(IReadOnlyList<KeyValuePair<string, string>> addTags) =>
        Write(badItem => ObjectCounts.OfVirtualMachines(session, addTags, badItem, command.CancelToken), KubeVirtResources.VirtualMachines.FullName);

    /// <summary>Writes <c>vmi.count</c>.</summary>
    public void WriteInstances(IReadOnlyList<KeyValuePair<string, string>> addTags) =>
        Write(badItem => ObjectCounts.OfInstances(session, addTags, badItem, command.CancelToken), KubeVirtResources.Instances.FullName);

    private void Write(Func<Action<KubernetesException>, IAsyncEnumerable<MetricSample>> list, string what)
    {
        List<KubernetesException> bad = [];
        try
        {
            foreach (MetricSample sample in list(bad.Add).ToBlockingEnumerable(command.CancelToken))
            {
                if (isWanted(sample)) command.WriteObject(sample);
            }
        }
        catch (KubernetesException error)
        {
            command.Fail(ErrorRecords.Failed(error, session, what));
        }
        catch (OperationCanceledException) when (command.CancelToken.IsCancellationRequested)
        {
            return;
        }

        foreach (KubernetesException error in bad) command.Fail(ErrorRecords.Failed(error, session, what));
    }
}
