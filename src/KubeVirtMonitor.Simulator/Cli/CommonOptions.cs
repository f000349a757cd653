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

    /// <summary>The cluster that the options describe.</summary>
    public static SimulatedCluster ClusterOf(ParsedArguments arguments) => new(new ClusterOptions
    {
        Version = arguments.Version(Version.Name),
        Handlers = arguments.Number(Handlers.Name, 2, 0, 10_000),
        VmisPerHandler = arguments.Number(Vmis.Name, 5, 0, 100_000),
        Seed = arguments.Number(Seed.Name, 0, int.MinValue),
        Namespace = arguments.Text("--namespace") ?? "kubevirt",
    });

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
