namespace KubeVirtMonitor.Simulator;

/// <summary>How the pods of a cluster are served.</summary>
public sealed record HostOptions
{
    /// <summary>Plain HTTP in place of HTTPS.</summary>
    public bool PlainHttp { get; init; }

    /// <summary>The first port; the endpoints take it and those that follow. 0 = any free ports.</summary>
    public int FirstPort { get; init; }

    /// <summary>
    /// An address of its own for each pod, such as 127.77.3.1, and on it the port 8443 that pods of KubeVirt have; then the pod IP of the API server
    /// works for real. Where the system has no such addresses (macOS), all pods share 127.0.0.1 and have any free ports.
    /// </summary>
    public bool PodAddresses { get; init; }

    /// <summary>Which pods get an endpoint; null = all.</summary>
    public Func<SimulatedPod, bool>? PodFilter { get; init; }

    /// <summary>What requests must bring, on all endpoints; each one can be changed while it runs.</summary>
    public AccessPolicy Access { get; init; } = AccessPolicy.Open;

    /// <summary>Faults by the id of the pod, such as <c>handler/0</c>; each one can be changed while it runs.</summary>
    public IReadOnlyDictionary<string, Fault> Faults { get; init; } = new Dictionary<string, Fault>();

    /// <summary>Most scrapes that a virt-handler serves at once.</summary>
    public int MaxConcurrentScrapes { get; init; } = 3;

    /// <summary>How long a scrape of a virt-handler with running machines takes at least: KubeVirt measures the dirty rate for a second since 1.6, unless it did within the last three; null = it does not.</summary>
    public TimeSpan? DirtyRateWait { get; init; }

    /// <summary>How long a virt-handler waits for a virt-launcher that does not answer (the event <c>silent</c>) before it leaves the machine out.</summary>
    public TimeSpan LauncherTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Keeps the compressed scrape of each endpoint and sends it for so long, so that a thousand endpoints cost next to nothing;
    /// <see cref="Timeout.InfiniteTimeSpan"/> = for ever. Null = each scrape is written again.
    /// </summary>
    public TimeSpan? KeepScrapesFor { get; init; }

    /// <summary>Where the certificate of the authority is written; null = a temporary file that goes when the host goes.</summary>
    public string? CertificateAuthorityFile { get; init; }
}
