using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>A server with the API of Prometheus that is started for a test, with a database of its own, in a folder that goes away with it.</summary>
public abstract class QueryEngine : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly List<string> _said = [];
    private Process? _process;

    private protected QueryEngine()
    {
    }

    /// <summary>Where its API begins, without <c>/api/v1</c>.</summary>
    public Uri Address { get; private set; } = new("http://127.0.0.1/");

    private protected TempFolder Folder { get; } = new();

    private protected HttpClient Client { get; } = new(new SocketsHttpHandler { UseProxy = false });

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

        Client.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts the program, and waits until it is ready.</summary>
    /// <param name="program">Its name. The test is skipped where it is not installed.</param>
    /// <param name="ready">The path that answers well when it is.</param>
    /// <param name="arguments">Its arguments, with the port that it listens on.</param>
    private protected async Task StartAsync(string program, string ready, Func<int, IEnumerable<string>> arguments)
    {
        try
        {
            int port = FreePort();
            Address = new Uri($"http://127.0.0.1:{port}/");
            Client.BaseAddress = Address;
            _process = Tool.Start(program, arguments(port));
            _process.OutputDataReceived += static (_, _) => { };
            _process.ErrorDataReceived += (_, line) =>
            {
                lock (_said) _said.Add($"{line.Data}");
            };
            _process.BeginOutputReadLine();
            _process.BeginErrorReadLine();
            for (Stopwatch waited = Stopwatch.StartNew(); !await IsReadyAsync(ready);)
            {
                if (_process.HasExited || waited.Elapsed > Limit) throw new InvalidOperationException($"{program} is not ready: {string.Join('\n', _said)}");
                await Task.Delay(50, TestContext.Current.CancellationToken);
            }
        }
        catch
        {
            await DisposeAsync();
            throw;
        }
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

    private async Task<bool> IsReadyAsync(string ready)
    {
        try
        {
            using HttpResponseMessage response = await Client.GetAsync(new Uri(ready, UriKind.Relative), TestContext.Current.CancellationToken);
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private async Task<JsonElement[]> ResultsAsync(string query, long milliseconds)
    {
        using FormUrlEncodedContent form = new([new("query", query), new("time", (milliseconds / 1000m).ToString(CultureInfo.InvariantCulture)), new("nocache", "1")]);
        using HttpResponseMessage response = await Client.PostAsync(new Uri("api/v1/query", UriKind.Relative), form, TestContext.Current.CancellationToken);
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
