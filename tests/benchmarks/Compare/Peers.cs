using System.Diagnostics;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>The two readers of this format that the module is held against, from Debian's packages.</summary>
internal static class Peers
{
    private const string GoPath = "/usr/share/gocode";

    // The distribution's own Python, which has the distribution's packages, whatever else is on the path.
    private const string Python = "/usr/bin/python3";

    /// <summary>Go's prometheus/common/expfmt, built here; null, and a line why, where it is not installed.</summary>
    public static ProcessStartInfo? Expfmt(Layout layout, string scrape, string workFolder, Results results)
    {
        const string install = "apt install golang-go golang-github-prometheus-common-dev";
        if (Command.Ask("go", "version") is null)
        {
            results.Skip("Go expfmt", $"there is no go on the path: {install}");
            return null;
        }

        if (!Directory.Exists(Path.Combine(GoPath, "src/github.com/prometheus/common/expfmt")))
        {
            results.Skip("Go expfmt", $"its source is not under {GoPath}: {install}");
            return null;
        }

        string program = Path.Combine(workFolder, "expfmt");
        Command.Run(Command.Describe(
            "go", ["build", "-o", program, Path.Combine(layout.Peers, "expfmt.go")], ("GO111MODULE", "off"), ("GOPATH", GoPath), ("GOFLAGS", "")));
        return Command.Describe(program, [scrape]);
    }

    /// <summary>Python's prometheus_client; null, and a line why, where it is not installed.</summary>
    public static ProcessStartInfo? PrometheusClient(Layout layout, string scrape, Results results)
    {
        if (Command.Ask(Python, "-c", "import prometheus_client") is null)
        {
            results.Skip("Python prometheus_client", $"{Python} does not have it: apt install python3-prometheus-client");
            return null;
        }

        return Command.Describe(Python, [Path.Combine(layout.Peers, "prometheus_client.py"), scrape]);
    }
}
