using KubeVirtMonitor.KubeVirt;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Runs one probe of one instance as often as asked, at kubelet's times, and counts its thresholds.</summary>
/// <param name="slots">Holds as many probes as may run at the same time.</param>
internal sealed class ProbeFollower(KubeVirtSession session, ProbeRunOptions options, SemaphoreSlim slots)
{
    private readonly ProbeExecution _execution = new(session, options.Route);

    public async Task RunAsync(ProbeRunTarget target, VmiProbe probe, ProbeInstance instance, Func<ProbeRunItem, ValueTask> pass, CancellationToken cancellationToken)
    {
        ProbeNumbers numbers = ProbeNumbers.OnPod(probe);
        ProbeRole? role = probe.Role ?? target.Role;
        ThresholdState thresholds = new(role, numbers.SuccessThreshold, numbers.FailureThreshold);
        (DateTimeOffset start, ProbeTicks ticks) = Begin(instance, numbers);
        bool isFirst = true;
        for (int done = 0; options.Count is not { } count || done < count; done++)
        {
            if (options.Count != 1) await WaitAsync(start + ticks.Next, cancellationToken).ConfigureAwait(false);
            ProbeResult? result = null;
            KubernetesException? error = null;
            await slots.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (!isFirst) instance = await FindAsync(session, target.Namespace, target.Name, cancellationToken).ConfigureAwait(false);
                result = await OnceAsync(probe, role, instance, thresholds, cancellationToken).ConfigureAwait(false);
            }
            catch (KubernetesException exception)
            {
                error = exception;
            }
            finally
            {
                slots.Release();
            }

            isFirst = false;
            if (error is not null || !options.TransitionsOnly || result!.Transition is not null) await pass(new ProbeRunItem(target, result, error)).ConfigureAwait(false);
            if (error is { Error: KubernetesError.NotFound }) return;
            DateTimeOffset now = session.Time.GetUtcNow();
            ticks.Done(now - start);
            if (!thresholds.IsOnHold) continue;
            thresholds.Reset();
            (start, ticks) = (now, new ProbeTicks(numbers.InitialDelay, numbers.Period));
        }
    }

    /// <summary>The instance as it is now.</summary>
    /// <exception cref="KubernetesException">It is gone, or may not be read.</exception>
    public static async Task<ProbeInstance> FindAsync(KubeVirtSession session, string inNamespace, string name, CancellationToken cancellationToken) =>
        await session.Client.GetAsync(KubeVirtResources.Instances.PathOf(inNamespace, name), ObjectLists.Named("VirtualMachineInstance", json => ProbeInstance.Read(json, session)), cancellationToken).ConfigureAwait(false);

    private async Task<ProbeResult> OnceAsync(VmiProbe probe, ProbeRole? role, ProbeInstance instance, ThresholdState thresholds, CancellationToken cancellationToken)
    {
        DateTimeOffset time = session.Time.GetUtcNow();
        ProbeAttempt attempt = await _execution.RunAsync(probe, instance, cancellationToken).ConfigureAwait(false);
        ProbeClusterState cluster = options.IncludeCluster ? await ClusterView.GatherAsync(session, instance, cancellationToken).ConfigureAwait(false) : ClusterView.Of(session, instance);
        ProbeStep step = thresholds.Take(attempt.Outcome);
        return new ProbeResult
        {
            Session = session,
            Name = instance.Name,
            Namespace = instance.Namespace,
            Probe = role,
            Kind = probe.Kind,
            Definition = probe,
            Outcome = attempt.Outcome,
            LatencySeconds = attempt.Latency.TotalSeconds,
            StatusCode = attempt.StatusCode,
            ExitCode = attempt.ExitCode,
            Bytes = attempt.Bytes,
            Message = attempt.Message,
            Route = attempt.Route,
            State = step.State,
            Transition = step.Transition,
            Run = step.Run,
            Threshold = step.Threshold,
            Verdict = ProbeVerdict.Of(role, step, attempt.Outcome, instance),
            Time = time,
            ClusterState = cluster,
            Disagreement = ProbeVerdict.Disagreement(probe, role, attempt.Outcome, cluster, time),
        };
    }

    // The initial delay of an instance that has been running for longer than that is over.
    private (DateTimeOffset Start, ProbeTicks Ticks) Begin(ProbeInstance instance, ProbeNumbers numbers)
    {
        DateTimeOffset now = session.Time.GetUtcNow();
        return instance.Started is { } started && started + numbers.InitialDelay > now
            ? (started, new ProbeTicks(numbers.InitialDelay, numbers.Period))
            : (now, new ProbeTicks(TimeSpan.Zero, numbers.Period));
    }

    private async Task WaitAsync(DateTimeOffset until, CancellationToken cancellationToken)
    {
        while (until - session.Time.GetUtcNow() is var left && left > TimeSpan.Zero) await Task.Delay(ProbeText.Waitable(left), session.Time, cancellationToken).ConfigureAwait(false);
    }
}
