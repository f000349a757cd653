using System.Text;
using KubeVirtMonitor.Kubernetes;

namespace KubeVirtMonitor.Yaml;

/// <summary>
/// Cuts YAML text into tokens by the rules of libyaml, of which kubectl's reader (go-yaml 2) is a port: what that takes is taken, and what it
/// refuses is refused, at the same line. Tokens are made when they are asked for, at most a thousand characters ahead.
/// </summary>
internal sealed class YamlScanner
{
    // How far a key may reach before its colon.
    private const int LongestKey = 1024;

    private readonly string _text;
    private readonly int _end;
    private readonly bool _isJson;
    private readonly List<Token> _tokens = [];
    private readonly Stack<int> _indents = [];
    private readonly List<SimpleKey?> _keys = [null];
    private int _taken;
    private int _next;
    private int _indent = -1;
    private bool _keyAllowed = true;
    private bool _ended;
    private Mark _at;

    /// <summary>Reads a part of a text; JSON has escapes that YAML 1.1 has not.</summary>
    public YamlScanner(string text, int start, int end, int line, bool isJson)
    {
        _isJson = isJson;
        _text = text;
        _end = end;
        _at = new Mark(start, line, 0);
    }

    private bool InFlow => _keys.Count > 1;

    /// <summary>The token that is next; the last is always <see cref="TokenKind.StreamEnd"/>.</summary>
    public Token Peek()
    {
        while (NeedsMore()) FetchNext();
        return _tokens[_next];
    }

    public Token Take()
    {
        Token token = Peek();
        if (token.Kind == TokenKind.StreamEnd) return token;
        _taken++;
        if (++_next > 64)
        {
            _tokens.RemoveRange(0, _next);
            _next = 0;
        }

        return token;
    }

    private bool NeedsMore()
    {
        if (_ended) return false;
        if (_next == _tokens.Count) return true;
        ForgetStaleKeys();
        foreach (SimpleKey? key in _keys)
        {
            if (key?.Token == _taken) return true;
        }

        return false;
    }

    private char Char(int ahead = 0) => _at.Index + ahead < _end ? _text[_at.Index + ahead] : '\0';

    private bool IsEnd(int ahead = 0) => _at.Index + ahead >= _end;

    private bool IsBlank(int ahead = 0) => Char(ahead) is ' ' or '\t';

    private bool IsBreak(int ahead = 0) => Char(ahead) is '\r' or '\n' or '\u0085' or '\u2028' or '\u2029';

    private bool IsBreakOrEnd(int ahead = 0) => IsEnd(ahead) || IsBreak(ahead);

    private bool IsSpaceOrEnd(int ahead = 0) => IsBlank(ahead) || IsBreakOrEnd(ahead);

    private bool IsDocumentMarker() =>
        _at.Column == 0 && (Char() == '-' || Char() == '.') && Char(1) == Char() && Char(2) == Char() && IsSpaceOrEnd(3);

    private void Skip(int count = 1)
    {
        for (; count > 0; count--) _at = new Mark(_at.Index + 1, _at.Line, _at.Column + (char.IsLowSurrogate(Char()) ? 0 : 1));
    }

    /// <summary>Goes past a line break; gives what it counts for in a scalar.</summary>
    private string TakeBreak()
    {
        if (IsEnd()) return "";
        char c = Char();
        _at = new Mark(_at.Index + (c == '\r' && Char(1) == '\n' ? 2 : 1), _at.Line + 1, 0);
        return c is '\u2028' or '\u2029' ? c.ToString() : "\n";
    }

