using System.Diagnostics;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>The real kubectl, where it is installed.</summary>
internal static class Kubectl
{
    private static readonly string? Program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Skips the test where kubectl is absent.</summary>
    public static void Require() => Assert.SkipWhen(Program is null, "kubectl is not installed.");

    /// <summary>Runs it to its end; the test is skipped where it is absent.</summary>
    public static async Task<KubectlResult> RunAsync(ApiCluster cluster, IEnumerable<string> arguments, string? input = null, string? context = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        using Process process = Start(cluster, arguments, context, environment);
        using CancellationTokenSource late = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        late.CancelAfter(TimeSpan.FromSeconds(60));
        Task<string> output = process.StandardOutput.ReadToEndAsync(late.Token);
        Task<string> errors = process.StandardError.ReadToEndAsync(late.Token);
        if (input is not null) await process.StandardInput.WriteAsync(input.AsMemory(), late.Token);
        process.StandardInput.Close();
        try
        {
            await process.WaitForExitAsync(late.Token);
            return new KubectlResult(process.ExitCode, await output, await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }
    }

    /// <summary>Runs it, and demands that it ends well.</summary>
    public static async Task<string> OutputAsync(ApiCluster cluster, params string[] arguments)
    {
        KubectlResult result = await RunAsync(cluster, arguments);
        Assert.True(result.Code == 0, $"kubectl {string.Join(' ', arguments)} ended with {result.Code}: {result.Errors}");
        return result.Output;
    }

    /// <summary>Starts it; whoever does must end it.</summary>
    public static Process Start(ApiCluster cluster, IEnumerable<string> arguments, string? context = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        Require();
        List<string> all = ["--kubeconfig", cluster.Server.Kubeconfig.Path, "--cache-dir", Path.Combine(cluster.Server.Kubeconfig.Folder, "cache")];
        if (context is not null) all.AddRange(["--context", context]);
        ProcessStartInfo start = new(Program!, [.. all, .. arguments]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NO_PROXY"] = "127.0.0.1";
        foreach ((string name, string value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return Process.Start(start)!;
    }
}
