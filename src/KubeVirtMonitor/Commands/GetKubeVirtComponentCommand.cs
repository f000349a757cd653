using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the pods of KubeVirt itself, with who leads among them.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtComponent")]
[OutputType(typeof(KubeVirtComponent))]
public sealed class GetKubeVirtComponentCommand : ClusterCommand
{
    /// <summary>The components that are wanted.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public ComponentKind[]? Component { get; set; }

    /// <summary>Wildcards on the names of the pods.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Wildcards on the nodes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        WildcardPattern[] names = this.Patterns(Name);
        WildcardPattern[] nodes = this.Patterns(Node);
        KubeVirtSession session = ResolveSession();
        ComponentSurvey survey = Await(session.FindComponentsAsync);
        foreach (KubernetesException defect in survey.Defects) WriteError(ErrorRecords.Failed(defect, session));
        if (survey.Note is { } note) WriteVerbose(note);
        foreach (KubeVirtComponent component in survey.Components)
        {
            if (Component is { } wanted && !wanted.Contains(component.Component)) continue;
            if (names.Length > 0 && !NamePatterns.IsAnyMatch(names, component.Name)) continue;
            if (nodes.Length == 0 || NamePatterns.IsAnyMatch(nodes, component.Node ?? "")) WriteObject(component);
        }
    }
}
