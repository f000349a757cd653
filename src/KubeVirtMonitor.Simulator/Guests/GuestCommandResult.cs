namespace KubeVirtMonitor.Simulator.Guests;

/// <summary>What a command in a guest did.</summary>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Output">What it wrote.</param>
public sealed record GuestCommandResult(int ExitCode, string Output = "");
