using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Simulator.Datadog;

/// <summary>The generic check <c>openmetrics</c> 2 to 7 with <c>openmetrics_endpoint</c>: each option reaches the scrape.</summary>
internal sealed class OpenMetricsCheck : IAgentCheck
{
    private readonly JsonObject _instance;
    private readonly CheckClient _client;
    private bool _warned;

    /// <exception cref="CheckFailure">The instance cannot be made.</exception>
    public OpenMetricsCheck(JsonObject instance, JsonObject? init, CheckSurroundings surroundings)
    {
        _instance = instance;
        _client = new CheckClient(instance, init, surroundings);
        _ = new Submission("openmetrics", instance, 2000);
        if (!instance.ContainsKey("openmetrics_endpoint") && string.IsNullOrEmpty(Python.Text(instance["prometheus_url"])))
            throw new CheckFailure("datadog_checks.base.errors.CheckException", "Unable to find prometheus URL in config file.");
    }

    public Submission Begin()
    {
        Submission submission = new("openmetrics", _instance, 2000);

        // What was wrong with the limit is said when the instance is made, and comes with its first run.
        if (_warned) submission.Warnings.Clear();
        _warned = true;
        return submission;
    }

    public async Task RunAsync(Submission submission, CancellationToken cancellation)
    {
        if (!_instance.ContainsKey("openmetrics_endpoint"))
        {
            throw _instance.ContainsKey("metrics")
                ? new CheckFailure("NotImplementedError", "the simulated Agent has no version 1 of the check openmetrics (prometheus_url)")
                : new CheckFailure("datadog_checks.base.errors.ConfigurationError", "Detected 1 error while loading configuration model `InstanceConfig`:\nmetrics\n  Field required");
        }

        OpenMetricsScraper scraper = new(_instance);
        await scraper.ScrapeAsync(_client, submission, cancellation);
    }
}
