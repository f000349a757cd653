using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace KubeVirtMonitor.Net;

/// <summary>
/// The one door for text from others: what servers, proxies and plugins say, and what certificates and files contain. It takes out what
/// could steer a terminal (control characters, ANSI sequences, marks that turn the direction of writing), then the secrets of the request and
/// whatever else looks like a secret, and cuts only then: a secret across the cut would leave half of itself. Immutable and thread-safe.
/// </summary>
internal sealed class ForeignText
{
    /// <summary>What stands instead of a secret.</summary>
    public const string Mark = "[redacted]";

    // From here on a piece of a secret is worth something: half a token in a body that broke off, or a line of base64.
    private const int Piece = 12;

    private const int LeastPieced = 16;

    // No message is so long; the rest is cut before the costly part begins.
    private const int Examined = 64 * 1024;

    // ANSI sequences: colours and cursor (CSI), titles and links (OSC), and the short ones.
    private static readonly Regex Ansi = new(@"(?:\x1B\[|\x9B)[0-?]*[ -/]*[@-~]|(?:\x1B\]|\x9D)[^\x07\x1B\x9C]*(?:\x07|\x1B\\|\x9C)?|\x1B[@-_]");

    // Every repetition that does not begin at a fixed text is bounded: long lines must not take long.
    // PEM blocks, and the beginning of one that was cut; the same in base64, as kubeconfigs hold them.
    private static readonly Regex Pem = new(@"-----BEGIN [A-Z0-9 ]+-----.*?(-----END [A-Z0-9 ]+-----|\z)|LS0tLS1CRUdJTi[A-Za-z0-9+/=]*", RegexOptions.Singleline);

    // JSON web tokens.
    private static readonly Regex Jwt = new(@"eyJ[A-Za-z0-9_-]{3,}(\.[A-Za-z0-9_-]*)*");

    // Tokens that say what they are: OpenShift, AWS, GitHub, GitLab, Google, Vault, Kubernetes' bootstrap tokens.
    private static readonly Regex Prefixed = new(@"\b(?:sha256~|k8s-aws-v1\.|gh[opsu]_|github_pat_|glpat-|ya29\.|hvs\.|xox[abp]-)[A-Za-z0-9_.-]{8,}|\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\b[a-z0-9]{6}\.[a-z0-9]{16}\b");

    // What follows these words in prose, and is not a value.
    private const string Prose = @"(?!(?:\[redacted\]|(?:an?|and|are|as|at|auth\w*|before|by|can\w*|challenge|could|credentials?|denied|did|does|empty|err\w*|exec\w*|expected|expired|fail\w*|file|for|from|get\w*|given|got|had|has|have|header|https?|illegal|in|invalid|is|it|keys?|line|malformed|may|missing|must|new|no|none|not|null|of|on|open|or|passwords?|please|provider|read\w*|realm|refresh\w*|rejected|request\w*|required|rpc|scheme|secrets?|server|signature|square|such|that|the|this|to|tokens?|unable|unauthorized|unexpected|unknown|unsupported|validat\w*|verif\w*|was|were|with|wrong|x509|you\w*)\b)|$)";

    // Values of Authorization headers.
    private static readonly Regex Header = new($@"\b(Bearer|Basic)(\s+){Prose}[^\s""',<;]+", RegexOptions.IgnoreCase);

    // As in token: x, client_secret=x, "password":"x"; the word may be part of a longer name, whose beginning is left alone.
    private static readonly Regex Assignment = new($@"((?:token|password|passwd|secret|api[_-]?key|access[_-]?key|credential|assertion)[\w-]{{0,40}}[""']?\s*[=:]\s*[""']?){Prose}[^\s""',;&]+", RegexOptions.IgnoreCase);

    // User information in addresses.
    private static readonly Regex UserInfo = new(@"(\b[a-z][a-z0-9+.-]{0,20}://)[^\s/@]+@", RegexOptions.IgnoreCase);

    // Runs that may be base64 or hexadecimal. Slashes are left out, or paths would go too; digests of images are no secret.
    private static readonly Regex LongRun = new(@"(?<![A-Za-z0-9+_=-]|sha256:)[A-Za-z0-9+_=-]{24,}");

    private static readonly Regex Blanks = new(@"\s+");

    // HTML tags, and elements whose text nobody reads.
    private static readonly Regex Tags = new(@"<(style|script|head)\b.*?</\1\s*>|<[^>]*>", RegexOptions.Singleline | RegexOptions.IgnoreCase);

    private readonly string[] _secrets;
    private readonly Lazy<Known> _known;

    /// <summary>Text of somebody who was told these secrets.</summary>
    /// <param name="secrets">What a request carries; see <see cref="Secrets"/>. Values too short to be told from ordinary text are left out.</param>
    public ForeignText(IEnumerable<string?> secrets)
    {
        _secrets = [.. secrets.OfType<string>().Select(secret => secret.Trim()).Where(secret => secret.Length >= Secrets.Least).Distinct(StringComparer.Ordinal)];
        _known = new Lazy<Known>(() => new Known(_secrets));
    }

