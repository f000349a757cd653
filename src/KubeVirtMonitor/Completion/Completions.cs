using System.Management.Automation;
using System.Management.Automation.Language;

namespace KubeVirtMonitor.Completion;

/// <summary>Makes completion results of names.</summary>
internal static class Completions
{
    /// <summary>The names that begin with what has been typed, quoted where they have to be.</summary>
    /// <param name="word">What has been typed; quotes around it do not count.</param>
    /// <param name="names">Names, each with its tooltip.</param>
    public static IEnumerable<CompletionResult> Of(string? word, IEnumerable<(string Name, string Note)> names)
    {
        WildcardPattern pattern = WildcardPattern.Get($"{(word ?? "").Trim('\'', '"')}*", WildcardOptions.IgnoreCase);
        return names
            .Where(name => name.Name.Length > 0 && pattern.IsMatch(name.Name))
            .Select(name => new CompletionResult(Quoted(name.Name), name.Name, CompletionResultType.ParameterValue, name.Note));
    }

    private static string Quoted(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '/' or ':') ? name : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";
}
