using System.Globalization;

namespace KubeVirtMonitor.Alerts;

/// <summary>The conditions of components, nodes and the cluster.</summary>
/// <param name="facts">What is known.</param>
/// <param name="outcome">Makes results.</param>
internal sealed class ComponentRules(AlertFacts facts, AlertOutcome outcome)
{
    // Its certificate is renewed when a fifth of its life is left (pkg/certificates/bootstrap, defaults of 7 days and 24 hours).
    private const double AuthorityPart = 1d / 7;

    /// <summary>The results of an alert.</summary>
    public IEnumerable<AlertResult> Evaluate(AlertDefinition alert)
    {
        ComponentKind kind = alert.Component ?? default;
        AlertSubject subject = new(alert.Component is { } component ? ComponentFacts.NameOf(component) : null);
        // What scrapes need is told by pod; the rest has to be there.
        AlertNeeds needs = alert.Needs & ~(AlertNeeds.VirtApi | AlertNeeds.VirtController | AlertNeeds.VirtHandler | AlertNeeds.VirtOperator);
        if (alert.Rule is not (AlertRule.NoNodes or AlertRule.NoFreeNodes) && facts.WhyMissing(needs) is { } missing) return [outcome.Unknown(alert, subject, missing)];
        return alert.Rule switch
        {
            AlertRule.NotRunning => [NotRunning(alert, kind, subject)],
            AlertRule.Unreached => [Unreached(alert, kind, subject)],
            AlertRule.FewReady or AlertRule.FewOrNoneReady => [FewReady(alert, kind, subject)],
            AlertRule.FewReadyOfReached => [FewReadyOfReached(alert, kind, subject)],
            AlertRule.NoneReady => [NoneReady(alert, kind, subject)],
            AlertRule.FewReached or AlertRule.LowReady => [TooFew(alert, kind, subject)],
            AlertRule.LowReplicas => [LowReplicas(alert, kind, subject)],
            AlertRule.RestErrors => [RestErrors(alert, kind, subject)],
            AlertRule.NoLeader or AlertRule.SeveralLeaders => [Leaders(alert, kind, subject)],
            AlertRule.Rollout => [Rollout(alert, subject)],
            AlertRule.Deprecated or AlertRule.DeprecatedWithDeletes => Deprecated(alert),
            AlertRule.FewKvmNodes or AlertRule.FewKvmWorkers => [FewKvm(alert)],
            AlertRule.NoNodes or AlertRule.NoFreeNodes => [NoNodes(alert)],
            AlertRule.Orphans => Orphans(alert),
            AlertRule.FailedLaunchers => [FailedLaunchers(alert)],
            AlertRule.Outdated => [Outdated(alert)],
            AlertRule.ComponentMemory or AlertRule.ComponentCpu => OverRequest(alert),
            AlertRule.CertificateExpired or AlertRule.CertificateExpires => Certificates(alert),
            AlertRule.AuthorityExpires => [Authority(alert)],
            AlertRule.WorkQueue => WorkQueues(alert),
            _ => throw new NotSupportedException($"{alert.Rule} is no rule of components."),
        };
    }

    // Whether its metrics could be read; null where that may be a matter of the way to it: the pod is Ready by Kubernetes' own word.
    private bool? Reached(AlertPod pod) => !facts.Looks.Pods.TryGetValue(pod.Name, out PodLook? look) ? (pod.Ready ? null : false) : look.Error is null ? true : pod.Ready ? null : false;

    // Ready by Kubernetes' word and its own; one that answers and does not say so is not.
    private bool? Ready(AlertPod pod) => !pod.Ready ? false : Reached(pod) switch
    {
        true => facts.Looks.Pods[pod.Name].Ready == true,
        _ => null,
    };

    private bool? OwnReady(AlertPod pod) => Reached(pod) switch
    {
        true => facts.Looks.Pods[pod.Name].Ready == true,
        var reached => reached,
    };

    private AlertResult NotRunning(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        int running = pods.Count(IsRunning);
        return running > 0
            ? outcome.Ok(alert, subject, running, $"{Of(running, pods.Count)} of {subject.Name} run.")
            : outcome.Bad(alert, subject, 0, NoneRuns(pods, subject), SinceNoneRuns(pods));
    }

