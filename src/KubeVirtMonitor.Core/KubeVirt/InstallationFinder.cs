namespace KubeVirtMonitor.KubeVirt;

/// <summary>Finds out where KubeVirt is installed.</summary>
internal static class InstallationFinder
{
    /// <summary>The KubeVirt resource of a namespace, or the only one of the cluster.</summary>
    /// <param name="client">The client.</param>
    /// <param name="inNamespace">The namespace; null = look in all of them.</param>
    /// <param name="cancellationToken">Ends the search.</param>
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
            throw Missing("this cluster knows no KubeVirt resources: KubeVirt is not installed", "Check that it is the right cluster, or install KubeVirt.", Setting.Context, exception);
        }
        catch (KubernetesException exception) when (exception is { Error: KubernetesError.Forbidden, IsImpersonation: false })
        {
            // Whoever names the namespace needs no permission to find it; only the version is then not known.
            if (inNamespace is not null) return new InstallationProjection("", inNamespace, null, null);
            throw new KubernetesException(exception.Error, exception.What, "", exception) { Setting = Setting.InstallNamespace, StatusCode = exception.StatusCode, Status = exception.Status };
        }

        return found.Count switch
        {
            1 => found[0],
            0 when inNamespace is null => throw Missing("KubeVirt is not installed: there is no KubeVirt resource in this cluster", "Check that it is the right cluster, or make a KubeVirt resource.", Setting.Context),
            0 => throw Missing($"KubeVirt is not installed in namespace {inNamespace}: there is no KubeVirt resource", "", Setting.InstallNamespace),
            _ => throw Several(found),
        };
    }

    private static KubernetesException Several(List<InstallationProjection> found) => new(
        KubernetesError.ArgumentInvalid,
        $"there are {found.Count} KubeVirt resources: {string.Join(", ", found.Select(one => $"{one.Namespace}/{one.Name}"))}",
        "KubeVirt works once in a cluster: say which one is meant, or remove the others.")
    { Setting = Setting.InstallNamespace };

    private static KubernetesException Missing(string what, string advice, Setting setting, Exception? inner = null) => new(KubernetesError.NotFound, what, advice, inner) { Setting = setting };
}
