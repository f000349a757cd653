using System.Globalization;
using System.Text;

namespace KubeVirtMonitor.Simulator.Api;

/// <summary>
/// As much of <c>sh -c</c> as scripts for containers use: commands with <c>;</c>, <c>&amp;&amp;</c>, <c>||</c>, both quotes, <c>$NAME</c>, <c>&gt;&amp;2</c>,
/// <c>exit N</c>.
/// </summary>
internal sealed class MiniShell(ExecCommands commands)
{
    public async Task<int> RunAsync(ExecContext context, CancellationToken cancellation)
    {
        string script;
        if (context.Command.Count > 2 && context.Command[1] == "-c")
        {
            script = context.Command[2];
        }
        else if (context.Command.Count == 1)
        {
            using StreamReader input = new(context.Input);
            script = await input.ReadToEndAsync(cancellation);
        }
        else
        {
            await context.WriteErrorAsync("sh: only sh -c SCRIPT, or a script on the standard input\n", cancellation);
            return 2;
        }

        int code = 0;
        bool run = true;
        foreach ((List<string> words, string join) in Parse(script, context.Environment))
        {
            if (run && words.Count > 0)
            {
                if (words[0] == "exit") return words.Count > 1 && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number & 255 : code;
                code = await CommandAsync(context, words, cancellation);
            }

            run = join switch { "&&" => run && code == 0, "||" => !run || code != 0, _ => true };
        }

        return code;
    }

    private async Task<int> CommandAsync(ExecContext context, List<string> words, CancellationToken cancellation)
    {
        Stream output = context.Output;
        if (words.RemoveAll(static word => word is ">&2" or "1>&2") > 0) output = context.Error;
        if (commands.Find(words[0]) is not { } command)
        {
            await context.WriteErrorAsync($"sh: {words[0]}: not found\n", cancellation);
            return 127;
        }

        return await command(context with { Command = words, Output = output }, cancellation);
    }

    /// <summary>Commands as words, each with the sign that joins it to the next.</summary>
    private static List<(List<string> Words, string Join)> Parse(string script, IReadOnlyDictionary<string, string> environment)
    {
        List<(List<string>, string)> parsed = [];
        List<string> words = [];
        StringBuilder? word = null;
        int at = 0;

        void EndWord()
        {
            if (word is not null) words.Add(word.ToString());
            word = null;
        }

        void EndCommand(string join)
        {
            EndWord();
            parsed.Add((words, join));
            words = [];
        }

        while (at < script.Length)
        {
            char letter = script[at++];
            switch (letter)
            {
                case '\'':
                    int end = script.IndexOf('\'', at);
                    if (end < 0) end = script.Length;
                    (word ??= new()).Append(script, at, end - at);
                    at = Math.Min(end + 1, script.Length);
                    break;
                case '"':
                    word ??= new();
                    while (at < script.Length && script[at] != '"')
                    {
                        if (script[at] == '\\' && at + 1 < script.Length) at++;
                        else if (script[at] == '$' && Variable(script, ref at, environment, word)) continue;
                        word.Append(script[at++]);
                    }

                    at++;
                    break;
                case '\\' when at < script.Length:
                    (word ??= new()).Append(script[at++]);
                    break;
                case '$':
                    at--;
                    if (!Variable(script, ref at, environment, word ??= new())) word.Append(script[at++]);
                    break;
                case '&' or '|' when at < script.Length && script[at] == letter:
                    at++;
                    EndCommand(letter == '&' ? "&&" : "||");
                    break;
                case ';' or '\n':
                    EndCommand(";");
                    break;
                case ' ' or '\t' or '\r':
                    EndWord();
                    break;
                default:
                    (word ??= new()).Append(letter);
                    break;
            }
        }

        EndCommand(";");
        return parsed;
    }

    private static bool Variable(string script, ref int at, IReadOnlyDictionary<string, string> environment, StringBuilder word)
    {
        int end = at + 1;
        while (end < script.Length && (char.IsAsciiLetterOrDigit(script[end]) || script[end] == '_')) end++;
        if (end == at + 1) return false;
        word.Append(environment.GetValueOrDefault(script[(at + 1)..end], ""));
        at = end;
        return true;
    }
}
