using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that reads the samples of scrapes: of which machines, namespaces and nodes. What is not wanted never becomes an object.</summary>
public abstract class SampleCommand : ScrapeCommand
{
    private readonly List<MachineReference> _piped = [];
    private MachineChoice? _machines;
    private bool _isPiped;

    /// <summary>The machines: names with wildcards, or objects that are of one.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = ParameterSets.Path)]
    [Parameter(ParameterSetName = ParameterSets.LiteralPath)]
    [Parameter(ParameterSetName = ParameterSets.Uri)]
    [Parameter(ParameterSetName = ParameterSets.InputObject)]
    [Parameter(ParameterSetName = ParameterSets.Component)]
    [Parameter(ParameterSetName = ParameterSets.AgentConfig)]
    [Alias("VM")]
    [ArgumentCompleter(typeof(MachineNameCompleter))]
    [ValidateNotNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    [MachineTransformation]
    public virtual MachineReference[]? Vmi { get; set; }

    /// <summary>Wildcards on the namespaces of machines.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Namespace { get; set; }

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(NodeCompleter))]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Node { get; set; }

    private protected override MachineChoice Machines => _machines ??= Choose(Vmi);

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        _isPiped = Vmi is null;
        _ = Machines;
        _machines = _isPiped ? null : Machines;
        base.BeginProcessing();
    }

    /// <inheritdoc/>
    internal override MappingOptions CreateMapping() => base.CreateMapping() with { MachineFilter = Machines.Filter };

    // What comes down the pipeline is collected, so that each node is scraped once for all machines that run there.
    private protected override void ScrapeSessions()
    {
        if (Vmi is null) base.ScrapeSessions();
        else if (_isPiped) _piped.AddRange(Vmi);
        else ScrapeOwnSessions(Vmi);
    }

    private protected override void End()
    {
        if (_piped.Count > 0) ScrapeOwnSessions(_piped);
        base.End();
    }

    // Nodes stand for what is on them; -Node chooses among them as among those of machines.
    private MachineChoice Choose(IReadOnlyCollection<MachineReference>? machines)
    {
        if (machines?.Any(static machine => machine.IsNode) != true) return MachineChoice.Of(this, machines, Namespace, Node);
        WildcardPattern[] wanted = this.Patterns(Node);
        string[] nodes = [.. machines.Where(static machine => machine.IsNode).Select(static machine => machine.Name).Where(node => wanted.Length == 0 || NamePatterns.IsAnyMatch(wanted, node))];
        MachineReference[] others = [.. machines.Where(static machine => !machine.IsNode)];
        return nodes.Length == 0 ? MachineChoice.Of(this, [], Namespace, null) : MachineChoice.Of(this, others.Length == 0 ? null : others, Namespace, nodes);
    }

    // An object is of its own cluster, whatever the default session is; a name is of those that are meant.
    private void ScrapeOwnSessions(IReadOnlyCollection<MachineReference> machines)
    {
        IReadOnlyList<KubeVirtSession>? meant = Session is null && Context is null ? null : SessionResolver.Resolve(this, Session, Context);
        foreach (IGrouping<(Origin Origin, bool IsNode), MachineReference> group in machines.GroupBy(machine => (machine.Origin, machine.IsNode)))
        {
            KubeVirtSession? own = group.Key.Origin.Session;
            if (group.Key.Origin.Cluster is { } cluster && (own = SessionResolver.Named(cluster, Session, Fail)) is null) continue;
            if (own is not null && (!own.IsOpen || meant?.Contains(own) == false))
            {
                foreach (MachineReference machine in group.DistinctBy(machine => machine.ToString()))
                    Fail(own.IsOpen ? ErrorRecords.OtherSession(own, machine, Context is null ? "-Session" : "-Context") : ErrorRecords.OriginClosed(own, machine));
            }
            else
            {
                ScrapeSessions(own is not null ? [Uses(own)] : meant ?? SessionResolver.Resolve(this, null, null), Choose([.. group]));
            }
        }
    }
}
