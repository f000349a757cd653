namespace KubeVirtMonitor.Simulator;

/// <summary>The command line cannot be understood; the message says what to write instead.</summary>
public sealed class UsageException(string message) : Exception(message);
