using System.Diagnostics;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Runs one probe of one instance once.</summary>
/// <param name="session">The session.</param>
/// <param name="route">The way that is asked for.</param>
internal sealed class ProbeExecution(KubeVirtSession session, ProbeRoute route)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="KubernetesException">The API server kept it from being run, such as for a missing permission.</exception>
    public async Task<ProbeAttempt> RunAsync(VmiProbe probe, ProbeInstance instance, CancellationToken cancellationToken)
    {
        if (!instance.IsRunning) return Discarded($"the instance is {instance.Phase ?? "not started yet"}, so there is nothing to probe");
        return probe.Kind is ProbeKind.GuestAgentPing or ProbeKind.Exec
            ? await InGuestAsync(probe, instance, cancellationToken).ConfigureAwait(false)
            : await OnPortAsync(probe, instance, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ProbeAttempt> InGuestAsync(VmiProbe probe, ProbeInstance instance, CancellationToken cancellationToken)
    {
        if (probe is { Kind: ProbeKind.Exec, Command.Count: 0 }) return Discarded("the exec probe has no command") with { Route = ProbeRoute.Exec };
        if (await LauncherPod.FindAsync(session, instance, cancellationToken).ConfigureAwait(false) is not { } pod)
            return Discarded("the instance has no launcher pod that runs") with { Route = ProbeRoute.Exec };
        long begin = Stopwatch.GetTimestamp();
        ProbeAttempt attempt = await LauncherRunner.RunAsync(session, probe, instance.Namespace, instance.Name, pod.Name, ProbeNumbers.OnPod(probe).Timeout, cancellationToken).ConfigureAwait(false);
        attempt = attempt with { Latency = Stopwatch.GetElapsedTime(begin), Route = ProbeRoute.Exec };
        if (probe.Kind == ProbeKind.GuestAgentPing && attempt.Outcome == ProbeOutcome.Success && ProbeSuppression.Reason(instance, session.KubeVirtVersion) is { } reason)
            return attempt with { Outcome = ProbeOutcome.Suppressed, Message = $"virt-launcher reports success; failures of the guest agent do not count while {reason}" };
        return attempt.Outcome != ProbeOutcome.Success && instance.IsFrozen
            ? attempt with { Message = $"{attempt.Message}; the file systems of the guest are frozen" }
            : attempt;
    }

    private async Task<ProbeAttempt> OnPortAsync(VmiProbe probe, ProbeInstance instance, CancellationToken cancellationToken)
    {
        if (PortOf(probe, instance) is not { } port)
            return Discarded(probe.Port is { Name: { } name } ? $"no interface of the instance declares a port named '{name}'" : $"the probe has no port from 1 to 65535");
        if (probe.Host is { } host) return await TimedAsync(probe, new DirectWay(host), host, port, cancellationToken).ConfigureAwait(false);
        ProbeRoutes routes = ProbeRoutes.Of(session);
        string address = instance.Address ?? instance.Name;
        if (await routes.ChooseAsync(route, instance, port, cancellationToken).ConfigureAwait(false) is not { } way)
            return Discarded("the instance has no address");
        ProbeAttempt? attempt = null;
        KubernetesException? refusal = null;
        try
        {
            attempt = await TimedAsync(probe, way, address, port, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (route == ProbeRoute.Auto)
        {
            refusal = exception;
        }

        // That a way leads nowhere any more is no failure of the instance. What comes out of a tunnel is the word of whoever is at its end.
        bool isInDoubt = refusal is not null || (route == ProbeRoute.Auto && way is DirectWay { HasLed: false });
        if (isInDoubt && await routes.InsteadOfAsync(way, instance, port, cancellationToken).ConfigureAwait(false) is { } other)
            return await TimedAsync(probe, other, address, port, cancellationToken).ConfigureAwait(false);
        return attempt ?? throw refusal!;
    }

    private async Task<ProbeAttempt> TimedAsync(VmiProbe probe, IInstanceWay way, string address, int port, CancellationToken cancellationToken)
    {
        TimeSpan timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds);
        long begin = Stopwatch.GetTimestamp();
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(timeout);
        ProbeAttempt attempt;
        try
        {
            attempt = probe.Kind == ProbeKind.HttpGet
                ? await HttpRunner.RunAsync(way, probe, address, port, ProbeText.Foreign(session, probe), limited.Token).ConfigureAwait(false)
                : await TcpRunner.RunAsync(way, probe.Host, port, ProbeText.Foreign(session, probe), limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            attempt = new ProbeAttempt { Outcome = ProbeOutcome.Timeout, Message = $"no answer within {ProbeText.Seconds(timeout)}" };
        }

        return attempt with { Latency = Stopwatch.GetElapsedTime(begin), Route = way.Route };
    }

    private static int? PortOf(VmiProbe probe, ProbeInstance instance)
    {
        int? port = probe.Port is { Name: { } name } ? instance.Ports.TryGetValue(name, out int named) ? named : null : probe.Port?.Number;
        return port is >= 1 and <= 65535 ? port : null;
    }

    private ProbeAttempt Discarded(string message) => new() { Outcome = ProbeOutcome.Discarded, Message = message, Route = route };
}
