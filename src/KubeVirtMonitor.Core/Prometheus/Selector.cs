using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Prometheus;

/// <summary>
/// Texts of PromQL that choose series. Everything that is given as a name, a value or a pattern is escaped, so that nothing of it becomes syntax.
/// Regular expressions are RE2's, and fit a whole value, never a part of it, as Prometheus anchors them.
/// </summary>
internal static class Selector
{
    private const string Any = ".+";

    /// <summary>A selector of series by their names.</summary>
    /// <param name="names">The names, of which one has to fit; none = by the matchers alone.</param>
    /// <param name="matchers">Texts of matchers, such as <c>cluster="north"</c>, also several with commas between them; an empty one says nothing.</param>
    /// <exception cref="ArgumentException">Neither a name nor a matcher is given: a server refuses to give every series.</exception>
    public static string Of(IReadOnlyList<string> names, params string[] matchers)
    {
        // A name with a dot is legal in new servers only, and only in quotes.
        string[] bare = names is [var one] && IsName(one) ? [one] : [];
        string named = names.Count == 0 || bare.Length > 0 ? "" : Like("__name__", names.Select(Literal));
        string within = Join([named, .. matchers]);
        if (bare.Length == 0 && within.Length == 0) throw new ArgumentException("Neither a name nor a matcher is given.", nameof(names));
        return string.Concat(bare) + (within.Length == 0 ? "" : $"{{{within}}}");
    }

    /// <summary>A selector of the series of one name.</summary>
    /// <inheritdoc cref="Of(IReadOnlyList{string}, string[])"/>
    public static string Of(string name, params string[] matchers) => Of([name], matchers);

    /// <summary>Matchers in one text, those that say nothing left out.</summary>
    public static string Join(params string[] matchers) => string.Join(',', matchers.Where(static matcher => matcher.Length > 0));

    /// <summary>A matcher for one value.</summary>
    /// <param name="label">The label.</param>
    /// <param name="value">The value; an empty one also fits series without the label.</param>
    public static string Equal(string label, string value) => $"{label}={Quote(value)}";

