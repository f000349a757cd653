using System.Management.Automation;
using KubeVirtMonitor.Binding;
using KubeVirtMonitor.Errors;
using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Commands;

/// <summary>Writes the pods of KubeVirt itself, with their leaders.</summary>
[Cmdlet(VerbsCommon.Get, "KubeVirtComponent")]
[OutputType(typeof(KubeVirtComponent))]
public sealed class GetKubeVirtComponentCommand : ClusterCommand
{
    /// <summary>The components to find.</summary>
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

    private protected override void Process()
    {
        WildcardPattern[] names = this.Patterns(Name);
        WildcardPattern[] nodes = this.Patterns(Node);
        KubeVirtSession session = ResolveSession();
        ComponentSurvey survey = Await(cancellationToken => session.FindComponentsAsync(Component, withLeaders: true, cancellationToken));
        foreach (KubernetesException defect in survey.Defects) WriteError(ErrorRecords.Failed(defect, session));
        List<KubeVirtComponent> written = [];
        foreach (KubeVirtComponent component in survey.Components)
        {
            if (names.Length > 0 && !NamePatterns.IsAnyMatch(names, component.Name)) continue;
            if (nodes.Length > 0 && !NamePatterns.IsAnyMatch(nodes, component.Node ?? "")) continue;
            WriteObject(component);
            written.Add(component);
        }

        foreach (string note in written.Select(component => component.LeadingNote).OfType<string>().Distinct()) WriteWarning(note);
        foreach (string missing in Missing(survey)) WriteError(ErrorRecords.NoSuchObject("pod of KubeVirt", missing, [session.InstallNamespace], session, "the name, and -Component where it is given"));
        foreach (ComponentKind kind in (Component ?? []).Except(survey.Components.Select(component => component.Component))) WriteError(ErrorRecords.NoComponent(session, kind));
    }

    // A pod that cannot be read may be the one that is meant, and has its own error.
    private IEnumerable<string> Missing(ComponentSurvey survey) => (Name ?? [])
        .Where(name => !WildcardPattern.ContainsWildcardCharacters(name))
        .Distinct(StringComparer.OrdinalIgnoreCase)
        .Where(name => !survey.Components.Any(component => component.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
        .Where(name => !survey.Defects.Any(defect => defect.Message.Contains(name, StringComparison.OrdinalIgnoreCase)));
}
