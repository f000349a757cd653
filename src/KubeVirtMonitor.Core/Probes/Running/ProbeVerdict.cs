using System.Globalization;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Says in words what kubelet concludes, and where the state in the cluster differs.</summary>
internal static class ProbeVerdict
{
    public static string Of(ProbeRole? role, ProbeStep step, ProbeOutcome outcome, ProbeInstance instance)
    {
        if (outcome == ProbeOutcome.Discarded) return "kubelet discards this result: it counts neither as a success nor as a failure.";
        bool isSuccess = outcome is ProbeOutcome.Success or ProbeOutcome.Suppressed;
        string counted = string.Create(CultureInfo.InvariantCulture, $"{(isSuccess ? "Success" : "Failure")} {Math.Min(step.Run, step.Threshold)} of {step.Threshold}");
        int left = Math.Max(0, step.Threshold - step.Run);
        string more = string.Create(CultureInfo.InvariantCulture, $"{left} more in a row");
        string said = (step.State, isSuccess) switch
        {
            (ProbeState.WouldRestart, _) => $"{counted}: kubelet would kill the container, and the instance with it.",
            (ProbeState.Live, true) => "Live.",
            (ProbeState.Live, false) => $"{counted}: live; after {more}, kubelet would kill the container.",
            (ProbeState.Ready, true) => "Ready.",
            (ProbeState.Ready, false) => $"{counted}: still ready; after {more}, it is not ready.",
            (_, true) => $"{counted}: not ready; after {more}, it is ready.",
            (_, false) => left == 0 ? $"{counted}: not ready." : $"{counted}: not ready, as at the start; after {more}, an instance that was ready would no longer be.",
        };
        return role != ProbeRole.Liveness && instance.Paused is not null
            ? $"{said} While it is paused, the instance is not ready whatever its probe says."
            : said;
    }

    /// <summary>Where this result and the cluster disagree; null where they agree, or nothing is known.</summary>
    public static string? Disagreement(VmiProbe probe, ProbeRole? role, ProbeOutcome outcome, ProbeClusterState cluster, DateTimeOffset now)
    {
        if (outcome == ProbeOutcome.Discarded) return null;
        bool isSuccess = outcome is ProbeOutcome.Success or ProbeOutcome.Suppressed;
        if (role == ProbeRole.Readiness && cluster.Ready is { } ready && ready != isSuccess)
        {
            return isSuccess
                ? $"The probe succeeds from here, but the cluster reports the instance as not ready{Because(cluster)}."
                : "The probe fails from here, but the cluster reports the instance as ready: the probe still succeeds for kubelet, or has not failed often enough yet.";
        }

        if (probe.Kind == ProbeKind.GuestAgentPing && outcome != ProbeOutcome.Suppressed && cluster.AgentConnected != isSuccess)
            return isSuccess ? "The guest agent responds, but the cluster reports it as not connected." : "The guest agent does not respond, but the cluster reports it as connected.";
        return isSuccess ? Recent(probe, role, cluster, now) : null;
    }

    private static string? Recent(VmiProbe probe, ProbeRole? role, ProbeClusterState cluster, DateTimeOffset now)
    {
        // Kubelet words its events "Readiness probe failed: …" and "Liveness probe failed: …".
        if (role is not { } known || cluster.Events is not { } events) return null;
        DateTimeOffset since = now.AddSeconds(-probe.PeriodSeconds * probe.FailureThreshold);
        ProbeEvent? failed = events.FirstOrDefault(one => one.Reason == "Unhealthy" && one.LastSeen >= since && one.Message.StartsWith($"{known} probe", StringComparison.Ordinal));
        return failed is null ? null : $"The probe succeeds from here, but it failed for kubelet at {failed.LastSeen:u}: {ForeignText.OfStranger.Line(failed.Message)}";
    }

    private static string Because(ProbeClusterState cluster) =>
        cluster.ReadyReason is null && cluster.ReadyMessage is null ? "" : $" ({string.Join(": ", new[] { cluster.ReadyReason, cluster.ReadyMessage }.Where(static text => !string.IsNullOrEmpty(text)))})";
}

/// <summary>Texts in messages.</summary>
internal static class ProbeText
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(40);

    /// <summary>What shows the answer of an instance: it may hold what the probe has told it, in a header or in a command.</summary>
    public static ForeignText Foreign(KubeVirtSession session, VmiProbe probe) => session.Client.Foreign.With(
        [.. probe.Headers.Where(header => Secrets.IsNamed(header.Key) || Secrets.LooksRandom(header.Value)).SelectMany(header => Secrets.OfHeader(header.Key, header.Value)), .. Secrets.Among(probe.Command)]);

    /// <summary>As much of a time as a timer can wait; an instance's numbers may reach 68 years.</summary>
    public static TimeSpan Waitable(TimeSpan time) => time < Longest ? time : Longest;

    /// <summary>Seconds, such as <c>2 s</c>.</summary>
    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.###} s");
}
