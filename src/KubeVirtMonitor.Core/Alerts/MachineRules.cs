namespace KubeVirtMonitor.Alerts;

/// <summary>The conditions of machines: a result for each for which it holds, or one for all of them.</summary>
/// <param name="facts">What is known.</param>
/// <param name="outcome">Makes results.</param>
internal sealed class MachineRules(AlertFacts facts, AlertOutcome outcome)
{
    // virt-handler reads the statistics of a machine anew after 3.25 to 6.5 seconds: over less than three of these, the growth of two times may be counted within one.
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(10);

    /// <summary>The results of an alert.</summary>
    public IEnumerable<AlertResult> Evaluate(AlertDefinition alert) => alert.Rule switch
    {
        AlertRule.Migrations => [outcome.Unknown(alert, default, "A day of history is needed, and Kubernetes keeps only the last five migrations of a machine: a server that stores metrics knows it.", AlertRemedy.Server)],
        AlertRule.NotEvictable or AlertRule.NotEvictableRunning => NotEvictable(alert),
        AlertRule.StuckUnhealthy => Stuck(alert, withInstance: false),
        AlertRule.StuckOnNode or AlertRule.StuckOnNodeAnyPhase => Stuck(alert, withInstance: true),
        AlertRule.LauncherMemory => LauncherMemory(alert),
        AlertRule.EphemeralHotplug => Ephemeral(alert),
        AlertRule.Panics => Panics(alert),
        AlertRule.GuestQueue => Queue(alert),
        AlertRule.MemoryPressure or AlertRule.MemoryLow => Memory(alert),
        AlertRule.FileSystemWarning or AlertRule.FileSystemCritical => FileSystems(alert),
        AlertRule.CpuReadyWarning or AlertRule.CpuReadyCritical => Rates(alert, "vCPUs of machines were ready to run and waited", static usage => usage.CpuReadyMaxPercent, static value => $"A vCPU was ready to run and waited for a processor of the node for {AlertOutcome.Number(value)} % of the time"),
        AlertRule.PacketDrops => Rates(alert, "packets were dropped", static usage => Highest(usage.NetworkReceiveDropPercent, usage.NetworkTransmitDropPercent), static value => $"{AlertOutcome.Number(value)} % of the packets in one direction were dropped"),
        AlertRule.DiskLatencyWarning or AlertRule.DiskLatencyCritical => Latency(alert),
        _ => throw new NotSupportedException($"{alert.Rule} is no rule of machines."),
    };

    private IEnumerable<AlertResult> NotEvictable(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        bool runsOnly = alert.Rule == AlertRule.NotEvictableRunning;
        foreach (((string space, string name), AlertInstance one) in facts.Instances)
        {
            if ((runsOnly && one.Phase != "Running") || one.Phase is "Succeeded" or "Failed") continue;
            if ((one.EvictionStrategy ?? facts.Installation?.EvictionStrategy) != "LiveMigrate" || (one.HasMigratable && one.Migratable != false)) continue;
            string evidence = $"Its eviction strategy is LiveMigrate, and {(one.HasMigratable ? $"it cannot be migrated{(one.MigratableNote is { } note ? $": {note}" : "")}" : "KubeVirt does not say that it can be migrated")}.";
            DateTimeOffset? since = !one.HasMigratable ? one.PhaseSince : one.MigratableSince is { } known && one.PhaseSince is { } phase && runsOnly && phase > known ? phase : one.MigratableSince;
            bad.Add(outcome.Bad(alert, AlertSubject.Machine(space, name, one.Node), 1, evidence, since));
        }

        string? missing = facts.WhyMissing(AlertNeeds.Instances) ?? (facts.Installation is null && facts.Instances.Values.Any(static one => one.EvictionStrategy is null) ? facts.WhyMissing(AlertNeeds.KubeVirt) : null);
        return Together(alert, bad, missing, $"None of {AlertOutcome.Count(facts.Instances.Count, "machine")} should be migrated when its node is drained and cannot be.");
    }

