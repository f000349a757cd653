namespace KubeVirtMonitor;

/// <summary>What a command in a container did.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="ErrorText">What it wrote to standard error.</param>
/// <param name="IsCut">Whether it wrote more than was kept.</param>
public sealed record PodExecResult(int ExitCode, string Output, string ErrorText, bool IsCut);
