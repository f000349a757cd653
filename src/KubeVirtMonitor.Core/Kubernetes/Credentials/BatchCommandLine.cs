using System.Text;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// Command lines for batch files. Windows gives those to cmd.exe, which reads the line by rules of its own: an ampersand would begin another
/// command, a quote escaped with a backslash would end the quoting, and %NAME% would be replaced.
/// </summary>
internal static class BatchCommandLine
{
    private const string Unquoted = "#$*+-./:?@\\_";

    /// <summary>Whether a file is one that cmd.exe runs.</summary>
    public static bool IsBatch(string path) => Path.GetExtension(path).ToUpperInvariant() is ".CMD" or ".BAT";

    /// <summary>The arguments of cmd.exe that run a batch file with arguments that arrive as they are.</summary>
    /// <param name="path">The batch file, an absolute path.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <exception cref="ArgumentException">An argument holds a line break or a zero character, which no command line of cmd.exe can carry.</exception>
    public static string Of(string path, IEnumerable<string> arguments)
    {
        StringBuilder line = new($"/e:ON /v:OFF /d /c \"\"{path}\"");
        foreach (string argument in arguments)
        {
            if (argument.AsSpan().ContainsAny('\r', '\n', '\0')) throw new ArgumentException("an argument holds a line break, which a batch file cannot be given");
            line.Append(' ');
            Append(line, argument);
        }

        return line.Append('"').ToString();
    }

    private static void Append(StringBuilder line, string argument)
    {
        bool isQuoted = argument.Length == 0 || argument[^1] == '\\' || !argument.All(c => char.IsAsciiLetterOrDigit(c) || Unquoted.Contains(c, StringComparison.Ordinal));
        int backslashes = 0;
        if (isQuoted) line.Append('"');
        foreach (char c in argument)
        {
            // Backslashes count double only where a quote follows.
            if (c == '"') line.Append('\\', backslashes).Append('"');
            // An expansion to nothing between the two, so that no name of a variable is left.
            else if (c == '%') line.Append("%%cd:~,");
            backslashes = c == '\\' ? backslashes + 1 : 0;
            line.Append(c);
        }

        if (isQuoted) line.Append('\\', backslashes).Append('"');
    }
}