    private AlertResult Unreached(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        int reached = pods.Count(pod => Reached(pod) == true);
        if (reached > 0) return outcome.Ok(alert, subject, reached, $"{Of(reached, pods.Count)} of {subject.Name} could be reached.");
        if (pods.FirstOrDefault(pod => Reached(pod) is null) is { } unknown) return outcome.Unknown(alert, subject, WhyNot(unknown));
        bool noneRuns = !pods.Any(IsRunning);
        return outcome.Bad(alert, subject, 0, noneRuns ? NoneRuns(pods, subject) : $"{NoneOf(pods.Count, subject.Name!, "could be reached")} {Notes(pods)}".TrimEnd(), noneRuns ? SinceNoneRuns(pods) : SinceUnready(pods, pods.Count));
    }

    private AlertResult FewReady(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        AlertPod[] running = [.. pods.Where(IsRunning)];
        int ready = pods.Count(pod => Ready(pod) == true);
        int open = pods.Count(pod => Ready(pod) is null);
        string evidence = $"{Of(ready, running.Length)} of {subject.Name} that {(running.Length == 1 ? "runs" : "run")} {(ready == 1 ? "is" : "are")} ready.";
        bool mayBeNone = alert.Rule == AlertRule.FewOrNoneReady;
        // Whatever those that are not known say.
        bool isLess = ready + open < running.Length;
        if (isLess && (mayBeNone || ready > 0)) return outcome.Bad(alert, subject, ready, $"{evidence} {Notes(running)}".TrimEnd(), SinceSomeUnready(running), running.Length);
        if (open == 0 || (!mayBeNone && ready + open == 0)) return outcome.Ok(alert, subject, ready, evidence, running.Length);
        return ready + open >= running.Length && ready == running.Length
            ? outcome.Ok(alert, subject, ready, evidence, running.Length)
            : outcome.Unknown(alert, subject, WhyNot(pods.First(pod => Ready(pod) is null)));
    }

    private AlertResult FewReadyOfReached(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        AlertPod[] reached = [.. pods.Where(pod => Reached(pod) == true)];
        int ready = reached.Count(pod => OwnReady(pod) == true);
        string evidence = $"{Of(ready, reached.Length)} of {subject.Name} that could be reached say that they are ready.";
        if (ready < reached.Length) return outcome.Bad(alert, subject, ready, $"{evidence} {Notes(reached)}".TrimEnd(), SinceSomeUnready(reached), reached.Length);
        return pods.FirstOrDefault(pod => Reached(pod) is null) is { } unknown ? outcome.Unknown(alert, subject, WhyNot(unknown)) : outcome.Ok(alert, subject, ready, evidence, reached.Length);
    }

    private AlertResult NoneReady(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        int ready = pods.Count(pod => Ready(pod) == true);
        if (ready > 0) return outcome.Ok(alert, subject, ready, $"{Of(ready, pods.Count)} of {subject.Name} {(ready == 1 ? "is" : "are")} ready.");
        if (pods.FirstOrDefault(pod => Ready(pod) is null) is { } unknown) return outcome.Unknown(alert, subject, WhyNot(unknown));
        return outcome.Bad(alert, subject, 0, pods.Count == 0 ? NoneRuns(pods, subject) : $"{NoneOf(pods.Count, subject.Name!, "is ready")} {Notes(pods)}".TrimEnd(), SinceUnready(pods, pods.Count));
    }

    // Before 1.6.5: of a cluster with several nodes, fewer than two.
    private AlertResult TooFew(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        Func<AlertPod, bool?> counts = alert.Rule == AlertRule.LowReady ? OwnReady : Reached;
        string what = alert.Rule == AlertRule.LowReady ? "say that they are ready" : "could be reached";
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        int nodes = facts.Nodes.Count(static node => node.HasAllocatable);
        int good = pods.Count(pod => counts(pod) == true);
        int open = pods.Count(pod => counts(pod) is null);
        string evidence = $"{Of(good, pods.Count)} of {subject.Name} {what}, in a cluster of {AlertOutcome.Count(nodes, "node")}.";
        if (!outcome.Holds(alert, nodes, 1) || !outcome.Holds(alert, good)) return outcome.Ok(alert, subject, good, evidence);
        if (outcome.Holds(alert, good + open))
            return outcome.Bad(alert, subject, good, $"{evidence} {Notes(pods)}".TrimEnd(), SinceUnready(pods, pods.Count - (int)Math.Ceiling(outcome.Threshold(alert)) + 1));
        return outcome.Unknown(alert, subject, WhyNot(pods.First(pod => counts(pod) is null)));
    }

