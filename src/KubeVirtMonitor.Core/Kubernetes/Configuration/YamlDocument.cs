using System.Text.Json.Nodes;

namespace KubeVirtMonitor.Kubernetes;

/// <summary>One document of a YAML text, read by itself.</summary>
internal sealed class YamlDocument
{
    /// <summary>The line it starts at, from 1.</summary>
    public required int Line { get; init; }

    /// <summary>Where the part of the text that holds it starts, in UTF-16 code units; a part holds one document unless <c>---</c> and content share a line.</summary>
    public required int Start { get; init; }

    /// <summary>Where that part ends.</summary>
    public required int End { get; init; }

    /// <summary>What it says; null when it is empty, and when it cannot be read.</summary>
    public JsonNode? Root { get; init; }

    /// <summary>Why it cannot be read; null when it can.</summary>
    public YamlFormatException? Error { get; init; }

    /// <summary>Keys that one mapping has twice. The last counts, as it does for kubectl; other readers refuse the document.</summary>
    public IReadOnlyList<YamlFormatException> Repeated { get; init; } = [];
}

/// <summary>Reads YAML into JSON nodes. Core holds no YAML parser; without one, only JSON kubeconfigs and manifests are read.</summary>
internal interface IYamlReader
{
    /// <summary>Reads every document of a stream, the way kubectl understands YAML.</summary>
    /// <param name="text">The text; a byte order mark is allowed.</param>
    /// <returns>One node per document; null for an empty document. No element for a text without documents.</returns>
    /// <exception cref="YamlFormatException">The text is no YAML, or YAML that has no JSON equivalent, or a mapping has a key twice.</exception>
    IReadOnlyList<JsonNode?> ReadAll(string text);

    /// <summary>Reads every document by itself: one that cannot be read hides none of the others.</summary>
    /// <param name="text">The text; a byte order mark is allowed.</param>
    /// <returns>The documents in their order, also those that cannot be read. No exception is thrown over the text.</returns>
    IReadOnlyList<YamlDocument> ReadEach(string text);
}

/// <summary>Writes JSON nodes as YAML that kubectl reads back as the same nodes.</summary>
internal interface IYamlWriter
{
    /// <summary>Writes documents in block style, separated by <c>---</c>, with the keys in their order.</summary>
    /// <param name="documents">The documents; null writes <c>null</c>.</param>
    /// <returns>The text, lines ending in a line feed.</returns>
    string Write(params JsonNode?[] documents);
}

/// <summary>A text is not YAML, or is YAML without a JSON equivalent. The message shows no values of the text.</summary>
internal sealed class YamlFormatException : FormatException
{
    public YamlFormatException(string what, long line, long column, Exception? innerException = null)
        : base($"line {line}, column {column}: {what}", innerException)
    {
        Line = line;
        Column = column;
    }

    /// <summary>The line, from 1.</summary>
    public long Line { get; }

    /// <summary>The column, from 1.</summary>
    public long Column { get; }
}
