namespace KubeVirtMonitor.Benchmarks.Compare;

/// <summary>This program again, as a process of its own that measures one thing.</summary>
internal static class Self
{
    /// <summary>The path of this program.</summary>
    public static string Program { get; } = Environment.ProcessPath ?? throw new InvalidOperationException("The program does not know its own path.");

    /// <summary>Runs it to its end.</summary>
    public static Reading Measure(params string[] arguments) => Reading.Parse(Command.Run(Command.Describe(Program, arguments)));
}
