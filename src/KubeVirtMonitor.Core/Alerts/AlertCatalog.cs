using System.Globalization;
using System.Reflection;
using KubeVirtMonitor.Text;

namespace KubeVirtMonitor.Alerts;

/// <summary>Every alert that the module knows, read once from the data file beside this class.</summary>
internal sealed class AlertCatalog
{
    private const string File = "alerts.tsv";
    private const string Header = "name\tversions\tseverity\timpact\thold\tscope\trule\tthresholds\tneeds\tsummary\tnote";

    private static readonly Lazy<AlertCatalog> Shared = new(Load);

    private AlertCatalog(IReadOnlyList<AlertDefinition> definitions)
    {
        Definitions = definitions;
        Names = [.. definitions.Select(static definition => definition.Name).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The catalogue of this version of the module.</summary>
    /// <exception cref="InvalidDataException">The data file was damaged; tests keep that from being shipped.</exception>
    public static AlertCatalog Default => Shared.Value;

    /// <summary>All definitions of all versions, in the order of the file.</summary>
    public IReadOnlyList<AlertDefinition> Definitions { get; }

    /// <summary>The names, in the order of the file, each once.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The alerts of a KubeVirt version, with the rules of this module's own; an unknown version (null) counts as the newest. A name with two severities comes twice.</summary>
    public IReadOnlyList<AlertDefinition> For(KubeVirtVersion? version) =>
        [.. Definitions.Where(definition => definition.AppliesTo(version)).DistinctBy(static definition => (definition.Name, definition.Severity))];

    /// <summary>The names that a misspelt one may stand for, the nearest first.</summary>
    public IReadOnlyList<string> Nearest(string name) => NearestNames.Of(name, Names);

    private static AlertCatalog Load()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(File) ?? throw new InvalidDataException($"{File} is missing from the assembly.");
        using StreamReader reader = new(stream);
        return new AlertCatalog(Read(reader));
    }

    /// <summary>Reads a data file.</summary>
    /// <exception cref="InvalidDataException">A line cannot be read; the message names line and reason.</exception>
    public static IReadOnlyList<AlertDefinition> Read(TextReader reader)
    {
        List<AlertDefinition> definitions = [];
        bool header = false;
        int number = 0;
        while (reader.ReadLine() is { } line)
        {
            number++;
            if (line.StartsWith('#')) continue;
            try
            {
                if (header) definitions.Add(Parse(line));
                else if (line != Header) throw new FormatException("the header is missing or has other columns");
                header = true;
            }
            catch (FormatException e)
            {
                throw new InvalidDataException($"{File}, line {number}: {e.Message}.", e);
            }
        }

        return definitions.Count > 0 ? definitions : throw new InvalidDataException($"{File}: there is no alert in it.");
    }

    private static AlertDefinition Parse(string line)
    {
        string[] columns = line.Split('\t');
        if (columns.Length != Header.Count(static c => c == '\t') + 1 || columns.Contains("")) throw new FormatException("not exactly eleven columns, or an empty one");
        ComponentKind? component = ComponentFacts.KindOf(columns[5]);
        string[] rule = columns[6].Split('/');
        return new AlertDefinition
        {
            Name = columns[0],
            Versions = [.. columns[1].Split(' ').Select(Span)],
            Severity = Word<AlertSeverity>(columns[2]),
            HealthImpact = columns[3] == "-" ? null : columns[3],
            Hold = Duration(columns[4]),
            Component = component,
            Scope = component is null ? Word<AlertScope>(columns[5]) : AlertScope.Cluster,
            Rule = Word<AlertRule>(rule[0]),
            Window = rule.Length > 1 ? Duration(rule[1]) : TimeSpan.Zero,
            Thresholds = columns[7] == "-" ? [] : [.. columns[7].Split("; ").Select(Threshold)],
            Needs = columns[8].Split(' ').Select(static word => Word<AlertNeeds>(word.Replace("-", "", StringComparison.Ordinal))).Aggregate(static (all, one) => all | one),
            Summary = columns[9],
            Note = columns[10] == "-" ? null : columns[10],
        };
    }

    private static VersionSpan Span(string text)
    {
        int dots = text.IndexOf("..", StringComparison.Ordinal);
        if (dots < 0) throw new FormatException($"'{text}' is not FROM..BEFORE");
        VersionSpan span = new(Version(text[..dots]), Version(text[(dots + 2)..]));
        return span.From >= span.Before ? throw new FormatException($"'{text}' is empty") : span;
    }

    private static KubeVirtVersion? Version(string text) =>
        text.Length == 0 ? null : KubeVirtVersion.TryParse(text, out KubeVirtVersion version) && version.Patch != KubeVirtVersion.NewestPatch ? version : throw new FormatException($"'{text}' is not a version with a patch");

    private static TimeSpan Duration(string text)
    {
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int count)) throw new FormatException($"'{text}' is not a duration");
        return text[^1] switch
        {
            's' => TimeSpan.FromSeconds(count),
            'm' => TimeSpan.FromMinutes(count),
            'h' => TimeSpan.FromHours(count),
            _ => throw new FormatException($"'{text}' is not a duration"),
        };
    }

    private static AlertThreshold Threshold(string text)
    {
        int name = text.IndexOfAny(['<', '>', '=', '!']);
        int end = name < 0 ? -1 : text.AsSpan(name).IndexOfAnyExcept("<>=!") + name;
        if (name < 1 || end <= name) throw new FormatException($"'{text}' is not a threshold");
        AlertComparison comparison = text[name..end] switch
        {
            "<" => AlertComparison.Less,
            "<=" => AlertComparison.LessOrEqual,
            ">" => AlertComparison.Greater,
            ">=" => AlertComparison.GreaterOrEqual,
            "==" => AlertComparison.Equal,
            "!=" => AlertComparison.NotEqual,
            _ => throw new FormatException($"'{text}' compares in no known way"),
        };
        string[] rest = text[end..].Split(' ');
        double? value = rest[0] == "?" ? null : double.TryParse(rest[0], NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : throw new FormatException($"'{text}' has no value");
        return new AlertThreshold(text[..name], comparison, value, rest.Length > 1 ? rest[1] : null);
    }

    private static T Word<T>(string text)
        where T : struct, Enum =>
        Enum.TryParse(text, ignoreCase: true, out T value) && Enum.IsDefined(value) ? value : throw new FormatException($"'{text}' is no {typeof(T).Name}");
}
