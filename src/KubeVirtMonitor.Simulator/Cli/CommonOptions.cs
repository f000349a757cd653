using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static readonly OptionSpec Version = new("--version", "VERSION", "the KubeVirt version: 1.0, 1.2 or 1.9 (1.9)");
    public static readonly OptionSpec Handlers = new("--handlers", "NUMBER", "nodes, each with one virt-handler (2)");
    public static readonly OptionSpec Vmis = new("--vmis", "NUMBER", "VMIs on each node (5)");
    public static readonly OptionSpec Seed = new("--seed", "NUMBER", "changes all values (0)");
    public static readonly OptionSpec CaFile = new("--ca-file", "FILE", "where the certificate of the authority is written (a temporary file)");
    public static readonly OptionSpec Port = new("--port", "PORT", "the first of the ports; 0 = any free ports (0)");
    public static readonly OptionSpec Duration = new("--duration", "TIME", "stop after a time such as 30s (serve until Ctrl+C)");

    /// <summary>How machines move, in every command that has machines.</summary>
    public static readonly OptionSpec[] Motion =
    [
        new("--load", "VM:KEY=VALUE,...", "what a VM is known to do, such as vm-00003:cpu=1.5,ready=0.06,read=200,read-latency=8ms; * and ? in the name; may be repeated", Repeats: true),
        new("--event", "TIME:EVENT:VM", "what happens at a time, such as 30s:restart:vm-00001 or 20s:migrate:vm-00003:rate=100MB,dirty=20MB; may be repeated", Repeats: true),
        new("--calm", null, "nothing is wrong until an event says so: none of KubeVirt's alerts fires"),
        new("--live", null, "values move continuously instead of once a second, and statistics are as old as KubeVirt's caches make them"),
        new("--caches", null, "only these caches"),
    ];

    public static readonly OptionSpec Speed = new("--speed", "NUMBER", "the clock of the cluster runs so many times as fast (1)");

    public static readonly OptionSpec DirtyRateWait = new("--dirty-rate-wait", null, "a scrape of a virt-handler takes a second, the time in which KubeVirt 1.6 and later measure the dirty rate");

    /// <summary>The cluster that the options describe.</summary>
    public static SimulatedCluster ClusterOf(ParsedArguments arguments) => ClusterOf(arguments, new ClusterOptions
    {
        Handlers = arguments.Number(Handlers.Name, 2, 0, 10_000),
        VmisPerHandler = arguments.Number(Vmis.Name, 5, 0, 100_000),
        Namespace = arguments.Text("--namespace") ?? "kubevirt",
    });

    /// <summary>A cluster of a size, with the version, the seed and the motion of the options.</summary>
    public static SimulatedCluster ClusterOf(ParsedArguments arguments, ClusterOptions options)
    {
        try
        {
            double speed = SpeedOf(arguments);
            return new SimulatedCluster(options with
            {
                Version = arguments.Version(Version.Name),
                Seed = arguments.Number(Seed.Name, 0, int.MinValue),
                Loads = [.. arguments.All("--load").Select(static text => ParsedArguments.Convert("--load", text, KnownLoad.Parse))],
                Events = [.. arguments.All("--event").Select(static text => ParsedArguments.Convert("--event", text, ClusterEvent.Parse))],
                Calm = arguments.Has("--calm"),
                Live = arguments.Has("--live"),
                Caches = arguments.Has("--live") || arguments.Has("--caches"),
                TimeProvider = speed == 1 ? options.TimeProvider : new FastTime(options.TimeProvider, speed),
            });
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException { ParamName: null })
        {
            throw new UsageException(failure.Message);
        }
    }

    /// <summary>The time that a scrape of a virt-handler takes for the dirty rate, or none.</summary>
    public static TimeSpan? DirtyRateWaitOf(ParsedArguments arguments) => arguments.Has(DirtyRateWait.Name) ? TimeSpan.FromSeconds(1 / SpeedOf(arguments)) : null;

    /// <summary>The time that a virt-handler waits for a virt-launcher that does not answer.</summary>
    public static TimeSpan LauncherTimeoutOf(ParsedArguments arguments) => new HostOptions().LauncherTimeout / SpeedOf(arguments);

    /// <summary>How many times as fast the clock of the cluster is.</summary>
    public static double SpeedOf(ParsedArguments arguments) => arguments.Text(Speed.Name) is not { } text ? 1
        : double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double speed) && speed is >= 0.001 and <= 1_000_000 ? speed
        : throw new UsageException($"{Speed.Name}: '{text}' is not a number from 0.001 to 1000000.");

    /// <summary>Waits for Ctrl+C, or for the duration.</summary>
    public static async Task WaitAsync(ParsedArguments arguments, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(arguments.Duration(Duration.Name) ?? Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is the ordinary end.
        }
    }

    /// <summary>The parameters with which our cmdlets reach an endpoint.</summary>
    public static string CmdletParameters(SimulatorHost host, SimulatedEndpoint endpoint) =>
        endpoint.BaseUri.Scheme == Uri.UriSchemeHttp
            ? string.Create(CultureInfo.InvariantCulture, $"-Uri {endpoint.MetricsUri}")
            : string.Create(CultureInfo.InvariantCulture, $"-Uri {endpoint.MetricsUri} -CertificateAuthority '{host.CertificateAuthorityFile}' -ServerName {endpoint.ServerNames[2]}");
}
