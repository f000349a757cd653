using System.Diagnostics;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Probes.Running;

/// <summary>Runs one probe of one instance once.</summary>
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
            return Discarded("the instance has no running launcher pod") with { Route = ProbeRoute.Exec };
        long begin = Stopwatch.GetTimestamp();
        ProbeAttempt attempt = await LauncherRunner.RunAsync(session, probe, instance.Namespace, instance.Name, pod.Name, ProbeNumbers.OnPod(probe).Timeout, cancellationToken).ConfigureAwait(false);
        attempt = attempt with { Latency = Stopwatch.GetElapsedTime(begin), Route = ProbeRoute.Exec };
        if (probe.Kind == ProbeKind.GuestAgentPing && attempt.Outcome == ProbeOutcome.Success && ProbeSuppression.Reason(instance, session.KubeVirtVersion) is { } reason)
            return attempt with { Outcome = ProbeOutcome.Suppressed, Message = $"virt-launcher reports success; failures of the guest agent are ignored while {reason}" };
        return attempt.Outcome != ProbeOutcome.Success && instance.IsFrozen
            ? attempt with { Message = $"{attempt.Message}; the file systems of the guest are frozen" }
            : attempt;
    }

    private async Task<ProbeAttempt> OnPortAsync(VmiProbe probe, ProbeInstance instance, CancellationToken cancellationToken)
    {
        if (PortOf(probe, instance) is not { } port)
            return Discarded(probe.Port is { Name: { } name } ? $"no interface of the instance declares a port named '{name}'" : $"the probe has no port from 1 to 65535");
        if (probe.Host is { } host) return await TimedAsync(probe, new DirectDialer(host), host, port, cancellationToken).ConfigureAwait(false);
        ProbeRoutes routes = ProbeRoutes.Of(session);
        string address = instance.Address ?? instance.Name;
        if (await routes.ChooseAsync(route, instance, port, cancellationToken).ConfigureAwait(false) is not { } dialer)
            return Discarded("the instance has no address");
        ProbeAttempt? attempt = null;
        KubernetesException? refusal = null;
        try
        {
            attempt = await TimedAsync(probe, dialer, address, port, cancellationToken).ConfigureAwait(false);
        }
        catch (KubernetesException exception) when (route == ProbeRoute.Auto)
        {
            refusal = exception;
        }

        // That a way leads nowhere any more is no failure of the instance. What comes out of a tunnel is the word of whoever is at its end.
        bool isInDoubt = refusal is not null || (route == ProbeRoute.Auto && dialer is DirectDialer { HasLed: false });
        if (isInDoubt && await routes.InsteadOfAsync(dialer, instance, port, cancellationToken).ConfigureAwait(false) is { } other)
            return await TimedAsync(probe, other, address, port, cancellationToken).ConfigureAwait(false);
        return attempt ?? throw refusal!;
    }

    private async Task<ProbeAttempt> TimedAsync(VmiProbe probe, IInstanceDialer dialer, string address, int port, CancellationToken cancellationToken)
    {
        TimeSpan timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds);
        long begin = Stopwatch.GetTimestamp();
        using CancellationTokenSource limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(ProbeText.Waitable(timeout));
        ProbeAttempt attempt;
        try
        {
            attempt = probe.Kind == ProbeKind.HttpGet
                ? await HttpRunner.RunAsync(dialer, probe, address, port, ProbeText.Foreign(session, probe), limited.Token).ConfigureAwait(false)
                : await TcpRunner.RunAsync(dialer, probe.Host, port, ProbeText.Foreign(session, probe), limited.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            attempt = new ProbeAttempt { Outcome = ProbeOutcome.Timeout, Message = $"no answer within {ProbeText.Seconds(timeout)}" };
        }

        return attempt with { Latency = Stopwatch.GetElapsedTime(begin), Route = dialer.Route };
    }

    private static int? PortOf(VmiProbe probe, ProbeInstance instance)
    {
        int? port = probe.Port is { Name: { } name } ? instance.Ports.TryGetValue(name, out int named) ? named : null : probe.Port?.Number;
        return port is >= 1 and <= 65535 ? port : null;
    }

    private ProbeAttempt Discarded(string message) => new() { Outcome = ProbeOutcome.Discarded, Message = message, Route = route };
}

/// <summary>One run of a probe, before thresholds are applied.</summary>
internal sealed record ProbeAttempt
{
    /// <summary>How it ended.</summary>
    public required ProbeOutcome Outcome { get; init; }

    /// <summary>What there is to say, in kubelet's words where kubelet has some.</summary>
    public required string Message { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? StatusCode { get; init; }

    /// <summary>The exit code of virt-probe.</summary>
    public int? ExitCode { get; init; }

    /// <summary>Bytes of the body, or of the output, that were read.</summary>
    public long? Bytes { get; init; }

    /// <summary>From the start to the answer.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>The way that was taken.</summary>
    public ProbeRoute Route { get; init; }
}

/// <summary>
/// When virt-launcher answers a guest agent ping with success although the agent is silent. By an annotation since KubeVirt 1.9.0; while a live migration runs or
/// the domain is paused on purpose, since 1.9.0 and in 1.8.3 and 1.7.4 and later patches of these. Exec, HTTP and TCP are never suppressed.
/// </summary>
internal static class ProbeSuppression
{
    /// <summary>Why failures of a guest agent ping do not count at present; null when they do.</summary>
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

/// <summary>A TCP probe, as <c>pkg/probe/tcp</c> of Kubernetes does it: a connection that opens is a success, and is closed again.</summary>
internal static class TcpRunner
{
    public static async Task<ProbeAttempt> RunAsync(IInstanceDialer dialer, string? host, int port, ForeignText foreign, CancellationToken cancellationToken)
    {
        try
        {
            Stream stream = await dialer.ConnectAsync(host, port, cancellationToken).ConfigureAwait(false);
            await stream.DisposeAsync().ConfigureAwait(false);
            return new ProbeAttempt { Outcome = ProbeOutcome.Success, Message = "connected" };
        }
        catch (IOException exception)
        {
            return new ProbeAttempt { Outcome = ProbeOutcome.Failure, Message = foreign.Line(exception.Message) };
        }
    }
}