    private void FetchNext()
    {
        SkipToToken();
        ForgetStaleKeys();
        Unroll(_at.Column);
        if (IsEnd())
        {
            Unroll(-1);
            ForgetKey();
            _ended = true;
            Add(TokenKind.StreamEnd, 0);
            return;
        }

        char c = Char();
        if (_at.Column == 0 && c == '%') FetchDirective();
        else if (IsDocumentMarker()) FetchDocumentMarker(c == '-' ? TokenKind.DocumentStart : TokenKind.DocumentEnd);
        else if (c is '[' or '{') FetchFlowStart(c == '[' ? TokenKind.FlowSequenceStart : TokenKind.FlowMappingStart);
        else if (c is ']' or '}') FetchFlowEnd(c == ']' ? TokenKind.FlowSequenceEnd : TokenKind.FlowMappingEnd);
        else if (c == ',') FetchFlowEntry();
        else if (c == '-' && IsSpaceOrEnd(1)) FetchBlockEntry();
        else if (c == '?' && (InFlow || IsSpaceOrEnd(1))) FetchKey();
        else if (c == ':' && (InFlow || IsSpaceOrEnd(1))) FetchValue();
        else if (c is '*' or '&') FetchAnchor(c == '*' ? TokenKind.Alias : TokenKind.Anchor);
        else if (c == '!') FetchTag();
        else if (c is '|' or '>' && !InFlow) FetchBlockScalar(isLiteral: c == '|');
        else if (c is '\'' or '"') _tokens.Add(ScanQuoted(c));
        else if (c is not (',' or '#' or '|' or '>' or '%' or '@' or '`' or '\t')) _tokens.Add(ScanPlain());
        else throw _at.Error(c == '\t' ? "a tab is used for indentation; use spaces" : $"text cannot start with {c}; put quotes around it");
    }

    private void SkipToToken()
    {
        while (true)
        {
            if (_at.Column == 0 && Char() == '\uFEFF') Skip();
            while (Char() == ' ' || (Char() == '\t' && (InFlow || !_keyAllowed))) Skip();
            if (Char() == '#')
            {
                while (!IsBreakOrEnd()) Skip();
            }

            if (IsEnd() || !IsBreak()) return;
            TakeBreak();
            if (!InFlow) _keyAllowed = true;
        }
    }

    private void Add(TokenKind kind, int length)
    {
        Mark start = _at;
        Skip(length);
        _tokens.Add(new Token(kind, start, _at));
    }

    // A key has to be on one line, and may turn out to be one only when its colon is seen.
    private void ForgetStaleKeys()
    {
        for (int i = 0; i < _keys.Count; i++)
        {
            if (_keys[i] is not { } key || (key.At.Line == _at.Line && key.At.Index + LongestKey >= _at.Index)) continue;
            if (key.IsRequired) throw key.At.Error("this line is not a key with a colon, and nothing else is allowed here (a colon is missing, text continues over several lines without quotes, or the indentation is wrong)");
            _keys[i] = null;
        }
    }

    private void ForgetKey()
    {
        if (_keys[^1] is { IsRequired: true } key) throw key.At.Error("there is no colon after a key");
        _keys[^1] = null;
    }

    private void SaveKey()
    {
        if (!_keyAllowed) return;
        ForgetKey();
        _keys[^1] = new SimpleKey(_taken + _tokens.Count - _next, _at, !InFlow && _indent == _at.Column);
    }

    private void Roll(int column, int before, TokenKind kind, Mark at)
    {
        if (InFlow || _indent >= column) return;
        _indents.Push(_indent);
        _indent = column;
        _tokens.Insert(before, new Token(kind, at, at));
    }

    private void Unroll(int column)
    {
        if (InFlow) return;
        while (_indent > column)
        {
            _tokens.Add(new Token(TokenKind.BlockEnd, _at, _at));
            _indent = _indents.Pop();
        }
    }

    private void FetchDirective()
    {
        Unroll(-1);
        ForgetKey();
        _keyAllowed = false;
        Mark start = _at;
        while (!IsBreakOrEnd() && !(IsBlank() && Char(1) == '#')) Skip();
        _tokens.Add(new Token(TokenKind.Directive, start, _at, _text[start.Index.._at.Index].TrimEnd()));
    }

    private void FetchDocumentMarker(TokenKind kind)
    {
        Unroll(-1);
        ForgetKey();
        _keyAllowed = false;
        Add(kind, 3);
    }

    private void FetchFlowStart(TokenKind kind)
    {
        SaveKey();
        _keys.Add(null);
        _keyAllowed = true;
        Add(kind, 1);
    }

