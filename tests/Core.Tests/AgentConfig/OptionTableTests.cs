using KubeVirtMonitor.AgentConfig;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class OptionTableTests
{
    public static TheoryData<string> NotApplied => [.. AgentOptions.All.Where(option => !option.IsHonoured && option.Place == AgentOptionPlace.Instance && option.Reach != AgentOptionReach.KubeVirt).Select(option => option.Name)];

    public static TheoryData<string> Applied => [.. AgentOptions.All.Where(option => option.IsHonoured && option.Place != AgentOptionPlace.File && option.Reach != AgentOptionReach.None && !Idle.Contains(option.Name)).Select(option => option.Name)];

    // What they ask for is so whatever they say.
    private static string[] Idle => ["collect_counters_with_distributions", "cache_metric_wildcards", "cache_shared_labels", "log_requests"];

    [Theory]
    [MemberData(nameof(NotApplied))]
    public void An_option_that_is_not_applied_is_named_in_one_warning_that_says_what_to_use(string name)
    {
        AgentConfigFile file = Configured.Load($"instances:\n- openmetrics_endpoint: http://127.0.0.1:1/metrics\n  metrics: [a]\n  {name}: {(name == "tls_validate_hostname" ? "false" : "true")}\n");

        string warning = Assert.Single(file.Warnings);
        Assert.Contains($"{name} is not applied: in the Agent it would ", warning, StringComparison.Ordinal);
        Assert.Single(file.Instances);
        Assert.EndsWith(AgentOptions.All.Single(option => option.Name == name).Instead!, warning, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("telemetry: false")]
    [InlineData("enable_health_service_check: false")]
    [InlineData("histogram_buckets_as_distributions: 'no'")]
    [InlineData("empty_default_hostname: true")]
    [InlineData("log_requests: true")]
    public void What_asks_for_nothing_that_is_missing_is_not_told(string option) =>
        Assert.Empty(Configured.Load($"instances:\n- openmetrics_endpoint: http://127.0.0.1:1/metrics\n  metrics: [a]\n  {option}\n").Warnings);

    // Nobody minds the value of an option that nobody reads.
    [Theory]
    [MemberData(nameof(Applied))]
    public void An_option_that_is_applied_is_read(string name)
    {
        string around = name switch
        {
            "openmetrics_endpoint" => "tags: []",
            _ when name.EndsWith("_metrics_endpoint", StringComparison.Ordinal) => "tags: []",
            _ when name.EndsWith("_healthz_endpoint", StringComparison.Ordinal) => $"{name.Replace("healthz", "metrics", StringComparison.Ordinal)}: https://127.0.0.1:1/metrics",
            "kube_namespace" or "kube_pod_name" => "kubevirt_handler_metrics_endpoint: https://127.0.0.1:1/metrics",
            "tls_ignore_warning" => "openmetrics_endpoint: https://127.0.0.1:1/metrics\n  tls_verify: false",
            "tls_private_key_password" => "openmetrics_endpoint: https://127.0.0.1:1/metrics\n  tls_cert: none.pem",
            _ => "openmetrics_endpoint: https://127.0.0.1:1/metrics",
        };
        string[] values = ["{a: {b: c}}", "[[a]]", "5x"];

        Assert.Contains(values.SelectMany(value => Configured.Load($"instances:\n- {around}\n  {name}: {value}\n").Errors), error => error.Message.Contains(name, StringComparison.Ordinal));
    }

    [Fact]
    public void The_documentation_is_this_table()
    {
        string page = Repository.Read("docs/agent-config.md");
        string[] rows = [.. page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

        Assert.Equal(AgentOptions.All.Select(Row), rows);
    }

    private static string Row(AgentOption option)
    {
        string place = option.Place switch
        {
            AgentOptionPlace.File => "file",
            AgentOptionPlace.Instance => "instance",
            _ => "instance, init_config",
        };
        string support = option.IsHonoured ? "applied" : "warning";
        string generic = option.IsReadBy(AgentCheck.OpenMetrics) ? support : "ignored";
        string own = option switch
        {
            { Reach: AgentOptionReach.Health, Place: AgentOptionPlace.InstanceOrInit } => support + " from init_config; from the instance to the health request",
            { Reach: AgentOptionReach.Health } => support + " to the health request",
            _ when option.IsReadBy(AgentCheck.KubeVirt) => support,
            _ => "ignored",
        };
        return $"| `{option.Name}` | {place} | {generic} | {own} | {option.Text}{(option.Instead is { } instead ? ". " + instead : "")} |";
    }
}
