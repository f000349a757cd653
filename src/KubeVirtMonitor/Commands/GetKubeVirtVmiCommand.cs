using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes virtual machine instances.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtVmi")]
[OutputType(typeof(KubeVirtVmi))]
public sealed class GetKubeVirtVmiCommand : MachineCommand
{
    private WildcardPattern[] _nodes = [];
    private WildcardPattern[] _phases = [];
    private readonly HashSet<string> _seen = new(StringComparer.OrdinalIgnoreCase);
    // Beyond a handful, nodes wait for others, so that one list answers for all of them.
    private readonly Dictionary<KubeVirtSession, int> _nodesAlone = [];
    private readonly Dictionary<KubeVirtSession, HashSet<string>> _waiting = [];
    private HashSet<string>? _onNodes;

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string[]? Node { get; set; }

    /// <summary>Wildcards on the phases.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(StateCompleter))]
    public string[]? Phase { get; set; }

    /// <summary>Each object keeps all that the list holds of it, so that its details need no request of their own.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private protected override string KindOf(object? input) => "VMI";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _nodes = this.Patterns(Node);
        _phases = this.Patterns(Phase);
    }

    private protected override bool Takes(object input)
    {
        if (input is not KubeVirtNode node) return false;
        if (_nodes.Length == 0 || NamePatterns.IsAnyMatch(_nodes, node.Name))
        {
            InOwn(node.Session, node, session =>
            {
                int alone = _nodesAlone[session] = _nodesAlone.GetValueOrDefault(session) + 1;
                if (alone <= MachineQuery.Handful) ProcessNodes(session, [node.Name]);
                else if (_waiting.TryGetValue(session, out HashSet<string>? waiting)) waiting.Add(node.Name);
                else _waiting.Add(session, [node.Name]);
            });
        }

        return true;
    }

    private protected override void Finish()
    {
        foreach ((KubeVirtSession session, HashSet<string> nodes) in _waiting) In(session, one => ProcessNodes(one, nodes));
        base.Finish();
    }

    private void ProcessNodes(KubeVirtSession session, HashSet<string> nodes)
    {
        _onNodes = nodes;
        try
        {
            Process(session);
        }
        finally
        {
            _onNodes = null;
        }
    }

    private protected override void Process(KubeVirtSession session)
    {
        _seen.Clear();
        base.Process(session);
        if (_onNodes is null) Missing.ReportNodes(session, Node?.Where(node => !_seen.Contains(node)));
    }

    private protected override int WriteObjects(KubeVirtSession session, MachineQuery query, ListOptions options)
    {
        int found = 0;
        // The instances of one node are chosen by the server. With a name it is not asked to: one that is on another node exists all the same.
        string? node = _onNodes is not null ? (_onNodes.Count == 1 ? _onNodes.First() : null) : (Node is [{ } one] && !WildcardPattern.ContainsWildcardCharacters(one) ? one : null);
        if (query.Exact.Count == 0 && !query.IsOfMany && node is not null && NodeLists.SelectorOf(node) is { } selector)
            options = options with { LabelSelector = LabelSelector is null ? selector : $"{LabelSelector},{selector}" };
        foreach (KubeVirtVmi vmi in ObjectLists.InstancesAsync(session, options, CancelToken, Detailed).ToBlockingEnumerable(CancelToken))
        {
            if (!Includes(query, vmi.Namespace, vmi.Name)) continue;
            found++;
            if (vmi.Node is not null) _seen.Add(vmi.Node);
            if (IsWanted(vmi)) WriteObject(vmi);
        }

        return found;
    }

    private bool IsWanted(KubeVirtVmi vmi) =>
        (_onNodes?.Contains(vmi.Node ?? "") != false)
        && (_nodes.Length == 0 || NamePatterns.IsAnyMatch(_nodes, vmi.Node ?? ""))
        && (_phases.Length == 0 || NamePatterns.IsAnyMatch(_phases, vmi.Phase ?? ""));
}