    private IEnumerable<AlertResult> Stuck(AlertDefinition alert, bool withInstance)
    {
        List<AlertResult> bad = [];
        string? missing = facts.WhyMissing(AlertNeeds.Machines | AlertNeeds.Instances);
        // Without the instances, whether one is there is not known.
        foreach (AlertMachine machine in missing is not null && facts.Missing.ContainsKey(AlertNeeds.Instances) && facts.Instances.Count == 0 ? [] : facts.Machines)
        {
            string status = machine.Status.ToLowerInvariant();
            bool isError = AlertProjections.IsError(status);
            bool hasInstance = facts.Instances.TryGetValue((machine.Namespace, machine.Name), out AlertInstance instance);
            if (!(isError || status is "starting" or "terminating" || status == (withInstance ? "stopping" : "provisioning"))) continue;
            if (withInstance ? !hasInstance || !IsOnNode(alert, instance) : hasInstance) continue;
            DateTimeOffset? since = machine.Since;
            if (withInstance) since = since is null || instance.PhaseSince is not { } phase ? null : phase > since ? phase : since;
            string evidence = $"Its status is {machine.Status}, {(withInstance ? $"and its instance is {instance.Phase} on {instance.Node ?? "no node"}" : "and it has no instance")}{(since is { } time ? $"; nothing of it has changed since {AlertOutcome.Time(time)}" : "; since when is not proven")}.";
            bad.Add(outcome.Bad(alert, AlertSubject.Machine(machine.Namespace, machine.Name, withInstance ? instance.Node : null), 1, evidence, since));
        }

        return Together(alert, bad, missing, $"None of {AlertOutcome.Count(facts.MachineCount, "machine")} is in such a state.");
    }

    // To 1.8.2, an instance in any phase counts.
    private static bool IsOnNode(AlertDefinition alert, AlertInstance instance) => alert.Rule == AlertRule.StuckOnNodeAnyPhase || instance.Phase is "Scheduled" or "Running";

    private IEnumerable<AlertResult> LauncherMemory(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        int known = 0;
        foreach ((string space, string pod, string? vmi, string? node, double? request) in facts.Launchers)
        {
            if (request is not { } memory || !facts.PodUsage.TryGetValue((space, pod), out var usage)) continue;
            known++;
            double margin = memory - usage.Memory;
            if (outcome.Holds(alert, margin)) bad.Add(outcome.Bad(alert, new AlertSubject($"{space}/{pod}", space, vmi, node), margin, $"{pod} requested {AlertOutcome.Number(memory)} bytes and uses {AlertOutcome.Number(usage.Memory)}."));
        }

        return Together(alert, bad, facts.WhyMissing(alert.Needs), $"None of {AlertOutcome.Count(known, "pod")} of machines comes near to what it requested.");
    }

    private IEnumerable<AlertResult> Ephemeral(AlertDefinition alert)
    {
        AlertResult[] bad = [.. facts.Looks.Ephemeral.Select(one => outcome.Bad(alert, AlertSubject.Machine(one.Namespace, one.Vmi, NodeOf(one.Namespace, one.Vmi)), 1, "A volume was hot-plugged that its VM does not have: it is lost when the machine is restarted."))];
        return Together(alert, bad, WhyNoScrape(ComponentKind.Controller, all: false), "No machine has such a volume.");
    }

    private IEnumerable<AlertResult> Panics(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        Dictionary<string, PodLook> handlers = facts.Looks.Pods.Values.Where(static look => look.Target is not null).DistinctBy(static look => look.Target).ToDictionary(static look => look.Target!, StringComparer.Ordinal);
        foreach (((string? space, string vmi), (double panics, string? node, string target)) in facts.Looks.Panics)
        {
            if (!outcome.Holds(alert, panics)) continue;
            AlertSubject subject = AlertSubject.Machine(space, vmi, node);
            DateTimeOffset? started = handlers.GetValueOrDefault(target)?.Started;
            string evidence = $"Its system has crashed {AlertOutcome.Count(panics, "time")}{(started is { } time ? $" since {AlertOutcome.Time(time)}" : "")}.";
            // The counter began with virt-handler: within a day all of it counts, and later nobody knows when.
            bad.Add(started is { } start && facts.Now - start <= alert.Window
                ? outcome.Bad(alert, subject, panics, evidence)
                : outcome.Unknown(alert, subject, $"{evidence} How often within the last day is in the history, which a server that stores metrics has.", AlertRemedy.Server));
        }

        return Together(alert, bad, WhyNoScrape(ComponentKind.Handler, all: true), "No guest has crashed so often since its virt-handler started.");
    }

