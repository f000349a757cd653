namespace KubeVirtMonitor.KubeVirt;

/// <summary>The result of a search for components.</summary>
/// <param name="Components">The components, by kind and name.</param>
/// <param name="Defects">Pods that could not be read.</param>
internal sealed record ComponentSurvey(IReadOnlyList<KubeVirtComponent> Components, IReadOnlyList<KubernetesException> Defects);
