using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Whether the metrics of each pod arrive: the Agents of the pods' nodes are asked how the checks of their annotations do.</summary>
internal sealed class MetricChecks(KubeVirtSession session)
{
    private readonly AgentQuery _query = new(session.Client, session.Time);

    // The points of pods whose checks all pass, by uid and container: neither they nor their Agent have to be asked again.
    private readonly Dictionary<string, List<AgentPatchStatus>> _passed = new(StringComparer.Ordinal);

    private List<AgentPatchStatus>? _doubles;

    private const string ClusterAgent = "cluster-agent";

    /// <summary>The pods whose metrics are to arrive, by component and name.</summary>
    public async Task<MetricTarget[]> TargetsAsync(AgentPatch wanted, CancellationToken cancellationToken) =>
    [
        .. (await PodDocument.ListAsync(session.Client, session.InstallNamespace, ComponentFacts.Label, cancellationToken).ConfigureAwait(false))
            .Where(static pod => !pod.IsOver)
            .Select(static pod => (Pod: pod, Kind: ComponentFacts.KindOf(pod.Labels.GetValueOrDefault(ComponentFacts.Label))))
            .Where(one => one.Kind is { } kind && wanted.Components.Contains(kind))
            .Select(static one => MetricTarget.Of(one.Pod, one.Kind!.Value))
            .OrderBy(static target => target.Component).ThenBy(static target => target.Pod.Name, StringComparer.Ordinal),
    ];

    /// <summary>Asks each Agent on a node with such a pod once; those whose pods all passed before are not asked again.</summary>
    public async Task<List<AgentPatchStatus>> RunAsync(AgentPatch wanted, MetricTarget[] targets, AgentPods agents, CancellationToken cancellationToken)
    {
        PodDocument[] asked = [.. targets.Where(target => target.Checks.Count > 0 && !_passed.ContainsKey(target.Key)).SelectMany(target => agents.On(target.Pod.Node)).Distinct()];
        List<AgentAnswer> answers = await _query.AskAsync(asked, cancellationToken).ConfigureAwait(false);
        List<AgentPatchStatus> found = [];
        foreach (ComponentKind component in wanted.Components)
        {
            MetricTarget[] own = [.. targets.Where(target => target.Component == component)];
            if (own.All(static target => target.Checks.Count == 0))
            {
                found.Add(new(AgentPatchCheck.Metrics, ComponentFacts.NameOf(component), AgentPatchState.Failed, "No pod of it names a check in its annotations that can be read, so the Agent collects no metrics.", "The points Patch, Rollout and Annotation show why.") { Component = component });
                continue;
            }

            foreach (MetricTarget target in own) found.AddRange(Of(target, agents, answers).Select(point => point with { Component = component }));
        }

        return found;
    }