    /// <summary>Text of somebody who was told no secret.</summary>
    public static ForeignText OfStranger { get; } = new([]);

    /// <summary>The same with further secrets.</summary>
    public ForeignText With(IEnumerable<string?> further)
    {
        ForeignText both = new([.. _secrets, .. further]);
        return both._secrets.Length == _secrets.Length ? this : both;
    }

    /// <summary>On one line, shortened to this many characters.</summary>
    public string Line(string? text, int most = 200) => Cut(Blanks.Replace(Scrub(text), " ").Trim(), most);

    /// <summary>
    /// The line of a body that tells the reason, cut in its middle, since Go puts the object first and what is wrong with it last. Headings ("2 error(s)
    /// occurred:") are passed over; of markup, the words.
    /// </summary>
    /// <param name="body">The body, or its beginning.</param>
    /// <param name="isCut">Whether there was more.</param>
    /// <param name="most">The most characters.</param>
    public string Reason(string body, bool isCut = false, int most = 300)
    {
        string text = body.TrimStart('\uFEFF').Trim();
        if (text.StartsWith('<')) return Line(WordsOf(Scrub(text, isCut)), most);
        string[] lines = Scrub(text, isCut).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // JSON over several lines is one thing, and says nothing on its first.
        if (lines is ["{" or "[", ..]) return Line(string.Join(' ', lines), most);
        string[] reasons = [.. lines.Where(line => !line.EndsWith(':'))];
        if (reasons.Length == 0) return lines.Length == 0 ? "" : CutMiddle(Blanks.Replace(lines[0], " "), most);
        string first = Blanks.Replace(reasons[0], " ");
        bool isItem = first.Length > 2 && first[0] is '*' or '-' && first[1] == ' ';
        int others = isItem ? reasons.Skip(1).Count(line => line.StartsWith(first[..2], StringComparison.Ordinal)) : 0;
        string shown = CutMiddle(isItem ? first[2..] : first, most);
        return others == 0 ? shown : string.Create(CultureInfo.InvariantCulture, $"{shown} (and {others} more)");
    }

    /// <summary>All of it, fit for a terminal and without secrets. Line breaks and tabs stay.</summary>
    /// <param name="isCut">Whether there was more of it, so that it may end within a secret.</param>
    public string Scrub(string? text, bool isCut = false)
    {
        if (string.IsNullOrEmpty(text)) return "";
        isCut |= text.Length > Examined;
        text = Printable(text.Length > Examined ? text[..Examined] : text);
        if (_secrets.Length > 0) text = _known.Value.TakeFrom(text, isCut);
        return WithoutPatterns(text);
    }

    /// <summary>Whether a secret that is known is in a text, whole or in part.</summary>
    public bool Holds(string text) => _secrets.Length > 0 && _known.Value.TakeFrom(text, isCut: false) != text;

    /// <summary>The same exception where nothing in it has to be hidden; else one that says the same without that, and knows its type by name.</summary>
    public Exception? Safe(Exception? exception)
    {
        for (Exception? inner = exception; inner is not null; inner = inner.InnerException)
        {
            bool isTold = inner is AggregateException all && all.InnerExceptions.Any(one => !ReferenceEquals(Safe(one), one));
            if (isTold || Scrub(inner.Message) != inner.Message) return new ForeignException(exception!.GetType().FullName!, Line(exception.Message, 1000), Safe(exception.InnerException));
        }

        return exception;
    }

    /// <summary>The words of markup.</summary>
    public static string WordsOf(string markup) => System.Net.WebUtility.HtmlDecode(Blanks.Replace(Tags.Replace(markup.Length > Examined ? markup[..Examined] : markup, " "), " "));

    /// <summary>Takes out what could steer a terminal or stand for other text than it shows; line breaks and tabs stay.</summary>
    public static string Printable(string text)
    {
        if (text.All(c => c is >= ' ' and <= '~' or '\n' or '\t')) return text;
        text = Ansi.Replace(text, "").ReplaceLineEndings("\n");
        StringBuilder clean = new(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            // Format: zero width, bidirectional, tags. A rune of replacement stands for half a character, or bytes that are no text.
            bool isKept = rune.Value is '\n' or '\t' || (!Rune.IsControl(rune) && rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Format or UnicodeCategory.OtherNotAssigned));
            if (isKept) clean.Append(rune);
        }

