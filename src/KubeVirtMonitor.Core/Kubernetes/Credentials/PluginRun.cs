namespace KubeVirtMonitor.Kubernetes;

/// <summary>What a credential plugin did.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote to standard output: the credential. Never shown.</param>
/// <param name="ErrorText">The end of what it wrote to standard error. Shown only redacted.</param>
/// <param name="IsOutputCut">Whether it wrote more than is read.</param>
internal sealed record PluginRun(int ExitCode, byte[] Output, string ErrorText, bool IsOutputCut)
{
    public override string ToString() => $"exit code {ExitCode}";
}
