namespace KubeVirtMonitor.KubeVirt;

/// <summary>Finds the pods of KubeVirt itself, and who leads among them.</summary>
internal static class ComponentFinder
{
    private const string Selector = ComponentProjection.ComponentLabel + " in (virt-api,virt-controller,virt-handler,virt-operator)";

    private static readonly Dictionary<ComponentKind, string> Leases = new()
    {
        [ComponentKind.Controller] = "virt-controller",
        [ComponentKind.Operator] = "virt-operator",
    };

    /// <summary>Finds the components of a session's cluster.</summary>
    /// <param name="session">The session.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="KubernetesException">The pods may not be listed.</exception>
    public static async Task<ComponentSurvey> FindAsync(KubeVirtSession session, CancellationToken cancellationToken)
    {
        List<KubernetesException> defects = [];
        Task<(Dictionary<string, LeaseProjection>? Leases, string? Note)> leases = LeasesAsync(session, cancellationToken);
        List<KubeVirtComponent> found = [];
        ListOptions options = new() { Namespace = session.InstallNamespace, LabelSelector = Selector, BadItem = defects.Add };
        JsonProjection<KubeVirtComponent?> project = ObjectLists.Named("Pod", ComponentProjection.Read);
        await foreach (KubeVirtComponent? component in session.Client.ListAsync(ResourceType.Pods, project, options, cancellationToken).ConfigureAwait(false))
        {
            if (component is not null) found.Add(component);
        }

        (Dictionary<string, LeaseProjection>? known, string? note) = await leases.ConfigureAwait(false);
        DateTimeOffset now = session.Time.GetUtcNow();
        return new ComponentSurvey(
            [.. found
                .Select(component => component with { Session = session, Leading = IsLeading(component, known, now) })
                .OrderBy(component => component.Component)
                .ThenBy(component => component.Name, StringComparer.Ordinal)],
            defects,
            note);
    }

    private static bool? IsLeading(KubeVirtComponent component, Dictionary<string, LeaseProjection>? leases, DateTimeOffset now) =>
        leases is not null && Leases.TryGetValue(component.Component, out string? name) && leases.TryGetValue(name, out LeaseProjection? lease)
            ? lease.IsHeldBy(component.Name, now)
            : null;

    // Who leads is worth knowing and not worth failing for.
    private static async Task<(Dictionary<string, LeaseProjection>? Leases, string? Note)> LeasesAsync(KubeVirtSession session, CancellationToken cancellationToken)
    {
        try
        {
            Dictionary<string, LeaseProjection> leases = new(StringComparer.Ordinal);
            ListOptions options = new() { Namespace = session.InstallNamespace, BadItem = static _ => { } };
            await foreach (LeaseProjection lease in session.Client.ListAsync(KubeVirtResources.Leases, LeaseProjection.Read, options, cancellationToken).ConfigureAwait(false))
                leases[lease.Name] = lease;
            return (leases, null);
        }
        catch (KubernetesException exception)
        {
            return (null, $"Who leads is not known. {exception.Message}");
        }
    }
}
