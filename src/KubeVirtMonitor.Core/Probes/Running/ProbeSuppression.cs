namespace KubeVirtMonitor.Probes.Running;

/// <summary>
/// When virt-launcher answers a guest agent ping with success although the agent is silent. By an annotation since KubeVirt 1.9.0; while a live migration runs or
/// the domain is paused on purpose, since 1.9.0 and in 1.8.3 and 1.7.4 and later patches of these. Exec, HTTP and TCP are never suppressed.
/// </summary>
internal static class ProbeSuppression
{
    /// <summary>Why failures of a guest agent ping do not count at present; null when they do.</summary>
    /// <param name="instance">The instance.</param>
    /// <param name="version">The KubeVirt version of the cluster; one that cannot be read suppresses nothing.</param>
    public static string? Reason(ProbeInstance instance, string? version)
    {
        if (!KubeVirtVersion.TryParse(version, out KubeVirtVersion release)) return null;
        if (instance.ProbesArePaused && release >= new KubeVirtVersion(1, 9)) return "the annotation kubevirt.io/pause-guest-agent-probes is on";
        if (!KnowsStates(release)) return null;
        if (instance.IsMigrating) return "a live migration is running";
        // A guest that is stopped by a failing disk is not paused on purpose.
        return instance.Paused is { Reason: not "PausedIOError" } ? "the instance is paused" : null;
    }

    private static bool KnowsStates(KubeVirtVersion release) => (release.Major, release.Minor) switch
    {
        (1, 7) => release.Patch >= 4,
        (1, 8) => release.Patch >= 3,
        _ => release >= new KubeVirtVersion(1, 9),
    };
}
