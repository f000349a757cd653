using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeVirtMonitor.Completion;

/// <summary>Makes completion results of names.</summary>
internal static class Completions
{
    /// <summary>The names that begin with what has been typed, or that it matches as a wildcard; quoted where they have to be, and as they were begun.</summary>
    /// <param name="word">What has been typed, maybe with a quote before it.</param>
    /// <param name="names">Names, each with its tooltip.</param>
    public static IEnumerable<CompletionResult> Of(string? word, IEnumerable<(string Name, string Note)> names)
    {
        string text = Bare(word);
        WildcardPattern? pattern = WildcardPattern.ContainsWildcardCharacters(text) ? Pattern($"{text}*") : null;
        return names
            .Where(name => name.Name.Length > 0 && (name.Name.StartsWith(text, StringComparison.OrdinalIgnoreCase) || pattern?.IsMatch(name.Name) == true))
            .Select(name => Result(word, name.Name, name.Note));
    }

    /// <summary>One result, whatever has been typed.</summary>
    public static CompletionResult Result(string? word, string name, string note, string? shown = null) =>
        new(Quoted(name, word), shown ?? name, CompletionResultType.ParameterValue, note.Length == 0 ? name : note);

    /// <summary>What has been typed, without the quotes.</summary>
    public static string Bare(string? word) => (word ?? "").Trim('\'', '"');

    /// <summary>A wildcard; null for one that is malformed, as one may be while it is typed.</summary>
    public static WildcardPattern? Pattern(string text)
    {
        WildcardPattern pattern = WildcardPattern.Get(text, WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
        try
        {
            pattern.IsMatch("");
            return pattern;
        }
        catch (WildcardPatternException)
        {
            return null;
        }
    }

    private static string Quoted(string name, string? word)
    {
        if (word?.StartsWith('"') == true) return $"\"{name.Replace("`", "``", StringComparison.Ordinal).Replace("$", "`$", StringComparison.Ordinal).Replace("\"", "`\"", StringComparison.Ordinal)}\"";
        bool isPlain = word?.StartsWith('\'') != true && !name.StartsWith('-') && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':');
        return isPlain ? name : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
    }
}