    private IEnumerable<AlertResult> Queue(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        (int known, double most) = (0, 0);
        foreach (KubeVirtUsage usage in Machines)
        {
            if (usage.CpuQueue is not { } queue) continue;
            known++;
            most = Math.Max(most, queue);
            if (outcome.Holds(alert, queue)) bad.Add(outcome.Bad(alert, Subject(usage), queue, $"Its load is {AlertOutcome.Number(usage.Load1 ?? 0)} on {AlertOutcome.Count(usage.VCpus ?? 0, "vCPU")}."));
        }

        return Together(alert, bad, WhyNoScrape(ComponentKind.Handler, all: true), known == 0 ? "No guest says how high its load is." : $"The longest queue of {AlertOutcome.Count(known, "guest")} that tell their load is {AlertOutcome.Count(most, "task")}.", known == 0 ? null : most);
    }

    private IEnumerable<AlertResult> Memory(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        (int known, double least) = (0, double.PositiveInfinity);
        (bool isPressure, int open, TimeSpan? longest) = (alert.Rule == AlertRule.MemoryPressure, 0, null);
        (int faultsAt, int swapAt) = isPressure ? (1, 2) : (2, 1);
        foreach (KubeVirtUsage usage in Machines)
        {
            if (usage.MemoryVisible is not > 0 || usage.MemoryUsable is not { } usable) continue;
            double headroom = usable / usage.MemoryVisible.Value;
            known++;
            least = Math.Min(least, headroom);
            longest = usage.Interval > longest || longest is null ? usage.Interval : longest;
            if (!outcome.Holds(alert, headroom) || !IsRunning(usage)) continue;
            double? faults = usage.MajorFaultsPerSecond;
            double? swap = usage.SwapInBytesPerSecond + usage.SwapOutBytesPerSecond;
            bool? paging = faults is null && swap is null ? null
                : isPressure ? (faults is { } f && outcome.Holds(alert, f, faultsAt)) || (swap is { } s && outcome.Holds(alert, s, swapAt))
                : faults is { } calm && swap is { } still ? outcome.Holds(alert, calm, faultsAt) && outcome.Holds(alert, still, swapAt) : null;
            if (paging is null) open++;
            if (paging != true) continue;
            string evidence = $"{AlertOutcome.Number(100 * headroom)} % of its memory are usable, with {AlertOutcome.Number(faults ?? 0)} major page faults and {AlertOutcome.Number(swap ?? 0)} bytes of swap a second{AlertOutcome.Over(alert, usage.Interval)}.";
            bad.Add(outcome.Bad(alert, Subject(usage), headroom, evidence, window: usage.Interval));
        }

        string? missing = WhyNoScrape(ComponentKind.Handler, all: true);
        AlertRemedy remedy = AlertRemedy.None;
        if (missing is null && open > 0)
        {
            remedy = facts.Looks.Count < 2 ? AlertRemedy.SecondLook : AlertRemedy.LongerInterval;
            missing = $"{AlertOutcome.Count(open, "guest")} {(open == 1 ? "has" : "have")} little memory left, and {(open == 1 ? "its" : "their")} page faults and swap are not known: KubeVirt counts them every 10 seconds, so it takes two looks that are 20 seconds apart.";
        }

        return Together(alert, bad, missing, known == 0 ? "No guest says how much memory it has left." : $"Of {AlertOutcome.Count(known, "guest")} that tell, the least has {AlertOutcome.Number(100 * least)} % of its memory left.", known == 0 ? null : least, remedy);
    }

