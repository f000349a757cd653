using System.Diagnostics;
using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Serves many small virt-handlers in one process, for benchmarks beside Prometheus.</summary>
public sealed class HostsCommand : ICommand
{
    /// <inheritdoc/>
    public string Name => "hosts";

    /// <inheritdoc/>
    public string Summary => "Serves many virt-handlers, each on its own HTTPS port, and writes a Prometheus configuration.";

    /// <inheritdoc/>
    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        new("--count", "NUMBER", "virt-handlers (1000)"),
        new("--vmis", "NUMBER", "VMIs on each (10)"),
        CommonOptions.Version,
        CommonOptions.Seed,
        new("--refresh", "TIME", "how long a scrape is reused before a new one is generated; 0s = always generate a new one (10s)"),
        new("--prometheus-config", "FILE", "write a configuration for Prometheus with all targets"),
        new("--scrape-interval", "TIME", "the interval in that configuration (15s)"),
        new("--targets", "FILE", "write the addresses, one per line"),
        CommonOptions.CaFile,
        CommonOptions.Port,
        .. CommonOptions.Motion,
        CommonOptions.Speed,
        CommonOptions.DirtyRateWait,
        CommonOptions.Duration,
    ];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParsedArguments arguments, TextWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(output);
        Stopwatch watch = Stopwatch.StartNew();
        string? configuration = arguments.Text("--prometheus-config");
        SimulatedCluster cluster = CommonOptions.ClusterOf(arguments, new ClusterOptions
        {
            Handlers = arguments.Number("--count", 1000, 1, 20_000),
            VmisPerHandler = arguments.Number("--vmis", 10, 0, 10_000),
        });
        await using SimulatorHost host = await SimulatorHost.StartAsync(
            cluster,
            new HostOptions
            {
                FirstPort = arguments.Number("--port", 0, 0, 65_535),
                PodFilter = pod => pod.Component == ComponentKind.Handler,
                KeepScrapesFor = (arguments.Duration("--refresh") ?? TimeSpan.FromSeconds(10)) / CommonOptions.SpeedOf(arguments),
                DirtyRateWait = CommonOptions.DirtyRateWaitOf(arguments),
                LauncherTimeout = CommonOptions.LauncherTimeoutOf(arguments),
                CertificateAuthorityFile = arguments.Text(CommonOptions.CaFile.Name),
            },
            cancellation);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{host.Endpoints.Count} virt-handlers of KubeVirt {cluster.Release.Version} with {cluster.Options.VmisPerHandler} instances each, up in {watch.Elapsed.TotalSeconds:0.0} s"));
        await output.WriteLineAsync($"  first address          {host.Endpoints[0].MetricsUri}");
        await output.WriteLineAsync($"  server name            {host.Endpoints[0].ServerNames[2]}");
        await output.WriteLineAsync($"  certificate authority  {host.CertificateAuthorityFile}");
        if (configuration is not null)
        {
            string interval = arguments.Text("--scrape-interval") ?? "15s";
            await File.WriteAllTextAsync(configuration, PrometheusConfiguration.For(host, interval), cancellation);
            await output.WriteLineAsync($"  Prometheus             prometheus --config.file={configuration}");
        }

        if (arguments.Text("--targets") is { } targets)
        {
            await File.WriteAllLinesAsync(targets, host.Endpoints.Select(endpoint => endpoint.MetricsUri.ToString()), cancellation);
            await output.WriteLineAsync($"  addresses              {targets}");
        }

        await output.WriteLineAsync(arguments.Has(CommonOptions.Duration.Name) ? $"Serving for {arguments.Text(CommonOptions.Duration.Name)}." : "Serving until Ctrl+C.");
        await CommonOptions.WaitAsync(arguments, cancellation);
        return 0;
    }
}
