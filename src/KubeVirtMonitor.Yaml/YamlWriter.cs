using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using KubeVirtMonitor.Kubernetes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeVirtMonitor.Yaml;

/// <summary>Writes JSON nodes as block-style YAML. Text that a reader could take for something else gets quotes; text of several lines becomes a literal block.</summary>
internal sealed class YamlWriter : IYamlWriter
{
    /// <inheritdoc/>
    public string Write(params JsonNode?[] documents)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
        Emitter emitter = new(text, new EmitterSettings(bestIndent: 2, bestWidth: int.MaxValue, isCanonical: false, maxSimpleKeyLength: 1024, skipAnchorName: false, indentSequences: false, newLine: "\n"));
        emitter.Emit(new StreamStart());
        for (int i = 0; i < documents.Length; i++)
        {
            emitter.Emit(new DocumentStart(null, null, isImplicit: i == 0));
            Write(emitter, documents[i]);
            emitter.Emit(new DocumentEnd(isImplicit: true));
        }

        emitter.Emit(new StreamEnd());
        return text.ToString();
    }

    private static void Write(Emitter emitter, JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                emitter.Emit(new MappingStart(AnchorName.Empty, TagName.Empty, isImplicit: true, map.Count == 0 ? MappingStyle.Flow : MappingStyle.Block));
                foreach ((string key, JsonNode? value) in map)
                {
                    Text(emitter, key, isKey: true);
                    Write(emitter, value);
                }

                emitter.Emit(new MappingEnd());
                break;
            case JsonArray list:
                emitter.Emit(new SequenceStart(AnchorName.Empty, TagName.Empty, isImplicit: true, list.Count == 0 ? SequenceStyle.Flow : SequenceStyle.Block));
                foreach (JsonNode? item in list) Write(emitter, item);
                emitter.Emit(new SequenceEnd());
                break;
            case JsonValue value when value.GetValueKind() == JsonValueKind.String:
                Text(emitter, value.GetValue<string>(), isKey: false);
                break;
            default:
                Plain(emitter, node?.ToJsonString() ?? "null");
                break;
        }
    }

    private static void Plain(Emitter emitter, string text) =>
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, ScalarStyle.Plain, isPlainImplicit: true, isQuotedImplicit: false));

    private static void Text(Emitter emitter, string text, bool isKey)
    {
        ScalarStyle style = ScalarResolver.IsPlainText(text) && IsCalm(text) ? ScalarStyle.Plain
            : !isKey && IsBlock(text) ? ScalarStyle.Literal
            : ScalarStyle.DoubleQuoted;
        emitter.Emit(new Scalar(AnchorName.Empty, TagName.Empty, text, style, isPlainImplicit: style == ScalarStyle.Plain, isQuotedImplicit: true));
    }

    // Stricter than the grammar: quotes too many never hurt, and other readers are not all alike.
    private static bool IsCalm(string text)
    {
        if (!char.IsAsciiLetterOrDigit(text[0]) && text[0] is not ('/' or '_' or '.' or '$')) return false;
        if (text[^1] is ':' or ' ') return false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            bool calm = char.IsAsciiLetterOrDigit(c)
                || c is '-' or '_' or '.' or '/' or '=' or '+' or '@' or '$' or '(' or ')' or ' ' or ';' or '~' or '*' or '<' or '>' or '^'
                || (c == ':' && text[i + 1] != ' ')
                || (c == ',' && i > 0);
            if (!calm) return false;
        }

        return true;
    }

    private static bool IsBlock(string text)
    {
        if (!text.Contains('\n', StringComparison.Ordinal) || text[0] is ' ' or '\n' or '\t') return false;
        foreach (char c in text)
        {
            if (c != '\n' && (char.IsControl(c) || c is '\u2028' or '\u2029' or '\u0085' or '\uFEFF' || char.IsSurrogate(c))) return false;
        }

        // Blanks at the ends of lines would be lost on the way through editors.
        return !text.Contains(" \n", StringComparison.Ordinal) && text[^1] != ' ';
    }
}
