namespace KubeVirtMonitor.Probes.Running;

/// <summary>The five numbers of a probe as they are on the virt-launcher pod.</summary>
internal sealed record ProbeNumbers
{
    /// <summary>What KubeVirt adds to the initial delay of every probe (<c>LibvirtStartupDelay</c>).</summary>
    public static TimeSpan StartupDelay { get; } = TimeSpan.FromSeconds(10);

    /// <summary>From the start of the container to the first probe; not negative.</summary>
    public required TimeSpan InitialDelay { get; init; }

    /// <summary>From one probe to the next.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>The longest a probe may take.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Successes in a row it takes.</summary>
    public required int SuccessThreshold { get; init; }

    /// <summary>Failures in a row it takes.</summary>
    public required int FailureThreshold { get; init; }

    /// <summary>The numbers of a probe of an instance: ten seconds more of initial delay, and a second more of timeout where virt-launcher stands between.</summary>
    public static ProbeNumbers OnPod(VmiProbe probe) => new()
    {
        InitialDelay = Max(TimeSpan.Zero, StartupDelay + TimeSpan.FromSeconds(probe.InitialDelaySeconds)),
        Period = TimeSpan.FromSeconds(probe.PeriodSeconds),
        Timeout = TimeSpan.FromSeconds(probe.TimeoutSeconds + (probe.Kind is ProbeKind.GuestAgentPing or ProbeKind.Exec ? 1 : 0)),
        SuccessThreshold = probe.SuccessThreshold,
        FailureThreshold = probe.FailureThreshold,
    };

    private static TimeSpan Max(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
