using KubeVirtMonitor.AgentConfig;
using Xunit;

namespace KubeVirtMonitor.Tests.AgentConfig;

public sealed class OptionTableTests
{
    public static TheoryData<string> NotApplied => [.. AgentOptions.All.Where(option => !option.IsHonoured && option.Place == AgentOptionPlace.Instance).Select(option => option.Name)];

    public static TheoryData<string> Applied => [.. AgentOptions.All.Where(option => option.IsHonoured && option.Place != AgentOptionPlace.File).Select(option => option.Name)];

    [Theory]
    [MemberData(nameof(NotApplied))]
    public void An_option_that_is_not_applied_is_named_in_one_warning_that_says_what_to_use(string name)
    {
        AgentConfigFile file = Configured.Load($"instances:\n- openmetrics_endpoint: http://127.0.0.1:1/metrics\n  {name}: true\n");

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
        Assert.Empty(Configured.Load($"instances:\n- openmetrics_endpoint: http://127.0.0.1:1/metrics\n  {option}\n").Warnings);

    // A source that names no applied option would mean that nothing reads it.
    [Theory]
    [MemberData(nameof(Applied))]
    public void An_option_that_is_applied_is_read_somewhere(string name)
    {
        string[] idle = ["collect_counters_with_distributions", "cache_metric_wildcards", "cache_shared_labels", "log_requests"];
        if (idle.Contains(name)) return;
        string check = name.StartsWith("kubevirt_", StringComparison.Ordinal) ? "_" + string.Join('_', name.Split('_')[2..]) : name;
        string readers = string.Join('\n', Directory.EnumerateFiles(Path.Combine(Root(), "src/KubeVirtMonitor.Core/AgentConfig"), "*.cs").Where(file => !Path.GetFileName(file).StartsWith("AgentOption", StringComparison.Ordinal)).Select(File.ReadAllText));
        Assert.Matches($"(Text|Texts|Flag|Seconds|List|Map|Inner|AnyOf|Entries|Node)\\((scope\\.)?\"{name}\"|\"{check}\"", readers);
    }

    [Fact]
    public void The_documentation_is_this_table()
    {
        string page = File.ReadAllText(Path.Combine(Root(), "docs/agent-config.md"));
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
        return option.IsHonoured ? $"| `{option.Name}` | {place} | applied | {option.Text} |" : $"| `{option.Name}` | {place} | warning | {option.Text}. {option.Instead} |";
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Module.sln"))) folder = folder.Parent;
        return folder.FullName;
    }
}
