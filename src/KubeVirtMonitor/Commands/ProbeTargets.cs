using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Commands;

/// <summary>Finds the instances that a cmdlet names, and hands each to the pool as it is found.</summary>
/// <param name="command">The cmdlet.</param>
/// <param name="session">The session.</param>
/// <param name="pool">Where they go.</param>
/// <param name="drain">Writes what is there already, between one instance and the next.</param>
internal sealed class ProbeTargets(CancellableCommand command, KubeVirtSession session, ProbePool pool, Action drain)
{
    public void Add(string[]? names, string[]? namespaces, string? labels, IReadOnlyList<VmiProbe>? probes, ProbeRole? role, Action<ErrorRecord> fail)
    {
        HashSet<string> missing = new(StringComparer.Ordinal);
        HashSet<string> settled = new(StringComparer.Ordinal);
        bool any = false;
        foreach (MachineQuery query in MachineQuery.Of(command, names, namespaces))
        {
            if (query is { Name: { } name, Namespace: { } space } && labels is null)
            {
                // Nothing is to be found out that the pool does not find out at the same time as others.
                pool.Add(new ProbeRunTarget { Namespace = space, Name = name, Probes = probes, Role = role });
                drain();
                any = true;
                continue;
            }

            try
            {
                any |= List(query, labels, probes, role, fail) > 0;
                HashSet<string> lacking = labels is null ? [.. query.Missing] : [];
                missing.UnionWith(lacking);
                settled.UnionWith(query.Exact.Where(name => !lacking.Contains(name)));
            }
            catch (KubernetesException error)
            {
                fail(ErrorRecords.Failed(error, session, query.Namespace));
                settled.UnionWith(query.Exact);
                any = true;
            }
            catch (OperationCanceledException) when (command.CancelToken.IsCancellationRequested)
            {
                return;
            }
        }

        MissingNames report = new(command, fail);
        foreach (string name in missing.Except(settled)) report.Report("VMI", name, namespaces, [session]);
        if (!any && names?.Any(static name => !WildcardPattern.ContainsWildcardCharacters(name)) != true) report.ReportNamespaces(session, namespaces);
    }

    private int List(MachineQuery query, string? labels, IReadOnlyList<VmiProbe>? probes, ProbeRole? role, Action<ErrorRecord> fail)
    {
        (int found, int without) = (0, 0);
        List<KubernetesException> bad = [];
        ListOptions options = query.ToOptions(labels, bad.Add);
        foreach (ProbeRunTarget listed in pool.ListAsync(options, command.CancelToken).ToBlockingEnumerable(command.CancelToken))
        {
            if (!query.Includes(listed.Namespace, listed.Name)) continue;
            found++;
            ProbeRunTarget target = listed with { Probes = probes, Role = role };
            // Who names an instance is told that it has no probe; who asks for all of them gets those that have one.
            if (!query.IsExact(listed.Name) && !target.HasProbe)
            {
                without++;
                continue;
            }

            pool.Add(target);
            drain();
        }

        foreach (KubernetesException error in bad) fail(ErrorRecords.Failed(error, session, query.Namespace));
        if (without > 0) command.WriteVerbose($"{without} of {found} instances have no {(role is null ? "" : $"{role} ")}probe.");
        return found;
    }
}