    /// <summary>An expression for the time of the newest value of some metrics, in seconds since 1970. Each is asked for by itself, because servers refuse series that differ in nothing but their names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="matchers">Matchers, in PromQL.</param>
    public static string NewestTime(IReadOnlyList<string> names, params string[] matchers) =>
        $"max({string.Join(" or ", names.Select((name, at) => $"label_replace(max(timestamp({Of(name, matchers)})), \"part\", \"{at}\", \"\", \"\")"))})";

    /// <summary>A matcher for values by wildcards, as shells have them, upper and lower case being different: <c>*</c> fits any value, but not an absent one.</summary>
    /// <param name="label">The label.</param>
    /// <param name="patterns">The patterns, of which one has to fit; none = the label must be absent.</param>
    /// <param name="excludes">Whether none of them may fit. Series without the label are kept then, unless it has to be there.</param>
    /// <exception cref="FormatException">A pattern is malformed.</exception>
    public static string Wild(string label, IReadOnlyCollection<string> patterns, bool excludes = false)
    {
        Wildcard[] parsed = [.. patterns.Select(Wildcard.Parse)];
        if (parsed.Any(static pattern => pattern.Regex == Any)) return excludes ? Equal(label, "") : $"{label}=~{Quote(Any)}";
        return parsed switch
        {
            [] => excludes ? $"{label}!={Quote("")}" : Equal(label, ""),
            [{ Literal: { } value }] => excludes ? $"{label}!={Quote(value)}" : Equal(label, value),
            _ => Like(label, parsed.Select(static pattern => pattern.Regex), excludes),
        };
    }

    /// <summary>The same of what Kubernetes names: namespaces, machines, nodes. Their names are in lower case, and whoever types does not care.</summary>
    /// <inheritdoc cref="Wild(string, IReadOnlyCollection{string}, bool)"/>
    public static string WildObject(string label, IReadOnlyCollection<string> patterns) => Wild(label, [.. patterns.Select(static pattern => pattern.ToLowerInvariant())]);

    /// <summary>A string literal with a text in it.</summary>
    public static string Quote(string text)
    {
        StringBuilder quoted = new(text.Length + 2);
        quoted.Append('"');
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '"' or '\\': quoted.Append('\\').Append((char)rune.Value); break;
                case '\n': quoted.Append("\\n"); break;
                case '\t': quoted.Append("\\t"); break;
                case '\r': quoted.Append("\\r"); break;
                case < ' ' or 0x7F: quoted.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}"); break;
                default: quoted.Append(rune); break;
            }
        }

        return quoted.Append('"').ToString();
    }

    /// <summary>A regular expression that fits a text, and nothing else.</summary>
    public static string Literal(string text)
    {
        StringBuilder regex = new(text.Length);
        foreach (char c in text) AppendLiteral(regex, c);
        return regex.ToString();
    }

    /// <summary>Whether a text is the name of a metric in every server, old or new.</summary>
    public static bool IsName(string text) => IsLabel(text.Replace(':', '_'));

    /// <summary>Whether a text is the name of a label in every server, old or new.</summary>
    public static bool IsLabel(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static string Like(string label, IEnumerable<string> regexes, bool excludes = false) => $"{label}{(excludes ? "!~" : "=~")}{Quote(string.Join('|', regexes.Distinct(StringComparer.Ordinal)))}";

    private static void AppendLiteral(StringBuilder regex, char c)
    {
        if (c is '\\' or '.' or '+' or '*' or '?' or '(' or ')' or '|' or '[' or ']' or '{' or '}' or '^' or '$') regex.Append('\\');
        regex.Append(c);
    }

    /// <summary>A pattern with wildcards.</summary>
    /// <param name="Regex">The same as a regular expression.</param>
    /// <param name="Literal">The only text that fits; null where there are others.</param>
    private readonly record struct Wildcard(string Regex, string? Literal)
    {
        public static Wildcard Parse(string pattern)
        {
            StringBuilder regex = new();
            StringBuilder literal = new();
            bool isLiteral = true;
            for (int i = 0; i < pattern.Length; i++)
            {
                char c = pattern[i];
                if (c == '`' && i + 1 < pattern.Length)
                {
                    c = pattern[++i];
                }
                else if (c is '*' or '?' or '[')
                {
                    isLiteral = false;
                    if (c == '[') i = AppendSet(regex, pattern, i);
                    else if (c == '?') regex.Append('.');
                    else if (!EndsWithStar(regex, pattern, i)) regex.Append(".*");
                    continue;
                }

                literal.Append(c);
                AppendLiteral(regex, c);
            }

            string text = regex.ToString();
            return new(text == ".*" ? Any : text, isLiteral ? literal.ToString() : null);
        }

        private static bool EndsWithStar(StringBuilder regex, string pattern, int at) => at > 0 && pattern[at - 1] == '*' && regex.Length > 1 && regex[^1] == '*' && regex[^2] == '.';

        // What is between the brackets are characters and ranges of them, and nothing else: no class of POSIX, no negation.
        private static int AppendSet(StringBuilder regex, string pattern, int start)
        {
            List<(char Character, bool IsEscaped)> inside = [];
            int at = start + 1;
            for (; at < pattern.Length && pattern[at] != ']'; at++)
            {
                bool isEscaped = pattern[at] == '`' && at + 1 < pattern.Length;
                if (isEscaped) at++;
                inside.Add((pattern[at], isEscaped));
            }

            if (at >= pattern.Length) throw new FormatException($"'{pattern}' has a bracket that is not closed");
            if (inside.Count == 0) throw new FormatException($"'{pattern}' has brackets with nothing in them");
            regex.Append('[');
            for (int i = 0; i < inside.Count; i++)
            {
                AppendMember(regex, inside[i].Character);
                if (i + 2 >= inside.Count || inside[i + 1] is not { Character: '-', IsEscaped: false }) continue;
                if (inside[i + 2].Character < inside[i].Character) throw new FormatException($"'{pattern}' has a range that ends before it begins");
                regex.Append('-');
                AppendMember(regex, inside[i + 2].Character);
                i += 2;
            }

            regex.Append(']');
            return at;
        }

        private static void AppendMember(StringBuilder regex, char c)
        {
            if (c is '\\' or ']' or '[' or '^' or '-' or '&' or '~') regex.Append('\\');
            regex.Append(c);
        }
    }
}

