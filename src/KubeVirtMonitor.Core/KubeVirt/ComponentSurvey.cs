namespace KubeVirtMonitor.KubeVirt;

/// <summary>The result of a search for components.</summary>
/// <param name="Components">The components, by kind and name.</param>
/// <param name="Defects">Pods that could not be read.</param>
internal sealed record ComponentSurvey(IReadOnlyList<KubeVirtComponent> Components, IReadOnlyList<KubernetesException> Defects)
{
    /// <summary>Whether a pod of a name is there, which may be one that could not be read.</summary>
    public bool Has(string name) => Components.Any(component => component.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) || Defects.Any(defect => name.Equals(ObjectLists.NameOf(defect), StringComparison.OrdinalIgnoreCase));
}
