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
    public static AgentConfigFile Load(string yaml, string name = "conf.yaml", IReadOnlyList<AgentPod>? pods = null, ScrapeOptions? limits = null)
    {
        using TempFolder folder = new();
        return AgentConfigFile.Load(folder.Write(name, yaml), new YamlReader(), limits: limits, pods: pods);
    }

    // What every instance of the check openmetrics needs, unless the test says it itself.
    private static readonly string[] Usual =
    [
        "namespace: kubevirt_handler",
        "metrics: [{kubevirt_vmi_memory_resident_bytes: vmi.memory_resident_bytes}, {process_open_fds: process.open_fds}]",
        "rename_labels: {namespace: vm_namespace}",
    ];

    /// <summary>Scrapes an instance of the check openmetrics with these options.</summary>
    public static Task<Configured> ScrapeAsync(LoopbackServer server, string options, MappingOptions? mapping = null)
    {
        string[] written = options.Split('\n');
        IEnumerable<string> usual = Usual.Where(line => !written.Any(own => own.StartsWith(line[..(line.IndexOf(':', StringComparison.Ordinal) + 1)], StringComparison.Ordinal)));
        return RunAsync(InstanceOf([$"openmetrics_endpoint: {server.Uri()}", .. usual, .. written]), mapping);
    }

    /// <summary>Scrapes an instance of the check kubevirt_handler with these options.</summary>
    public static Task<Configured> ScrapeKubeVirtAsync(LoopbackServer server, string options, string init = "{}") =>
        RunAsync($"init_config: {init}\n{InstanceOf([$"kubevirt_handler_metrics_endpoint: {server.Uri()}", .. options.Split('\n')])}");

    public static async Task<Configured> ScrapeKubeVirtAsync(string options)
    {
        await using LoopbackServer server = LoopbackServer.Text(Body);
        return await ScrapeKubeVirtAsync(server, options);
    }

    public static async Task<Configured> ScrapeAsync(string options, MappingOptions? mapping = null)
    {
        await using LoopbackServer server = LoopbackServer.Text(Body);
        return await ScrapeAsync(server, options, mapping);
    }

    private static string InstanceOf(IEnumerable<string> lines) => "instances:\n  -\n" + string.Join('\n', lines.Select(line => "    " + line)) + "\n";

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