    /// <summary>Checks that the Cluster Agent gives to other Agents, in addition to the annotations: each scrapes a second time. It is asked until the one that leads answers.</summary>
    public async Task<List<AgentPatchStatus>> DoublesAsync(AgentPatch wanted, AgentPods agents, CancellationToken cancellationToken)
    {
        if (_doubles is not null) return _doubles;
        AgentPatchStatus? obstacle = null;
        foreach (PodDocument pod in agents.ClusterAgents)
        {
            AgentPatchStatus Unknown(string message, string advice, Setting? setting) => new(AgentPatchCheck.Agent, pod.Name, AgentPatchState.Skipped, $"Whether the Cluster Agent runs the same checks as well is not known: {message}", advice) { Setting = setting };
            if (!pod.IsReady || !pod.Containers.Contains(ClusterAgent))
            {
                obstacle ??= pod.IsReady ? Unknown($"{pod.Name} has no container {ClusterAgent}.", "Check that this is the Cluster Agent.", null) : Unknown($"{pod.Name} is not ready.", "Look at the pod.", Setting.Timeout);
                continue;
            }

            string output;
            try
            {
                output = await _query.RunAsync(pod, ClusterAgent, ["datadog-cluster-agent", "clusterchecks"], cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException exception)
            {
                bool isRefused = AgentQuery.IsRefusal(exception);
                obstacle = Unknown(exception.Fact, exception.Advice, isRefused ? exception.Setting : Setting.Timeout);
                // Whoever may not ask one may not ask the others either.
                if (isRefused) break;
                continue;
            }
            catch (TimeoutException exception)
            {
                obstacle = Unknown(exception.Message, "Check that the Cluster Agent is not overloaded.", Setting.Timeout);
                continue;
            }

            // Only the one that leads gives out checks; until it has seen all Agents, it does not.
            if (ClusterCheckOutput.IsUndecided(output))
            {
                obstacle ??= Unknown($"{pod.Name} does not give out checks now.", "Wait until one of its pods leads.", Setting.Timeout);
                continue;
            }

            return _doubles = [.. ClusterCheckOutput.Read(output)
                .Where(one => wanted.Components.Any(component => CheckOfComponent.Is(one.Check, one.Id, component)))
                .GroupBy(static one => one.Check)
                .Select(group => new AgentPatchStatus(AgentPatchCheck.Agent, pod.Name, AgentPatchState.Warning, $"The Cluster Agent runs check {session.Client.Foreign.Line(group.Key)} as well, on {string.Join(", ", group.Select(one => session.Client.Foreign.Line(one.Runner)).Distinct().Take(5))}: its metrics are collected twice.", "Remove the annotations of the Services, or the file of the cluster check."))];
        }

        return obstacle is null ? [] : [obstacle];
    }

    private List<AgentPatchStatus> Of(MetricTarget target, AgentPods agents, List<AgentAnswer> answers)
    {
        if (_passed.TryGetValue(target.Key, out List<AgentPatchStatus>? before)) return before;
        AgentAnswer[] Of(List<PodDocument> pods) => [.. pods.Where(pod => pod.Node == target.Pod.Node).Select(pod => answers.Find(answer => ReferenceEquals(answer.Agent, pod))).OfType<AgentAnswer>()];
        bool isAnyAgent = agents.Agents.Count + agents.Others.Count > 0;
        MetricJudge judge = new(target, Of(agents.Agents), Of(agents.Others), isAnyAgent, session.Client.Foreign);
        List<AgentPatchStatus> points = [.. judge.OfAnnotations(), .. target.Checks.Count == 0 ? [judge.WithoutCheck()] : target.Checks.Select(judge.Of)];
        if (points.TrueForAll(static point => point.State is AgentPatchState.Passed or AgentPatchState.Warning)) _passed[target.Key] = points;
        return points;
    }
}

/// <summary>A pod of KubeVirt whose metrics are to arrive.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Component">What it is.</param>
/// <param name="Checks">The checks of its annotations; none where they cannot be read.</param>
internal sealed record MetricTarget(PodDocument Pod, ComponentKind Component, IReadOnlyList<AnnotatedCheck> Checks)
{
    /// <summary>The container of the component: its id and when it started; null while it does not run.</summary>
    public (string Id, DateTimeOffset? Started)? Container { get; } = Pod.Running(ComponentFacts.NameOf(Component));

    public string Key => $"{Pod.Uid ?? Pod.Name} {Container?.Id}";

    public static MetricTarget Of(PodDocument pod, ComponentKind component)
    {
        try
        {
            // One that is named several times is one with the instances of all: Agents know instances by the check's name.
            return new(pod, component, [.. AnnotationText.Checks(component, pod.Annotations).Where(static check => check.Instances.Count > 0)
                .GroupBy(static check => check.Name).Select(static same => same.First() with { Instances = [.. same.SelectMany(static check => check.Instances)] })]);
        }
        catch (FormatException)
        {
            // The point of the annotations says what is wrong.
            return new(pod, component, []);
        }
    }
}

/// <summary>Whether an instance that does not come from the pods' annotations is for the same component.</summary>
internal static class CheckOfComponent
{
    /// <summary>By the name of the check; of the generic one, by the namespace of its metrics, which is part of the id.</summary>
    public static bool Is(string check, string id, ComponentKind component)
    {
        string name = ComponentFacts.CheckNameOf(component);
        return check == name || (check == DatadogCheck.General && id.StartsWith($"{check}:{name}:", StringComparison.Ordinal));
    }
}

/// <summary>Judges what Agents say of the checks of one pod. Makes no requests.</summary>
/// <param name="target">The pod.</param>
/// <param name="answers">What the Agent of the patch answered, by its pods on the node of that pod.</param>
/// <param name="others">What other Agents on that node answered. They decide nothing: what they do wrong is a warning.</param>
/// <param name="isAnyAgent">Whether there is any Agent in the cluster.</param>
/// <param name="foreign">Shows what Agents and annotations say.</param>
internal sealed class MetricJudge(MetricTarget target, IReadOnlyList<AgentAnswer> answers, IReadOnlyList<AgentAnswer> others, bool isAnyAgent, ForeignText foreign)
{
    private const int MostText = 400;