    private IEnumerable<AlertResult> FileSystems(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        (int known, double most) = (0, 0);
        bool isWarning = alert.Rule == AlertRule.FileSystemWarning;
        foreach (KubeVirtUsageDetail detail in Details)
        {
            if (detail.Kind != UsageDevice.FileSystem || !Usage.FileSystems.Counts(detail.Device, detail.FileSystemType ?? "") || detail.UsedPercent is not { } used || !double.IsFinite(used)) continue;
            known++;
            most = Math.Max(most, used);
            if (!outcome.Holds(alert, used) || (isWarning && !outcome.Holds(alert, used, 1))) continue;
            AlertSubject subject = AlertSubject.Machine(detail.Namespace, detail.Vmi ?? "", detail.Node);
            bad.Add(outcome.Bad(alert, subject with { Name = $"{subject.Name} {detail.Device}" }, used, $"{AlertOutcome.Number(used)} % of file system {detail.Device}{(detail.Disk is { } disk ? $" on {disk}" : "")} ({detail.FileSystemType}) are in use."));
        }

        return Together(alert, bad, WhyNoScrape(ComponentKind.Handler, all: true), known == 0 ? "No guest says how full its file systems are." : $"Of {AlertOutcome.Count(known, "file system")}, the fullest is at {AlertOutcome.Number(most)} %.", known == 0 ? null : most);
    }

    private IEnumerable<AlertResult> Latency(AlertDefinition alert)
    {
        if (facts.Looks.Count < 2) return [SecondLook(alert)];
        List<AlertResult> bad = [];
        (int known, int tooShort, double most, TimeSpan? window) = (0, 0, 0, null);
        foreach (IGrouping<(string? Namespace, string? Vmi), KubeVirtUsageDetail> machine in Details.Where(static detail => detail.Kind == UsageDevice.Drive).GroupBy(static detail => (detail.Namespace, detail.Vmi)))
        {
            (double worst, string? what, KubeVirtUsageDetail? of) = (double.NegativeInfinity, null, null);
            foreach (KubeVirtUsageDetail drive in machine)
            {
                foreach ((double? latency, string verb) in new[] { (drive.ReadLatencyMs, "read"), (drive.WriteLatencyMs, "write") })
                {
                    if (latency is { } time && time > worst) (worst, what, of) = (time, $"A {verb} of {drive.Device} took", drive);
                }
            }

            if (of is null) continue;
            if (of.Interval < LeastInterval)
            {
                tooShort++;
                continue;
            }

            known++;
            most = Math.Max(most, worst);
            window = of.Interval > window || window is null ? of.Interval : window;
            if (!outcome.Holds(alert, worst) || IsOther(alert, worst)) continue;
            bad.Add(outcome.Bad(alert, AlertSubject.Machine(machine.Key.Namespace, machine.Key.Vmi ?? "", of.Node), worst, $"{what} {AlertOutcome.Number(worst)} ms on average{AlertOutcome.Over(alert, of.Interval)}.", window: of.Interval));
        }

        return Together(alert, bad, WhyNoScrape(ComponentKind.Handler, all: true) ?? TooShort(tooShort), known == 0 ? "No machine read or wrote anything." : $"The slowest disk of {AlertOutcome.Count(known, "machine")} took {AlertOutcome.Number(most)} ms on average{AlertOutcome.Over(alert, window)}.", known == 0 ? null : most, tooShort > 0 ? AlertRemedy.LongerInterval : AlertRemedy.None, window);
    }

