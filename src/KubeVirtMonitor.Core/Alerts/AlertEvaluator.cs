using System.Globalization;

namespace KubeVirtMonitor.Alerts;

/// <summary>Evaluates alerts from what is known of a cluster. Asks nobody.</summary>
internal sealed class AlertEvaluator
{
    private readonly AlertFacts _facts;
    private readonly ComponentRules _components;
    private readonly MachineRules _machines;

    /// <summary>Prepares an evaluation.</summary>
    /// <param name="facts">What is known.</param>
    /// <param name="thresholds">What the user set.</param>
    public AlertEvaluator(AlertFacts facts, AlertThresholds? thresholds = null)
    {
        _facts = facts;
        AlertOutcome outcome = new(facts, thresholds ?? AlertThresholds.Usual);
        _components = new ComponentRules(facts, outcome);
        _machines = new MachineRules(facts, outcome);
    }

    /// <summary>The results of alerts: what fires first, then what holds without a proof that it has long enough, what cannot be told, and what is well. At least one for each.</summary>
    public IReadOnlyList<AlertResult> Evaluate(IEnumerable<AlertDefinition> definitions) => InOrder(definitions.SelectMany(Evaluate));

    /// <summary>Results in the order in which they are shown.</summary>
    public static IReadOnlyList<AlertResult> InOrder(IEnumerable<AlertResult> results) =>
    [
        .. results.OrderBy(static result => result.State).ThenBy(static result => result.Cluster, StringComparer.Ordinal).ThenBy(static result => result.Severity).ThenBy(static result => result.Origin)
            .ThenBy(static result => result.Name, StringComparer.Ordinal).ThenBy(static result => result.Namespace, StringComparer.Ordinal).ThenBy(static result => result.Subject, StringComparer.Ordinal),
    ];

    /// <summary>
    /// Leaves one word on what is well: of a name of which one severity holds for something, that the other holds for nothing is no news; and of one that holds in none, or is not known in
    /// any, the highest severity speaks for all.
    /// </summary>
    public static IEnumerable<AlertResult> OnePerName(IEnumerable<AlertResult> results)
    {
        foreach (IGrouping<(string Name, string? Cluster, KubeVirtSession? Session), AlertResult> name in results.GroupBy(static result => (result.Name, result.Cluster, result.Session)))
        {
            AlertResult[] bySeverity = [.. name.OrderBy(static result => result.Severity)];
            bool holds = Array.Exists(bySeverity, static result => result.State is AlertState.Firing or AlertState.Pending);
            HashSet<(AlertState, string?, string?)> said = [];
            foreach (AlertResult result in bySeverity)
            {
                bool isNews = result.State switch
                {
                    AlertState.Ok => !holds && !Array.Exists(bySeverity, static other => other.State == AlertState.Unknown) && said.Add((AlertState.Ok, null, null)),
                    AlertState.Unknown => said.Add((AlertState.Unknown, result.Subject, result.Missing)),
                    _ => true,
                };
                if (isNews) yield return result;
            }
        }
    }

    /// <summary>The results of one alert.</summary>
    public IEnumerable<AlertResult> Evaluate(AlertDefinition definition) => definition.Rule switch
    {
        AlertRule.GuestQueue or AlertRule.MemoryPressure or AlertRule.MemoryLow or AlertRule.FileSystemWarning or AlertRule.FileSystemCritical or AlertRule.Panics or AlertRule.EphemeralHotplug
            or AlertRule.CpuReadyWarning or AlertRule.CpuReadyCritical or AlertRule.DiskLatencyWarning or AlertRule.DiskLatencyCritical or AlertRule.PacketDrops
            or AlertRule.NotEvictable or AlertRule.NotEvictableRunning or AlertRule.StuckUnhealthy or AlertRule.StuckOnNode or AlertRule.StuckOnNodeAnyPhase
            or AlertRule.Migrations or AlertRule.LauncherMemory => _machines.Evaluate(definition),
        _ => _components.Evaluate(definition),
    };

    /// <summary>When the facts are of.</summary>
    public DateTimeOffset Time => _facts.Now;
}

/// <summary>What a result is about.</summary>
/// <param name="Name">What it is; null for the cluster.</param>
/// <param name="Namespace">The namespace of a machine.</param>
/// <param name="Vmi">The machine.</param>
/// <param name="Node">The node.</param>
internal readonly record struct AlertSubject(string? Name, string? Namespace = null, string? Vmi = null, string? Node = null)
{
    /// <summary>A machine.</summary>
    public static AlertSubject Machine(string? inNamespace, string vmi, string? node) => new(inNamespace is null ? vmi : $"{inNamespace}/{vmi}", inNamespace, vmi, node);
}

