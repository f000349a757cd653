using System.Net.Http.Headers;
using System.Text;
using KubeVirtMonitor.Net;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>
/// The warnings that an API server sends with its responses: <c>Warning</c> headers (RFC 7234) with code 299, the ones that kubectl shows too. Each text is kept once
/// until it is taken.
/// </summary>
internal sealed class ServerWarnings
{
    private const string Shown = "299";

    private const int Most = 100;

    private const int MostText = 1000;

    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    private readonly object _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private List<string> _texts = [];

    /// <summary>Notes the warnings of an answer.</summary>
    /// <param name="response">The answer.</param>
    /// <param name="foreign">Shows what the server says.</param>
    public void Add(HttpResponseMessage response, ForeignText foreign)
    {
        if (!response.Headers.NonValidated.TryGetValues("Warning", out HeaderStringValues values)) return;
        foreach (string value in values)
        {
            foreach (string text in Read(value)) Add(foreign.Line(text, MostText));
        }
    }

    /// <summary>The warnings since the last call, in the order they came.</summary>
    public IReadOnlyList<string> Take()
    {
        lock (_lock)
        {
            if (_texts.Count == 0) return [];
            List<string> taken = _texts;
            _texts = [];
            _known.Clear();
            return taken;
        }
    }

    /// <summary>Reads one header: <c>299 - "text" "date", 299 agent "with \"quotes\", and commas"</c>. What follows no rule is passed over up to the next comma.</summary>
    internal static IEnumerable<string> Read(string header)
    {
        string rest = FromUtf8(header);
        while ((rest = rest.TrimStart(' ', '\t', ',')).Length > 0)
        {
            string[] words = rest.Split(' ', 3, StringSplitOptions.TrimEntries);
            if (words.Length < 3 || words[0].Length != 3 || !words[0].All(char.IsAsciiDigit) || !words[2].StartsWith('"'))
            {
                int comma = rest.IndexOf(',', StringComparison.Ordinal);
                rest = comma < 0 ? "" : rest[comma..];
                continue;
            }

            string text = Quoted(words[2], out rest);
            // The date of the warning.
            if (rest.TrimStart() is ['"', ..] date) Quoted(date, out rest);
            if (words[0] == Shown && text.Length > 0) yield return text;
        }
    }

    private static string Quoted(string text, out string rest)
    {
        StringBuilder value = new();
        int at = 1;
        for (; at < text.Length && text[at] != '"'; at++)
        {
            if (text[at] == '\\' && at + 1 < text.Length) at++;
            value.Append(text[at]);
        }

        rest = at < text.Length ? text[(at + 1)..] : "";
        return value.ToString().Trim();
    }

    // Headers arrive as Latin-1, and API servers write UTF-8.
    private static string FromUtf8(string header)
    {
        if (!header.Any(static c => c > '\x7f') || header.Any(static c => c > '\xff')) return header;
        try
        {
            return Utf8.GetString(Encoding.Latin1.GetBytes(header));
        }
        catch (DecoderFallbackException)
        {
            return header;
        }
    }

    private void Add(string text)
    {
        lock (_lock)
        {
            if (_texts.Count > Most || !_known.Add(text)) return;
            _texts.Add(_texts.Count < Most ? text : $"The API server sent more than {Most} different warnings; the others are not shown.");
        }
    }
}
