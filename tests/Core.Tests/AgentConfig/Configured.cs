using KubeVirtMonitor.AgentConfig;
using KubeVirtMonitor.Mapping;
using KubeVirtMonitor.Scraping;
using KubeVirtMonitor.Yaml;

namespace KubeVirtMonitor.Tests.AgentConfig;

/// <summary>What came of a configuration.</summary>
internal sealed record Configured(AgentConfigFile File, IReadOnlyList<MetricSample> Samples, IReadOnlyList<ScrapeResult> Results)
{
    /// <summary>A small virt-handler: two machines, and a counter and a histogram of somebody else.</summary>
    public const string Body = """
        # TYPE kubevirt_vmi_memory_resident_bytes gauge
        kubevirt_vmi_memory_resident_bytes{name="web",namespace="shop",node="alpha"} 1024
        kubevirt_vmi_memory_resident_bytes{name="db",namespace="data",node="beta"} 2048
        # TYPE process_open_fds gauge
        process_open_fds 61
        # TYPE shop_sold_total counter
        shop_sold_total{till="1"} 5
        # TYPE shop_wait_seconds histogram
        shop_wait_seconds_bucket{le="0.5"} 2
        shop_wait_seconds_bucket{le="1"} 5
        shop_wait_seconds_bucket{le="+Inf"} 6
        shop_wait_seconds_sum 4.5
        shop_wait_seconds_count 6

        """;

    public IReadOnlyList<string> Warnings => File.Warnings;

    public ScrapeException? Error => Results.Select(result => result.Error).FirstOrDefault(error => error is not null);

    /// <summary>The samples as lines, with E for the address that was scraped.</summary>
    public string[] Lines => [.. Samples.Select(sample => sample.ToString().Replace(sample.Target, "E", StringComparison.Ordinal))];

    /// <summary>Reads a configuration.</summary>
    public static AgentConfigFile Load(string yaml, string name = "conf.yaml")
    {
        using TempFolder folder = new();
        return AgentConfigFile.Load(folder.Write(name, yaml), new YamlReader());
    }

    /// <summary>Scrapes a configuration, in which E stands for the addresses of a server, and options for those of its one instance.</summary>
    public static async Task<Configured> ScrapeAsync(LoopbackServer server, string options, MappingOptions? mapping = null, string name = "conf.yaml")
    {
        string indented = string.Join('\n', options.Split('\n').Select(line => "    " + line));
        return await RunAsync($"instances:\n  - kubevirt_handler_metrics_endpoint: {server.Uri()}\n{indented}\n", mapping, name);
    }

    public static async Task<Configured> ScrapeAsync(string options, MappingOptions? mapping = null)
    {
        await using LoopbackServer server = LoopbackServer.Text(Body);
        return await ScrapeAsync(server, options, mapping);
    }

    public static Task<Configured> RunAsync(string yaml, MappingOptions? mapping = null, string name = "conf.yaml")
    {
        AgentConfigFile file = Load(yaml, name);
        List<MetricSample> samples = [];
        List<ScrapeResult> results = [];
        foreach (FanOutItem item in new AgentScraper(file.Instances, mapping ?? new MappingOptions()).Run(Xunit.TestContext.Current.CancellationToken))
        {
            samples.AddRange(item.Samples.Span);
            if (item.Result is { } result) results.Add(result);
        }

        return Task.FromResult(new Configured(file, samples, results));
    }
}
