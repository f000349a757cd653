using KubeVirtMonitor.Kubernetes;
using KubeVirtMonitor.Probes;

namespace KubeVirtMonitor.Yaml;

/// <summary>Builds the nodes of documents out of tokens, by libyaml's grammar.</summary>
/// <param name="scanner">The tokens.</param>
/// <param name="budget">Counts the nodes.</param>
/// <param name="isJson">Whether objects may follow each other with nothing between, as kubectl reads a text that starts with a brace.</param>
internal sealed class YamlParser(YamlScanner scanner, NodeBudget budget, bool isJson)
{
    private const string StandardPrefix = "tag:yaml.org,2002:";

    private readonly Dictionary<string, string> _tagPrefixes = [];
    private bool _isFirst = true;

    /// <summary>The root of the next document; null after the last.</summary>
    /// <exception cref="YamlFormatException">There is no document where one should be.</exception>
    public YamlNode? ReadDocument()
    {
        while (Is(TokenKind.DocumentEnd)) scanner.Take();
        if (Is(TokenKind.StreamEnd)) return null;
        if (!(_isFirst || (isJson && Is(TokenKind.FlowMappingStart))) || Is(TokenKind.Directive) || Is(TokenKind.DocumentStart))
        {
            Directives();
            if (!Is(TokenKind.DocumentStart)) throw Here("the document ended before this line; a key is further left than the first one, or a --- is missing");
            scanner.Take();
        }

        _isFirst = false;
        YamlNode root = Is(TokenKind.Directive) || Is(TokenKind.DocumentStart) || Is(TokenKind.DocumentEnd) || Is(TokenKind.StreamEnd) ? Empty() : Node(isBlock: true, indentless: false, 0);
        if (Is(TokenKind.DocumentEnd))
        {
            scanner.Take();
            // A text may follow that needs no --- of its own.
            _isFirst = true;
        }

        return root;
    }

    private bool Is(TokenKind kind) => scanner.Peek().Kind == kind;

    private bool Is(TokenKind one, TokenKind other) => Is(one) || Is(other);

    private YamlFormatException Here(string what) => scanner.Peek().Start.Error(what);

    private void Directives()
    {
        _tagPrefixes.Clear();
        while (Is(TokenKind.Directive))
        {
            Token directive = scanner.Take();
            string[] parts = directive.Text.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (parts is ["%YAML", "1.1"]) continue;
            if (parts is not ["%TAG", ['!', ..], _]) throw directive.Start.Error("kubectl only supports %YAML 1.1 and %TAG in a line that starts with %; remove the line");
            _tagPrefixes[parts[1]] = parts[2];
        }
    }

    private YamlNode Node(bool isBlock, bool indentless, int depth)
    {
        Token first = scanner.Peek();
        if (depth > YamlReader.MaximumDepth) throw first.Start.Error($"mappings and sequences nest deeper than {YamlReader.MaximumDepth} levels");
        budget.Take(1, first.Start);
        if (first.Kind == TokenKind.Alias)
        {
            scanner.Take();
            return new YamlNode(YamlLayoutKind.Alias, first.Start, first.End.Index) { Text = first.Text };
        }

        string? anchor = null;
        string? tag = null;
        int end = first.Start.Index;
        while ((anchor is null && Is(TokenKind.Anchor)) || (tag is null && Is(TokenKind.Tag)))
        {
            Token property = scanner.Take();
            end = property.End.Index;
            if (property.Kind == TokenKind.Anchor) anchor = property.Text;
            else tag = TagOf(property);
        }

        Token token = scanner.Peek();
        YamlNode? node = token.Kind switch
        {
            TokenKind.BlockEntry when indentless => IndentlessSequence(depth),
            TokenKind.Scalar => Scalar(),
            TokenKind.FlowSequenceStart => FlowSequence(depth),
            TokenKind.FlowMappingStart => FlowMapping(depth),
            TokenKind.BlockSequenceStart when isBlock => BlockSequence(depth),
            TokenKind.BlockMappingStart when isBlock => BlockMapping(depth),
            _ => null,
        };
        if (node is null && anchor is null && tag is null) throw token.Start.Error("a value is expected here (there is an extra comma, colon, dash or bracket, or a line is indented incorrectly)");
        node ??= new YamlNode(YamlLayoutKind.Scalar, first.Start, end);
        return node with { Start = first.Start, Anchor = anchor, Tag = tag };
    }

    private string TagOf(Token tag)
    {
        if (tag.Handle.Length == 0) return tag.Text;
        if (_tagPrefixes.TryGetValue(tag.Handle, out string? prefix)) return prefix + tag.Text;
        return tag.Handle switch
        {
            "!" => "!" + tag.Text,
            "!!" => StandardPrefix + tag.Text,
            _ => throw tag.Start.Error("no %TAG line defines this tag"),
        };
    }

    private YamlNode Empty()
    {
        Mark at = scanner.Peek().Start;
        budget.Take(1, at);
        return new YamlNode(YamlLayoutKind.Scalar, at, at.Index);
    }