    private void FetchFlowEnd(TokenKind kind)
    {
        ForgetKey();
        if (InFlow) _keys.RemoveAt(_keys.Count - 1);
        _keyAllowed = false;
        Add(kind, 1);
    }

    private void FetchFlowEntry()
    {
        ForgetKey();
        _keyAllowed = true;
        Add(TokenKind.FlowEntry, 1);
    }

    private void FetchBlockEntry()
    {
        if (!InFlow)
        {
            if (!_keyAllowed) throw _at.Error("an item of a list (-) is not allowed here; start it on a new line");
            Roll(_at.Column, _tokens.Count, TokenKind.BlockSequenceStart, _at);
        }

        ForgetKey();
        _keyAllowed = true;
        Add(TokenKind.BlockEntry, 1);
    }

    private void FetchKey()
    {
        if (!InFlow)
        {
            if (!_keyAllowed) throw _at.Error("a key (?) is not allowed here; start it on a new line");
            Roll(_at.Column, _tokens.Count, TokenKind.BlockMappingStart, _at);
        }

        ForgetKey();
        _keyAllowed = !InFlow;
        Add(TokenKind.Key, 1);
    }

    private void FetchValue()
    {
        if (_keys[^1] is { } key)
        {
            int place = key.Token - _taken + _next;
            _tokens.Insert(place, new Token(TokenKind.Key, key.At, key.At));
            Roll(key.At.Column, place, TokenKind.BlockMappingStart, key.At);
            _keys[^1] = null;
            _keyAllowed = false;
        }
        else
        {
            if (!InFlow)
            {
                if (!_keyAllowed) throw _at.Error("a colon with a value is not allowed here; put quotes around text that contains a colon and a space");
                Roll(_at.Column, _tokens.Count, TokenKind.BlockMappingStart, _at);
            }

            _keyAllowed = !InFlow;
        }

        Add(TokenKind.Value, 1);
    }

    private void FetchAnchor(TokenKind kind)
    {
        SaveKey();
        _keyAllowed = false;
        Mark start = _at;
        Skip();
        int name = _at.Index;
        while (char.IsAsciiLetterOrDigit(Char()) || Char() is '_' or '-') Skip();
        if (_at.Index == name || !(IsSpaceOrEnd() || Char() is '?' or ':' or ',' or ']' or '}' or '%' or '@' or '`'))
            throw _at.Error("the name of an anchor or alias contains only letters, digits, _ and -; put quotes around text that starts with & or *");
        _tokens.Add(new Token(kind, start, _at, _text[name.._at.Index]));
    }

    private void FetchTag()
    {
        SaveKey();
        _keyAllowed = false;
        Mark start = _at;
        string handle = "";
        string suffix;
        if (Char(1) == '<')
        {
            Skip(2);
            suffix = TagUri();
            if (Char() != '>' || suffix.Length == 0) throw _at.Error("a tag that starts with !< has to end with >");
            Skip();
        }
        else
        {
            int first = _at.Index;
            int ahead = 1;
            while (char.IsAsciiLetterOrDigit(Char(ahead)) || Char(ahead) is '_' or '-') ahead++;
            bool isHandle = Char(ahead) == '!';
            Skip(isHandle ? ahead + 1 : 1);
            handle = _text[first.._at.Index];
            suffix = TagUri();
            if (suffix.Length == 0 && isHandle) throw _at.Error("a tag has no name");
            if (suffix.Length == 0) (handle, suffix) = ("", "!");
        }

        if (!IsSpaceOrEnd()) throw _at.Error("a tag must be followed by a space; put quotes around text that starts with !");
        _tokens.Add(new Token(TokenKind.Tag, start, _at, suffix, Handle: handle));
    }

    private string TagUri()
    {
        int start = _at.Index;
        for (; char.IsAsciiLetterOrDigit(Char()) || (!IsEnd() && "_-;/?:@&=+$,.!~*'()[]%".Contains(Char(), StringComparison.Ordinal)); Skip())
        {
            if (Char() == '%' && !(char.IsAsciiHexDigit(Char(1)) && char.IsAsciiHexDigit(Char(2)))) throw _at.Error("in a tag, % must be followed by two hexadecimal digits");
        }

        return Uri.UnescapeDataString(_text[start.._at.Index]);
    }

