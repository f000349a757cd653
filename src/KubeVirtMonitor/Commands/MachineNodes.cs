using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Finds for a cmdlet the nodes of the machines that it is asked for, and says of which there are none.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="session">The session.</param>
/// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
internal sealed class MachineNodes(ScrapeCommand command, KubeVirtSession session, MachineChoice machines)
{
    private const int MostErrors = 20;
    private const int MostNames = 5;

    private List<MachinePlace> _places = [];

    /// <summary>The machines that were found.</summary>
    public IReadOnlyList<MachinePlace> Found => _places;

    /// <summary>The machines that were found on a node, for a sentence.</summary>
    public string On(string node)
    {
        List<string> names = [.. _places.Where(place => place.Nodes.Contains(node)).Select(place => $"{place.Namespace}/{place.Name}")];
        return Say(names, "is said to be", "are said to be");
    }

    /// <summary>The nodes.</summary>
    /// <param name="ofHandler">Whether they are needed, and not only whether the machines are there.</param>
    /// <returns>Null where machines do not decide: none are named, or they may not be listed, which is a warning.</returns>
    public HashSet<string>? Find(bool ofHandler)
    {
        bool isAsked = ofHandler ? machines.NamesMachines || machines.NamesNamespaces : machines.Exact.Count > 0;
        if (!isAsked) return null;
        List<MachinePlace> places = [];
        List<KubernetesException> bad = [];
        try
        {
            Collect(MachinePlaces.InstancesAsync(session, machines.Quest, bad.Add, command.CancelToken), places);
        }
        catch (KubernetesException error) when (error.Error == KubernetesError.Forbidden)
        {
            command.WriteWarning($"{session}: it is not known on which nodes the VMs run, because the instances may not be read. All nodes are scraped. {error.Fact}");
            return null;
        }
        finally
        {
            // The list is read on other threads, and only the pipeline's writes.
            foreach (KubernetesException error in bad) command.Fail(ErrorRecords.Failed(error, session));
        }

        _places = places;
        HashSet<string> found = places.Select(place => $"{place.Namespace}/{place.Name}").ToHashSet(StringComparer.OrdinalIgnoreCase);
        HashSet<string> names = places.Select(place => place.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        MachineReference[] missing = [.. machines.Exact.Where(machine => !(machine.Namespace is { } space ? found.Contains($"{space}/{machine.Name}") : names.Contains(machine.Name)))];
        if (places.Count == 0 && missing.Length == 0) new MissingNames(command, command.Fail).ReportNamespaces(session, machines.ExactNamespaces);
        if (missing.Length > 0) ReportMissing(missing, places, ofHandler);
        if (ofHandler && machines.NamesMachines) ReportUnplaced([.. places.Where(place => place.Nodes.Count == 0)]);
        return [.. places.SelectMany(place => place.Nodes)];
    }

    private void Collect(IAsyncEnumerable<MachinePlace> from, List<MachinePlace> into)
    {
        command.Await(async _ =>
        {
            await foreach (MachinePlace place in from.ConfigureAwait(false)) into.Add(place);
            return true;
        });
    }

    // A VM that does not run has no instance; what is no VM either is not there.
    private void ReportMissing(MachineReference[] missing, List<MachinePlace> instances, bool ofHandler)
    {
        List<MachinePlace> vms = [];
        try
        {
            Collect(MachinePlaces.VirtualMachinesAsync(session, new MachineQuest { Namespace = machines.OneNamespace }, static _ => { }, command.CancelToken), vms);
        }
        catch (KubernetesException error)
        {
            command.WriteVerbose($"{session}: {error.Fact}");
        }

        ILookup<string, MachinePlace> byName = vms.ToLookup(vm => vm.Name, StringComparer.OrdinalIgnoreCase);
        List<string> stopped = [];
        int errors = 0;
        foreach (MachineReference machine in missing)
        {
            if (byName[machine.Name].FirstOrDefault(vm => machine.Namespace is null ? machines.Includes(vm.Namespace, vm.Name) : vm.Namespace.Equals(machine.Namespace, StringComparison.OrdinalIgnoreCase)) is { } vm)
            {
                stopped.Add($"{vm.Namespace}/{vm.Name}");
            }
            else if (errors++ < MostErrors)
            {
                string? space = machine.Namespace ?? machines.OneNamespace;
                IEnumerable<string> others = vms.Concat(instances).Select(place => place.Name).Concat(session.Seen.Machines(space is null ? null : seen => seen == space));
                command.Fail(ErrorRecords.NoSuchObject("VM", machine.Name, space is null ? null : [space], [session], "the name and -Namespace", others));
            }
        }

        if (errors > MostErrors) command.Fail(ErrorRecords.MoreMissing(errors - MostErrors, session));
        if (ofHandler && stopped.Count > 0) command.WriteWarning($"{session}: {Say(stopped, "has no instance, because it does not run", "have no instances, because they do not run")}, so no virt-handler has metrics of {(stopped.Count == 1 ? "it" : "them")}.");
    }

    private void ReportUnplaced(MachinePlace[] unplaced)
    {
        foreach (IGrouping<string?, MachinePlace> phase in unplaced.GroupBy(place => place.Phase))
        {
            List<string> names = [.. phase.Select(place => $"{place.Namespace}/{place.Name}")];
            string state = $"in phase {phase.Key ?? "(none)"} and on no node";
            command.WriteWarning($"{session}: {Say(names, $"is {state}", $"are {state}")}, so no virt-handler has metrics of {(names.Count == 1 ? "it" : "them")}.");
        }
    }

    private static string Say(List<string> names, string one, string several) => names.Count == 1
        ? $"{names[0]} {one}"
        : $"{string.Join(", ", names.Take(MostNames))}{(names.Count > MostNames ? $" and {names.Count - MostNames} more" : "")} {several}";
}
