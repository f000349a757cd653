using System.Text.RegularExpressions;
using KubeVirtMonitor.Tests.Surface.Cmdlets;

namespace KubeVirtMonitor.Tests.Surface.Words;

/// <summary>What only the cmdlets may say: names of cmdlets and of their parameters, as the module declares them, and words of PowerShell.</summary>
internal static class CmdletWords
{
    // The module declares none of these; PowerShell gives them to every cmdlet.
    private static readonly string[] Common =
    [
        "Verbose", "Debug", "ErrorAction", "WarningAction", "InformationAction", "ProgressAction", "ErrorVariable", "WarningVariable",
        "InformationVariable", "OutVariable", "OutBuffer", "PipelineVariable", "WhatIf", "Confirm",
    ];

    private static readonly string Parameters = string.Join('|', CmdletClass.All.SelectMany(cmdlet => cmdlet.Parameters)
        .SelectMany(parameter => parameter.Aliases.Append(parameter.Name))
        .Concat(Common)
        .Distinct(StringComparer.Ordinal)
        .Select(Regex.Escape));

    private static readonly string Cmdlets = string.Join('|', CmdletClass.All.Select(cmdlet => Regex.Escape(cmdlet.Name)));

    private static readonly Regex Any = new($@"(?<![\w-])-(?:{Parameters})(?!\w)|(?<!\w)(?:{Cmdlets})(?!\w)|PowerShell|[Cc]mdlet|\$PWD|\$_");

    private static readonly Regex Dashed = new(@"(?<![\w-])-(?<name>[A-Z][A-Za-z]+)(?!\w|\.\w)");

    private static readonly Regex OneParameter = new($"^(?:{Parameters})$");

    /// <summary>Each text that holds such a word, with the words.</summary>
    public static IEnumerable<string> In(IEnumerable<string> texts) => texts
        .Select(text => (Text: text, Words: Any.Matches(text).Select(match => match.Value).Distinct().ToArray()))
        .Where(found => found.Words.Length > 0)
        .Select(found => $"{string.Join(", ", found.Words)}: {found.Text.ReplaceLineEndings(" ")}");

    /// <summary>What is written as a parameter, and is one of no cmdlet of the module.</summary>
    public static IEnumerable<string> UnknownParametersIn(IEnumerable<string> texts) => texts
        .SelectMany(text => Dashed.Matches(text).Select(match => match.Groups["name"].Value).Where(name => !OneParameter.IsMatch(name)).Select(name => $"-{name}: {text}"));
}