/// <summary>Makes the results of alerts.</summary>
/// <param name="facts">What is known.</param>
/// <param name="thresholds">What the user set.</param>
internal sealed class AlertOutcome(AlertFacts facts, AlertThresholds thresholds)
{
    private const AlertNeeds Scrapes = AlertNeeds.VirtApi | AlertNeeds.VirtController | AlertNeeds.VirtHandler | AlertNeeds.VirtOperator;

    /// <summary>What a value is compared with.</summary>
    public double Threshold(AlertDefinition alert, int index = 0) => thresholds.Of(alert, index) ?? double.NaN;

    /// <summary>Whether a value is on the side of the condition.</summary>
    public bool Holds(AlertDefinition alert, double value, int index = 0) => AlertThreshold.Holds(value, alert.Thresholds[index].Comparison, Threshold(alert, index));

    /// <summary>The condition holds.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="value">The value.</param>
    /// <param name="evidence">What was seen, as a sentence.</param>
    /// <param name="since">Since when it has held, where Kubernetes proves it.</param>
    /// <param name="threshold">What it is compared with, where that is no constant.</param>
    /// <param name="window">The time over which growth was counted.</param>
    /// <param name="isProven">Whether what was seen proves by itself that it has held long enough.</param>
    public AlertResult Bad(AlertDefinition alert, AlertSubject subject, double? value, string evidence, DateTimeOffset? since = null, double? threshold = null, TimeSpan? window = null, bool isProven = false)
    {
        TimeSpan hold = thresholds.HoldOf(alert);
        // What holds over a shorter time than KubeVirt counts may not hold over all of it.
        bool isShort = alert.Origin == AlertOrigin.KubeVirt && window < alert.Window && !isProven && !thresholds.IsAtOnce(alert);
        bool isLong = hold <= TimeSpan.Zero || isProven || (since is { } start && facts.Now - start >= hold);
        return Make(alert, isLong && !isShort ? AlertState.Firing : AlertState.Pending, subject, value, evidence, threshold, window) with { Since = since };
    }

    /// <summary>The condition does not hold.</summary>
    public AlertResult Ok(AlertDefinition alert, AlertSubject subject, double? value, string evidence, double? threshold = null, TimeSpan? window = null) =>
        Make(alert, AlertState.Ok, subject, value, evidence, threshold, window);

    /// <summary>It cannot be told.</summary>
    /// <param name="alert">The alert.</param>
    /// <param name="subject">What it is about.</param>
    /// <param name="missing">What is missing, as a sentence.</param>
    /// <param name="remedy">What helps.</param>
    public AlertResult Unknown(AlertDefinition alert, AlertSubject subject, string missing, AlertRemedy remedy = AlertRemedy.None) =>
        Make(alert, AlertState.Unknown, subject, null, null, null, null) with { Missing = missing, Remedy = remedy };

    /// <summary>A number in a sentence.</summary>
    public static string Number(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.###", CultureInfo.InvariantCulture);

    /// <summary>A time in a sentence.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A length of time in a sentence.</summary>
    public static string Length(TimeSpan time) => time.TotalHours >= 2 ? $"{Number(Math.Round(time.TotalHours, 1))} hours" : time.TotalMinutes >= 2 ? $"{Number(Math.Round(time.TotalMinutes, 1))} minutes" : $"{Number(Math.Round(time.TotalSeconds, 1))} seconds";

    /// <summary>A count with the word for what is counted.</summary>
    public static string Count(double count, string one, string? several = null) => $"{Number(count)} {(count.Equals(1d) ? one : several ?? one + "s")}";

    /// <summary>Says over what time something was seen, and that the rule looks at more; empty where nothing that grows was looked at.</summary>
    public static string Over(AlertDefinition alert, TimeSpan? window) => window is not { } time ? ""
        : alert.Origin == AlertOrigin.KubeVirt && time < alert.Window ? $" within {Length(time)} (KubeVirt's rule looks at {Length(alert.Window)})" : $" within {Length(time)}";

    private AlertResult Make(AlertDefinition alert, AlertState state, AlertSubject subject, double? value, string? evidence, double? threshold, TimeSpan? window)
    {
        AlertResult result = alert.Result(state, thresholds, facts.Now);
        return result with
        {
            Subject = subject.Name,
            Namespace = subject.Namespace,
            Vmi = subject.Vmi,
            Node = subject.Node,
            Cluster = facts.Session?.ToString(),
            Session = facts.Session,
            Value = value,
            Threshold = threshold ?? result.Threshold,
            Evidence = evidence,
            WindowSeconds = window?.TotalSeconds,
            Source = (alert.Needs & Scrapes) != 0 ? "Endpoints" : "Kubernetes",
        };
    }
}