    private IEnumerable<AlertResult> Rates(AlertDefinition alert, string what, Func<KubeVirtUsage, double?> figure, Func<double, string> say)
    {
        if (facts.Looks.Count < 2) return [SecondLook(alert)];
        List<AlertResult> bad = [];
        (int known, int tooShort, double most, TimeSpan? window) = (0, 0, 0, null);
        foreach (KubeVirtUsage usage in Machines)
        {
            if (figure(usage) is not { } value) continue;
            if (usage.Interval < LeastInterval)
            {
                tooShort++;
                continue;
            }

            known++;
            most = Math.Max(most, value);
            window = usage.Interval > window || window is null ? usage.Interval : window;
            if (outcome.Holds(alert, value) && !IsOther(alert, value)) bad.Add(outcome.Bad(alert, Subject(usage), value, $"{say(value)}{AlertOutcome.Over(alert, usage.Interval)}.", window: usage.Interval));
        }

        return Together(alert, bad, WhyNoScrape(ComponentKind.Handler, all: true) ?? TooShort(tooShort), known == 0 ? $"Whether {what} is not told by any machine." : $"The highest figure of {AlertOutcome.Count(known, "machine")} is {AlertOutcome.Number(most)} %{AlertOutcome.Over(alert, window)}.", known == 0 ? null : most, tooShort > 0 ? AlertRemedy.LongerInterval : AlertRemedy.None, window);
    }

    private static string? TooShort(int machines) => machines == 0 ? null
        : $"The two looks at {AlertOutcome.Count(machines, "machine")} are less than {AlertOutcome.Length(LeastInterval)} apart: KubeVirt reads their statistics every 3 to 6 seconds, so that a rate over so short a time may be half or double.";

    // What is critical is not a warning too.
    private bool IsOther(AlertDefinition alert, double value) => alert.Thresholds.Count > 1 && !outcome.Holds(alert, value, 1);

    private IEnumerable<AlertResult> Together(AlertDefinition alert, IReadOnlyList<AlertResult> bad, string? missing, string well, double? value = null, AlertRemedy remedy = AlertRemedy.None, TimeSpan? window = null)
    {
        foreach (AlertResult one in bad) yield return one;
        // What is missing may hide more.
        if (missing is not null) yield return outcome.Unknown(alert, default, missing, remedy);
        else if (bad.Count == 0) yield return outcome.Ok(alert, default, value, well, window: window);
    }

    // Why what a component tells of machines is not known, or not all of it.
    private string? WhyNoScrape(ComponentKind kind, bool all)
    {
        if (facts.WhyMissing(AlertNeeds.Pods) is { } missing) return missing;
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        string name = ComponentFacts.NameOf(kind);
        if (pods.Count == 0) return $"There is no pod of {name}, which tells it.";
        MonitorException[] failed = [.. pods.Select(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name)?.Error).OfType<MonitorException>()];
        int read = pods.Count(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name) is { Error: null });
        if (read > 0 && (!all || read == pods.Count)) return null;
        string what = read == 0 ? $"No pod of {name}, which tells it, could be read." : $"{AlertOutcome.Number(pods.Count - read)} of {AlertOutcome.Count(pods.Count, "pod")} of {name} could not be read, so their machines are not known.";
        return failed.Length > 0 ? $"{what} {failed[0].Message}" : what;
    }

    private AlertResult SecondLook(AlertDefinition alert) => outcome.Unknown(alert, default, "What grows takes two looks, and there was one.", AlertRemedy.SecondLook);

    private IEnumerable<KubeVirtUsage> Machines => facts.Looks.Usage?.Machines ?? [];

    private IEnumerable<KubeVirtUsageDetail> Details => facts.Looks.Usage?.Details ?? [];

    // Where the instances may not be read, those that have metrics run.
    private bool IsRunning(KubeVirtUsage usage) => !facts.Instances.TryGetValue((usage.Namespace ?? "", usage.Vmi ?? ""), out AlertInstance instance) || instance.Phase == "Running";

    private string? NodeOf(string? inNamespace, string vmi) => facts.Instances.TryGetValue((inNamespace ?? "", vmi), out AlertInstance instance) ? instance.Node : null;

    private static AlertSubject Subject(KubeVirtUsage usage) => AlertSubject.Machine(usage.Namespace, usage.Vmi ?? "", usage.Node);

    private static double? Highest(double? left, double? right) => left is null ? right : right is null ? left : Math.Max(left.Value, right.Value);
}
