using System.Management.Automation;

namespace KubeVirtMonitor.Binding;

/// <summary>Wildcards over the two names of a metric, the module's and the endpoint's.</summary>
internal static class NamePatterns
{
    /// <summary>Makes the filter that the reader asks once per name.</summary>
    /// <param name="include">Patterns of which one has to fit; null or empty = all.</param>
    /// <param name="exclude">Patterns of which none may fit; null or empty = none.</param>
    /// <returns>A function of the module's and the raw name, or null where everything is kept.</returns>
    /// <exception cref="WildcardPatternException">A pattern is malformed.</exception>
    public static Func<string, string, bool>? ToFilter(string[]? include, string[]? exclude)
    {
        WildcardPattern[] wanted = ToPatterns(include);
        WildcardPattern[] unwanted = ToPatterns(exclude);
        if (wanted.Length == 0 && unwanted.Length == 0) return null;
        return (name, rawName) =>
            (wanted.Length == 0 || IsAnyMatch(wanted, name) || IsAnyMatch(wanted, rawName))
            && !IsAnyMatch(unwanted, name)
            && !IsAnyMatch(unwanted, rawName);
    }

    /// <summary>Whether one of the patterns fits.</summary>
    public static bool IsAnyMatch(WildcardPattern[] patterns, string text)
    {
        foreach (WildcardPattern pattern in patterns)
        {
            if (pattern.IsMatch(text)) return true;
        }

        return false;
    }

    /// <summary>Compiles patterns, ignoring case.</summary>
    /// <exception cref="WildcardPatternException">A pattern is malformed.</exception>
    public static WildcardPattern[] ToPatterns(string[]? patterns)
    {
        if (patterns is null) return [];
        WildcardPattern[] compiled = new WildcardPattern[patterns.Length];
        for (int i = 0; i < patterns.Length; i++)
        {
            compiled[i] = WildcardPattern.Get(patterns[i], WildcardOptions.IgnoreCase | WildcardOptions.CultureInvariant);
            // The pattern is parsed at the first match; a malformed one is the user's error now, not one of each target later.
            compiled[i].IsMatch("");
        }

        return compiled;
    }
}