    private YamlNode Scalar()
    {
        Token scalar = scanner.Take();
        return new YamlNode(YamlLayoutKind.Scalar, scalar.Start, scalar.End.Index) { Text = scalar.Text, Style = scalar.Style };
    }

    private YamlNode BlockSequence(int depth)
    {
        Token start = scanner.Take();
        YamlNode list = new(YamlLayoutKind.Sequence, start.Start, start.Start.Index);
        while (!Is(TokenKind.BlockEnd))
        {
            if (!Is(TokenKind.BlockEntry)) throw Here($"in the list that starts at line {start.Start.Line + 1} an item (-) is expected here; check the indentation");
            scanner.Take();
            list.Children.Add((null, Is(TokenKind.BlockEntry, TokenKind.BlockEnd) ? Empty() : Node(isBlock: true, indentless: false, depth + 1)));
        }

        scanner.Take();
        return list;
    }

    private YamlNode IndentlessSequence(int depth)
    {
        Mark start = scanner.Peek().Start;
        YamlNode list = new(YamlLayoutKind.Sequence, start, start.Index);
        while (Is(TokenKind.BlockEntry))
        {
            scanner.Take();
            bool isEmpty = Is(TokenKind.BlockEntry, TokenKind.BlockEnd) || Is(TokenKind.Key, TokenKind.Value);
            list.Children.Add((null, isEmpty ? Empty() : Node(isBlock: true, indentless: false, depth + 1)));
        }

        return list;
    }

    private YamlNode BlockMapping(int depth)
    {
        Token start = scanner.Take();
        YamlNode map = new(YamlLayoutKind.Mapping, start.Start, start.Start.Index);
        while (!Is(TokenKind.BlockEnd))
        {
            if (!Is(TokenKind.Key)) throw Here($"in the mapping that starts at line {start.Start.Line + 1} a key is expected here; check the indentation, and look for text after a closing quote or bracket");
            scanner.Take();
            YamlNode key = Part();
            YamlNode value = TakeIf(TokenKind.Value) ? Part() : Empty();
            map.Children.Add((key, value));
        }

        scanner.Take();
        return map;

        YamlNode Part() => Is(TokenKind.Key, TokenKind.Value) || Is(TokenKind.BlockEnd) ? Empty() : Node(isBlock: true, indentless: true, depth + 1);
    }

    private bool TakeIf(TokenKind kind)
    {
        if (!Is(kind)) return false;
        scanner.Take();
        return true;
    }

    private YamlNode FlowSequence(int depth)
    {
        Token start = scanner.Take();
        YamlNode list = new(YamlLayoutKind.Sequence, start.Start, start.End.Index) { IsFlow = true };
        while (!Is(TokenKind.FlowSequenceEnd))
        {
            if (list.Children.Count > 0) Comma(start, "[", "]");
            if (Is(TokenKind.FlowSequenceEnd)) break;
            if (!Is(TokenKind.Key))
            {
                list.Children.Add((null, Node(isBlock: false, indentless: false, depth + 1)));
                continue;
            }

            // [a: b] is a list of one mapping.
            Mark at = scanner.Take().Start;
            budget.Take(1, at);
            YamlNode pair = new(YamlLayoutKind.Mapping, at, at.Index) { IsFlow = true };
            YamlNode key = FlowPart(TokenKind.FlowSequenceEnd, depth + 1);
            pair.Children.Add((key, TakeIf(TokenKind.Value) ? FlowPart(TokenKind.FlowSequenceEnd, depth + 1) : Empty()));
            list.Children.Add((null, pair with { End = pair.Children[0].Value.End }));
        }

        return list with { End = scanner.Take().End.Index };
    }

    private YamlNode FlowMapping(int depth)
    {
        Token start = scanner.Take();
        YamlNode map = new(YamlLayoutKind.Mapping, start.Start, start.End.Index) { IsFlow = true };
        while (!Is(TokenKind.FlowMappingEnd))
        {
            if (map.Children.Count > 0) Comma(start, "{", "}");
            if (Is(TokenKind.FlowMappingEnd)) break;
            if (TakeIf(TokenKind.Key))
            {
                YamlNode key = FlowPart(TokenKind.FlowMappingEnd, depth);
                map.Children.Add((key, TakeIf(TokenKind.Value) ? FlowPart(TokenKind.FlowMappingEnd, depth) : Empty()));
            }
            else
            {
                YamlNode key = Node(isBlock: false, indentless: false, depth + 1);
                map.Children.Add((key, Empty()));
            }
        }

        return map with { End = scanner.Take().End.Index };
    }

    private YamlNode FlowPart(TokenKind end, int depth) =>
        Is(TokenKind.Value, TokenKind.FlowEntry) || Is(end) ? Empty() : Node(isBlock: false, indentless: false, depth + 1);

    private void Comma(Token start, string open, string close)
    {
        if (TakeIf(TokenKind.FlowEntry)) return;
        string hint = Is(TokenKind.Key) ? "text with a question mark needs quotes between brackets" : "is the bracket closed";
        throw Here($"between {open} of line {start.Start.Line + 1}, column {start.Start.Column + 1} and its {close} a comma or {close} is expected here; {hint}");
    }
}