        return clean.ToString();
    }

    public static string Cut(string text, int most) => text.Length <= most ? text : text[..Whole(text, most)] + "...";

    /// <summary>Cuts out the middle: of a long line, how it begins and how it ends tell most.</summary>
    public static string CutMiddle(string text, int most)
    {
        if (text.Length <= most) return text;
        int tail = most * 2 / 5;
        int start = text.Length - tail;
        if (char.IsLowSurrogate(text[start])) start++;
        return $"{text[..Whole(text, most - tail)]} ... {text[start..]}";
    }

    private static int Whole(string text, int length) => char.IsHighSurrogate(text[length - 1]) ? length - 1 : length;

    private static string WithoutPatterns(string text)
    {
        text = Pem.Replace(text, Mark);
        text = Jwt.Replace(text, Mark);
        text = Prefixed.Replace(text, Mark);
        text = Header.Replace(text, "$1$2" + Mark);
        text = Assignment.Replace(text, "$1" + Mark);
        text = UserInfo.Replace(text, "$1" + Mark + "@");
        return LongRun.Replace(text, match => IsKey(match.ValueSpan) ? Mark : match.Value);
    }

    private static bool IsKey(ReadOnlySpan<char> run) =>
        Secrets.LooksRandom(run) || (run.Length >= 32 && IsHexadecimal(run) && run.ContainsAnyInRange('0', '9') && run.ContainsAnyExceptInRange('0', '9'));

    private static bool IsHexadecimal(ReadOnlySpan<char> run)
    {
        foreach (char c in run)
        {
            if (!char.IsAsciiHexDigit(c)) return false;
        }

        return true;
    }

    /// <summary>Secrets that are known, ready to be looked for.</summary>
    private sealed class Known
    {
        private readonly string[] _forms;
        private readonly HashSet<int> _pieces = [];
        private readonly string[] _long;

        public Known(IEnumerable<string> secrets)
        {
            _forms = [.. secrets.SelectMany(Secrets.FormsOf).Where(form => form.Length >= Secrets.Least).Distinct(StringComparer.Ordinal).OrderByDescending(form => form.Length)];
            _long = [.. _forms.Where(form => form.Length >= LeastPieced)];
            foreach (string form in _long)
            {
                for (int i = 0; i + Piece <= form.Length; i++) _pieces.Add(string.GetHashCode(form.AsSpan(i, Piece)));
            }
        }

        public string TakeFrom(string text, bool isCut)
        {
            foreach (string form in _forms)
            {
                bool isWord = form.Length < Secrets.WordLength && form.All(char.IsAsciiLetter);
                text = isWord ? WithoutWord(text, form) : text.Replace(form, Mark, StringComparison.Ordinal);
            }

            if (_long.Length > 0) text = WithoutPieces(text);
            return isCut ? WithoutBeginning(text) : text;
        }

        private string WithoutBeginning(string text)
        {
            for (int length = Math.Min(Piece, text.Length); length >= Secrets.Least; length--)
            {
                ReadOnlySpan<char> end = text.AsSpan(text.Length - length);
                foreach (string form in _forms)
                {
                    if (form.Length > length && form.AsSpan().StartsWith(end, StringComparison.Ordinal)) return text[..^length] + Mark;
                }
            }

            return text;
        }

        private static string WithoutWord(string text, string word)
        {
            for (int at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = at < text.Length ? text.IndexOf(word, at, StringComparison.Ordinal) : -1)
            {
                int end = at + word.Length;
                bool isAlone = (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsAsciiLetterOrDigit(text[end]));
                if (isAlone) text = string.Concat(text.AsSpan(0, at), Mark, text.AsSpan(end));
                at += isAlone ? Mark.Length : 1;
            }

            return text;
        }

        private string WithoutPieces(string text)
        {
            StringBuilder? kept = null;
            int copied = 0;
            for (int i = 0; i + Piece <= text.Length; i++)
            {
                if (!_pieces.Contains(string.GetHashCode(text.AsSpan(i, Piece)))) continue;
                int length = LongestPiece(text.AsSpan(i));
                if (length < Piece) continue;
                kept ??= new StringBuilder(text.Length);
                kept.Append(text, copied, i - copied).Append(Mark);
                copied = i + length;
                i = copied - 1;
            }

            return kept is null ? text : kept.Append(text, copied, text.Length - copied).ToString();
        }

        private int LongestPiece(ReadOnlySpan<char> text)
        {
            int longest = 0;
            foreach (string form in _long)
            {
                for (int at = form.AsSpan().IndexOf(text[..Piece]); at >= 0;)
                {
                    longest = Math.Max(longest, text.CommonPrefixLength(form.AsSpan(at)));
                    int next = form.AsSpan(at + 1).IndexOf(text[..Piece]);
                    at = next < 0 ? -1 : at + 1 + next;
                }
            }

            return longest;
        }
    }
}

/// <summary>Replaces an exception whose own text had to be changed before it can be shown.</summary>
/// <param name="type">The full name of its type.</param>
/// <param name="message">What may be shown of its message.</param>
/// <param name="inner">What lies behind it.</param>
internal sealed class ForeignException(string type, string message, Exception? inner) : Exception($"{type}: {message}", inner);
