using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes nodes, with what KubeVirt needs of them and what runs on them.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtNode")]
[OutputType(typeof(KubeVirtNode))]
public sealed class GetKubeVirtNodeCommand : ClusterCommand
{
    // What the pipeline names is asked for together, each node once.
    private readonly Dictionary<KubeVirtSession, List<string>> _piped = [];
    // Who was asked for each name that may be of any cluster, and which were found somewhere or may have been.
    private readonly Dictionary<string, List<KubeVirtSession>> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _settled = new(StringComparer.Ordinal);
    private MissingNames? _missing;

    /// <summary>Wildcards on the names.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Names of nodes, or objects that are on a node.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public PSObject? InputObject { get; set; }

    /// <summary>The labels the nodes have to carry, as kubectl writes them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? LabelSelector { get; set; }

    private protected override void Process()
    {
        switch (InputObject?.BaseObject)
        {
            case null:
                base.Process();
                break;
            case KubeVirtSession session:
                InOwn(session, session, Process);
                break;
            default:
                ProcessInput(InputObject!);
                break;
        }
    }

    private MissingNames Missing => _missing ??= new MissingNames(this, Fail);

    private protected override void Process(KubeVirtSession session)
    {
        foreach (string name in Name ?? []) NoteAsked(session, name);
        Write(session, Name);
    }

    private protected override void Finish()
    {
        foreach ((KubeVirtSession session, List<string> names) in _piped) In(session, one => Write(one, [.. names]));
        // A name is missing when it is in none of the clusters.
        foreach ((string name, List<KubeVirtSession> sessions) in _asked.Where(one => !_settled.Contains(one.Key))) Missing.ReportNode(name, sessions);
        base.Finish();
    }

    private void NoteAsked(KubeVirtSession session, string name)
    {
        if (WildcardPattern.ContainsWildcardCharacters(name)) return;
        if (!_asked.TryGetValue(name, out List<KubeVirtSession>? asked)) _asked.Add(name, asked = []);
        if (!asked.Contains(session)) asked.Add(session);
    }

    private void Note(KubeVirtSession session, string node)
    {
        if (!_piped.TryGetValue(session, out List<string>? names)) _piped.Add(session, names = []);
        if (!names.Contains(node)) names.Add(node);
    }

    private void ProcessInput(PSObject input)
    {
        bool isNamed = input.BaseObject is string or KubeVirtNode;
        if (!isNamed && input.Properties["Node"] is null) Fail(ErrorRecords.NoNodeNamed(input.BaseObject));
        // An instance that waits for a node is on none.
        else if ((isNamed ? input.BaseObject : input.Properties["Node"].Value)?.ToString() is { Length: > 0 } node) Note(input, node);
    }

    private void Note(PSObject input, string node)
    {
        bool isPattern = WildcardPattern.ContainsWildcardCharacters(node);
        if (!isPattern && Name is not null && !NamePatterns.IsAnyMatch(this.Patterns(Name), node)) return;
        Origin origin = PipedMachine.OriginOf(input);
        InOwn(origin, input, session =>
        {
            // No node has such a name, and only text may be a pattern.
            if (isPattern && !PipedMachine.IsText(input.BaseObject))
            {
                Missing.ReportNode(node, [session]);
                return;
            }

            if (origin == default) NoteAsked(session, node);
            Note(session, node);
        });
    }

    private void Write(KubeVirtSession session, string[]? names)
    {
        WildcardPattern[] patterns = this.Patterns(names);
        // -Name chooses among objects of the pipeline too.
        WildcardPattern[] chosen = this.Patterns(Name);
        bool isExact = names is not null && !names.Any(WildcardPattern.ContainsWildcardCharacters);
        List<KubernetesException> bad = [];
        NodeQuery query = new() { Names = isExact ? names : null, LabelSelector = LabelSelector, BadItem = bad.Add };
        IReadOnlyList<KubeVirtNode> nodes;
        try
        {
            nodes = Await(cancellationToken => NodeLists.ReadAsync(session, query, cancellationToken));
        }
        catch (KubernetesException)
        {
            // Any of the names may be there.
            _settled.UnionWith(names ?? []);
            throw;
        }

        foreach (KubeVirtNode node in nodes)
        {
            if ((patterns.Length == 0 || NamePatterns.IsAnyMatch(patterns, node.Name)) && (chosen.Length == 0 || NamePatterns.IsAnyMatch(chosen, node.Name))) WriteObject(node);
        }

        foreach (KubernetesException error in bad) Fail(ErrorRecords.Failed(error, session));
        if (LabelSelector is not null)
        {
            // One without the labels exists all the same.
            _settled.UnionWith(names ?? []);
            return;
        }

        HashSet<string> found = [.. nodes.Select(static node => node.Name)];
        _settled.UnionWith(found);
        foreach (string name in (names ?? []).Where(name => !WildcardPattern.ContainsWildcardCharacters(name) && !found.Contains(name) && !_asked.ContainsKey(name)).Distinct(StringComparer.Ordinal)) Missing.ReportNode(name, [session]);
    }
}