    // What is given where the Agent does not say its own.
    private static readonly TimeSpan UsualInterval = TimeSpan.FromSeconds(15);

    /// <summary>What Agents say of the pod's annotations, where they cannot use them.</summary>
    public IEnumerable<AgentPatchStatus> OfAnnotations() =>
        from answer in answers.Concat(others)
        where answer.Report is not null
        from message in answer.Report!.AnnotationErrors.GetValueOrDefault($"{target.Pod.Namespace}/{target.Pod.Name}", [])
        select new AgentPatchStatus(AgentPatchCheck.Annotation, target.Pod.Name, others.Contains(answer) ? AgentPatchState.Warning : AgentPatchState.Failed, $"{NameOf(answer)} cannot use the annotations: {Line(message)}", "Correct what it names.") { Setting = Setting.InstalledPatch };

    /// <summary>The point of a pod that names no check.</summary>
    public AgentPatchStatus WithoutCheck() => Say(AgentPatchState.Failed, "Its annotations name no check that can be read, so the Agent collects no metrics of it.", "The points Rollout and Annotation show why.");

    /// <summary>The point of one check.</summary>
    public AgentPatchStatus Of(AnnotatedCheck check)
    {
        if (answers.Count == 0)
        {
            return isAnyAgent
                ? Say(AgentPatchState.Failed, $"The Agent of the patch has no pod on {target.Pod.Node ?? "its node"}, which would run {NameOf(check)}{(others.Count > 0 ? $"; {string.Join(" and ", others.Select(NameOf))} there is another Agent" : "")}.", "Let the DaemonSet of the Agent run there too: look at its tolerations, nodeSelector and affinity.", Setting.Timeout)
                : Say(AgentPatchState.Skipped, $"Nobody can be asked about {NameOf(check)}: there is no pod of the Agent.", setting: Setting.Timeout);
        }

        if (target.Container is not { } container) return Say(AgentPatchState.Failed, $"Container {ComponentFacts.NameOf(target.Component)} does not run, so {NameOf(check)} does not either.", "Look at the pod.", Setting.Timeout);
        (AgentAnswer Answer, AgentCheckInstance Instance)[] running = [.. RunningIn(answers, check, container.Id)];
        if (running.Length == 0) return NotRunning(check, container.Id);
        AgentPatchStatus[] judged = [.. running.Select(one => Judge(check, container.Started, one.Answer, one.Instance))];
        if (Array.Find(judged, static point => point.State == AgentPatchState.Failed) is { } failed) return failed;
        int wanted = check.DistinctInstances;
        if (running.GroupBy(static one => one.Answer).FirstOrDefault(agent => agent.Count() < wanted) is { } fewer)
        {
            return Say(AgentPatchState.Failed, $"{NameOf(fewer.Key)} runs {fewer.Count()} of the {wanted} instances of {NameOf(check)} in the annotations.{Unconfigured(check, fewer.Key.Report!)}", "Wait a minute. If this does not change, correct the options of the other in the annotations.", Setting.Timeout);
        }

        (AgentAnswer Answer, AgentPatchStatus Point)[] foreigners = [.. RunningIn(others, check, container.Id).Select(one => (one.Answer, Judge(check, container.Started, one.Answer, one.Instance)))];
        return With(
            Array.Find(judged, static point => point.State == AgentPatchState.Skipped) ?? Array.Find(judged, static point => point.State == AgentPatchState.Warning) ?? judged[0],
            [
                .. foreigners.Where(static one => one.Point.State == AgentPatchState.Failed).Select(static one => ($"Another Agent on the node, {one.Point.Message}", one.Point.Advice)),
                .. Doubles(check, running, [.. foreigners.Where(static one => one.Point.State != AgentPatchState.Failed).Select(static one => one.Answer)]),
            ]);
    }

