using System.Globalization;
using System.Text;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Simulator;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace KubeVirtMonitor.Tests.History;

/// <summary>Simulated clusters of three KubeVirt versions whose values stand still, so that a scrape now is one of any moment.</summary>
public sealed class ScrapedClusters : IAsyncLifetime
{
    public static readonly string[] Versions = ["1.0", "1.2", "1.9"];

    private readonly Dictionary<string, SimulatorHost> _hosts = [];
    private readonly Dictionary<string, QueryEngine> _engines = [];
    private readonly SemaphoreSlim _one = new(1);

    public async ValueTask InitializeAsync()
    {
        // Measurements of migrations have times of this clock, and a server takes none of the future.
        FakeTimeProvider time = new(DateTimeOffset.UtcNow - TimeSpan.FromSeconds(260));
        foreach (string version in Versions)
            _hosts.Add(version, await SimulatorHost.StartAsync(new SimulatedCluster(new ClusterOptions { Version = KubeVirtVersion.Parse(version), TimeProvider = time, Seed = _hosts.Count }), new HostOptions()));
        time.Advance(TimeSpan.FromSeconds(200));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (QueryEngine engine in _engines.Values) await engine.DisposeAsync();
        foreach (SimulatorHost host in _hosts.Values) await host.DisposeAsync();
        _one.Dispose();
    }

    /// <summary>An engine that scrapes clusters with the labels that KubeVirt's ServiceMonitor gives, started at its first use.</summary>
    /// <param name="engine"><c>prometheus</c> or <c>victoria-metrics</c>.</param>
    /// <param name="honorLabels">Whether labels of KubeVirt go before those of the target.</param>
    /// <param name="versions">The clusters; of several, each has a label <c>cluster</c>.</param>
    internal async Task<QueryEngine> EngineAsync(string engine, bool honorLabels, string[] versions)
    {
        Tool.Require(engine);
        string key = $"{engine} {honorLabels} {string.Join(' ', versions)}";
        await _one.WaitAsync();
        try
        {
            if (_engines.TryGetValue(key, out QueryEngine? known)) return known;
            string configuration = Configuration(honorLabels, versions);
            QueryEngine started = engine == "prometheus" ? await TestKit.PrometheusServer.ScrapingAsync(configuration) : await VictoriaMetricsServer.ScrapingAsync(configuration);
            _engines.Add(key, started);
            int pods = versions.Sum(version => _hosts[version].Endpoints.Count);
            for (int i = 0; i < 300; i++)
            {
                var up = await started.QueryAsync("sum(sum_over_time(up[1m]) >= bool 6)", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
                if (up.GetValueOrDefault("") >= pods) return started;
                await Task.Delay(200, TestContext.Current.CancellationToken);
            }

            throw new InvalidOperationException($"{engine} does not scrape all pods.");
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>What a direct scrape of all pods of a cluster gives, the newest of each series.</summary>
    internal async Task<Dictionary<string, string>> ScrapeAsync(string version, MappingOptions? mapping = null)
    {
        Dictionary<string, (long Ticks, string Text)> samples = [];
        MetricScraper scraper = new(new ScrapeOptions { Tls = new TlsOptions { SkipCertificateCheck = true } }, mapping ?? new MappingOptions());
        foreach (SimulatedEndpoint endpoint in _hosts[version].Endpoints)
        {
            ScrapeTarget target = ScrapeTarget.FromUri(endpoint.MetricsUri, Enum.Parse<KubeVirtMonitor.ComponentKind>($"{endpoint.Pod.Component}")) with { PodName = NameOf(endpoint), KubeNamespace = "kubevirt" };
            ScrapeResult result = await scraper.ScrapeAsync(
                target,
                (batch, _) =>
                {
                    foreach (MetricSample sample in batch.Span)
                    {
                        string key = KeyOf(sample);
                        if (!samples.TryGetValue(key, out var before) || before.Ticks < sample.Ticks) samples[key] = (sample.Ticks, TextOf(sample));
                    }

                    batch.Return();
                    return ValueTask.CompletedTask;
                },
                TestContext.Current.CancellationToken);
            Assert.Null(result.Error);
        }

        return samples.ToDictionary(static pair => pair.Key, static pair => pair.Value.Text);
    }

    /// <summary>The name and the tags of a sample, in the order of the tags' names.</summary>
    internal static string KeyOf(MetricSample sample) => $"{sample.Name} {string.Join(", ", sample.Tags.OrderBy(static tag => tag.Key, StringComparer.Ordinal).Select(static tag => $"{tag.Key}={tag.Value}"))}";

    /// <summary>All else of it but the time.</summary>
    internal static string TextOf(MetricSample sample) => string.Create(
        CultureInfo.InvariantCulture,
        $"{sample.Value:R} {sample.Kind} {sample.Unit} {sample.Component} {sample.Namespace}/{sample.Vmi}@{sample.Node} {sample.RawName} {sample.Target} {sample.Correction}");

    private string Configuration(bool honorLabels, string[] versions)
    {
        StringBuilder text = new("global:\n  scrape_interval: 1s\n  scrape_timeout: 1s\nscrape_configs:\n");
        foreach ((int i, string version) in versions.Index())
        {
            // A cluster that comes twice is scraped under two jobs.
            string job = Array.IndexOf(versions, version) == i ? "kubevirt-prometheus-metrics" : "agent";
            text.Append(CultureInfo.InvariantCulture, $"""
                  - job_name: k{version}-{i}
                    scheme: https
                    honor_labels: {(honorLabels ? "true" : "false")}
                    tls_config:
                      insecure_skip_verify: true
                    relabel_configs:
                      - target_label: job
                        replacement: {job}
                    static_configs:

                """);
            foreach (SimulatedEndpoint endpoint in _hosts[version].Endpoints)
            {
                string cluster = versions.Length > 1 ? $", cluster: 'k{version}'" : "";
                text.Append(CultureInfo.InvariantCulture, $"      - targets: ['{endpoint.BaseUri.Authority}']\n        labels: {{namespace: kubevirt, pod: {NameOf(endpoint)}, container: virt-{endpoint.Pod.ComponentName}, service: kubevirt-prometheus-metrics, endpoint: metrics{cluster}}}\n");
            }
        }

        return text.ToString();
    }

    private static string NameOf(SimulatedEndpoint endpoint) => $"virt-{endpoint.Pod.ComponentName}-{endpoint.Id[^1]}x7z";
}
