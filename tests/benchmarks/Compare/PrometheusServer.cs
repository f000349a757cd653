using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using KubeVirtMonitor.Benchmarks.Cases;

namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>Debian's Prometheus, scraping HTTPS targets into a database of its own in a temporary folder.</summary>
internal sealed partial class PrometheusServer : IDisposable
{
    // Linux.
    private const int SignalHangUp = 1;
    private const int SignalContinue = 18;
    private const int SignalStop = 19;

    private readonly HttpClient _client = new();
    private readonly string _configuration;
    private readonly Process _process;
    private readonly Task<string> _errors;
    private readonly PosixSignalRegistration[] _interruptions;

    /// <summary>Starts it.</summary>
    /// <param name="folder">An empty folder for its configuration and its database.</param>
    /// <param name="configuration">What it scrapes, and when.</param>
    public PrometheusServer(string folder, string configuration)
    {
        _configuration = Path.Combine(folder, "prometheus.yml");
        File.WriteAllText(_configuration, configuration);
        int port = FreePort();
        _client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
        _process = Command.Start(Command.Describe("prometheus", [
            $"--config.file={_configuration}", $"--storage.tsdb.path={Path.Combine(folder, "tsdb")}", $"--web.listen-address=127.0.0.1:{port}",
            "--log.level=warn"]));
        _process.StandardInput.Close();
        _ = _process.StandardOutput.ReadToEndAsync();
        _errors = _process.StandardError.ReadToEndAsync();

        // A process that sleeps does not hear Ctrl+C, and would stay behind.
        _interruptions = [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM }.Select(signal => PosixSignalRegistration.Create(signal, _ => _process.Kill()))];
    }

    /// <summary>Whether there is one on the path.</summary>
    public static bool Installed => Command.Ask("prometheus", "--version") is not null;

    /// <summary>CPU seconds so far, all threads.</summary>
    public double Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <summary>Scrapes begun so far, without the first of each target, by its own count.</summary>
    public double Scrapes => ScrapeCount().Match(Get("metrics")) is { Success: true } match ? Number(match.Groups[1].Value) : 0;

    /// <summary>The single value of a query; 0 where it has none yet.</summary>
    public double Query(string query) =>
        QueryValue().Match(Get("api/v1/query?query=" + Uri.EscapeDataString(query))) is { Success: true } match ? Number(match.Groups[1].Value) : 0;

    /// <summary>Whether it answers.</summary>
    /// <exception cref="InvalidOperationException">It has ended.</exception>
    public bool Ready
    {
        get
        {
            if (_process.HasExited) throw new InvalidOperationException($"prometheus ended: {_errors.GetAwaiter().GetResult().Trim()}");
            try
            {
                _ = Get("-/ready");
                return true;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }
    }

    /// <summary>The most memory it had resident so far, in KiB.</summary>
    public long Peak => PeakMemory.Of(_process.Id);

    /// <summary>Gives it another configuration; it takes that up within five seconds.</summary>
    public void Reload(string configuration)
    {
        File.WriteAllText(_configuration, configuration);
        _ = Signal(_process.Id, SignalHangUp);
    }

    /// <summary>Lets it sleep, so that it costs nothing while others are measured.</summary>
    public void Pause() => _ = Signal(_process.Id, SignalStop);

    /// <summary>Wakes it.</summary>
    public void Resume() => _ = Signal(_process.Id, SignalContinue);

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        foreach (PosixSignalRegistration interruption in _interruptions) interruption.Dispose();
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _client.Dispose();
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private string Get(string path) => _client.GetStringAsync(new Uri(path, UriKind.Relative)).GetAwaiter().GetResult();

    [GeneratedRegex(@"^prometheus_target_interval_length_seconds_count\{[^}]*\} (\S+)", RegexOptions.Multiline)]
    private static partial Regex ScrapeCount();

    [GeneratedRegex("""
        "value":\[[^,]+,"([^"]+)"\]
        """)]
    private static partial Regex QueryValue();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
