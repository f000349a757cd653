using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeVirtMonitor.Yaml;

/// <summary>Finds where the nodes of a text are, by the marks of the parser.</summary>
public sealed class YamlLayoutReader : IYamlLayoutReader
{
    /// <inheritdoc/>
    public IReadOnlyList<YamlLayout> ReadAll(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        // The reader's bounds and messages hold for this one too.
        _ = new YamlReader().ReadAll(text);
        using StringReader source = new(text);
        Parser parser = new(source);
        List<YamlLayout> documents = [];
        while (parser.MoveNext())
        {
            if (parser.Current is not DocumentStart) continue;
            parser.MoveNext();
            documents.Add(Read(parser, text, 0));
        }

        return documents;
    }

    private static YamlLayout Read(Parser parser, string text, int floor)
    {
        ParsingEvent current = parser.Current!;
        int start = Math.Max(floor, (int)current.Start.Index);
        switch (current)
        {
            case Scalar scalar:
                // A value that is not there is where its key ends, and the parser's mark may be lines below.
                bool isEmpty = scalar.Style == ScalarStyle.Plain && scalar.Value.Length == 0 && scalar.Start.Index == scalar.End.Index;
                return new YamlLayout { Kind = YamlLayoutKind.Scalar, Text = scalar.Value, Start = isEmpty ? floor : start, End = isEmpty ? floor : EndOf(scalar, text, start) };
            case MappingStart mapping:
                return Collection(parser, text, YamlLayoutKind.Mapping, start, mapping.Style == MappingStyle.Flow);
            case SequenceStart sequence:
                return Collection(parser, text, YamlLayoutKind.Sequence, start, sequence.Style == SequenceStyle.Flow);
            default:
                return new YamlLayout { Kind = YamlLayoutKind.Alias, Start = start, End = (int)current.End.Index };
        }
    }

    private static YamlLayout Collection(Parser parser, string text, YamlLayoutKind kind, int start, bool isFlow)
    {
        List<(YamlLayout? Key, YamlLayout Value)> children = [];
        int end = start;
        while (Next(parser) is not (MappingEnd or SequenceEnd))
        {
            YamlLayout? key = null;
            if (kind == YamlLayoutKind.Mapping)
            {
                key = Read(parser, text, end);
                Next(parser);
            }

            YamlLayout value = Read(parser, text, key is null ? end : AfterColon(text, key.End));
            end = value.End;
            children.Add((key, value));
        }

        return new YamlLayout { Kind = kind, IsFlow = isFlow, Start = start, End = isFlow ? ClosingBracket(parser.Current!) : end, Children = children };
    }

    // The parser's end mark of a closing bracket is before it.
    private static int ClosingBracket(ParsingEvent end) => (int)end.Start.Index + 1;

    private static ParsingEvent Next(Parser parser)
    {
        do
        {
            parser.MoveNext();
        }
        while (parser.Current is Comment);
        return parser.Current!;
    }

    private static int AfterColon(string text, int keyEnd)
    {
        int at = keyEnd;
        while (at < text.Length && text[at] is ' ' or '\t') at++;
        return at < text.Length && text[at] == ':' ? at + 1 : keyEnd;
    }

    // Block scalars end, for the parser, where the next token may start; here they end with their last line of content.
    private static int EndOf(Scalar scalar, string text, int start)
    {
        int end = Math.Min((int)scalar.End.Index, text.Length);
        if (scalar.Style is not (ScalarStyle.Literal or ScalarStyle.Folded)) return end;
        int header = text.IndexOfAny(['\r', '\n'], start);
        bool keepsBlankLines = header >= 0 && text.AsSpan(start, header - start).Contains('+');
        while (end > start && text[end - 1] is ' ' or '\t') end--;
        if (keepsBlankLines) return end > start && text[end - 1] == '\n' ? end - (end > 1 && text[end - 2] == '\r' ? 2 : 1) : end;
        while (end > start && char.IsWhiteSpace(text[end - 1])) end--;
        return end;
    }
}
