using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>A Prometheus of this machine with a database of its own, in a folder that goes away with it. The test is skipped where it is not installed.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TempFolder _folder = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly List<string> _said = [];
    private Process? _process;

    private PrometheusServer()
    {
    }

    /// <summary>Starts one that scrapes nothing, over samples that it is given.</summary>
    /// <param name="openMetrics">The samples, each with its time.</param>
    public static async Task<PrometheusServer> OverAsync(string openMetrics)
    {
        PrometheusServer server = new();
        string file = server._folder.Write("samples.om", openMetrics);
        Directory.CreateDirectory(server._folder.At("data"));
        await Tool.OutputAsync("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, server._folder.At("data")]);
        return await server.StartAsync("scrape_configs: []\n");
    }

    /// <summary>Starts one.</summary>
    /// <param name="configuration">What it scrapes.</param>
    public static Task<PrometheusServer> ScrapingAsync(string configuration) => new PrometheusServer().StartAsync(configuration);

    /// <summary>What a query gives: of each series, its labels as <c>name=value</c> in order, and its value.</summary>
    /// <param name="query">An instant query, of a vector.</param>
    /// <param name="milliseconds">The moment, since 1970.</param>
    public async Task<IReadOnlyDictionary<string, double>> QueryAsync(string query, long milliseconds) =>
        (await ResultsAsync(query, milliseconds)).ToDictionary(LabelsOf, static result => NumberOf(result.GetProperty("value")[1]));

    /// <summary>What is stored: of each series, its points in milliseconds since 1970.</summary>
    /// <param name="query">An instant query, of a range such as <c>metric[1m]</c>.</param>
    /// <param name="milliseconds">The moment, since 1970.</param>
    public async Task<IReadOnlyDictionary<string, (long Milliseconds, double Value)[]>> PointsAsync(string query, long milliseconds) =>
        (await ResultsAsync(query, milliseconds)).ToDictionary(LabelsOf, static result => result.GetProperty("values").EnumerateArray()
            .Select(static pair => ((long)Math.Round(pair[0].GetDouble() * 1000), NumberOf(pair[1]))).ToArray());

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _client.Dispose();
        _folder.Dispose();
    }

    private static string LabelsOf(JsonElement result) => string.Join(",", result.GetProperty("metric").EnumerateObject()
        .Where(static label => label.Name != "__name__").OrderBy(static label => label.Name, StringComparer.Ordinal).Select(static label => $"{label.Name}={label.Value.GetString()}"));

    private static double NumberOf(JsonElement value) => value.GetString() switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        "NaN" => double.NaN,
        { } text => double.Parse(text, CultureInfo.InvariantCulture),
        _ => throw new FormatException(),
    };

    private async Task<PrometheusServer> StartAsync(string configuration)
    {
        try
        {
            int port = FreePort();
            _client.BaseAddress = new Uri($"http://127.0.0.1:{port}/");
            _process = Tool.Start("prometheus", [
                $"--config.file={_folder.Write("prometheus.yml", configuration)}", $"--storage.tsdb.path={_folder.At("data")}", "--storage.tsdb.retention.time=10y",
                $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]);
            _process.OutputDataReceived += static (_, _) => { };
            _process.ErrorDataReceived += (_, line) =>
            {
                lock (_said) _said.Add($"{line.Data}");
            };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            for (Stopwatch waited = Stopwatch.StartNew(); !await IsReadyAsync();)
            {
                if (_process.HasExited || waited.Elapsed > Limit) throw new InvalidOperationException($"prometheus is not ready: {string.Join('\n', _said)}");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }

            return this;
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using HttpResponseMessage response = await _client.GetAsync(new Uri("-/ready", UriKind.Relative), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonElement[]> ResultsAsync(string query, long milliseconds)
    {
        using FormUrlEncodedContent form = new([new("query", query), new("time", (milliseconds / 1000m).ToString(CultureInfo.InvariantCulture))]);
        using HttpResponseMessage response = await _client.PostAsync(new Uri("api/v1/query", UriKind.Relative), form, TestContext.Current.CancellationToken);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{query}: {text}");
        using JsonDocument document = JsonDocument.Parse(text);
        return [.. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(static result => result.Clone())];
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