    private Token ScanPlain()
    {
        SaveKey();
        _keyAllowed = false;
        Mark start = _at;
        Mark end = _at;
        StringBuilder text = new();
        string space = "";
        bool afterBreak = false;
        while (!IsDocumentMarker() && Char() != '#')
        {
            while (!IsSpaceOrEnd() && !(Char() == ':' && IsSpaceOrEnd(1)) && !(InFlow && Char() is ',' or '?' or '[' or ']' or '{' or '}'))
            {
                text.Append(space).Append(Char());
                (space, afterBreak) = ("", false);
                Skip();
                end = _at;
            }

            if (!IsSpaceOrEnd() || IsEnd()) break;
            space = TakeSpace(ref afterBreak, refuseTabs: true);
            if (!InFlow && _at.Column < _indent + 1) break;
        }

        if (afterBreak) _keyAllowed = true;
        return new Token(TokenKind.Scalar, start, end, text.ToString());
    }

    /// <summary>Goes past blanks and line breaks within a scalar; gives what they count for.</summary>
    private string TakeSpace(ref bool afterBreak, bool refuseTabs)
    {
        int start = _at.Index;
        int end = start;
        string? first = null;
        StringBuilder more = new();
        while (!IsEnd() && (IsBlank() || IsBreak()))
        {
            if (IsBlank())
            {
                if (refuseTabs && afterBreak && Char() == '\t' && _at.Column < _indent + 1) throw _at.Error("a tab is used for indentation; use spaces");
                Skip();
                end = _at.Index;
            }
            else if (!afterBreak)
            {
                (first, afterBreak) = (TakeBreak(), true);
            }
            else
            {
                more.Append(TakeBreak());
            }
        }

        return !afterBreak ? _text[start..end] : first is null ? more.ToString() : Folded(first, more.ToString());
    }

    private static string Folded(string first, string more) => first != "\n" ? first + more : more.Length == 0 ? " " : more;

    private Token ScanQuoted(char quote)
    {
        SaveKey();
        _keyAllowed = false;
        Mark start = _at;
        StringBuilder text = new();
        Skip();
        while (true)
        {
            if (IsDocumentMarker()) throw Unclosed();
            bool afterBreak = false;
            while (!IsSpaceOrEnd())
            {
                if (quote == '\'' && Char() == quote && Char(1) == quote)
                {
                    text.Append(quote);
                    Skip(2);
                }
                else if (Char() == quote)
                {
                    Skip();
                    return new Token(TokenKind.Scalar, start, _at, text.ToString(), YamlStyle.Quoted);
                }
                else if (quote == '"' && Char() == '\\' && IsBreak(1))
                {
                    Skip();
                    TakeBreak();
                    afterBreak = true;
                    break;
                }
                else if (quote == '"' && Char() == '\\')
                {
                    Escape(text);
                }
                else
                {
                    text.Append(Char());
                    Skip();
                }
            }

            if (IsEnd()) throw Unclosed();
            text.Append(TakeSpace(ref afterBreak, refuseTabs: false));
        }

        YamlFormatException Unclosed() => start.Error("the quote that opens here is never closed");
    }

    private void Escape(StringBuilder text)
    {
        Mark at = _at;
        char code = Char(1);
        string plain = code switch
        {
            '0' => "\0", 'a' => "\a", 'b' => "\b", 't' or '\t' => "\t", 'n' => "\n", 'v' => "\v", 'f' => "\f", 'r' => "\r", 'e' => "\u001b",
            ' ' => " ", '"' => "\"", '\'' => "'", '\\' => "\\", 'N' => "\u0085", '_' => "\u00a0", 'L' => "\u2028", 'P' => "\u2029", _ => "",
        };
        if (code == '/' && _isJson) plain = "/";
        int digits = code switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
        if (IsEnd(1) || (plain.Length == 0 && digits == 0)) throw at.Error("in double quotes, a backslash starts an escape sequence, and this one does not exist; write \\\\ for a backslash, or use single quotes");
        Skip(2);
        if (digits == 0)
        {
            text.Append(plain);
            return;
        }

        int value = 0;
        for (int i = 0; i < digits; i++, Skip())
        {
            if (IsEnd() || !char.IsAsciiHexDigit(Char()) || value > 0x10FFFF) throw at.Error($"\\{code} needs {digits} hexadecimal digits of a character");
            value = (value << 4) + Convert.ToInt32(Char().ToString(), 16);
        }

        if (_isJson && code == 'u' && value is >= 0xD800 and < 0xE000)
        {
            text.Append((char)value);
            return;
        }

        if (!Rune.IsValid(value)) throw at.Error($"\\{code} stands for no character");
        text.Append(new Rune(value).ToString());
    }

