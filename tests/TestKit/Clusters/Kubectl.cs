using System.Diagnostics;
using System.Text.Json.Nodes;
using Xunit;

namespace KubeVirtMonitor.TestKit;

/// <summary>The real kubectl, where it is installed; elsewhere the test is skipped.</summary>
public static class Kubectl
{
    private static readonly Dictionary<string, string> NoConfiguration = new() { ["KUBECONFIG"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null" };

    /// <summary>Skips the test where kubectl is absent.</summary>
    public static void Require() => Tool.Require("kubectl");

    /// <summary>Runs it on a cluster, to its end.</summary>
    public static Task<ToolResult> RunAsync(ApiCluster cluster, IEnumerable<string> arguments, string? input = null, string? context = null, IReadOnlyDictionary<string, string>? environment = null) =>
        Tool.RunAsync("kubectl", Arguments(cluster, arguments, context), input, environment: Environment(environment));

    /// <summary>Runs it on a cluster, and demands that it ends well.</summary>
    public static async Task<string> OutputAsync(ApiCluster cluster, params string[] arguments)
    {
        ToolResult result = await RunAsync(cluster, arguments);
        Assert.True(result.Code == 0, $"kubectl {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}");
        return result.Output;
    }

    /// <summary>Starts it on a cluster; whoever does must end it.</summary>
    public static Process Start(ApiCluster cluster, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        Tool.Start("kubectl", Arguments(cluster, arguments, context: null), environment: Environment(environment));

    /// <summary>What it makes of a YAML object, without any cluster; null where it refuses.</summary>
    public static async Task<JsonObject?> ReadAsync(string yaml)
    {
        using TempFolder folder = new();
        ToolResult result = await Tool.RunAsync("kubectl", ["annotate", "--local", "-f", folder.Write("object.yaml", yaml), "read=yes", "-o", "json"], environment: NoConfiguration);
        return result.Code == 0 ? JsonNode.Parse(result.Output)!.AsObject() : null;
    }

    private static string[] Arguments(ApiCluster cluster, IEnumerable<string> arguments, string? context) =>
    [
        "--kubeconfig", cluster.Server.Kubeconfig.Path, "--cache-dir", Path.Combine(cluster.Server.Kubeconfig.Folder, "cache"),
        .. context is null ? Array.Empty<string>() : ["--context", context],
        .. arguments,
    ];

    private static IEnumerable<KeyValuePair<string, string>> Environment(IReadOnlyDictionary<string, string>? more) =>
        (more ?? new Dictionary<string, string>()).Prepend(new KeyValuePair<string, string>("NO_PROXY", "127.0.0.1"));
}
