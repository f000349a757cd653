using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Completion;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the pods of KubeVirt itself, with their leaders.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtComponent")]
[OutputType(typeof(KubeVirtComponent))]
public sealed class GetKubeVirtComponentCommand : ClusterCommand
{
    private readonly List<KubeVirtSession> _sessions = [];
    private readonly HashSet<string> _found = new(StringComparer.OrdinalIgnoreCase);
    // Nodes of the pipeline wait for the last: one survey of a cluster answers for all of them.
    private readonly Dictionary<KubeVirtSession, HashSet<string>> _onNodes = [];
    private WildcardPattern[] _names = [];
    private WildcardPattern[] _nodes = [];

    /// <summary>The components to find.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public ComponentKind[]? Component { get; set; }

    /// <summary>Wildcards on the names of the pods.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ComponentNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(NodeCompleter))]
    public string[]? Node { get; set; }

    /// <summary>A node, whose components are listed.</summary>
    [Parameter(ValueFromPipeline = true)]
    [ValidateNotNull]
    public KubeVirtNode? InputObject { get; set; }

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        _names = this.Patterns(Name);
        _nodes = this.Patterns(Node);
    }

    private protected override void Process()
    {
        if (InputObject is not { } node)
        {
            base.Process();
            return;
        }

        InOwn(node.Session, node, session =>
        {
            if (!_onNodes.TryGetValue(session, out HashSet<string>? nodes)) _onNodes.Add(session, nodes = []);
            nodes.Add(node.Name);
        });
    }

    private protected override void Process(KubeVirtSession session) => Write(session, null);

    private void Write(KubeVirtSession session, HashSet<string>? onNodes)
    {
        _sessions.Add(session);
        ComponentSurvey survey;
        try
        {
            survey = Await(cancellationToken => session.FindComponentsAsync(Component, withLeaders: true, cancellationToken));
        }
        catch (KubernetesException)
        {
            // Any of the names may be there.
            _found.UnionWith(Name ?? []);
            throw;
        }

        foreach (KubernetesException defect in survey.Defects) Fail(ErrorRecords.Failed(defect, session));
        List<KubeVirtComponent> written = [];
        foreach (KubeVirtComponent component in survey.Components)
        {
            if (_names.Length > 0 && !NamePatterns.IsAnyMatch(_names, component.Name)) continue;
            if (_nodes.Length > 0 && !NamePatterns.IsAnyMatch(_nodes, component.Node ?? "")) continue;
            if (onNodes?.Contains(component.Node ?? "") == false) continue;
            WriteObject(component);
            written.Add(component);
        }

        foreach (string note in written.Select(component => component.LeadingNote).OfType<string>().Distinct()) WriteWarning(note);
        _found.UnionWith((Name ?? []).Where(survey.Has));
        new MissingNames(this, Fail).ReportNodes(session, Node?.Where(node => !survey.Components.Any(component => node.Equals(component.Node, StringComparison.OrdinalIgnoreCase))));
        foreach (ComponentKind kind in (Component ?? []).Except(survey.Components.Select(component => component.Component))) Fail(ErrorRecords.NoComponent(session, kind));
    }

    private protected override void Finish()
    {
        foreach ((KubeVirtSession session, HashSet<string> nodes) in _onNodes) In(session, one => Write(one, nodes));
        // A name is missing when it is in none of the clusters.
        foreach (string missing in (Name ?? []).Distinct(StringComparer.OrdinalIgnoreCase).Where(name => _sessions.Count > 0 && !WildcardPattern.ContainsWildcardCharacters(name) && !_found.Contains(name)))
            Fail(ErrorRecords.NoSuchObject("pod of KubeVirt", missing, [.. _sessions.Select(static session => session.InstallNamespace).Distinct()], _sessions, "the name, and -Component where it is given",
                _sessions.SelectMany(static session => session.Seen.Of(SeenKind.Pod)).Select(static pod => pod.Name)));
        base.Finish();
    }
}