    private static IEnumerable<(AgentAnswer Answer, AgentCheckInstance Instance)> RunningIn(IReadOnlyList<AgentAnswer> agents, AnnotatedCheck check, string container) =>
        agents.Where(static answer => answer.Report is not null)
            .SelectMany(answer => answer.Report!.Instances.Where(instance => instance.Name == check.Name && instance.ContainerId == container).Select(instance => (answer, instance)));

    private AgentPatchStatus Judge(AnnotatedCheck check, DateTimeOffset? started, AgentAnswer answer, AgentCheckInstance instance)
    {
        AgentStatusReport report = answer.Report!;
        DateTimeOffset? success = instance.HasLastSuccess ? instance.LastSuccess : instance.Error is null ? instance.LastRun : null;
        string who = $"{NameOf(check)}{(instance.Version is { } version ? $" {Line(version)}" : "")}";
        string times = $"Last run {Ago(instance.LastRun, report)}, last success {(success is null && !instance.HasLastSuccess ? "unknown" : Ago(success, report))}";
        TimeSpan interval = instance.Interval ?? UsualInterval;
        RunningInstance? run = report.Running.FirstOrDefault(one => one.Id == instance.Id);
        if (run?.Since is { } since && report.Now - since > Longest(interval + interval, TimeSpan.FromSeconds(30)))
            return Say(AgentPatchState.Failed, $"{NameOf(answer)}: a run of {who} has been hanging for {Seconds(report.Now - since)}. {times}.", "Check that the pod answers the Agent, and that no NetworkPolicy is in between.", Setting.Timeout);
        if (instance.Error is { } error)
        {
            (string advice, Setting? setting) = CheckFailures.Advise(error, check, target);
            return Say(AgentPatchState.Failed, $"{NameOf(answer)}: {who} fails: {Line(CheckFailures.Short(error))} {times}.", advice, setting);
        }

        if (success is null) return Say(AgentPatchState.Failed, $"{NameOf(answer)}: {who} has not succeeded yet. {times}.", "Wait.", Setting.Timeout);
        // The id of the container says that it is about this start of it; a clock that was set back would say otherwise.
        if (started is { } start && success < start) return Say(AgentPatchState.Failed, $"{NameOf(answer)}: {who} has not succeeded since the pod started. {times}.", "Wait.", Setting.Timeout);
        if (report.Now - success > (4 * interval) + instance.Duration + TimeSpan.FromSeconds(10))
            return Say(AgentPatchState.Failed, $"{NameOf(answer)}: {who} no longer runs, although it should every {Seconds(interval)}. {times}.", "Check that the Agent is not overloaded: 'agent status' in its pod shows how many checks wait.", Setting.Timeout);
        if ((instance.TotalSamples ?? instance.Samples) is not { } total) return Say(AgentPatchState.Skipped, $"{NameOf(answer)}: {who} runs, but the Agent does not say whether it sends anything. {times}.");
        if (total <= 0)
        {
            return Say(AgentPatchState.Failed, $"{NameOf(answer)}: {who} runs without an error, but has sent no samples. {times}.", "Check the metrics and patterns in the annotations: none is a name that the pod exports.") with { Setting = instance.Runs <= 2 ? Setting.Timeout : Setting.InstalledPatch };
        }

        AgentPatchStatus passed = Say(AgentPatchState.Passed, $"{NameOf(answer)}: {who} runs. {times}, {Number(instance.Samples ?? total)} samples at a time, {Number(total)} in all.");
        return With(passed, Remarks(check, instance, interval));
    }

