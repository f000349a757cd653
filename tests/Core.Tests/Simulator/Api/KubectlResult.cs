namespace KubeVirtMonitor.Tests.Simulator.Api;

/// <summary>How a run of kubectl ended.</summary>
internal sealed record KubectlResult(int Code, string Output, string Errors)
{
    /// <summary>The lines of the output, each split at runs of at least two spaces, as kubectl's tables are.</summary>
    public string[][] Table => [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => System.Text.RegularExpressions.Regex.Split(line.TrimEnd(), " {2,}"))];
}
