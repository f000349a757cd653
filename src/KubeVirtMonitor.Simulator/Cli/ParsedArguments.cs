using System.Globalization;

namespace KubeVirtMonitor.Simulator;

/// <summary>The options of a command line, checked against what the command knows.</summary>
public sealed class ParsedArguments
{
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    private ParsedArguments()
    {
    }

    /// <summary>Reads <c>--name value</c>, <c>--name=value</c> and switches.</summary>
    /// <exception cref="UsageException">An option is unknown, lacks its value, or is given twice.</exception>
    public static ParsedArguments Parse(IEnumerable<string> arguments, IReadOnlyList<OptionSpec> options)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ParsedArguments parsed = new();
        Queue<string> rest = new(arguments);
        while (rest.TryDequeue(out string? argument))
        {
            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            OptionSpec option = options.FirstOrDefault(candidate => candidate.Name == name)
                ?? throw new UsageException(name.StartsWith('-')
                    ? $"There is no option '{name}'. This command knows: {string.Join(", ", options.Select(each => each.Name))}."
                    : $"'{name}' is not an option. Options begin with two dashes, such as {options[0].Name}.");
            string value = "";
            if (option.Value is null)
            {
                if (equals >= 0) throw new UsageException($"{name} is a switch and takes no value.");
            }
            else if (equals >= 0)
            {
                value = argument[(equals + 1)..];
            }
            else if (!rest.TryDequeue(out value!))
            {
                throw new UsageException($"{name} needs a value: {name} {option.Value}.");
            }

            if (!parsed._values.TryGetValue(name, out List<string>? values)) parsed._values[name] = values = [];
            else if (!option.Repeats) throw new UsageException($"{name} is given twice.");
            values.Add(value);
        }

        return parsed;
    }

    /// <summary>Whether an option is given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The value of an option, or null.</summary>
    public string? Text(string name) => _values.TryGetValue(name, out List<string>? values) ? values[^1] : null;

    /// <summary>All values of an option that repeats.</summary>
    public IReadOnlyList<string> All(string name) => _values.TryGetValue(name, out List<string>? values) ? values : [];

    /// <summary>The value of an option as a whole number within bounds.</summary>
    /// <exception cref="UsageException">It is none, or out of bounds.</exception>
    public int Number(string name, int byDefault, int least = 0, int most = int.MaxValue)
    {
        if (Text(name) is not { } text) return byDefault;
        return int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int number) && number >= least && number <= most
            ? number
            : throw new UsageException($"{name}: '{text}' is not a number from {least} to {most}.");
    }

    /// <summary>The value of an option as a duration.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public TimeSpan? Duration(string name) => Text(name) is { } text ? Convert(name, text, FaultSyntax.ParseDuration) : null;

    /// <summary>The value of an option as a KubeVirt version that can be simulated; 1.9 by default.</summary>
    /// <exception cref="UsageException">It is none.</exception>
    public KubeVirtVersion Version(string name) => Text(name) is { } text
        ? Convert(name, text, value => SimulatedRelease.For(KubeVirtVersion.Parse(value)).Version)
        : SimulatedRelease.V1Dot9.Version;

    /// <summary>Converts a value, and says which option it was when that fails.</summary>
    /// <exception cref="UsageException">The conversion fails.</exception>
    public static T Convert<T>(string name, string text, Func<string, T> convert)
    {
        ArgumentNullException.ThrowIfNull(convert);
        try
        {
            return convert(text);
        }
        catch (Exception failure) when (failure is FormatException or ArgumentException)
        {
            string message = failure is ArgumentException { ParamName: not null } ? failure.Message.Split(" (Parameter", 2)[0] : failure.Message;
            throw new UsageException($"{name}: {message}");
        }
    }
}
