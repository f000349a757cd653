using System.Net;

namespace KubeVirtMonitor.Simulator;

/// <summary>The endpoint of one pod: its address, what is wrong with it, and what was asked of it.</summary>
public sealed class SimulatedEndpoint
{
    private readonly Lock _lock = new();
    private Fault? _fault;
    private int _faultUses;
    private int _activeScrapes;
    private int _mostActiveScrapes;
    private long _requests;
    private long _scrapes;
    private long? _dirtyRateMeasured;

    internal SimulatedEndpoint(SimulatedPod pod, string @namespace, bool plainHttp)
    {
        Pod = pod;
        PlainHttp = plainHttp;
        ServerNames = CertificateStore.NamesOf(pod.Component, @namespace);
    }

    /// <summary>The pod; another one once it has been replaced.</summary>
    public SimulatedPod Pod { get; internal set; }

    /// <summary>Whether connections are accepted; not while its pod is stopped, or starts.</summary>
    public bool IsOpen => Serving?.Listener?.IsOpen ?? false;

    /// <summary>The id of the pod, such as <c>handler/0</c>.</summary>
    public string Id => Pod.Id;

    /// <summary>The names on its certificate; no IP address is among them.</summary>
    public IReadOnlyList<string> ServerNames { get; }

    /// <summary>The loopback port.</summary>
    public int Port { get; internal set; }

    /// <summary>The loopback address: 127.0.0.1, or one of its own when <see cref="HostOptions.PodAddresses"/> asks for that.</summary>
    public IPAddress Address { get; internal set; } = IPAddress.Loopback;

    /// <summary>The address without a path.</summary>
    public Uri BaseUri => new($"{(PlainHttp ? "http" : "https")}://{Address}:{Port}/");

    /// <summary>The address of the metrics.</summary>
    public Uri MetricsUri => new(BaseUri, "metrics");

    /// <summary>The address of the health check.</summary>
    public Uri HealthUri => new(BaseUri, "healthz");

    /// <summary>What requests must bring. Changes count from the next connection or request on.</summary>
    public AccessPolicy Access { get; set; } = AccessPolicy.Open;

    /// <summary>What is wrong, or null. Setting it starts the count of <see cref="Fault.Times"/> again.</summary>
    public Fault? Fault
    {
        get
        {
            lock (_lock) return _fault;
        }

        set
        {
            lock (_lock)
            {
                _fault = value;
                _faultUses = 0;
            }
        }
    }

    /// <summary>Requests so far, of any kind.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    /// <summary>Requests for the metrics so far.</summary>
    public long Scrapes => Interlocked.Read(ref _scrapes);

    /// <summary>Most scrapes that were served at the same time.</summary>
    public int MostActiveScrapes => Volatile.Read(ref _mostActiveScrapes);

    internal bool PlainHttp { get; }

    internal PodPort? Serving { get; set; }

    internal KeptScrape? Kept { get; set; }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} {MetricsUri}";

    internal void CountRequest() => Interlocked.Increment(ref _requests);

    /// <summary>Enters a scrape; false when the limit is reached.</summary>
    internal bool TryEnterScrape(int limit)
    {
        Interlocked.Increment(ref _scrapes);
        lock (_lock)
        {
            if (_activeScrapes >= limit) return false;
            _activeScrapes++;
            _mostActiveScrapes = Math.Max(_mostActiveScrapes, _activeScrapes);
            return true;
        }
    }

    /// <summary>Whether the dirty rate of machines is measured now: where a release has it, machines run that are not being migrated, and the last time is older than three times what it takes.</summary>
    internal bool MeasuresDirtyRate(TimeSpan takes, SimulatedCluster cluster)
    {
        if (!cluster.Release.IsV1Dot9 || cluster.VmisOf(Pod).All(static vmi => vmi.Migrating)) return false;
        lock (_lock)
        {
            if (_dirtyRateMeasured is { } last && Environment.TickCount64 - last <= 4 * takes.TotalMilliseconds) return false;
            _dirtyRateMeasured = Environment.TickCount64;
            return true;
        }
    }

    internal void LeaveScrape()
    {
        lock (_lock) _activeScrapes--;
    }

    /// <summary>The fault for this request: counts its uses, and is null once they are used up.</summary>
    internal Fault? TakeFault()
    {
        lock (_lock)
        {
            if (_fault is null || _fault.Times == 0) return _fault;
            return ++_faultUses <= _fault.Times ? _fault : null;
        }
    }

    internal CertificateKind CertificateKind => Fault?.Kind switch
    {
        FaultKind.OtherAuthority => CertificateKind.OtherAuthority,
        FaultKind.Expired => CertificateKind.Expired,
        FaultKind.WrongName => CertificateKind.WrongName,
        _ => CertificateKind.Right,
    };
}
