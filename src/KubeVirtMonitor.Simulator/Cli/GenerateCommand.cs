using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using Microsoft.Extensions.Time.Testing;

namespace KubeVirtMonitor.Simulator;

/// <summary>Writes one scrape to a file.</summary>
public sealed class GenerateCommand : ICommand
{
    /// <summary>The moment at which generated scrapes begin, so that the same options give the same bytes.</summary>
    public static readonly DateTimeOffset Beginning = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <inheritdoc/>
    public string Name => "generate";

    /// <inheritdoc/>
    public string Summary => "Writes one scrape to a file, for benchmarks and tests.";

    /// <inheritdoc/>
    public IReadOnlyList<OptionSpec> Options { get; } =
    [
        new("--vmis", "NUMBER", "VMIs on the node (5000)"),
        CommonOptions.Version,
        new("--component", "NAME", "api, controller, standby, handler or operator, or a pod such as handler/1 (handler)"),
        new("--output", "FILE", "the file; a name that ends in .gz is compressed; - = standard output"),
        CommonOptions.Seed,
        new("--elapsed", "TIME", "how long the cluster has been running (0s)"),
        new("--at", "SECONDS", "the same as a number of seconds, such as 100.5"),
        new("--handlers", "NUMBER", "nodes, for migrations; the scrape is of the first one unless the component is handler/1 (1)"),
        .. CommonOptions.Motion,
    ];

    /// <inheritdoc/>
    public async Task<int> RunAsync(ParsedArguments arguments, TextWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(output);
        string file = arguments.Text("--output") ?? throw new UsageException("--output is missing: --output FILE, or --output - for the standard output.");
        FakeTimeProvider time = new(Beginning);
        if (arguments.Has("--at") && arguments.Has("--elapsed")) throw new UsageException("--at and --elapsed are the same; give one of them.");
        SimulatedCluster cluster = CommonOptions.ClusterOf(arguments, new ClusterOptions
        {
            Handlers = arguments.Number("--handlers", 1, 1, 1000),
            VmisPerHandler = arguments.Number("--vmis", 5000, 0, 1_000_000),
            TimeProvider = time,
        });
        time.Advance(arguments.Duration("--at") ?? arguments.Duration("--elapsed") ?? TimeSpan.Zero);
        SimulatedPod pod = Pick(cluster, arguments.Text("--component") ?? "handler");
        Stopwatch watch = Stopwatch.StartNew();
        ScrapeWriter scrape = cluster.BeginScrape(pod);
        if (file == "-")
        {
            using Stream standard = Console.OpenStandardOutput();
            scrape.WriteAll(standard);
            return 0;
        }

        long bytes = Write(scrape, file);
        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"{file}: virt-{pod.ComponentName} of KubeVirt {cluster.Release.Version}, {scrape.SeriesCount} series, {bytes / 1e6:0.0} MB of text, written in {watch.Elapsed.TotalSeconds:0.00} s"));
        return 0;
    }

    private static long Write(ScrapeWriter scrape, string path)
    {
        using FileStream file = File.Create(path);
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)) return scrape.WriteAll(file);
        using GZipStream gzip = new(file, CompressionLevel.Fastest);
        return scrape.WriteAll(gzip);
    }

    private static SimulatedPod Pick(SimulatedCluster cluster, string component) => component switch
    {
        "api" => cluster.PodsOf(ComponentKind.Api).First(),
        "controller" => cluster.PodsOf(ComponentKind.Controller).First(pod => pod.Leading),
        "standby" => cluster.PodsOf(ComponentKind.Controller).First(pod => !pod.Leading),
        "handler" => cluster.PodsOf(ComponentKind.Handler).First(),
        _ when cluster.Pods.FirstOrDefault(pod => pod.Id == component) is { } pod => pod,
        "operator" => cluster.PodsOf(ComponentKind.Operator).First(),
        _ => throw new UsageException($"--component: '{component}' is none of api, controller, standby, handler, operator, nor a pod such as handler/1."),
    };
}
