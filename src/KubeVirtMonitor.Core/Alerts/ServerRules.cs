using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Alerts;

/// <summary>The conditions of alerts in PromQL, read once from the data file.</summary>
internal sealed class ServerRules
{
    private const string File = "server-rules.tsv";
    private const string Header = "rule\tneeds\tproves\texpression";

    private static readonly Lazy<ServerRules> Shared = new(static () =>
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(File) ?? throw new InvalidDataException($"{File} is missing from the assembly.");
        using StreamReader reader = new(stream);
        return Read(reader);
    });

    private static readonly Regex Part = new(@"\$([a-z]+|[0-9])");

    private readonly Dictionary<string, string> _parts = new(StringComparer.Ordinal);
    private readonly List<ServerRule> _rules = [];

    /// <summary>Those of this version of the module.</summary>
    public static ServerRules Default => Shared.Value;

    /// <summary>The names of all metrics without which something cannot be told, for every component.</summary>
    public IReadOnlyList<string> Needs { get; private set; } = [];

    /// <summary>The lines of a rule, the best first; none where metrics tell nothing of it.</summary>
    public IReadOnlyList<ServerRule> Of(AlertRule rule) => [.. _rules.Where(line => line.Rule == rule)];

    /// <summary>Reads a data file.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read; the message names line and reason.</exception>
    public static ServerRules Read(TextReader reader)
    {
        ServerRules rules = new();
        int number = 0;
        bool header = false;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.StartsWith('#')) continue;
            if (header) rules.Add(line, number);
            else if (line != Header) throw new InvalidDataException($"{File}, line {number}: the header is missing or has other columns.");
            header = true;
        }

        rules.Needs = [.. rules._rules.SelectMany(static rule => Enum.GetValues<ComponentKind>().SelectMany(component => rule.NeedsOf(component))).SelectMany(static need => need).Distinct(StringComparer.Ordinal)];
        return rules;
    }

    /// <summary>The expression of a line for an alert.</summary>
    /// <param name="rule">The line.</param>
    /// <param name="definition">The alert.</param>
    /// <param name="thresholds">What its values are compared with.</param>
    /// <param name="window">The time over which growth counts.</param>
    /// <param name="series">Which series count.</param>
    public string Expression(ServerRule rule, AlertDefinition definition, AlertThresholds thresholds, TimeSpan window, ServerSeries series)
    {
        string text = rule.Expression;
        for (int depth = 0; text.Contains('$', StringComparison.Ordinal); depth++)
        {
            if (depth > 8) throw new InvalidDataException($"{File}: {rule.Rule} has a part that has itself.");
            text = Part.Replace(text, match => Value(match.Groups[1].Value));
        }

        return text.Replace(",)", ")", StringComparison.Ordinal).Replace(",}", "}", StringComparison.Ordinal);

        string Value(string name) => name switch
        {
            "by" => series.ClusterLabel is { } label ? label + "," : "",
            "ns" => series.NamespaceLabel,
            "all" => series.Matchers,
            "install" => series.Install,
            "component" => ComponentName(definition.Component),
            "window" => Duration(window),
            _ when char.IsAsciiDigit(name[0]) => Number(thresholds.Of(definition, name[0] - '1')),
            _ => _parts.TryGetValue(name, out string? part) ? part : throw new InvalidDataException($"{File}: {rule.Rule} has an unknown part '{name}'."),
        };
    }

    /// <summary>A duration as PromQL writes it, in milliseconds.</summary>
    public static string Duration(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)time.TotalMilliseconds)}ms");

    private static string Number(double? value) => (value ?? throw new InvalidDataException($"{File}: a threshold that is no constant cannot be filled in.")).ToString("R", CultureInfo.InvariantCulture);

    /// <summary>The component in the names of its metrics and pods, behind <c>virt-</c>; of none, something that no pod is called.</summary>
    internal static string ComponentName(ComponentKind? component) => component switch
    {
        ComponentKind.Api => "api",
        ComponentKind.Controller => "controller",
        ComponentKind.Handler => "handler",
        ComponentKind.Operator => "operator",
        _ => "none",
    };

    private void Add(string line, int number)
    {
        string[] columns = line.Split('\t');
        if (columns.Length != 4 || columns.Contains("")) throw new InvalidDataException($"{File}, line {number}: not exactly four columns, or an empty one.");
        if (columns[0].StartsWith('$'))
        {
            if (!_parts.TryAdd(columns[0][1..], columns[3])) throw new InvalidDataException($"{File}, line {number}: {columns[0]} is there twice.");
            return;
        }

        if (!Enum.TryParse(columns[0], out AlertRule rule) || columns[2] is not ("both" or "condition")) throw new InvalidDataException($"{File}, line {number}: no rule, or nothing that is proven.");
        _rules.Add(new ServerRule(rule, [.. columns[1].Split(' ').Select(static need => need.Split('|'))], columns[2] == "both", columns[3]));
    }
}

/// <summary>A condition in PromQL.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Needs">Metrics that have to be there, of each list one.</param>
/// <param name="ProvesBoth">Whether it also proves that the condition does not hold.</param>
/// <param name="Expression">The expression, with parts to be filled in.</param>
internal sealed record ServerRule(AlertRule Rule, IReadOnlyList<string[]> Needs, bool ProvesBoth, string Expression)
{
    /// <summary>The metrics that have to be there for an alert about a component.</summary>
    public IEnumerable<string[]> NeedsOf(ComponentKind? component) => Needs.Select(need => need.Select(name => name.Replace("$component", ServerRules.ComponentName(component), StringComparison.Ordinal)).ToArray());
}

/// <summary>Which series of a server count, and what their labels are.</summary>
/// <param name="Matchers">Matchers without braces; empty = all.</param>
/// <param name="Install">The same with the namespace of KubeVirt.</param>
/// <param name="NamespaceLabel">The labels with the namespace of a machine, with commas between them.</param>
/// <param name="ClusterLabel">The label that tells clusters apart; null = there is one cluster.</param>
internal sealed record ServerSeries(string Matchers, string Install, string NamespaceLabel, string? ClusterLabel);