/// <summary>Which series count, as users write it: <c>cluster=prod*</c>, <c>cluster!=test</c>, <c>cluster=~"prod|test"</c>, or a table of labels and patterns.</summary>
internal static class SeriesMatch
{
    // The longer stand before the shorter.
    private static readonly string[] Operators = ["=~", "!~", "!=", "="];

    /// <summary>The matchers of texts. Values with one label and <c>=</c> are alternatives; everything else has to hold.</summary>
    /// <param name="texts">
    /// Texts such as <c>cluster=prod*</c> and <c>cluster!=test</c>, with wildcards; <c>cluster=~prod.*</c> and <c>cluster!~test.*</c>, with a regular expression.
    /// What stands in double quotes is taken as PromQL has it.
    /// </param>
    /// <returns>Matchers in PromQL, with commas between them; empty = none.</returns>
    /// <exception cref="ScrapeException">A text is no matcher.</exception>
    public static string Of(IEnumerable<string> texts)
    {
        Dictionary<string, List<string>> alternatives = new(StringComparer.Ordinal);
        List<string> others = [];
        foreach (string text in texts)
        {
            (string label, string sign, string value) = Split(text);
            bool isQuoted = value.Length >= 2 && value[0] == '"' && value[^1] == '"';
            if (isQuoted || sign is "=~" or "!~") others.Add($"{label}{sign}{(isQuoted ? Requoted(text, value) : Selector.Quote(value))}");
            else if (sign == "!=") others.Add(Wild(label, [value], excludes: true));
            else if (alternatives.TryGetValue(label, out List<string>? known)) known.Add(value);
            else alternatives.Add(label, [value]);
        }

        return Selector.Join([.. alternatives.Select(static pair => Wild(pair.Key, pair.Value)), .. others]);
    }

    /// <summary>The matchers of a table.</summary>
    /// <param name="table">Labels with patterns of which one has to fit; none = the label must be absent. A label may have the sign <c>!</c> behind it, and then none may fit; or <c>~</c> in front of a value, which is a regular expression then.</param>
    /// <inheritdoc cref="Of(IEnumerable{string})"/>
    public static string OfTable(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> table)
    {
        List<string> matchers = [];
        foreach ((string key, IReadOnlyList<string> values) in table)
        {
            bool excludes = key.EndsWith('!');
            string label = Checked(key, (excludes ? key[..^1] : key).Trim());
            string[] regexes = [.. values.Where(static value => value.StartsWith('~')).Select(static value => value[1..])];
            if (regexes.Length == 0) matchers.Add(Wild(label, values, excludes));
            else if (regexes.Length == values.Count) matchers.Add($"{label}{(excludes ? "!~" : "=~")}{Selector.Quote(string.Join('|', regexes))}");
            else throw Refused(key, $"'{key}' has wildcards and regular expressions at once");
        }

        return Selector.Join([.. matchers]);
    }

    private static (string Label, string Sign, string Value) Split(string text)
    {
        int at = text.AsSpan().IndexOfAny('=', '!');
        string sign = at < 0 ? "" : Operators.FirstOrDefault(one => text.AsSpan(at).StartsWith(one, StringComparison.Ordinal)) ?? "";
        if (sign.Length == 0) throw Refused(text, $"'{Shown(text)}' is not LABEL=VALUE");
        return (Checked(text, text[..at].Trim()), sign, text[(at + sign.Length)..].Trim());
    }

    // It is the user's own PromQL already, and must not end the string before its end.
    private static string Requoted(string text, string value)
    {
        for (int i = 1; i < value.Length - 1; i++)
        {
            if (value[i] == '"' || (value[i] == '\\' && ++i == value.Length - 1)) throw Refused(text, $"'{Shown(text)}' has a quotation mark within its value");
        }

        return value;
    }

    private static string Wild(string label, IReadOnlyCollection<string> patterns, bool excludes = false)
    {
        try
        {
            return Selector.Wild(label, patterns, excludes);
        }
        catch (FormatException e)
        {
            throw Refused(label, Shown(e.Message));
        }
    }

    private static string Checked(string text, string label) => Selector.IsLabel(label) ? label : throw Refused(text, $"'{Shown(label)}' in '{Shown(text)}' is not the name of a label");

    private static string Shown(string text) => Net.ForeignText.OfStranger.Line(text, 120);

    private static ScrapeException Refused(string text, string what) => new(ScrapeError.InvalidOption, Shown(text), what) { Setting = Setting.Match };
}