    private void FetchBlockScalar(bool isLiteral)
    {
        ForgetKey();
        _keyAllowed = true;
        Mark start = _at;
        Skip();
        (char chomping, int increment) = Header();
        int indent = increment > 0 ? Math.Max(_indent, 0) + increment : 0;
        StringBuilder text = new();
        StringBuilder breaks = new();
        string lineBreak = "";
        bool leadingBlank = false;
        BlockBreaks(ref indent, breaks);
        while (_at.Column == indent && !IsEnd())
        {
            bool blank = IsBlank();
            if (!isLiteral && lineBreak == "\n" && !leadingBlank && !blank) text.Append(breaks.Length == 0 ? " " : "");
            else text.Append(lineBreak);
            text.Append(breaks);
            breaks.Clear();
            leadingBlank = blank;
            while (!IsBreakOrEnd())
            {
                text.Append(Char());
                Skip();
            }

            lineBreak = TakeBreak();
            BlockBreaks(ref indent, breaks);
        }

        if (chomping != '-') text.Append(lineBreak);
        if (chomping == '+') text.Append(breaks);
        _tokens.Add(new Token(TokenKind.Scalar, start, _at, text.ToString(), YamlStyle.Block));
    }

    private (char Chomping, int Increment) Header()
    {
        char chomping = ' ';
        int increment = 0;
        for (int i = 0; i < 2; i++)
        {
            if (chomping == ' ' && Char() is '+' or '-')
            {
                chomping = Char();
                Skip();
            }
            else if (increment == 0 && char.IsAsciiDigit(Char()))
            {
                increment = Char() - '0';
                if (increment == 0) throw _at.Error("the indentation of a block of text (| or >) is 1 to 9");
                Skip();
            }
        }

        while (IsBlank()) Skip();
        if (Char() == '#')
        {
            while (!IsBreakOrEnd()) Skip();
        }

        if (!IsBreakOrEnd()) throw _at.Error("nothing else is allowed on the line after | or > of a block of text; put quotes around text that starts with | or >");
        TakeBreak();
        return (chomping, increment);
    }

    private void BlockBreaks(ref int indent, StringBuilder breaks)
    {
        int deepest = 0;
        while (true)
        {
            while ((indent == 0 || _at.Column < indent) && Char() == ' ') Skip();
            deepest = Math.Max(deepest, _at.Column);
            if ((indent == 0 || _at.Column < indent) && Char() == '\t') throw _at.Error("a tab is used for indentation; use spaces");
            if (IsEnd() || !IsBreak()) break;
            breaks.Append(TakeBreak());
        }

        if (indent == 0) indent = Math.Max(Math.Max(deepest, _indent + 1), 1);
    }

    /// <summary>What may turn out to be a key.</summary>
    /// <param name="Token">The number of its token in the stream.</param>
    /// <param name="At">Where it is.</param>
    /// <param name="IsRequired">Whether nothing but a key can stand there.</param>
    private sealed record SimpleKey(int Token, Mark At, bool IsRequired);
}

internal enum TokenKind
{
    StreamEnd,
    Directive,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias,
    Anchor,
    Tag,
    Scalar,
}

/// <summary>A token. Of a tag, <paramref name="Handle"/> is the part before the suffix.</summary>
internal sealed record Token(TokenKind Kind, Mark Start, Mark End, string Text = "", YamlStyle Style = YamlStyle.Plain, string Handle = "");
