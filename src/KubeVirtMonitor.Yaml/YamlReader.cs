using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace KubeVirtMonitor.Yaml;

/// <summary>
/// Reads YAML as kubectl does (sigs.k8s.io/yaml: YAML 1.1 scalars, anchors, aliases, merge keys), except that a key
/// that appears twice in one mapping is an error. Size, depth and what aliases expand to are bounded.
/// </summary>
public sealed class YamlReader : IYamlReader
{
    /// <summary>The longest text that is read, in characters.</summary>
    public const int MaximumLength = 16 * 1024 * 1024;

    /// <summary>How deep mappings and sequences may nest.</summary>
    public const int MaximumDepth = 100;

    /// <summary>How many nodes a stream may have, with aliases expanded.</summary>
    public const int MaximumNodes = 1_000_000;

    /// <inheritdoc/>
    public IReadOnlyList<JsonNode?> ReadAll(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaximumLength)
            throw new YamlFormatException($"the text has {text.Length} characters; at most {MaximumLength} are read", 1, 1);

        using StringReader source = new(text.StartsWith('\uFEFF') ? text[1..] : text);
        Parser parser = new(source);
        List<JsonNode?> documents = [];
        try
        {
            NodeBudget budget = new(MaximumNodes);
            while (parser.MoveNext())
            {
                if (parser.Current is DocumentStart) documents.Add(ReadDocument(parser, budget));
            }
        }
        catch (YamlException exception)
        {
            throw new YamlFormatException(Describe(exception), exception.Start.Line, exception.Start.Column, exception);
        }

        return documents;
    }

    private static JsonNode? ReadDocument(Parser parser, NodeBudget budget)
    {
        // "---" and nothing after it is a document too: an empty scalar.
        parser.MoveNext();
        return new NodeReader(parser, budget).Read();
    }

    // The parser quotes the text it stumbled over, which in a kubeconfig may be a secret.
    private static string Describe(YamlException exception) => exception switch
    {
        SemanticErrorException => "the structure is broken here (indentation, or a bracket or quote that is not closed)",
        SyntaxErrorException => "this is no YAML (indentation, a tab, a colon, or a bracket or quote that is not closed)",
        _ => "this cannot be read as YAML",
    };
}
