namespace KubeVirtMonitor.KubeVirt;

/// <summary>What a search for components found.</summary>
/// <param name="Components">The components, by kind and name.</param>
/// <param name="Defects">Pods that could not be read.</param>
internal sealed record ComponentSurvey(IReadOnlyList<KubeVirtComponent> Components, IReadOnlyList<KubernetesException> Defects);
