using System.Globalization;
using System.Text.RegularExpressions;
using Xunit;

namespace KubeVirtMonitor.Tests.Simulator;

/// <summary>A line of exposition text, taken apart by regular expressions and by nothing of the module.</summary>
internal sealed partial record TextLine(string Name, IReadOnlyList<KeyValuePair<string, string>> Labels, string Number, long? Timestamp)
{
    public double Value => Number switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(Number, NumberStyles.Float, CultureInfo.InvariantCulture),
    };

    public string? this[string label] => Labels.FirstOrDefault(pair => pair.Key == label).Value;

    public static TextLine Parse(string line)
    {
        Match match = Shape().Match(line);
        Assert.True(match.Success, $"This is not a line of exposition text: {line}");
        return new TextLine(
            match.Groups["name"].Value,
            Label().Matches(match.Groups["labels"].Value).Select(label => KeyValuePair.Create(label.Groups["key"].Value, Unescape(label.Groups["value"].Value))).ToArray(),
            match.Groups["value"].Value,
            match.Groups["time"].Success ? long.Parse(match.Groups["time"].Value, CultureInfo.InvariantCulture) : null);
    }

    public override string ToString() => $"{Name}{{{string.Join(",", Labels.Select(label => $"{label.Key}={label.Value}"))}}} {Number}";

    private static string Unescape(string text) => Escape().Replace(text, match => match.Value switch { @"\n" => "\n", @"\\" => @"\", _ => "\"" });

    [GeneratedRegex("""^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])*"(,[a-zA-Z_][a-zA-Z0-9_]*="([^"\\\n]|\\[\\"n])*")*)\})? (?<value>NaN|[+-]Inf|-?[0-9]+(\.[0-9]+)?(e[+-][0-9]{2,3})?)( (?<time>-?[0-9]+))?$""", RegexOptions.CultureInvariant)]
    private static partial Regex Shape();

    [GeneratedRegex("""(?<key>[a-zA-Z_][a-zA-Z0-9_]*)="(?<value>([^"\\\n]|\\[\\"n])*)"(,|$)""", RegexOptions.CultureInvariant)]
    private static partial Regex Label();

    [GeneratedRegex("""\\[\\"n]""", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
