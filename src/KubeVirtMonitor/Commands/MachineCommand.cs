using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that lists machines: by name, namespace and labels.</summary>
public abstract class MachineCommand : ClusterCommand
{
    /// <summary>Wildcards on the names.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Wildcards on the namespaces.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string[]? Namespace { get; set; }

    /// <summary>The labels the objects have to carry, as kubectl writes them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    private protected override void Process()
    {
        KubeVirtSession session = ResolveSession();
        HashSet<string> missing = new(StringComparer.Ordinal);
        HashSet<string> settled = new(StringComparer.Ordinal);
        foreach (MachineQuery query in MachineQuery.Of(this))
        {
            try
            {
                if (Write(session, query)) settled.Add(query.Name ?? "");
                else if (query.Name is { } name) missing.Add(name);
            }
            catch (KubernetesException error)
            {
                WriteError(ErrorRecords.Failed(error, query.Namespace));
                settled.Add(query.Name ?? "");
            }
            catch (OperationCanceledException) when (CancelToken.IsCancellationRequested)
            {
                return;
            }
        }

        // A name is missing when it is in none of the namespaces.
        foreach (string name in missing.Except(settled)) WriteError(ErrorRecords.NoSuchObject(Kind, name, Namespace, session));
    }

    /// <summary>What an object is called in messages.</summary>
    private protected abstract string Kind { get; }

    /// <summary>Writes what a query finds and the other parameters leave of it.</summary>
    /// <returns>How many objects there were for the query.</returns>
    private protected abstract int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options);

    /// <summary>Writes what a query finds, and what of it cannot be read.</summary>
    /// <returns>False when what was named exactly is not there.</returns>
    private bool Write(KubeVirtSession session, MachineQuery query)
    {
        List<KubernetesException> bad = [];
        int found = WriteObjects(session, query, query.ToOptions(LabelSelector, bad.Add));
        foreach (KubernetesException error in bad) WriteError(ErrorRecords.Failed(error, query.Namespace));
        return found + bad.Count > 0 || LabelSelector is not null;
    }
}