    private AlertResult LowReplicas(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        if (!facts.Replicas.TryGetValue(subject.Name!, out int wanted)) return outcome.Unknown(alert, subject, $"There is no deployment {subject.Name}.");
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        int good = pods.Count(pod => Reached(pod) == true);
        int open = pods.Count(pod => Reached(pod) is null);
        double share = (double)good / wanted;
        string evidence = $"{AlertOutcome.Count(good, "pod")} of {subject.Name} could be reached, and {AlertOutcome.Number(wanted)} should run.";
        // Nothing of nothing is no finding.
        if (!outcome.Holds(alert, share)) return outcome.Ok(alert, subject, double.IsNaN(share) ? null : share, evidence);
        if (!outcome.Holds(alert, (double)(good + open) / wanted)) return outcome.Unknown(alert, subject, WhyNot(pods.First(pod => Reached(pod) is null)));
        int unready = 1;
        while (unready < wanted && !outcome.Holds(alert, (double)(wanted - unready) / wanted)) unready++;
        return outcome.Bad(alert, subject, share, $"{evidence} {Notes(pods)}".TrimEnd(), pods.Count >= wanted ? SinceUnready(pods, unready + pods.Count - wanted) : SinceUnavailable(subject.Name!, unready));
    }

    private AlertResult RestErrors(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        if (pods.Count == 0) return outcome.Ok(alert, subject, null, $"There is no pod of {subject.Name}.");
        if (facts.Looks.Count < 2) return SecondLook(alert, subject);
        (double all, double errors, TimeSpan window) = (0, 0, TimeSpan.Zero);
        bool any = false;
        foreach (AlertPod pod in pods)
        {
            if (!facts.Looks.Pods.TryGetValue(pod.Name, out PodLook? look) || look is not { Error: null, Before: { } before, Requests: { } now }) continue;
            any = true;
            // After a restart, all that is counted is new.
            bool isNew = now < (before.Requests ?? 0);
            all += isNew ? now : now - (before.Requests ?? 0);
            errors += isNew ? look.Errors : look.Errors - before.Errors;
            window = look.Time - before.Time > window ? look.Time - before.Time : window;
        }

        if (!any) return outcome.Unknown(alert, subject, pods.FirstOrDefault(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name)?.Error is not null) is { } failed ? WhyNot(failed) : $"No pod of {subject.Name} says how many requests it made.");
        double share = errors / all;
        string over = AlertOutcome.Over(alert, window);
        string evidence = all == 0 ? $"{subject.Name} made no request{over}." : $"{AlertOutcome.Number(errors)} of {AlertOutcome.Count(all, "request")} of {subject.Name} failed{over}.";
        if (outcome.Holds(alert, share)) return outcome.Bad(alert, subject, share, evidence, window: window);
        return outcome.Ok(alert, subject, double.IsNaN(share) ? null : share, evidence, window: window);
    }

    private AlertResult Leaders(AlertDefinition alert, ComponentKind kind, AlertSubject subject)
    {
        IReadOnlyList<AlertPod> pods = facts.PodsOf(kind);
        string[] leaders = [.. pods.Where(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name) is { Error: null, Leading: true }).Select(static pod => pod.Name)];
        string evidence = leaders.Length == 0 ? $"No pod of {subject.Name} says that it leads." : $"{string.Join(", ", leaders)} {(leaders.Length == 1 ? "leads" : "lead")}.";
        if (outcome.Holds(alert, leaders.Length))
        {
            if (alert.Rule == AlertRule.NoLeader)
            {
                return pods.FirstOrDefault(pod => Reached(pod) is null) is { } unknown
                    ? outcome.Unknown(alert, subject, WhyNot(unknown))
                    : outcome.Bad(alert, subject, 0, $"{evidence} {Notes(pods)}".TrimEnd(), pods.Any(IsRunning) ? null : SinceNoneRuns(pods));
            }

            // The lead may have changed hands between two scrapes of one look.
            int before = pods.Count(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name)?.Before is { Leading: true });
            AlertResult several = outcome.Bad(alert, subject, leaders.Length, evidence);
            return facts.Looks.Count > 1 && !outcome.Holds(alert, before) ? several with { State = AlertState.Pending } : several;
        }

        if (alert.Rule == AlertRule.SeveralLeaders && leaders.Length > 0 && pods.FirstOrDefault(pod => Reached(pod) is null) is { } open) return outcome.Unknown(alert, subject, WhyNot(open));
        if (alert.Rule == AlertRule.SeveralLeaders && leaders.Length == 0 && pods.Count > 0 && pods.All(pod => Reached(pod) != true)) return outcome.Unknown(alert, subject, WhyNot(pods[0]));
        return outcome.Ok(alert, subject, leaders.Length, evidence);
    }

    private AlertResult Rollout(AlertDefinition alert, AlertSubject subject)
    {
        if (facts.DaemonSet is not { } set) return outcome.Unknown(alert, subject, $"There is no daemon set {subject.Name}.");
        string evidence = $"{subject.Name} is ready on {set.Ready} of {AlertOutcome.Count(set.Desired, "node")}.";
        if (set.Ready == set.Desired) return outcome.Ok(alert, subject, set.Ready, evidence, set.Desired);
        // Pods may be read or not: they only tell since when.
        IReadOnlyList<AlertPod> pods = facts.PodsOf(ComponentKind.Handler);
        return outcome.Bad(alert, subject, set.Ready, $"{evidence} {Notes(pods)}".TrimEnd(), pods.Count == set.Desired ? SinceUnready(pods, 1) : null, set.Desired);
    }

    private List<AlertResult> Deprecated(AlertDefinition alert)
    {
        if (facts.ApiRequests.Count == 0) return [outcome.Unknown(alert, default, "The metrics of the API server were not read.")];
        ApiRequestCounts now = facts.ApiRequests[^1];
        if (now.Deprecated.Count == 0) return [outcome.Ok(alert, default, 0, "No deprecated version of KubeVirt's API was requested since this API server started.")];
        if (facts.ApiRequests.Count < 2) return [SecondLook(alert, default)];
        ApiRequestCounts before = facts.ApiRequests[^2];
        TimeSpan window = now.Time - before.Time;
        string[] left = alert.Rule == AlertRule.Deprecated ? ["LIST", "WATCH", "DELETE"] : ["LIST", "WATCH"];
        List<AlertResult> bad = [];
        foreach (var api in now.Requests.Where(one => now.Deprecated.Contains((one.Key.Group, one.Key.Version, one.Key.Resource, one.Key.Subresource)) && !left.Contains(one.Key.Verb)).GroupBy(static one => (one.Key.Resource, one.Key.Group, one.Key.Version)))
        {
            double growth = api.Sum(one => one.Value - before.Requests.GetValueOrDefault(one.Key) is > 0 and double more ? more : 0);
            if (!outcome.Holds(alert, growth)) continue;
            // What grew within a part of the time grew within all of it.
            bad.Add(outcome.Bad(alert, new AlertSubject($"{api.Key.Resource}.{api.Key.Group}/{api.Key.Version}"), growth, $"{AlertOutcome.Count(growth, "request")} to {api.Key.Resource}.{api.Key.Group}/{api.Key.Version}{AlertOutcome.Over(alert, window)}.", window: window, isProven: true));
        }

        return bad.Count > 0 ? bad : [outcome.Ok(alert, default, 0, $"No deprecated version of KubeVirt's API was requested{AlertOutcome.Over(alert, window)}.", window: window)];
    }

    private AlertResult FewKvm(AlertDefinition alert)
    {
        // Those that run no machines do not count, from the versions on that know them.
        int nodes = facts.Nodes.Count(node => node.HasAllocatable) - (alert.Rule == AlertRule.FewKvmWorkers ? facts.Nodes.Count(static node => node.IsArbiter) : 0);
        int kvm = facts.Nodes.Count(static node => node.HasKvm);
        string evidence = $"{AlertOutcome.Number(kvm)} of {AlertOutcome.Count(nodes, "node")} {(kvm == 1 ? "offers" : "offer")} KVM.";
        return outcome.Holds(alert, kvm) && outcome.Holds(alert, nodes, 1) ? outcome.Bad(alert, default, kvm, evidence) : outcome.Ok(alert, default, kvm, evidence);
    }

    private AlertResult NoNodes(AlertDefinition alert)
    {
        if (facts.WhyMissing(AlertNeeds.Nodes) is { } missing) return outcome.Unknown(alert, default, missing);
        int kvm = facts.Nodes.Count(static node => node.HasKvm);
        int schedulable = facts.Nodes.Count(node => node.IsSchedulable && !(node.IsCordoned && alert.Rule == AlertRule.NoFreeNodes));
        string evidence = $"KubeVirt may place machines on {schedulable} of {AlertOutcome.Count(facts.Nodes.Count, "node")}, and {AlertOutcome.Number(kvm)} {(kvm == 1 ? "offers" : "offer")} KVM.";
        if (schedulable == 0) return outcome.Bad(alert, default, 0, evidence);
        if (kvm > 0) return outcome.Ok(alert, default, schedulable, evidence);
        if (facts.Installation is not { } installation) return outcome.Unknown(alert, default, $"{evidence} Whether machines may be emulated is not known. {facts.WhyMissing(AlertNeeds.KubeVirt)}".TrimEnd());
        return installation.UseEmulation
            ? outcome.Ok(alert, default, schedulable, $"{evidence} Machines are emulated in software.")
            : outcome.Bad(alert, default, 0, $"{evidence} Machines may not be emulated.");
    }

    private List<AlertResult> Orphans(AlertDefinition alert)
    {
        Dictionary<string, AlertPod[]> handlers = facts.PodsOf(ComponentKind.Handler).Where(static pod => pod.Node is not null).GroupBy(static pod => pod.Node!).ToDictionary(static group => group.Key, static group => group.ToArray());
        List<AlertResult> bad = [];
        var nodes = facts.Instances.Values.Where(static one => one.Node is not null && one.Phase is "Running" or "Scheduled").GroupBy(static one => one.Node!).ToArray();
        foreach (var node in nodes)
        {
            AlertPod[] pods = handlers.GetValueOrDefault(node.Key) ?? [];
            if (pods.Any(static pod => pod.Ready)) continue;
            DateTimeOffset? unready = pods.Length == 0 ? null : pods.Max(static pod => pod.ReadySince);
            DateTimeOffset? machines = node.Min(static one => one.PhaseSince);
            string evidence = $"{AlertOutcome.Count(node.Count(), "machine")} {(node.Count() == 1 ? "is" : "are")} on node {node.Key}, and {(pods.Length == 0 ? "no virt-handler is" : "its virt-handler is not ready")}{(pods.Length == 0 ? " there" : "")}. {Notes(pods)}".TrimEnd();
            bad.Add(outcome.Bad(alert, new AlertSubject(node.Key, Node: node.Key), 0, evidence, unready is null || machines is null ? null : unready > machines ? unready : machines));
        }

        return bad.Count > 0 ? bad : [outcome.Ok(alert, default, null, $"virt-handler is ready on all {AlertOutcome.Count(nodes.Length, "node")} with machines.")];
    }

    private AlertResult FailedLaunchers(AlertDefinition alert)
    {
        string evidence = $"{AlertOutcome.Count(facts.FailedLaunchers, "pod")} of machines {(facts.FailedLaunchers == 1 ? "has" : "have")} failed and {(facts.FailedLaunchers == 1 ? "was" : "were")} not removed.";
        return outcome.Holds(alert, facts.FailedLaunchers) ? outcome.Bad(alert, default, facts.FailedLaunchers, evidence) : outcome.Ok(alert, default, facts.FailedLaunchers, evidence);
    }

    private AlertResult Outdated(AlertDefinition alert)
    {
        if (facts.Installation is not { } installation) return outcome.Unknown(alert, default, "The KubeVirt resource was not read.");
        string evidence = $"{AlertOutcome.Count(installation.Outdated, "machine")} {(installation.Outdated == 1 ? "runs" : "run")} in {(installation.Outdated == 1 ? "a pod" : "pods")} of an older KubeVirt.";
        return outcome.Holds(alert, installation.Outdated) ? outcome.Bad(alert, default, installation.Outdated, evidence) : outcome.Ok(alert, default, installation.Outdated, evidence);
    }

    private List<AlertResult> OverRequest(AlertDefinition alert)
    {
        bool isMemory = alert.Rule == AlertRule.ComponentMemory;
        List<AlertResult> bad = [];
        int known = 0;
        foreach (AlertPod pod in facts.Pods)
        {
            if ((isMemory ? pod.MemoryRequest : pod.CpuRequest) is not { } request || !facts.PodUsage.TryGetValue((pod.Namespace, pod.Name), out var usage)) continue;
            known++;
            double margin = request - (isMemory ? usage.Memory : usage.Cpu);
            TimeSpan? window = isMemory || usage.Seconds <= 0 ? null : TimeSpan.FromSeconds(usage.Seconds);
            if (outcome.Holds(alert, margin))
                bad.Add(outcome.Bad(alert, new AlertSubject(pod.Name, Node: pod.Node), margin, isMemory ? $"{pod.Name} requested {AlertOutcome.Number(request)} bytes and uses {AlertOutcome.Number(usage.Memory)}." : $"{pod.Name} requested {AlertOutcome.Count(request, "CPU")} and uses {AlertOutcome.Number(usage.Cpu)}.", window: window));
        }

        if (bad.Count > 0) return bad;
        return known == 0 ? [outcome.Unknown(alert, default, "The pods of KubeVirt request nothing, or nobody measures what they use.")] : [outcome.Ok(alert, default, null, $"None of {AlertOutcome.Count(known, "pod")} uses more than it requested.")];
    }

    private List<AlertResult> Certificates(AlertDefinition alert)
    {
        List<AlertResult> results = [];
        List<string> silent = [];
        double? least = null;
        foreach (AlertPod pod in facts.Pods.Where(static pod => pod.Phase == "Running"))
        {
            if (facts.Looks.Pods.GetValueOrDefault(pod.Name) is not { } look) continue;
            double? hours = (look.CertificateExpires - facts.Now)?.TotalHours;
            // One that has expired is not trusted, and then its end is not told.
            if (hours is null && look.Error is ScrapeException { Cause: ScrapeError.TlsExpired }) hours = 0;
            if (hours is not { } left)
            {
                silent.Add(pod.Name);
                continue;
            }

            least = Math.Min(least ?? left, left);
            bool isExpired = alert.Rule == AlertRule.CertificateExpired;
            if (!outcome.Holds(alert, left) || (!isExpired && left <= 0)) continue;
            string evidence = look.CertificateExpires is { } end ? $"The certificate of {pod.Name} {(left <= 0 ? "expired" : "expires")} at {AlertOutcome.Time(end)}." : $"{look.Error!.What}.";
            results.Add(outcome.Bad(alert, new AlertSubject(pod.Name, Node: pod.Node), left, evidence));
        }

        if (results.Count > 0) return results;
        if (least is not { } first)
        {
            string? why = facts.Pods.Select(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name)?.Error?.Fact).FirstOrDefault(static fact => fact is not null);
            return [outcome.Unknown(alert, default, why is null ? "No certificate of a component was seen: what goes through the API server does not show them." : $"No certificate of a component was seen. {why}")];
        }

        return [outcome.Ok(alert, default, first, $"The first certificate of a component expires at {AlertOutcome.Time(facts.Now + TimeSpan.FromHours(first))}.{(silent.Count > 0 ? $" That of {string.Join(", ", silent.Take(3))} was not seen." : "")}")];
    }

    private AlertResult Authority(AlertDefinition alert)
    {
        if (facts.Authority is not { } authority) return outcome.Unknown(alert, default, "KubeVirt's authority was not read.");
        double left = (authority.Until - facts.Now).TotalHours;
        // An authority that lives for a day is as good as one that lives for a week.
        double threshold = Math.Min(outcome.Threshold(alert), (authority.Until - authority.From).TotalHours * AuthorityPart);
        string evidence = $"The newest certificate of KubeVirt's authority {(left <= 0 ? "expired" : "expires")} at {AlertOutcome.Time(authority.Until)}.";
        return AlertThreshold.Holds(left, alert.Thresholds[0].Comparison, threshold) ? outcome.Bad(alert, default, left, evidence, threshold: threshold) : outcome.Ok(alert, default, left, evidence, threshold);
    }

    private List<AlertResult> WorkQueues(AlertDefinition alert)
    {
        List<AlertResult> bad = [];
        (int queues, double longest) = (0, 0);
        foreach (AlertPod pod in facts.Pods)
        {
            if (facts.Looks.Pods.GetValueOrDefault(pod.Name) is not { Error: null } look) continue;
            foreach ((string name, QueueLook queue) in look.Queues)
            {
                queues++;
                longest = Math.Max(longest, queue.Longest);
                if (!outcome.Holds(alert, queue.Longest)) continue;
                string evidence = $"An item of work queue {name} of {pod.Name} has been in hand for {AlertOutcome.Length(TimeSpan.FromSeconds(Math.Min(queue.Longest, 1e9)))}, and {AlertOutcome.Count(queue.Depth, "item")} {(queue.Depth.Equals(1d) ? "waits" : "wait")}.";
                // How long it takes is what the value says.
                bad.Add(outcome.Bad(alert, new AlertSubject($"{pod.Name} {name}", Node: pod.Node), queue.Longest, evidence, isProven: queue.Longest >= alert.Hold.TotalSeconds));
            }
        }

        if (bad.Count > 0) return bad;
        if (queues > 0) return [outcome.Ok(alert, default, longest, $"Of {AlertOutcome.Count(queues, "work queue")}, the slowest item has been in hand for {AlertOutcome.Length(TimeSpan.FromSeconds(Math.Min(longest, 1e9)))}.")];
        AlertPod? failed = facts.Pods.Find(pod => facts.Looks.Pods.GetValueOrDefault(pod.Name)?.Error is not null);
        return [outcome.Unknown(alert, default, failed is null ? "No component says how its work queues are." : WhyNot(failed))];
    }

    private AlertResult SecondLook(AlertDefinition alert, AlertSubject subject) => outcome.Unknown(alert, subject, "What grows takes two looks, and there was one.", AlertRemedy.SecondLook);

    private string WhyNot(AlertPod pod) => facts.Looks.Pods.GetValueOrDefault(pod.Name)?.Error is { } error ? Message(error) : $"{pod.Name} was not scraped.";

    private static string Message(MonitorException error) => error.Message;

    private static bool IsRunning(AlertPod pod) => pod.Phase == "Running";

    private static string Of(int some, int all) => string.Create(CultureInfo.InvariantCulture, $"{some} of {all} {(all == 1 ? "pod" : "pods")}");

    // "ready": that none of them is.
    private static string NoneOf(int all, string whose, string what) => all == 1 ? $"The only pod of {whose} {what.Replace("is ", "is not ", StringComparison.Ordinal).Replace("could ", "could not ", StringComparison.Ordinal)}." : $"None of {AlertOutcome.Count(all, "pod")} of {whose} {what}.";

    private static string NoneRuns(IReadOnlyList<AlertPod> pods, AlertSubject subject) => pods.Count == 0
        ? $"There is no pod of {subject.Name}."
        : $"No pod of {subject.Name} runs: {string.Join(", ", pods.GroupBy(static pod => pod.Phase ?? "of no phase").Select(static group => $"{group.Count()} {(group.Count() == 1 ? "is" : "are")} {group.Key}"))}. {Notes(pods)}".TrimEnd();

    private static string Notes(IReadOnlyList<AlertPod> pods) => string.Join(' ', pods.Where(static pod => pod.ReadyNote is not null).Take(2).Select(static pod => $"{pod.Name}: {pod.ReadyNote}"));

    // A pod that waits to run has not run since it was made, which of one whose node is silent is not known; one that was replaced is not older than what replaced it.
    private static DateTimeOffset? SinceNoneRuns(IReadOnlyList<AlertPod> pods) => pods.Count == 0 || pods.Any(static pod => pod.Created is null || pod.Phase != "Pending") ? null : pods.Max(static pod => pod.Created);

    // Since when so many have not been Ready.
    private static DateTimeOffset? SinceUnready(IReadOnlyList<AlertPod> pods, int count)
    {
        DateTimeOffset[] times = [.. pods.Where(static pod => !pod.Ready && pod.ReadySince is not null).Select(static pod => pod.ReadySince!.Value).Order()];
        return count > 0 && count <= times.Length ? times[count - 1] : null;
    }

    // A deployment that is not available lacks one of its pods at least.
    private DateTimeOffset? SinceUnavailable(string deployment, int count) => count == 1 && facts.Unavailable.TryGetValue(deployment, out DateTimeOffset since) ? since : null;

    // Since when one has not been ready while another one was.
    private static DateTimeOffset? SinceSomeUnready(IReadOnlyList<AlertPod> pods)
    {
        DateTimeOffset? unready = pods.Where(static pod => !pod.Ready).Min(static pod => pod.ReadySince);
        DateTimeOffset? ready = pods.Where(static pod => pod.Ready).Min(static pod => pod.ReadySince);
        return unready is null || !pods.Any(static pod => pod.Ready) ? unready : ready is null ? null : unready > ready ? unready : ready;
    }
}
