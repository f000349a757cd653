namespace KubeVirtMonitor.Simulator.Api;

/// <summary>Runs a command in a container.</summary>
/// <param name="context">The command and its streams.</param>
/// <param name="cancellation">Cancelled when the other side goes away.</param>
/// <returns>The exit code.</returns>
public delegate Task<int> ExecCommand(ExecContext context, CancellationToken cancellation);
