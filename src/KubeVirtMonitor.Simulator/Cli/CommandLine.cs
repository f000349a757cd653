namespace KubeVirtMonitor.Simulator;

/// <summary>The program: finds the command, reads its options, runs it.</summary>
public static class CommandLine
{
    /// <summary>The exit code for a command line that cannot be understood.</summary>
    public const int UsageError = 2;

    private static readonly ICommand[] Commands = [new TourCommand(), new ServeCommand(), new ApiCommand(), new GenerateCommand(), new HostsCommand()];

    /// <summary>Runs a command line.</summary>
    /// <returns>0 = well, 1 = the command failed, 2 = the command line cannot be understood.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(errors);
        if (arguments.Count == 0)
        {
            await errors.WriteAsync(Help());
            return UsageError;
        }

        if (IsHelp(arguments[0]))
        {
            await output.WriteAsync(Help());
            return 0;
        }

        try
        {
            ICommand command = Commands.FirstOrDefault(candidate => candidate.Name == arguments[0])
                ?? throw new UsageException($"There is no command '{arguments[0]}'. Choose one of: {string.Join(", ", Commands.Select(each => each.Name))}.");
            if (arguments.Skip(1).Any(IsHelp))
            {
                await output.WriteAsync(Help(command));
                return 0;
            }

            return await command.RunAsync(ParsedArguments.Parse(arguments.Skip(1), command.Options), output, cancellation);
        }
        catch (UsageException failure)
        {
            await errors.WriteLineAsync(failure.Message);
            await errors.WriteLineAsync("To list the options, add --help.");
            return UsageError;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            await errors.WriteLineAsync(failure.Message);
            return 1;
        }
    }

    private static bool IsHelp(string argument) => argument is "--help" or "-h" or "-?" or "help";

    private static string Help()
    {
        StringWriter text = new() { NewLine = "\n" };
        text.WriteLine("A simulated KubeVirt cluster on loopback, for the tour, the tests and the benchmarks.");
        text.WriteLine();
        foreach (ICommand command in Commands) text.WriteLine($"  {command.Name,-10} {command.Summary}");
        text.WriteLine();
        text.WriteLine("To list the options of a command, add --help.");
        return text.ToString();
    }

    private static string Help(ICommand command)
    {
        StringWriter text = new() { NewLine = "\n" };
        text.WriteLine(command.Summary);
        text.WriteLine();
        foreach (OptionSpec option in command.Options) text.WriteLine($"  {$"{option.Name} {option.Value}".TrimEnd(),-30} {option.Description}");
        if (command.Options.Any(option => option.Name == "--fault"))
        {
            text.WriteLine();
            text.WriteLine("Faults, with their defaults; append *N to limit a fault to the first N requests:");
            foreach ((string name, string description) in FaultSyntax.Descriptions) text.WriteLine($"  {name,-12} {description}");
        }

        if (command.Options.Any(option => option.Name == "--load"))
        {
            text.WriteLine();
            text.WriteLine("Loads, with an example of each value:");
            foreach ((string name, string example, string description) in MachineLoad.Keys) text.WriteLine($"  {$"{name}={example}",-22} {description}");
            text.WriteLine();
            text.WriteLine("Events, with their defaults; VM is a name such as vm-00001 or ns1/vm-00001, in which * and ? stand for any letters:");
            foreach ((string name, string description) in ClusterEvent.Kinds) text.WriteLine($"  {name,-14} {description}");
        }

        return text.ToString();
    }
}
