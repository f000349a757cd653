namespace KubeVirtMonitor.TestKit;

/// <summary>A Prometheus of this machine. The test is skipped where it is not installed.</summary>
public sealed class PrometheusServer : QueryEngine
{
    private PrometheusServer()
    {
    }

    /// <summary>Starts one that scrapes nothing, over samples that it is given.</summary>
    /// <param name="openMetrics">The samples, each with its time.</param>
    public static async Task<PrometheusServer> OverAsync(string openMetrics)
    {
        PrometheusServer server = new();
        string file = server.Folder.Write("samples.om", openMetrics);
        Directory.CreateDirectory(server.Folder.At("data"));
        await Tool.OutputAsync("promtool", ["tsdb", "create-blocks-from", "openmetrics", file, server.Folder.At("data")]);
        return await server.StartAsync("scrape_configs: []\n");
    }

    /// <summary>Starts one.</summary>
    /// <param name="configuration">What it scrapes.</param>
    public static Task<PrometheusServer> ScrapingAsync(string configuration) => new PrometheusServer().StartAsync(configuration);

    private async Task<PrometheusServer> StartAsync(string configuration)
    {
        await StartAsync("prometheus", "-/ready", port => [
            $"--config.file={Folder.Write("prometheus.yml", configuration)}", $"--storage.tsdb.path={Folder.At("data")}", "--storage.tsdb.retention.time=10y",
            $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn"]);
        return this;
    }
}
