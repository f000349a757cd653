using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using KubeVirtMonitor.Catalog;

namespace KubeVirtMonitor.Completion;

/// <summary>
/// Completes metric names from the catalogue by any part of them: those that begin with it, then those of which a word begins with it, then the others. In
/// each, the module's names come first, then the endpoints' own. Does not use the network.
/// </summary>
public sealed class MetricNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        string word = Completions.Bare(wordToComplete);
        WildcardPattern? pattern = WildcardPattern.ContainsWildcardCharacters(word) ? Completions.Pattern($"{word}*") : null;
        WildcardPattern? inside = pattern is null ? null : Completions.Pattern($"*{word}*");
        MetricDefinition[] definitions = [.. MetricCatalog.Default.Definitions.Where(definition => IsWanted(definition, fakeBoundParameters))];
        IEnumerable<(string Name, MetricDefinition Definition)> names = IsSet(fakeBoundParameters, "Raw") ? [] : definitions.Select(static definition => (definition.Name, definition));
        IEnumerable<(string Name, MetricDefinition Definition)> rawNames = definitions.SelectMany(static definition => definition.RawNames.Select(raw => (raw, definition)));
        return names.Concat(rawNames)
            .DistinctBy(static one => one.Name)
            .Select(one => (one.Name, one.Definition, Rank: RankOf(one.Name, word, pattern, inside)))
            .Where(static one => one.Rank is not null)
            .OrderBy(static one => one.Rank)
            .Select(one => Completions.Result(wordToComplete, one.Name, NoteOf(one.Definition)));
    }

    // How well a name fits, 0 the best; null = not at all.
    private static int? RankOf(string name, string word, WildcardPattern? pattern, WildcardPattern? inside)
    {
        if (pattern is not null) return pattern.IsMatch(name) ? 0 : inside?.IsMatch(name) == true ? 2 : null;
        int at = name.IndexOf(word, StringComparison.OrdinalIgnoreCase);
        if (at <= 0) return at == 0 ? 0 : null;
        for (; at > 0; at = name.IndexOf(word, at + 1, StringComparison.OrdinalIgnoreCase))
        {
            if (!char.IsAsciiLetterOrDigit(name[at - 1])) return 1;
        }

        return 2;
    }

    private static string NoteOf(MetricDefinition definition) => $"{(definition.Unit is null ? "" : $"[{definition.Unit}] ")}{definition.Kind}: {definition.Description}";

    private static bool IsWanted(MetricDefinition definition, IDictionary? parameters) =>
        (parameters?["Component"] is not { } given || !LanguagePrimitives.TryConvertTo(given, out ComponentKind[]? components) || components!.Contains(definition.Component))
        && (!IsSet(parameters, "Documented") || definition.Documented);

    private static bool IsSet(IDictionary? parameters, string name) => parameters?[name] is { } value && LanguagePrimitives.IsTrue(value);
}
