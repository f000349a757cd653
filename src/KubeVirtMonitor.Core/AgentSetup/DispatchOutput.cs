using System.Text.RegularExpressions;

namespace KubeVirtMonitor.AgentSetup;

/// <summary>Reads what <c>agent clusterchecks</c> and <c>agent configcheck</c> print: headings between rows of equal signs, in which colours may stand.</summary>
internal static class DispatchOutput
{
    private static readonly Regex Heading = new(@"^=+\s*(?<title>[^=].*?)\s*=+$", RegexOptions.CultureInvariant);
    private static readonly Regex RunnerTitle = new(@"^Checks on (?<name>\S+)$", RegexOptions.CultureInvariant);
    private static readonly Regex CheckTitle = new(@"^(?<name>[\w.-]+) (cluster )?check$", RegexOptions.CultureInvariant);
    private static readonly Regex Unscheduled = new("unscheduled|dangling|unassigned", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);
    private static readonly Regex Colour = new("\u001b\\[[0-9;]*m", RegexOptions.CultureInvariant);

    /// <summary>Each check with the Agent that has it.</summary>
    /// <param name="text">What was printed.</param>
    /// <param name="here">The Agent that printed it, for checks that stand under no other.</param>
    public static IEnumerable<(string Check, string Runner)> Read(string text, string here)
    {
        string? runner = here;
        foreach (string line in text.Split('\n'))
        {
            Match heading = Heading.Match(Colour.Replace(line, "").Trim());
            if (!heading.Success) continue;
            string title = heading.Groups["title"].Value;
            if (Unscheduled.IsMatch(title)) runner = null;
            else if (RunnerTitle.Match(title) is { Success: true } named) runner = named.Groups["name"].Value;
            else if (CheckTitle.Match(title) is { Success: true } check && runner is not null) yield return (check.Groups["name"].Value, runner);
        }
    }
}
