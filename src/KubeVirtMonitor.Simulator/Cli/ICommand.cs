namespace KubeVirtMonitor.Simulator;

/// <summary>A command of the program.</summary>
public interface ICommand
{
    /// <summary>Its name.</summary>
    string Name { get; }

    /// <summary>What it does, in one line.</summary>
    string Summary { get; }

    /// <summary>Its options.</summary>
    IReadOnlyList<OptionSpec> Options { get; }

    /// <summary>Does it.</summary>
    /// <param name="arguments">The options that were given.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="cancellation">Cancelled by Ctrl+C.</param>
    /// <returns>The exit code.</returns>
    Task<int> RunAsync(ParsedArguments arguments, TextWriter output, CancellationToken cancellation);
}
