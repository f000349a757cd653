using System.Globalization;
using System.Text;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>A VictoriaMetrics of this machine. The test is skipped where it is not installed.</summary>
public sealed class VictoriaMetricsServer : QueryEngine
{
    private VictoriaMetricsServer()
    {
    }

    /// <summary>Starts one that scrapes nothing, over samples that it is given.</summary>
    /// <param name="openMetrics">The samples, each with its time in seconds.</param>
    public static async Task<VictoriaMetricsServer> OverAsync(string openMetrics)
    {
        VictoriaMetricsServer server = await ScrapingAsync("scrape_configs: []\n");
        try
        {
            using StringContent samples = new(string.Concat(openMetrics.Split('\n').Where(static line => line.Length > 0 && line[0] != '#').Select(InMilliseconds)), Encoding.UTF8, "text/plain");
            using HttpResponseMessage response = await server.Client.PostAsync(new Uri("api/v1/import/prometheus", UriKind.Relative), samples, TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
            await server.FlushAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one.</summary>
    /// <param name="configuration">What it scrapes, as Prometheus has it.</param>
    public static async Task<VictoriaMetricsServer> ScrapingAsync(string configuration)
    {
        VictoriaMetricsServer server = new();
        await server.StartAsync("victoria-metrics", "health", port => [
            $"-promscrape.config={server.Folder.Write("prometheus.yml", configuration)}", $"-storageDataPath={server.Folder.At("data")}", "-retentionPeriod=100y",
            $"-httpListenAddr=127.0.0.1:{port}", "-memory.allowedBytes=128MB", "-loggerLevel=WARN"]);
        return server;
    }

    /// <summary>Makes all that it got visible to queries, which else takes a second.</summary>
    public async Task FlushAsync()
    {
        using HttpResponseMessage response = await Client.GetAsync(new Uri("internal/force_flush", UriKind.Relative), TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
    }

    // OpenMetrics has seconds, the import milliseconds.
    private static string InMilliseconds(string line)
    {
        int blank = line.LastIndexOf(' ');
        decimal seconds = decimal.Parse(line.AsSpan(blank + 1), NumberStyles.Float, CultureInfo.InvariantCulture);
        return string.Create(CultureInfo.InvariantCulture, $"{line[..blank]} {(long)(seconds * 1000)}\n");
    }
}
