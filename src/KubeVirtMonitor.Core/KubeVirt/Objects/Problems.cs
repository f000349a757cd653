using System.Globalization;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.KubeVirt;

/// <summary>Why a machine does not start, or is not as it should be, out of its conditions: the first cause and not what follows from it.</summary>
internal static class Problems
{
    // In the order in which one leads to the next; each is False when something is wrong.
    private static readonly string[] Causes = ["Synchronized", "DataVolumesReady", "PodScheduled", "AccessCredentialsSynchronized"];

    /// <summary>Why an instance does not start or run; null where nothing is wrong. That it is paused by somebody, starts, or cannot be migrated is nothing wrong.</summary>
    /// <param name="reason">Its <c>status.reason</c>.</param>
    public static string? OfInstance(string? phase, string? reason, in Conditions conditions) =>
        phase == "Succeeded" ? null
        : Cause(conditions)
        ?? (string.IsNullOrEmpty(reason) ? null : reason)
        ?? (phase is "Running" or "Unknown" or "Failed" ? NotReady(conditions) : null)
        ?? (phase is "Failed" or "Unknown" ? phase : null);

    /// <summary>Why a machine does not start or run; null where nothing is wrong, also for one that is stopped.</summary>
    /// <param name="status">What KubeVirt prints.</param>
    /// <param name="startFailures">How often it failed to start in a row.</param>
    public static string? OfMachine(string? status, long startFailures, in Conditions conditions) =>
        conditions.WhyNot("Failure", false)
        ?? (HasInstance(conditions) ? Cause(conditions) : null)
        ?? conditions.WhyNot("ManualRecoveryRequired", false)
        ?? (startFailures > 0 && status is not ("Running" or "Paused" or "Migrating" or "Stopped") ? string.Create(CultureInfo.InvariantCulture, $"{status ?? "Not started"}: it failed to start {(startFailures == 1 ? "once" : $"{startFailures} times in a row")}") : null)
        ?? (status == "Running" ? NotReady(conditions) : null)
        ?? (IsError(status) ? status : null);

    /// <summary>Whether a machine has an instance. One that has none any more keeps the conditions of its last.</summary>
    public static bool HasInstance(in Conditions conditions) => conditions["Ready"]?.Reason != "VMINotExists";

    /// <summary>A text of the cluster as one line that steers no terminal.</summary>
    public static string? OneLine(string? text) => text is null || !text.AsSpan().ContainsAnyExceptInRange(' ', '~')
        ? text
        : string.Join(' ', TextShown.Printable(text).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string? Cause(in Conditions conditions)
    {
        foreach (string cause in Causes)
        {
            if (conditions.WhyNot(cause, true) is { } why) return why;
        }

        return conditions["Paused"] is { IsTrue: true, Reason: not ("PausedByUser" or "PausedByMigrationMonitor") } paused && paused.Why.Length > 0 ? paused.Why : null;
    }

    // One that somebody has paused is not Ready, as it should be.
    private static string? NotReady(in Conditions conditions) => conditions.Has("Paused") ? null : conditions.WhyNot("Ready", true);

    private static bool IsError(string? status) =>
        status is "CrashLoopBackOff" or "ImagePullBackOff" or "DataVolumeError" or "Unknown" || status?.StartsWith("Err", StringComparison.Ordinal) == true;
}
