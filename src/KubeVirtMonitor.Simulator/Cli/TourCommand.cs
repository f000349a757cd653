namespace KubeVirtMonitor.Simulator;

/// <summary>Shows the main job of the module on a simulated cluster.</summary>
public sealed class TourCommand : ICommand
{
    /// <inheritdoc/>
    public string Name => "tour";

    /// <inheritdoc/>
    public string Summary => "Demonstrates the module on a simulated cluster, in under a minute.";

    /// <inheritdoc/>
    public IReadOnlyList<OptionSpec> Options { get; } = [];

    /// <inheritdoc/>
    public Task<int> RunAsync(ParsedArguments arguments, TextWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        return new Tour(output).RunAsync(cancellation);
    }
}
