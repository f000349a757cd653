namespace KubeVirtMonitor.Tests.Probes.Running;

/// <summary>
/// Kubelet's rule restated from its own words, by looking at the whole history each time: the state changes when the last N results of the current container
/// are equal, N being the threshold of their kind; a liveness failure starts over with a new container. Nothing is counted as it goes.
/// </summary>
internal static class KubeletWorker
{
    public static IEnumerable<(ProbeState State, ProbeState? Transition)> Judge(ProbeRole role, int successThreshold, int failureThreshold, IReadOnlyList<ProbeOutcome> outcomes)
    {
        ProbeState first = role == ProbeRole.Liveness ? ProbeState.Live : ProbeState.NotReady;
        ProbeState state = first;
        int containerStart = 0;
        for (int i = 0; i < outcomes.Count; i++)
        {
            ProbeState before = state;
            bool?[] seen = [.. outcomes.Skip(containerStart).Take(i + 1 - containerStart).Where(outcome => outcome != ProbeOutcome.Discarded).Select(Counts)];
            bool isCounted = outcomes[i] != ProbeOutcome.Discarded;
            if (isCounted && EndsWith(seen, true, successThreshold)) state = role == ProbeRole.Liveness ? ProbeState.Live : ProbeState.Ready;
            if (isCounted && EndsWith(seen, false, failureThreshold)) state = role == ProbeRole.Liveness ? ProbeState.WouldRestart : ProbeState.NotReady;
            ProbeState? transition = (before, state) switch
            {
                (ProbeState.NotReady, ProbeState.Ready) => ProbeState.Ready,
                (ProbeState.Ready, ProbeState.NotReady) => ProbeState.NotReady,
                (ProbeState.Live, ProbeState.WouldRestart) => ProbeState.WouldRestart,
                _ => null,
            };
            yield return (state, transition);
            if (state != ProbeState.WouldRestart) continue;
            state = first;
            containerStart = i + 1;
        }
    }

    private static bool? Counts(ProbeOutcome outcome) => outcome is ProbeOutcome.Success or ProbeOutcome.Suppressed;

    private static bool EndsWith(bool?[] seen, bool value, int count) => seen.Length >= count && seen[^count..].All(each => each == value);
}