    private IEnumerable<(string Message, string Advice)> Remarks(AnnotatedCheck check, AgentCheckInstance instance, TimeSpan interval)
    {
        foreach (string warning in instance.Warnings)
            yield return ($"Warning of its last run: {Line(warning).TrimEnd('.')}.", CheckFailures.Limit(warning) is { } limit ? $"Raise max_returned_metrics: everything beyond {Number(limit)} is missing." : "");
        if (instance.Delay > interval) yield return ($"Its runs start {Seconds(instance.Delay)} late.", "The Agent is overloaded: raise its CPU limit, or the interval of the check.");
        if (check.IsOfKubeVirt && IsUpTo201(instance.Version) && !check.Instances.All(check.IsLimited))
            yield return ($"Version {instance.Version} of {NameOf(check)} sends counters as totals instead of increments, and loses the first bucket of each histogram{(check.Name == "kubevirt_api" ? "; each virt-api pod counts all machines" : "")}.", "The check openmetrics sends them right.");
    }

    private IEnumerable<(string Message, string Advice)> Doubles(AnnotatedCheck check, (AgentAnswer Answer, AgentCheckInstance Instance)[] running, AgentAnswer[] besides)
    {
        string[] agents = [.. running.Select(one => NameOf(one.Answer)).Concat(besides.Select(NameOf)).Distinct()];
        if (agents.Length > 1)
        {
            yield return ($"{agents.Length} Agents run it for this pod, {string.Join(" and ", agents)}: its metrics are sent {Times(agents.Length)}.", "Remove one of the Agents, or exclude the containers of KubeVirt in it (DD_CONTAINER_EXCLUDE).");
        }
        else if (running.Length > check.DistinctInstances)
        {
            yield return ($"The Agent runs {running.Length} instances of it for this pod: its metrics are sent {Times(running.Length)}.", "Restart the Agent's pod if the annotations name one only.");
        }

        string[] files = [.. answers.Concat(others).Where(static answer => answer.Report is not null).SelectMany(answer => answer.Report!.Instances)
            .Where(instance => instance.File is not null && CheckOfComponent.Is(instance.Name, instance.Id, target.Component)).Select(instance => Line(instance.File)).Distinct()];
        if (files.Length > 0) yield return ($"{string.Join(" and ", files)} configures {(files.Length == 1 ? "a check" : "checks")} for it as well: metrics are sent twice.", "Remove the file from conf.d, or the annotations.");
    }

    // Why the Agent does not run a check of the pod.
    private AgentPatchStatus NotRunning(AnnotatedCheck check, string container)
    {
        string name = NameOf(check);
        AgentAnswer? asked = answers.FirstOrDefault(static answer => answer.Report is not null);
        if (asked is not { Report: { } report })
            return Say(AgentPatchState.Skipped, $"Whether {name} runs is not known: {answers[0].Obstacle}", answers[0].Advice, answers[0].IsPassing ? Setting.Timeout : null);
        string who = asked.Agent.Name;
        if (report.PythonErrors.Count > 0)
            return Say(AgentPatchState.Failed, $"{who} runs no check written in Python, because its Python did not start: {Line(report.PythonErrors[0])}", "Look at the log of the Agent.");
        if (check.Version == 2 && !report.IsAtLeast(7, 36))
            return Say(AgentPatchState.Failed, $"{who} is Agent {Line(report.Version)}, which does not read the annotation {AnnotationText.PrefixOf(target.Component)}checks: Agents do since 7.36.", "Upgrade the Agent, or use version 1 of the annotations.", Setting.AnnotationVersion);
        if (report.CannotLoad(check.Name) is { } unloaded)
        {
            return check.IsOfKubeVirt && !report.IsAtLeast(7, 59)
                ? Say(AgentPatchState.Failed, $"{who} is Agent {Line(report.Version)}, which has no check {name}: Agents have it since 7.59.", "Upgrade the Agent, or use the check openmetrics.")
                : Say(AgentPatchState.Failed, $"{who} could not load {name}: {Line(unloaded)}", "Check that the image of the Agent has the check: 'agent integration show' in its pod.");
        }

        if (report.AnnotationErrors.ContainsKey($"{target.Pod.Namespace}/{target.Pod.Name}"))
            return Say(AgentPatchState.Failed, $"{who} does not run {name}, because it cannot use the annotations of the pod.");
        if (!target.Pod.IsReady && target.Pod.Annotations.GetValueOrDefault(DatadogCheck.Prefix + "tolerate-unready") != "true")
            return Say(AgentPatchState.Failed, $"{who} does not run {name}: the pod is not Ready, and until it is, Agents run no check for it.", "Look at the pod.", Setting.Timeout);
        // Others have checks of that name too; a warning names the container whose template it is.
        string id = container[(container.IndexOf("://", StringComparison.Ordinal) is >= 0 and int end ? end + 3 : 0)..];
        if (report.ResolveWarnings.GetValueOrDefault(check.Name, []).LastOrDefault(warning => warning.Contains(id, StringComparison.Ordinal)) is { } unresolved)
            return Say(AgentPatchState.Failed, $"{who} could not fill in the variables of {name}: {Line(unresolved)}", "Check the names of the ports and variables in the annotations.", Setting.Timeout);
        if (report.Running.FirstOrDefault(one => check.MayHaveId(one.Id) && !report.Instances.Any(instance => instance.Id == one.Id)) is { } first)
            return Say(AgentPatchState.Failed, $"{who}: the first run of {name} {(first.Since is { } since ? $"has been going on for {Seconds(report.Now - since)}" : "is going on")}.", "Wait. If it does not end, check that the pod answers the Agent.", Setting.Timeout);
        return Say(AgentPatchState.Failed, $"{who} has not run {name} for this pod yet.{Unconfigured(check, report)}", $"Agents find new annotations within a minute: wait. If this does not change, 'kubectl exec -n {asked.Agent.Namespace} {who} -c {AgentPods.ContainerOf(asked.Agent)} -- agent configcheck' lists what the Agent has found.", Setting.Timeout);
    }

