using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Sessions;

namespace KubeVirtMonitor.Commands;

/// <summary>A cmdlet that reads the samples of scrapes: of which machines, namespaces and nodes. What is not wanted never becomes an object.</summary>
public abstract class SampleCommand : ServedCommand
{
    private readonly List<MachineReference> _piped = [];
    private MachineChoice? _machines;
    private bool _isPiped;

    /// <summary>The machines: names with wildcards, or objects that are of one.</summary>
    [Parameter(ParameterSetName = ParameterSets.Session, ValueFromPipeline = true)]
    [Parameter(ParameterSetName = ParameterSets.Prometheus, ValueFromPipeline = true)]
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
        if (ServerMoments.MeansServer(this))
        {
            this.Refuse(PrometheusUri is null ? "what is asked of a server" : "-PrometheusUri", "a server answers with values and not with lines", nameof(AllowMissingFinalNewline), nameof(MaximumLineLength));
            this.Refuse(PrometheusUri is null ? "what is asked of a server" : "-PrometheusUri", "a server is asked one thing after the other", nameof(ThrottleLimit));
            Servers = new ServerRun(this, this, CreateOptions, Fail, Warn);
        }

        base.BeginProcessing();
    }

    /// <summary>The servers that are asked; null where endpoints are scraped.</summary>
    private protected ServerRun? Servers { get; private set; }

    /// <summary>Asks a server for what is wanted; errors of the server are written.</summary>
    /// <param name="server">The server.</param>
    /// <param name="machines">The machines, namespaces and nodes that are wanted.</param>
    private protected virtual void AskServer(OpenServer server, MachineChoice machines)
    {
    }

    private protected override void AskServers()
    {
        if (_isPiped && Vmi is not null) _piped.AddRange(Vmi);
        else if (Vmi is { } machines) AskServers(machines);
        else AskServers(Machines);
    }

    // On a server of several clusters, an object is of its own one.
    private void AskServers(IReadOnlyCollection<MachineReference> machines)
    {
        foreach (OpenServer server in Servers!.Open(static () => []))
        {
            foreach (IGrouping<(string Matcher, bool IsNode), MachineReference> group in machines.GroupBy(machine => (Servers.MatcherOf(server, machine.Origin), machine.IsNode)))
                AskServer(group.Key.Matcher.Length == 0 ? server : server with { Matchers = Prometheus.Selector.Join(server.Matchers, group.Key.Matcher) }, Choose([.. group]));
        }
    }

    private protected override void ScrapeSessions(IEnumerable<KubeVirtSession> sessions, MachineChoice machines)
    {
        if (Servers is null)
        {
            base.ScrapeSessions(sessions, machines);
            return;
        }

        foreach (KubeVirtSession session in sessions)
        {
            if (Servers.Open(session) is { } server) AskServer(server, machines);
        }
    }

    private void AskServers(MachineChoice machines)
    {
        foreach (OpenServer server in Servers!.Open(static () => [])) AskServer(server, machines);
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

    private protected override void Finish()
    {
        if (_piped.Count > 0 && ParameterSetName == ParameterSets.Prometheus) AskServers(_piped);
        else if (_piped.Count > 0) ScrapeOwnSessions(_piped);
        base.Finish();
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
            if (!SessionResolver.TryFind(group.Key.Origin, group.First(), Session, meant is not null, Fail, out KubeVirtSession? own)) continue;
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
