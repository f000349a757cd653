using KubeVirtMonitor.Simulator;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Simulated virt-handlers, each on a port of its own, all under one certificate authority.</summary>
internal sealed class HttpsTargets : IDisposable
{
    private readonly SimulatorHost _host;

    /// <summary>Starts to serve.</summary>
    /// <param name="count">Number of virt-handlers.</param>
    /// <param name="machines">Machines on each.</param>
    /// <param name="keep">How long a scrape is sent again before it is written anew with new values.</param>
    /// <param name="folder">Where the list of addresses and the certificate of the authority go.</param>
    /// <param name="speed">How many times as fast the clock of the cluster runs.</param>
    public HttpsTargets(int count, int machines, TimeSpan keep, string folder, double speed = 1)
    {
        SimulatedCluster cluster = new(new ClusterOptions { Handlers = count, VmisPerHandler = machines, TimeProvider = new FastTime(TimeProvider.System, speed) });
        HostOptions options = new()
        {
            PodFilter = pod => pod.Component == ComponentKind.Handler,
            KeepScrapesFor = keep,
            CertificateAuthorityFile = Path.Combine(folder, "ca.pem"),
        };
        _host = SimulatorHost.StartAsync(cluster, options).GetAwaiter().GetResult();
        UriFile = Path.Combine(folder, "targets.txt");
        File.WriteAllLines(UriFile, Uris.Select(uri => uri.ToString()));
    }

    /// <summary>The number of targets.</summary>
    public int Count => _host.Endpoints.Count;

    /// <summary>Requests for metrics so far, of all targets.</summary>
    public long Scrapes => _host.Endpoints.Sum(endpoint => endpoint.Scrapes);

    /// <summary>Targets that have been scraped since they were last counted as so many.</summary>
    public int ScrapedSince(IReadOnlyList<long> counts) => _host.Endpoints.Where((endpoint, i) => endpoint.Scrapes > counts[i]).Count();

    /// <summary>Requests for metrics so far, by target.</summary>
    public IReadOnlyList<long> ScrapeCounts => [.. _host.Endpoints.Select(endpoint => endpoint.Scrapes)];

    /// <summary>Lets targets answer late, or at once.</summary>
    /// <param name="which">Which, by their index.</param>
    /// <param name="delay">How late; zero = at once.</param>
    public void Slow(Range which, TimeSpan delay)
    {
        (int start, int length) = which.GetOffsetAndLength(Count);
        foreach (SimulatedEndpoint endpoint in _host.Endpoints.Skip(start).Take(length))
            endpoint.Fault = delay == TimeSpan.Zero ? null : new Fault(FaultKind.Slow) { Delay = delay };
    }

    /// <summary>The addresses of the metrics.</summary>
    public IEnumerable<Uri> Uris => _host.Endpoints.Select(endpoint => endpoint.MetricsUri);

    /// <summary>The file with one address per line.</summary>
    public string UriFile { get; }

    /// <summary>The file with the certificate of the authority.</summary>
    public string CertificateAuthority => _host.CertificateAuthorityFile;

    /// <summary>A name on every certificate.</summary>
    public string ServerName => _host.Endpoints[0].ServerNames[2];

    /// <summary>How Prometheus scrapes them, with the same authority and server name.</summary>
    public string PrometheusConfiguration(int intervalSeconds) => Simulator.PrometheusConfiguration.For(_host, $"{intervalSeconds}s");

    /// <summary>Stops serving.</summary>
    public void Dispose() => _host.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