    // The Agent does not say whose instance it could not make.
    private string Unconfigured(AnnotatedCheck check, AgentStatusReport report) =>
        report.ConfigureErrors.TryGetValue(check.Name, out IReadOnlyList<string>? errors) ? $" An instance of {NameOf(check)} on this node could not be made, and it may be this one: {Line(errors[^1])}" : "";

    // Beside the Agent of the patch, another one is named with its namespace.
    private string NameOf(AgentAnswer answer) => others.Contains(answer) ? $"{answer.Agent.Namespace}/{answer.Agent.Name}" : answer.Agent.Name;

    private string NameOf(AnnotatedCheck check) => foreign.Line(check.Name, 80);

    private AgentPatchStatus Say(AgentPatchState state, string message, string advice = "", Setting? setting = null) => new(AgentPatchCheck.Metrics, target.Pod.Name, state, message, advice) { Setting = setting };

    private static AgentPatchStatus With(AgentPatchStatus point, IEnumerable<(string Message, string Advice)> remarks)
    {
        foreach ((string message, string advice) in remarks)
        {
            if (point.State is not (AgentPatchState.Passed or AgentPatchState.Warning)) return point;
            point = point with { State = AgentPatchState.Warning, Message = $"{point.Message} {message}", Advice = $"{point.Advice} {advice}".Trim() };
        }

        return point;
    }

    private string Line(string? text)
    {
        string line = ForeignText.CutMiddle(foreign.Line(text, 4000), MostText);
        return line.Length == 0 || line[^1] is '.' or '!' or '?' || !line.Contains(' ', StringComparison.Ordinal) ? line : line + ".";
    }

    private static string Ago(DateTimeOffset? time, AgentStatusReport report) => time is { } known ? $"{Seconds(report.Now - known)} ago" : "never";

    private static string Seconds(TimeSpan span) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Math.Max(0, Math.Round(span.TotalSeconds)):0} s");

    private static string Number(double value) => value.ToString("0", System.Globalization.CultureInfo.InvariantCulture);

    private static string Times(int count) => count == 2 ? "twice" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count} times");

    private static TimeSpan Longest(TimeSpan one, TimeSpan other) => one > other ? one : other;

    // The check's code is the same in all of them. What comes later is not known to be as bad.
    private static bool IsUpTo201(string? version) => Version.TryParse(version, out Version? parsed) && parsed <= new Version(2, 0, 1);
}
