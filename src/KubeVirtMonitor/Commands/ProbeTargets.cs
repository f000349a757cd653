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
internal sealed class ProbeTargets(CancellableCommand command, KubeVirtSession session, ProbePool pool, Action<ProbePool> drain)
{
    public void Add(string[]? names, string[]? namespaces, string? labels, IReadOnlyList<VmiProbe>? probes, ProbeRole? role, Action<ErrorRecord> fail)
    {
        HashSet<string> missing = new(StringComparer.Ordinal);
        HashSet<string> settled = new(StringComparer.Ordinal);
        foreach (MachineQuery query in MachineQuery.Of(command, names, namespaces))
        {
            if (query is { Name: { } name, Namespace: { } space } && labels is null)
            {
                // Nothing is to be found out that the pool does not find out at the same time as others.
                pool.Add(new ProbeRunTarget { Namespace = space, Name = name, Probes = probes, Role = role });
                drain(pool);
                continue;
            }

            try
            {
                if (List(query, labels, probes, role, fail) > 0 || labels is not null) settled.Add(query.Name ?? "");
                else if (query.Name is { } wanted) missing.Add(wanted);
            }
            catch (KubernetesException error)
            {
                fail(ErrorRecords.Failed(error, query.Namespace));
                settled.Add(query.Name ?? "");
            }
            catch (OperationCanceledException) when (command.CancelToken.IsCancellationRequested)
            {
                return;
            }
        }

        foreach (string name in missing.Except(settled)) fail(ErrorRecords.NoSuchObject("VMI", name, namespaces, session));
    }

    private int List(MachineQuery query, string? labels, IReadOnlyList<VmiProbe>? probes, ProbeRole? role, Action<ErrorRecord> fail)
    {
        (int found, int without) = (0, 0);
        ListOptions options = query.ToOptions(labels, error => fail(ErrorRecords.Failed(error, query.Namespace)));
        foreach (ProbeRunTarget listed in pool.ListAsync(options, command.CancelToken).ToBlockingEnumerable(command.CancelToken))
        {
            if (!query.Includes(listed.Namespace, listed.Name)) continue;
            found++;
            ProbeRunTarget target = listed with { Probes = probes, Role = role };
            // Who names an instance is told that it has no probe; who asks for all of them gets those that have one.
            if (query.Name is null && !target.HasProbe)
            {
                without++;
                continue;
            }

            pool.Add(target);
            drain(pool);
        }

        if (without > 0) command.WriteVerbose($"{without} of {found} instances have no {(role is null ? "" : $"{role} ")}probe.");
        return found;
    }
}
