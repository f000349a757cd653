using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>kubectl exec and port-forward, over WebSocket as kubectl does it now and over SPDY as it did it before.</summary>
public partial class KubectlStreamTests(ApiCluster cluster) : IClassFixture<ApiCluster>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Exec_brings_both_outputs_and_the_exit_code(string webSockets)
    {
        ToolResult result = await Kubectl.RunAsync(cluster, ["exec", "deployment/virt-api", "--", "sh", "-c", "echo \"on $HOSTNAME\"; echo trouble >&2; exit 3"], environment: Exec(webSockets));
        Assert.Equal(3, result.Code);
        // kubectl takes either of the two.
        Assert.Contains(result.Output, (string[])[$"on {cluster.Pod("api/0")}\n", $"on {cluster.Pod("api/1")}\n"]);
        Assert.StartsWith("trouble\n", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Exec_takes_input_to_its_end(string webSockets)
    {
        string input = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"line {number}\n"));
        ToolResult result = await Kubectl.RunAsync(cluster, ["exec", "-i", "deployment/virt-api", "--", "cat"], input, environment: Exec(webSockets));
        Assert.Equal((0, ""), (result.Code, result.Errors));
        Assert.Equal(input, result.Output);
    }

    [Fact]
    public async Task Exec_in_a_launcher()
    {
        string launcher = cluster.Host.Cluster.VirtualMachineInstances[0].LauncherPod;
        Assert.Equal(launcher + "\n", await Kubectl.OutputAsync(cluster, "exec", "-n", "ns0", launcher, "-c", "compute", "--", "/usr/bin/hostname"));
    }

    [Theory]
    [InlineData("executable file not found in $PATH", "nope")]
    [InlineData("container other is not valid for pod", "-c", "other", "--", "env")]
    public async Task Exec_that_cannot_be(string expected, params string[] arguments)
    {
        ToolResult result = await Kubectl.RunAsync(cluster, ["exec", "deployment/virt-api", .. arguments.Contains("--") ? arguments : ["--", .. arguments]]);
        Assert.NotEqual(0, result.Code);
        Assert.Contains(expected, result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("false")]
    public async Task Port_forward_carries_scrapes(string webSockets)
    {
        await ForwardedAsync("deployment/virt-api", 8443, webSockets, async port =>
        {
            // TLS to the pod from end to end: the name on the certificate is that of the service.
            using HttpClient client = Client.For(cluster.Host, cluster.Host["api/0"]);
            string[] scrapes = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => client.GetStringAsync(new Uri($"https://127.0.0.1:{port}/metrics"), Cancellation)));
            Each.Of(scrapes, scrape => Assert.Contains("\nprocess_start_time_seconds ", scrape, StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task Port_forward_to_nothing_says_so()
    {
        string errors = await ForwardedAsync("deployment/virt-api", 99, "true", async port =>
        {
            using HttpClient client = new();
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetStringAsync(new Uri($"http://127.0.0.1:{port}/"), Cancellation));
        });
        Assert.Contains("error forwarding port 99 to pod", errors, StringComparison.Ordinal);
    }

    private static Dictionary<string, string> Exec(string webSockets) => new() { ["KUBECTL_REMOTE_COMMAND_WEBSOCKETS"] = webSockets };

    private async Task<string> ForwardedAsync(string target, int port, string webSockets, Func<int, Task> use)
    {
        using Process process = Kubectl.Start(
            cluster,
            ["port-forward", "--address", "127.0.0.1", target, string.Create(CultureInfo.InvariantCulture, $":{port}")],
            environment: new Dictionary<string, string> { ["KUBECTL_PORT_FORWARD_WEBSOCKETS"] = webSockets });
        Task<string> errors = process.StandardError.ReadToEndAsync(Cancellation);
        try
        {
            using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
            late.CancelAfter(TimeSpan.FromSeconds(30));
            string line = await process.StandardOutput.ReadLineAsync(late.Token) ?? await errors;
            Match local = LocalPort().Match(line);
            Assert.True(local.Success, line);
            await use(int.Parse(local.Groups[1].Value, CultureInfo.InvariantCulture));
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }

        return await errors;
    }

    [GeneratedRegex(@"Forwarding from 127\.0\.0\.1:(\d+)")]
    private static partial Regex LocalPort();
}
