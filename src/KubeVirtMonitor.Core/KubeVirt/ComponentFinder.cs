using KubeVirtMonitor.Json;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Finds the pods of KubeVirt itself, and the leaders among them.</summary>
internal static class ComponentFinder
{
    /// <summary>Finds the components of a session's cluster.</summary>
    /// <param name="kinds">The components to find; one at least.</param>
    /// <param name="withLeaders">Whether to find out who leads.</param>
    /// <exception cref="KubernetesException">The pods may not be listed.</exception>
    public static async Task<ComponentSurvey> FindAsync(KubeVirtSession session, IReadOnlyCollection<ComponentKind> kinds, bool withLeaders, CancellationToken cancellationToken)
    {
        Task<Leases>? leases = withLeaders && kinds.Any(ComponentFacts.HasLeader) ? Leases.ReadAsync(session, cancellationToken) : null;
        List<KubernetesException> defects = [];
        List<KubeVirtComponent> found = [];
        ListOptions options = new()
        {
            Namespace = session.InstallNamespace,
            LabelSelector = ComponentFacts.Selector(kinds),
            BadItem = defects.Add,
        };
        JsonProjection<KubeVirtComponent?> project = ObjectLists.Named("Pod", PodProjection.ReadComponent);
        await foreach (KubeVirtComponent? component in session.Client.ListAsync(ResourceType.Pods, project, options, cancellationToken).ConfigureAwait(false))
        {
            if (component is null) continue;
            found.Add(component with { Session = session });
            session.Seen.Add(SeenKind.Pod, component.Namespace, component.Name);
            if (component is { Component: ComponentKind.Handler, Node: { } node }) session.Seen.Add(SeenKind.Node, "", node);
        }

        if (leases is not null)
        {
            Leases known = await leases.ConfigureAwait(false);
            foreach (ComponentKind kind in kinds.Where(ComponentFacts.HasLeader).Distinct().Order())
            {
                string[] pods = [.. found.Where(component => component.Component == kind).Select(component => component.Name)];
                if (pods.Length == 0) continue;
                Leadership leadership = known.Judge(kind, pods, session.Time.GetUtcNow());
                found = [.. found.Select(component => component.Component == kind ? component with { Leading = leadership.IsLeading(component.Name), LeadingNote = leadership.Note } : component)];
            }
        }

        return new ComponentSurvey(
            [.. found.OrderBy(component => component.Component).ThenBy(component => component.Name, StringComparer.Ordinal)],
            defects);
    }

    // Who leads is worth knowing and not worth failing for.
    private sealed record Leases(Dictionary<string, LeaseProjection> ByName, List<string> Bad, string? Failure, DateTimeOffset? Now)
    {
        public static async Task<Leases> ReadAsync(KubeVirtSession session, CancellationToken cancellationToken)
        {
            Task<DateTimeOffset?> clock = ServerClock.ReadAsync(session, cancellationToken);
            Dictionary<string, LeaseProjection> leases = new(StringComparer.Ordinal);
            List<string> bad = [];
            string? failure = null;
            try
            {
                JsonProjection<LeaseProjection> project = ObjectLists.Named("Lease", LeaseProjection.Read);
                ListOptions options = new() { Namespace = session.InstallNamespace, BadItem = item => bad.Add(item.What) };
                await foreach (LeaseProjection lease in session.Client.ListAsync(KubeVirtResources.Leases, project, options, cancellationToken).ConfigureAwait(false))
                    leases[lease.Name] = lease;
            }
            catch (KubernetesException exception)
            {
                failure = exception.What;
            }

            return new Leases(leases, bad, failure, await clock.ConfigureAwait(false));
        }

        public Leadership Judge(ComponentKind kind, string[] pods, DateTimeOffset local)
        {
            string name = ComponentFacts.NameOf(kind);
            LeaseProjection? lease = ByName.GetValueOrDefault(name);
            string? unreadable = Failure ?? (lease is null ? Bad.FirstOrDefault(text => text.Contains(name, StringComparison.Ordinal)) : null);
            return unreadable is null ? Leadership.Of(kind, pods, lease, Now, local) : Leadership.Unknown(kind, unreadable);
        }
    }
}

/// <summary>Finds out where KubeVirt is installed.</summary>
internal static class InstallationFinder
{
    /// <summary>The KubeVirt resource of a namespace, or the only one of the cluster.</summary>
    /// <param name="inNamespace">The namespace; null = look in all of them.</param>
    /// <exception cref="KubernetesException">There is none, there are several, or they may not be listed.</exception>
    public static async Task<InstallationProjection> FindAsync(IKubernetesClient client, string? inNamespace, CancellationToken cancellationToken)
    {
        List<InstallationProjection> found = [];
        try
        {
            ListOptions options = new() { Namespace = inNamespace };
            await foreach (InstallationProjection one in client.ListAsync(KubeVirtResources.Installations, InstallationProjection.Read, options, cancellationToken).ConfigureAwait(false)) found.Add(one);
        }
        catch (KubernetesException exception) when (exception.Error == KubernetesError.NotFound)
        {
            throw Missing("this cluster has no KubeVirt resource type: KubeVirt is not installed", "Check that it is the right cluster, or install KubeVirt.", Setting.Context, exception);
        }
        catch (KubernetesException exception) when (exception is { Error: KubernetesError.Forbidden, IsImpersonation: false })
        {
            // Whoever names the namespace needs no permission to find it; only the version is then not known.
            if (inNamespace is not null) return new InstallationProjection("", inNamespace, null);
            throw new KubernetesException(exception.Error, exception.What, "", exception) { Setting = Setting.InstallNamespace, StatusCode = exception.StatusCode, Status = exception.Status };
        }

        return found.Count switch
        {
            1 => found[0],
            0 when inNamespace is null => throw Missing("KubeVirt is not installed: there is no KubeVirt resource in this cluster", "Check that it is the right cluster, or create a KubeVirt resource.", Setting.Context),
            0 => throw Missing($"KubeVirt is not installed in namespace {inNamespace}: there is no KubeVirt resource", "", Setting.InstallNamespace),
            _ => throw Several(found),
        };
    }

    private static KubernetesException Several(List<InstallationProjection> found) => new(
        KubernetesError.ArgumentInvalid,
        $"there are {found.Count} KubeVirt resources: {string.Join(", ", found.Select(one => $"{one.Namespace}/{one.Name}"))}",
        "Only one KubeVirt can work in a cluster: specify which one to use, or remove the others.")
    { Setting = Setting.InstallNamespace };

    private static KubernetesException Missing(string what, string advice, Setting setting, Exception? inner = null) => new(KubernetesError.NotFound, what, advice, inner) { Setting = setting };
}
